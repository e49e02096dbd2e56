"""Which column of a table is what, by the names people give them in English and Italian."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set

from skillmatch.errors import InputError
from skillmatch.normalization import fold

#: Fields by the names of columns that stand for them, the surest first (compared without case, accents, spaces).
_NAMES = {
    "document_id": "document_id id job_id jobid posting_id course_id course_code code codice codice_insegnamento "
    "cod_insegnamento number numero codice_corso identifier uid rif riferimento id_annuncio codice_annuncio",
    "title": "title titolo job_title role_of_job role job position posizione job_name qualifica ruolo name nome "
    "course_title course_name insegnamento nome_insegnamento denominazione titolo_corso course corso subject materia "
    "module modulo",
    "text": "text testo description descrizione job_description job_desc course_description full_text body corpo "
    "descrizione_lavoro descrizione_annuncio annuncio posting job_posting job_text advert syllabus details dettagli "
    "descrizione_corso abstract summary inserzione testo_inserzione testo_dell_inserzione testo_annuncio",
    "employer": "employer company company_name companyname azienda datore_di_lavoro impresa organisation organization "
    "hiring_organization nome_azienda ragione_sociale ditta",
    "region": "region regione area territorio zona",
    "sector": "sector settore industry company_industry industria settore_attivita comparto filiera",
    "tier": "tier supply_chain_tier livello_filiera livello_fornitura",
    "date": "date data date_posted data_pubblicazione published published_at publishedat posted_date dateposted "
    "pubblicato_il publication_date",
    "programme": "programme program corso_di_laurea corso_di_studio corso_di_studi degree degree_programme "
    "study_programme cds programma_di_studio",
    "provider": "provider ente erogatore ente_erogatore university universita istituto school organizer",
    "ects": "ects cfu credits crediti ects_credits credit_points crediti_formativi",
    "url": "url link job_url course_url indirizzo_web web",
}
#: Columns that hold one section of the text; the value is the heading under which they join it.
_SECTIONS = {
    "syllabus": {
        "Learning outcomes": "outcomes learning_outcomes objectives course_objectives obiettivi obiettivi_formativi "
        "risultati_attesi risultati_di_apprendimento obiettivi_del_corso aims",
        "Contents": "contents content contenuti programma programma_del_corso topics argomenti contenuti_del_corso "
        "programma_esteso course_content",
        "Prerequisites": "prerequisites prereqs prerequisite prerequisiti propedeuticita conoscenze_pregresse "
        "requirements",
        "Assessment": "assessment evaluation esame modalita_di_verifica verifica modalita_esame valutazione",
        "Bibliography": "bibliography readings textbooks testi bibliografia testi_di_riferimento libri",
    },
    "posting": {
        "Responsibilities": "responsibilities duties mansioni responsabilita attivita tasks compiti",
        "Requirements": "requirements qualifications requisiti competenze_richieste skills required_skills competenze",
        "Nice to have": "preferred nice_to_have preferred_qualifications requisiti_preferenziali",
        "Benefits": "benefits offer we_offer offriamo cosa_offriamo",
    },
}
FIELDS = tuple(_NAMES)
_OURS = {"document_id", "title", "text", "kind", "language", "source", "row"}


class ColumnMap:
    """How the columns of one table become the fields of a document.

    Parameters
    ----------
    columns : names of the table's columns.
    kind : ``"posting"`` or ``"syllabus"``.
    chosen : field -> column, as given by the user; goes before all names.
    source : file name, for messages.

    Raises
    ------
    InputError : a chosen column is not there, or no column holds the text.

    >>> ColumnMap(["Role of Job", "Description", "Scraped"], kind="posting").fields
    {'title': 'Role of Job', 'text': 'Description'}
    """

    def __init__(
        self, columns: Sequence[str], *, kind: str, chosen: Mapping[str, str] | None = None, source: str = "table"
    ) -> None:
        self.columns = list(columns)
        by_key: dict[str, str] = {}
        for column in self.columns:
            by_key.setdefault(_key(column), column)
        self.fields: dict[str, str] = {}
        for field, column in (chosen or {}).items():
            field = {"id": "document_id"}.get(field, field)
            if field not in _NAMES:
                raise InputError(f"--column {field}={column}: no field {field!r}", remedy=f"use {', '.join(FIELDS)}")
            if column not in self.columns:
                raise InputError(
                    f"{source}: no column {column!r} for {field} (found: {self._found()})",
                    remedy="name a column that is there",
                )
            self.fields[field] = column
        taken = set(self.fields.values())
        for field, names in _NAMES.items():
            known = _first(names, by_key, taken)
            if field not in self.fields and known is not None:
                self.fields[field] = known
                taken.add(known)
        self.sections: dict[str, str] = {}
        for heading, names in _SECTIONS[kind].items():
            known = _first(names, by_key, taken)
            if known is not None:
                self.sections[heading] = known
                taken.add(known)
        if "text" not in self.fields and not self.sections:
            raise InputError(
                f"{source}: no column with the text of the documents (found: {self._found()})",
                remedy="name it with --column text=NAME"
                + ("; are these syllabi? then say --kind syllabus" if kind == "posting" else ""),
            )
        #: Other columns and the names under which they are kept: one of a name that is taken gets ``_stated``.
        self.metadata = {
            column: f"{column}_stated" if column in _OURS | self.fields.keys() else column
            for column in self.columns
            if column and column not in taken
        }

    def _found(self) -> str:
        """The columns for a message: one line, however strange the file."""
        names = [" ".join(column.split())[:40] for column in self.columns if column]
        return ", ".join(names[:30]) + (" ..." if len(names) > 30 else "") or "none"

    def text(self, row: Mapping[str, str]) -> str:
        """The text of a row: the main column, then each section column under its heading."""
        parts = [row.get(self.fields.get("text", ""), "")]
        for heading, column in self.sections.items():
            if row.get(column, "").strip():
                parts.append(f"{heading}:\n{row[column]}")
        return "\n\n".join(part for part in parts if part and part.strip())


def _first(names: str, by_key: Mapping[str, str], taken: Set[str]) -> str | None:
    """The column with the surest of some names that no field has taken."""
    found = (by_key.get(_key(name)) for name in names.split())
    return next((column for column in found if column is not None and column not in taken), None)


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", fold(name))
