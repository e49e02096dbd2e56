"""The words of the page, in both languages."""

from __future__ import annotations

_EN_IT: dict[str, tuple[str, str]] = {
    "title": ("Skills gap audit", "Audit delle competenze mancanti"),
    "all_courses": ("All courses", "Tutti i corsi"),
    "summary": ("Summary", "In sintesi"),
    "programme": ("Programme", "Corso di studio"),
    "contents": ("On this page", "In questa pagina"),
    "gaps": ("Gaps", "Competenze mancanti"),
    "heat": ("Who teaches what", "Chi insegna cosa"),
    "ranking": ("Courses that close the gaps", "Corsi che colmano le lacune"),
    "ranking_own": ("Courses by the demand they meet", "Corsi per quanto rispondono alla domanda"),
    "evidence": ("Evidence", "Prove"),
    "method": ("How the figures were made", "Come sono calcolati i numeri"),
    "skipped": ("What was set aside", "Che cosa è stato escluso"),
    "read": ("read", "letti"),
    "processed": ("used", "usati"),
    "duplicates": ("duplicates", "duplicati"),
    "skipped_count": ("skipped", "scartati"),
    "postings": ("Postings", "Annunci"),
    "syllabi": ("Syllabi", "Syllabi"),
    "catalogue": ("Catalogue", "Catalogo"),
    "skill": ("Skill", "Competenza"),
    "group": ("Group", "Area"),
    "demand": ("Demand", "Domanda"),
    "demand_help": ("share of postings that ask for it, with its 95 % interval",
                    "quota di annunci che la chiedono, con intervallo al 95 %"),
    "taught": ("Taught", "Insegnata"),
    "taught_help": ("how far the programme covers it, 0 to 100 %", "quanto il corso di studio la copre, da 0 a 100 %"),
    "gap": ("Gap", "Lacuna"),
    "gap_help": ("demand that the programme does not meet", "domanda a cui il corso di studio non risponde"),
    "sure": ("How sure", "Quanto è certa"),
    "solid": ("solid", "solida"),
    "indicative": ("indicative", "indicativa"),
    "noise": ("too few postings", "troppo pochi annunci"),
    "rank": ("Rank", "Posto"),
    "rank_help": ("in brackets the 95 % interval under resampling of the postings: overlapping intervals are no order",
                  "tra parentesi l'intervallo al 95 % ricampionando gli annunci: intervalli che si sovrappongono non fanno ordine"),
    "course": ("Course", "Corso"),
    "score": ("Similarity", "Somiglianza"),
    "closes": ("Closes", "Colma"),
    "closes_help": ("share of all gap weight that the course covers", "quota del peso di tutte le lacune coperta dal corso"),
    "because": ("Because it teaches", "Perché insegna"),
    "ects": ("ECTS", "CFU"),
    "source": ("Offered by", "Offerto da"),
    "filter": ("Filter", "Filtra"),
    "filter_placeholder": ("skill or group …", "competenza o area …"),
    "all_groups": ("all groups", "tutte le aree"),
    "only_technical": ("without transversal skills", "senza competenze trasversali"),
    "only_solid": ("solid only", "solo solide"),
    "shown": ("shown", "mostrate"),
    "of": ("of", "di"),
    "none_match": ("Nothing matches the filter.", "Nessuna riga corrisponde al filtro."),
    "asked_in": ("Asked for", "Richiesta"),
    "taught_in": ("Taught", "Insegnata"),
    "in_postings": ("postings name it", "annunci la nominano"),
    "in_courses": ("courses teach it", "corsi la insegnano"),
    "no_posting": ("No posting sentence.", "Nessuna frase negli annunci."),
    "no_course": ("No course teaches it.", "Nessun corso la insegna."),
    "no_sentence": ("No skill was found in this text.", "In questo testo non è stata trovata alcuna competenza."),
    "close": ("Close", "Chiudi"),
    "reason": ("Reason", "Motivo"),
    "document": ("Document", "Documento"),
    "same_as": ("same as", "uguale a"),
    "nothing": ("Nothing.", "Nulla."),
    "more_in_files": ("The tables beside this page hold the rest.", "Il resto è nelle tabelle accanto a questa pagina."),
    "no_ranking": ("No course closes any of these gaps.", "Nessun corso colma queste lacune."),
    "no_gaps": ("The postings ask for none of the skills of the taxonomy.",
                "Gli annunci non chiedono nessuna competenza della tassonomia."),
    "sum_note": ("read = used + duplicates + skipped", "letti = usati + duplicati + scartati"),
    "technology": ("Industry 4.0", "Industria 4.0"),
    "craft": ("craft", "mestiere"),
    "digital": ("digital", "digitale"),
    "required": ("required", "richiesta"),
    "preferred": ("preferred", "gradita"),
    "mentioned": ("mentioned", "citata"),
    "negated": ("not required", "non richiesta"),
    "taught_strength": ("taught", "insegnata"),
    "assumed": ("assumed", "presupposta"),
    "level": ("depth", "profondità"),
    "print": ("Print", "Stampa"),
    "s_met": ("of the weighted demand is met by what the courses teach.",
              "della domanda pesata trova risposta in ciò che i corsi insegnano."),
    "s_asked": ("skills are asked for", "competenze sono richieste"),
    "s_untaught": ("of them are hardly taught (coverage below 10 %)", "di queste non sono quasi insegnate (copertura sotto il 10 %)"),
    "s_solid": ("of the gaps shown rest on ten or more postings and a narrow interval",
                "delle lacune mostrate poggiano su dieci o più annunci e un intervallo stretto"),
    "s_lead": ("What is missing most", "Che cosa manca di più"),
    "s_close": ("What would close most", "Che cosa colmerebbe di più"),
    "s_postings": ("postings after repeated ones were counted once", "annunci, contando una volta sola quelli ripetuti"),
    "programmes_left_out": ("further programmes are in the tables only.", "altri corsi di studio sono solo nelle tabelle."),
    "m_demand": (
        "Demand is the expected share of postings that ask for a skill. Each mention counts with its probability of "
        "being right and its strength: required 1, preferred 0.5, mentioned 0.25, negated 0. The interval is Wilson's "
        "at 95 %. Postings that repeat each other count once.",
        "La domanda è la quota attesa di annunci che chiedono una competenza. Ogni menzione conta con la probabilità "
        "che sia giusta e con la sua forza: richiesta 1, gradita 0,5, citata 0,25, negata 0. L'intervallo è quello di "
        "Wilson al 95 %. Gli annunci che si ripetono contano una volta.",
    ),
    "m_supply": (
        "A course covers a skill between 0 and 100 %, by the sections that name it (learning outcomes weigh more than "
        "contents, contents more than reading; prerequisites count nothing, since what a course assumes it does not "
        "teach), by how often, and by the depth of the verb. A narrower or broader skill earns partial credit.",
        "Un corso copre una competenza tra 0 e 100 %, secondo le sezioni che la nominano (gli obiettivi formativi pesano "
        "più dei contenuti, i contenuti più dei testi; i prerequisiti non contano, perché ciò che un corso presuppone "
        "non lo insegna), quante volte, e la profondità del verbo. Una competenza più ampia o più stretta vale in parte.",
    ),
    "m_gap": (
        "Gap = demand x (1 - coverage by the programme). The order also asks how sure the demand is (the lower end of "
        "its interval) and how telling: skills that postings of all kinds ask for stand lower.",
        "Lacuna = domanda x (1 - copertura del corso di studio). L'ordine considera anche quanto è certa la domanda "
        "(l'estremo inferiore dell'intervallo) e quanto è specifica: le competenze che tutti gli annunci chiedono "
        "stanno più in basso.",
    ),
    "m_ranking": (
        "Similarity is the cosine between the TF-IDF vector of the skills a course teaches and the vector of the gaps. "
        "“Closes” is the share of the weight of all gaps that the course covers.",
        "La somiglianza è il coseno tra il vettore TF-IDF delle competenze che un corso insegna e il vettore delle "
        "lacune. “Colma” è la quota del peso di tutte le lacune coperta dal corso.",
    ),
    "m_run": ("Taxonomy", "Tassonomia"),
    "m_skills": ("skills", "competenze"),
    "heat_note": ("Each number is how many skills of a group the course teaches, in full equivalents.",
                  "Ogni numero dice quante competenze dell'area il corso insegna, in equivalenti pieni."),
}  # fmt: skip

TEXTS: dict[str, dict[str, str]] = {
    "en": {key: pair[0] for key, pair in _EN_IT.items()},
    "it": {key: pair[1] for key, pair in _EN_IT.items()},
}
