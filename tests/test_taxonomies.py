"""Taxonomies of other people, built into folders: ESCO, O*NET, SKOS, any table."""

import json
import os
import struct
import time
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skillmatch.errors import SkillmatchError
from skillmatch.mentions import extract
from skillmatch.taxonomies.build import build_taxonomy
from skillmatch.taxonomies.store import digest_of, occupations_of, read_manifest, read_table
from skillmatch.taxonomy import Alias, load_taxonomy
from tests.conftest import SHARED, documents, run_command

ESCO = "http://data.europa.eu/esco/"
SKILL = f"{ESCO}skill/"
PLC = f"{SKILL}6468e5fb-f3be-4025-87be-4b6556755c61"  # a concept that the bundled taxonomy refers to
GROUPS = f"""conceptType,conceptUri,preferredLabel,code
SkillGroup,{SKILL}S,skills,S
SkillGroup,{SKILL}S8,working with machinery,S8
SkillGroup,{SKILL}S8.7,repairing equipment,S8.7
SkillGroup,{SKILL}S8.7.1,repairing pumps,S8.7.1
SkillGroup,{ESCO}isced-f/07,engineering,
SkillGroup,{ESCO}isced-f/071,engineering trades,
"""
SKILLS = f"""conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,description
KnowledgeSkillCompetence,{SKILL}a,skill/competence,sector-specific,repair\u00a0pumps,"mend pumps
fix\u00a0 pumps",pumpe,released,"Repair pumps
of all kinds."
KnowledgeSkillCompetence,{SKILL}b,skill/competence,cross-sector,maintain machines,,,released,Keep machines running.
KnowledgeSkillCompetence,{PLC},knowledge,sector-specific,programmable logic controller,PLC technology,,released,Control.
KnowledgeSkillCompetence,{SKILL}b,skill/competence,cross-sector,maintain machines,look after machines,,released,Again.
KnowledgeSkillCompetence,{SKILL}gone,skill/competence,,old skill,,,obsolete,Gone.
KnowledgeSkillCompetence,{SKILL}d,,,lone skill,,,released,
KnowledgeSkillCompetence,,,,no address,,,released,
"""
BROADER = f"""conceptType,conceptUri,broaderType,broaderUri
SkillGroup,{SKILL}S8,SkillGroup,{SKILL}S
SkillGroup,{SKILL}S8.7,SkillGroup,{SKILL}S8
SkillGroup,{SKILL}S8.7.1,SkillGroup,{SKILL}S8.7
SkillGroup,{ESCO}isced-f/071,SkillGroup,{ESCO}isced-f/07
KnowledgeSkillCompetence,{SKILL}b,SkillGroup,{SKILL}S8.7.1
KnowledgeSkillCompetence,{SKILL}a,KnowledgeSkillCompetence,{SKILL}b
KnowledgeSkillCompetence,{SKILL}b,KnowledgeSkillCompetence,{SKILL}a
KnowledgeSkillCompetence,{SKILL}a,KnowledgeSkillCompetence,{SKILL}nowhere
KnowledgeSkillCompetence,{PLC},SkillGroup,{ESCO}isced-f/071
"""
OCCUPATIONS = f"""conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,code
Occupation,{ESCO}occupation/1,7233,pump mechanic,,7233.1
Occupation,{ESCO}occupation/2,3119,automation technician,,3119.2
"""
NEEDS = f"""occupationUri,relationType,skillType,skillUri
{ESCO}occupation/1,essential,skill/competence,{SKILL}a
{ESCO}occupation/1,optional,skill/competence,{SKILL}b
{ESCO}occupation/1,optional,skill/competence,{SKILL}a
{ESCO}occupation/2,essential,knowledge,{PLC}
{ESCO}occupation/2,essential,knowledge,{SKILL}nowhere
"""
PACKAGE = {
    "skills_en.csv": SKILLS,
    "skillGroups_en.csv": GROUPS,
    "broaderRelationsSkillPillar.csv": BROADER,
    "occupations_en.csv": OCCUPATIONS,
    "occupationSkillRelations.csv": NEEDS,
    "digitalSkillsCollection_en.csv": f"conceptType,conceptUri\nKnowledgeSkillCompetence,{PLC}\n",
}
ITALIAN = f"""conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,status,description
KnowledgeSkillCompetence,{SKILL}a,skill/competence,sector-specific,riparare pompe,aggiustare pompe | sistemare pompe,,X
KnowledgeSkillCompetence,{PLC},knowledge,sector-specific,controllore programmabile,,,Controllo.
"""


def folder_of(path: Path, files: dict[str, str]) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def zip_of(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture(scope="module")
def esco(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("esco")
    package = zip_of(folder / "ESCO dataset - v1.1.1 - classification - en - csv.zip", PACKAGE)
    build_taxonomy([package], folder / "built")
    return folder / "built"


def test_esco_is_read_with_its_hierarchy(esco):
    taxonomy = load_taxonomy(esco)
    assert taxonomy.name == "esco-1.1.1"
    assert list(taxonomy.skills) == [f"{SKILL}a", f"{SKILL}b", PLC, f"{SKILL}d"]
    pumps = taxonomy[f"{SKILL}a"]
    assert pumps.label() == "repair pumps"
    assert [alias.text for alias in pumps.aliases["en"]] == ["mend pumps", "fix pumps", "pumpe"]
    assert pumps.definitions["en"] == "Repair pumps of all kinds."
    assert (pumps.kind, taxonomy[PLC].kind) == ("skill", "knowledge")
    # The first relation of a pair that runs in a circle holds: a below b, whose group is a's too.
    assert (pumps.broader, taxonomy[f"{SKILL}b"].broader) == (f"{SKILL}b", "")
    assert {s.id: taxonomy.groups[s.group].label() for s in taxonomy} == {
        f"{SKILL}a": "repairing equipment",
        f"{SKILL}b": "repairing equipment",
        PLC: "engineering trades",
        f"{SKILL}d": "other",
    }
    assert (pumps.craft, taxonomy[PLC].craft, taxonomy[PLC].digital, pumps.digital) == (True, False, True, False)


def test_what_was_repaired_is_counted(esco):
    assert read_manifest(esco)["repairs"] == {
        "relation to a skill or group that is not in the package left out": 1,
        "relation to a skill or occupation that is not in the package left out": 1,
        "skill broader than itself: relation left out": 1,
        "skill given twice, its names joined": 1,
        "skill with no-break spaces in its names mended": 1,
        "skill with the status 'obsolete' left out": 1,
        "skill without a URI or a label left out": 1,
        "skill without a group": 1,
        "skill without a type taken for a skill": 1,
    }


def test_tables_hold_what_a_skill_does_not(esco):
    names = read_table(esco, "names").to_pandas()
    assert names[names["skill_id"] == f"{SKILL}a"][["text", "kind", "source"]].values.tolist() == [
        ["repair pumps", "preferred", "esco"],
        ["mend pumps", "alternative", "esco"],
        ["fix pumps", "alternative", "esco"],
        ["pumpe", "hidden", "esco"],
    ]
    skills = read_table(esco, "skills").to_pandas().set_index("skill_id")
    assert skills.at[f"{SKILL}a", "reuse_level"] == "sector-specific"
    # Of two relations of one pair, the stronger one.
    assert occupations_of(esco, f"{SKILL}a") == {"essential": ["pump mechanic"], "optional": []}
    groups = read_table(esco, "groups").to_pandas().set_index("group_id")
    assert groups.at[f"{ESCO}isced-f/071", "code"] == "K071"


def test_bundled_names_find_italian_text_with_an_english_package(esco):
    taxonomy = load_taxonomy(esco)
    assert taxonomy[PLC].label("it") == "programmazione PLC"
    text = "Si richiede la programmazione dei PLC."
    assert extract(documents(text, language="it"), taxonomy=taxonomy)["skill_id"].tolist() == [PLC]
    assert read_manifest(esco)["counts"]["enriched"] == 1


def test_without_enrichment_there_is_no_italian(tmp_path):
    manifest = build_taxonomy([folder_of(tmp_path / "p", PACKAGE)], tmp_path / "built", enrich=False)
    assert manifest["languages"] == ["en"]
    assert load_taxonomy(tmp_path / "built")[PLC].label("it") == "programmable logic controller"


def test_several_languages_together(tmp_path):
    sources = [folder_of(tmp_path / "en", PACKAGE), zip_of(tmp_path / "it.zip", {"ESCO/skills_it.csv": ITALIAN})]
    build_taxonomy(sources, tmp_path / "built", languages=["en", "it"])
    pumps = load_taxonomy(tmp_path / "built")[f"{SKILL}a"]
    assert pumps.labels == {"en": "repair pumps", "it": "riparare pompe"}
    assert [alias.text for alias in pumps.aliases["it"]] == ["aggiustare pompe", "sistemare pompe"]
    # ESCO's own Italian label stays; the bundled names come as further ones.
    assert load_taxonomy(tmp_path / "built")[PLC].label("it") == "controllore programmabile"
    build_taxonomy(sources, tmp_path / "only", languages=["it"])
    only = load_taxonomy(tmp_path / "only")
    assert list(only.skills) == [f"{SKILL}a", PLC]
    assert only[PLC].label() == "controllore programmabile"


def test_files_and_columns_of_version_1_2(tmp_path):
    files = {
        "skills_en.csv": SKILLS,
        "skillGroups_en.csv": GROUPS,
        "broaderRelationsSkillPillar_en.csv": "conceptType,conceptUri,conceptLabel,broaderType,broaderUri,"
        "broaderLabel\n"
        f"KnowledgeSkillCompetence,{SKILL}a,x,KnowledgeSkillCompetence,{SKILL}b,y\n",
        "occupations_en.csv": OCCUPATIONS,
        "occupationSkillRelations_en.csv": "occupationUri,occupationLabel,relationType,skillType,skillUri,skillLabel\n"
        f"{ESCO}occupation/1,x,essential,skill,{SKILL}a,y\n",
        "skillsHierarchy_en.csv": "Level 0 URI,Level 0 preferred term,Level 1 URI,Level 1 preferred term,Level 0 code\n"
        f"{SKILL}S,skills,{SKILL}S8,working with machinery\n",
    }
    build_taxonomy([folder_of(tmp_path / "ESCO v1.2.0", files)], tmp_path / "built")
    assert read_manifest(tmp_path / "built")["name"] == "esco-1.2.0"
    assert load_taxonomy(tmp_path / "built")[f"{SKILL}a"].broader == f"{SKILL}b"
    assert occupations_of(tmp_path / "built", f"{SKILL}a")["essential"] == ["pump mechanic"]


def test_versions_are_not_mixed(tmp_path):
    sources = [folder_of(tmp_path / f"ESCO v{version}", PACKAGE) for version in ("1.1.0", "1.2.0")]
    with pytest.raises(SkillmatchError, match=r"different versions: 1\.1\.0, 1\.2\.0"):
        build_taxonomy(sources, tmp_path / "built")


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"occupations": ["ISCO 72"]}, [f"{SKILL}a", f"{SKILL}b"]),
        ({"occupations": ["3119.2"]}, [PLC]),
        ({"occupations": ["Automation technician"]}, [PLC]),
        ({"groups": ["S8"]}, [f"{SKILL}a", f"{SKILL}b"]),
        ({"groups": ["K071"], "occupations": ["ISCO 7233"]}, [f"{SKILL}a", f"{SKILL}b", PLC]),
    ],
)
def test_subsets(tmp_path, options, kept):
    manifest = build_taxonomy([folder_of(tmp_path / "p", PACKAGE)], tmp_path / "built", **options)
    assert list(load_taxonomy(tmp_path / "built").skills) == kept
    assert manifest["counts"]["skills_in_source"] == 4


def test_a_subset_of_nothing_is_told_with_what_may_be_meant(tmp_path):
    with pytest.raises(SkillmatchError, match="did you mean pump mechanic"):
        build_taxonomy([folder_of(tmp_path / "p", PACKAGE)], tmp_path / "built", occupations=["pump mecanic"])


def test_a_skill_stays_below_the_next_broader_one_that_stays(tmp_path):
    table = "id,label,broader,group\na,one,b,g\nb,two,c,h\nc,three,,g\n"
    build_taxonomy([folder_of(tmp_path / "p", {"t.csv": table})], tmp_path / "built", groups=["g"])
    assert load_taxonomy(tmp_path / "built")["a"].broader == "c"


def test_the_same_source_gives_the_same_bytes(tmp_path):
    source = folder_of(tmp_path / "p", PACKAGE)
    for name in ("one", "two"):
        build_taxonomy([source], tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


# What is searched for in texts.

DESCRIBED = "".join(
    f"s{i},new ICT skill {i},,Plan the design of thing {i} and use it well with access.\n" for i in range(120)
)
WORDS = f"""id,label,aliases,definition
think,think creatively,design|brainstorm,Have ideas.
it,computer technology,IT|informatics,Computers.
access,Microsoft Access,Access,A database program.
python,Python (computer programming),Python,A language.
boards,testing of circuit boards,ICT,Test.
plan,plan,plans,Make a plan.
a,repair pumps,mend pumps,Repair.
b,mend pumps,,Mend.
cut,control the process of weaving wool apparel,process control,Weave.
own,SAP systems,=SAP|~controlling,Use SAP.
{DESCRIBED}"""


@pytest.fixture(scope="module")
def judged(tmp_path_factory) -> dict[str, tuple[Alias, ...]]:
    folder = tmp_path_factory.mktemp("words")
    build_taxonomy([folder_of(folder / "p", {"words.csv": WORDS})], folder / "built")
    return {skill.id: tuple(skill.names("en")) for skill in load_taxonomy(folder / "built")}


@pytest.mark.parametrize(
    ("skill", "names"),
    [
        ("think", [Alias("think creatively"), Alias("brainstorm")]),  # design is everywhere
        ("it", [Alias("computer technology"), Alias("IT", exact=True), Alias("informatics")]),
        ("access", [Alias("Microsoft Access"), Alias("Access", exact=True, weak=True)]),
        ("python", [Alias("Python (computer programming)"), Alias("Python")]),
        ("boards", [Alias("testing of circuit boards")]),  # ICT stands in the names of many others
        ("plan", [Alias("plan", weak=True)]),  # the label, but common
        ("a", [Alias("repair pumps")]),  # "mend pumps" is the label of another skill
        ("cut", [Alias("control the process of weaving wool apparel"), Alias("process control", weak=True)]),
        ("own", [Alias("SAP systems"), Alias("SAP", exact=True), Alias("controlling", weak=True)]),
    ],
)
def test_names_are_searched_for_as_far_as_they_tell(judged, skill, names):
    assert list(judged[skill]) == names


# Other sources.


def test_any_table(tmp_path):
    table = """Codice;Etichetta (it);Label (en);Sinonimi (it);Padre;Categoria;Descrizione (it)
1;saldatura;welding;;;metallo;Unire pezzi.
2;saldatura TIG;TIG welding;saldare TIG | TIG;saldatura;metallo;
3;;;;;;
2;saldatura TIG;TIG welding;GTAW;;;
"""
    manifest = build_taxonomy([folder_of(tmp_path / "p", {"mestieri.csv": table}) / "mestieri.csv"], tmp_path / "built")
    taxonomy = load_taxonomy(tmp_path / "built")
    assert taxonomy.name == "mestieri"
    assert taxonomy["2"].labels == {"en": "TIG welding", "it": "saldatura TIG"}
    assert taxonomy["2"].broader == "1"  # named by its label
    assert [alias.text for alias in taxonomy["2"].aliases["it"]] == ["saldare TIG", "TIG", "GTAW"]
    assert taxonomy.groups["metallo"].label("it") == "metallo"
    assert taxonomy["1"].definitions == {"it": "Unire pezzi."}
    assert manifest["repairs"] == {"row without an id or a label left out": 1, "skill given twice, its names joined": 1}


def test_a_table_with_a_language_column_as_xlsx(tmp_path):
    rows = {
        "id": ["1", "1"],
        "language": ["en", "it"],
        "name": ["milling", "fresatura"],
        "synonyms": ["mill", "fresare"],
    }
    pd.DataFrame(rows).to_excel(tmp_path / "skills.xlsx", index=False)
    build_taxonomy([tmp_path / "skills.xlsx"], tmp_path / "built")
    skill = load_taxonomy(tmp_path / "built")["1"]
    assert skill.labels == {"en": "milling", "it": "fresatura"}
    assert skill.aliases == {"en": (Alias("mill"),), "it": (Alias("fresare"),)}


@pytest.mark.slow
def test_the_bundled_form_builds_to_the_same_skills(tmp_path):
    bundled = load_taxonomy()
    build_taxonomy([bundled_folder()], tmp_path / "built", enrich=False)
    built = load_taxonomy(tmp_path / "built")
    assert set(built.skills) == set(bundled.skills)
    for skill in bundled:
        again = built[skill.id]
        assert (again.labels, again.group, again.broader, again.kind) == (
            skill.labels, skill.group, skill.broader, skill.kind,
        )  # fmt: skip
        assert (again.definitions, again.uri, again.craft, again.digital) == (
            skill.definitions, skill.uri, skill.craft, skill.digital,
        )  # fmt: skip
    assert built.groups["robotics"].labels == bundled.groups["robotics"].labels


def bundled_folder() -> Path:
    from skillmatch.resources import resource

    return resource("corpora", "taxonomy", "manufacturing")


ONET = {
    "Technology Skills.txt": """O*NET-SOC Code\tExample\tCommodity Code\tCommodity Title\tHot Technology\tIn Demand
17-2141.00\tStructured query language SQL\t43232306\tData base query software\tY\tN
17-2141.00\tDassault "CATIA" V5\t43232604\tCAD software\tN\tN
17-2141.00\tSoftRisk Tools SQL\t43232307\tRisk software\tN\tN
""",
    "Occupation Data.txt": "O*NET-SOC Code\tTitle\tDescription\n17-2141.00\tMechanical Engineers\tDo mechanics.\n",
    "DWA Reference.txt": "Element ID\tIWA ID\tDWA ID\tDWA Title\n4.A.1\t4.A.1.I1\t4.A.1.I1.D1\tInspect welds.\n",
    "Tasks to DWAs.txt": "O*NET-SOC Code\tTask ID\tDWA ID\tDate\tDomain Source\n17-2141.00\t7\t4.A.1.I1.D1\tx\ty\n",
    "Task Statements.txt": "O*NET-SOC Code\tTask ID\tTask\tTask Type\n17-2141.00\t7\tLook at weld seams.\tCore\n"
    "17-2141.00\t8\tDrink tea.\tSupplemental\n",
    "Content Model Reference.txt": "Element ID\tElement Name\tDescription\n4.A.1\tGetting Information\tGet it.\n"
    "2.C.3.a\tDesign Knowledge\tKnow design.\n",
    "Knowledge.txt": "O*NET-SOC Code\tElement ID\tScale ID\tData Value\n17-2141.00\t2.C.3.a\tIM\t4.10\n"
    "17-2141.00\t2.C.3.a\tLV\t5.00\n",
}


def test_onet_as_text(tmp_path):
    package = zip_of(tmp_path / "db_29_2_text.zip", {f"db_29_2_text/{name}": text for name, text in ONET.items()})
    manifest = build_taxonomy([package], tmp_path / "built")
    taxonomy = load_taxonomy(tmp_path / "built")
    assert taxonomy.name == "onet-29.2"
    sql = taxonomy["technology/Structured%20query%20language%20SQL"]
    assert [alias.text for alias in sql.aliases["en"]] == ["Structured query language", "SQL"]
    assert taxonomy.groups[sql.group].label() == "Data base query software"
    assert 'Dassault "CATIA" V5' in [skill.label() for skill in taxonomy]
    assert taxonomy["4.A.1.I1.D1"].label() == "Inspect welds"
    assert taxonomy.groups["4.A.1"].label() == "Getting Information"
    assert (taxonomy["2.C.3.a"].kind, taxonomy["2.C.3.a"].definitions) == ("knowledge", {"en": "Know design."})
    names = read_table(tmp_path / "built", "names").to_pandas()
    example = names[names["kind"] == "example"]
    assert example[["skill_id", "text", "match"]].values.tolist() == [["4.A.1.I1.D1", "Look at weld seams.", False]]
    assert occupations_of(tmp_path / "built", "4.A.1.I1.D1")["essential"] == ["Mechanical Engineers"]
    assert occupations_of(tmp_path / "built", "2.C.3.a")["essential"] == ["Mechanical Engineers"]
    assert manifest["repairs"] == {"task that belongs to no activity left out": 1}


def test_onet_as_excel(tmp_path):
    rows = {
        "O*NET-SOC Code": ["17-2141.00"], "Title": ["Mechanical Engineers"], "Example": ["C++"],
        "Commodity Code": [43232400], "Commodity Title": ["Development software"], "Hot Technology": ["Y"],
    }  # fmt: skip
    pd.DataFrame(rows).to_excel(tmp_path / "Technology Skills.xlsx", index=False)
    build_taxonomy([tmp_path / "Technology Skills.xlsx"], tmp_path / "built")
    taxonomy = load_taxonomy(tmp_path / "built")
    assert extract(documents("We use C++ daily."), taxonomy=taxonomy)["skill_id"].tolist() == ["technology/C%2B%2B"]


TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix : <http://example.org/> .
:joining a skos:Concept ; skos:prefLabel "joining metals"@en ; skos:narrower :welding .
:welding a skos:Concept ; skos:prefLabel "welding"@en, "saldatura"@it ; skos:altLabel "weld seams" ;
    skos:definition "Joining by heat."@en .
:milling a skos:Concept ; xl:prefLabel [ xl:literalForm "milling"@en ] .
:cutting a skos:Collection ; skos:prefLabel "cutting"@en ; skos:member :milling .
"""


def test_skos(tmp_path):
    build_taxonomy([folder_of(tmp_path / "p", {"metal.ttl": TURTLE, "README.txt": "Metal."})], tmp_path / "built")
    taxonomy = load_taxonomy(tmp_path / "built")
    welding = taxonomy["http://example.org/welding"]
    assert welding.labels == {"en": "welding", "it": "saldatura"}
    assert [alias.text for alias in welding.aliases["en"]] == ["weld seams"]
    assert welding.definitions == {"en": "Joining by heat."}
    assert welding.broader == "http://example.org/joining"
    groups = {skill.label(): taxonomy.groups[skill.group].label() for skill in taxonomy}
    assert groups == {"joining metals": "joining metals", "welding": "joining metals", "milling": "cutting"}


# What is refused.


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"skills_en.csv": "conceptUri,label\nx,y\n"},
            r"skills_en\.csv: no column 'preferredLabel' \(found: conceptUri",
        ),
        (
            {"skills_en.csv": "conceptUri,preferredLabel\nx,y,z\n"},
            r"skills_en\.csv, line 2: 3 fields, the header has 2",
        ),
        ({"skills_en.csv": "conceptUri,preferredLabel\n"}, "no skill in it"),
        ({"t.csv": "id,colour\n1,red\n"}, r"t\.csv: no column for the label of a skill \(found: id, colour\)"),
        ({"t.csv": "label\nwelding\n"}, r"no column for the id"),
        ({"t.csv": "id,label\n1\n"}, r"t\.csv, row 1: line 2 has 1 fields"),
        ({"t.csv": "id,label\n,\n"}, "no skill of the source has a name"),
        ({f"{number}.csv": "" for number in range(1_001)}, "1001 files, more than 1000"),
        ({"notes.txt": "hello"}, "not a taxonomy of a kind that is known"),
        ({"a.pdf": "%PDF"}, "no .csv, .txt"),
        ({"a.ttl": "@prefix broken"}, r"a\.ttl: no readable RDF"),
        ({"Technology Skills.txt": "Example\tTitle\nx\ty\n"}, r"Technology Skills\.txt: no column 'O\*NET-SOC Code'"),
    ],
)
def test_bad_sources_are_told_in_words(tmp_path, files, message):
    with pytest.raises(SkillmatchError, match=message):
        build_taxonomy([folder_of(tmp_path / "p", files)], tmp_path / "built")
    assert not (tmp_path / "built" / "manifest.json").exists()


def test_archives_are_bounded_and_write_nowhere_else(tmp_path):
    outside = zip_of(tmp_path / "outside.zip", {"../../evil.csv": "id,label\n1,x\n", "/etc/t.csv": "id,label\n2,y\n"})
    build_taxonomy([outside], tmp_path / "a" / "b" / "built")
    assert set(load_taxonomy(tmp_path / "a" / "b" / "built").skills) == {"1", "2"}
    assert sorted(path.name for path in tmp_path.rglob("*.csv")) == []
    bomb = zip_of(tmp_path / "bomb.zip", {"skills_en.csv": "x" * 30_000_000})
    with pytest.raises(SkillmatchError, match="unpacks to 30 MB"):
        build_taxonomy([bomb], tmp_path / "built")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04" + os.urandom(200))
    with pytest.raises(SkillmatchError, match="no readable zip archive"):
        build_taxonomy([broken], tmp_path / "built")


def test_an_archive_that_lies_about_its_size_is_cut_off(tmp_path):
    path = zip_of(tmp_path / "liar.zip", {"t.csv": "id,label\n" + "1,x\n" * 2_000_000})
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 20)  # the size in the directory
    path.write_bytes(data)
    with pytest.raises(SkillmatchError, match="no readable zip archive"):
        build_taxonomy([path], tmp_path / "built")


@pytest.mark.parametrize("name", ["skills", "names", "groups"])
def test_a_changed_file_is_refused(tmp_path, name):
    folder = tmp_path / "built"
    build_taxonomy([folder_of(tmp_path / "p", PACKAGE)], folder)
    file = folder / f"{name}.parquet"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(SkillmatchError, match=rf"{name}\.parquet: not the file that manifest\.json describes"):
        load_taxonomy(folder)
    file.unlink()
    with pytest.raises(SkillmatchError, match=rf"{name}\.parquet: no readable"):
        load_taxonomy(folder)


@pytest.mark.parametrize("column", [None, pa.array([1] * 33), pa.array([None] * 33, pa.bool_())])
def test_a_table_of_another_form_is_refused_though_its_hash_is_right(tmp_path, column):
    folder = tmp_path / "built"
    build_taxonomy([folder_of(tmp_path / "p", PACKAGE)], folder)
    names = read_table(folder, "names").slice(0, 33)
    at = names.column_names.index("exact")
    names = names.remove_column(at) if column is None else names.set_column(at, "exact", column)
    pq.write_table(names, folder / "names.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["names.parquet"]["sha256"] = digest_of((folder / "names.parquet").read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(SkillmatchError, match=r"names\.parquet: the column 'exact'"):
        load_taxonomy(folder)


@pytest.mark.parametrize(
    "change", [{"format": 2}, {"format": None}, {"name": "../../secret"}, {"files": {}}, {"files": None}, {"name": 3}]
)
def test_a_manifest_of_another_form_is_refused(tmp_path, change):
    folder = tmp_path / "built"
    build_taxonomy([folder_of(tmp_path / "p", PACKAGE)], folder)
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | change))
    with pytest.raises(SkillmatchError, match=r"manifest\.json: .*taxonomy build"):
        load_taxonomy(folder)


# By the command line, and with the real packages.


@pytest.mark.slow
def test_commands_with_a_built_taxonomy(esco, tmp_path):
    package = folder_of(tmp_path / "p", PACKAGE)
    built = run_command("taxonomy", "build", package, "-o", tmp_path / "built", "--occupations", "ISCO 72")
    assert built.returncode == 0, built.stderr
    assert "2 of 4 skills" in built.stdout
    assert "skill with no-break spaces in its names mended: 1" in built.stderr
    shown = run_command("taxonomy", "show", "repair pump", "--taxonomy", esco).stdout
    assert "repairing equipment" in shown
    assert "essential for: pump mechanic" in shown
    assert "0 problems" in run_command("taxonomy", "check", "--taxonomy", esco).stdout
    listed = ("taxonomy", "list", "--taxonomy", esco, "--format", "csv", "--group")
    assert "maintain machines" in run_command(*listed, "repairing equipment").stdout
    assert "use one of engineering trades, other, repairing equipment" in run_command(*listed, "nothing").stderr
    (tmp_path / "jobs.csv").write_text("id,title,description\n1,Fitter,You repair pumps and maintain machines\n")
    (tmp_path / "courses.csv").write_text("code,title,contents\nA,Machines,how to maintain machines\n")
    inputs = ("--postings", tmp_path / "jobs.csv", "--syllabi", tmp_path / "courses.csv", "--taxonomy", esco, "-q")
    gaps = json.loads(run_command("gaps", *inputs, "--format", "json").stdout)
    assert [gap["label"] for gap in gaps] == ["repair pumps", "maintain machines"]
    ranked = run_command(
        "rank", "--skills", "machine maintaining", "--corpus", tmp_path / "courses.csv", "--taxonomy", esco
    )
    assert "Machines" in ranked.stdout
    audit = run_command("audit", *inputs, "-o", tmp_path / "run")
    assert audit.returncode == 0, audit.stderr
    assert run_command("whatif", tmp_path / "run", "--drop", "A", "--format", "json").returncode == 0


@pytest.mark.slow
def test_a_run_with_a_taxonomy_built_anew_is_not_mixed_with_the_old_one(tmp_path):
    package, folder = folder_of(tmp_path / "p", PACKAGE), tmp_path / "built"
    build_taxonomy([package], folder)
    (tmp_path / "jobs.csv").write_text("id,title,description\n1,Fitter,You repair pumps\n")
    (tmp_path / "courses.csv").write_text("code,title,contents\nA,Pumps,how to repair pumps\n")
    inputs = ("--postings", tmp_path / "jobs.csv", "--syllabi", tmp_path / "courses.csv", "--taxonomy", folder, "-q")
    assert run_command("audit", *inputs, "-o", tmp_path / "run").returncode == 0
    build_taxonomy([package], folder, enrich=False)
    again = run_command("whatif", tmp_path / "run", "--drop", "A")
    assert again.returncode == 3
    assert "run the audit again" in again.stderr


real = pytest.mark.skipif(not SHARED.exists(), reason="the official packages are not beside the project")


@pytest.fixture(scope="module")
def real_esco(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "built"
    build_taxonomy([next((SHARED / "esco").glob("*.zip"))], folder)
    return folder


@real
@pytest.mark.slow
def test_the_official_package(real_esco):
    counts = read_manifest(real_esco)["counts"]
    assert counts["skills"] == 13_896
    assert counts["occupations"] == 3_007
    assert counts["enriched"] > 500
    began = time.process_time()
    taxonomy = load_taxonomy(real_esco)
    assert time.process_time() - began < 2
    assert 100 <= len({skill.group for skill in taxonomy}) <= 160
    assert "other" not in {group.label() for group in taxonomy.groups.values()}
    text = "IT engineers who design data platforms and know Python, project management and PLC programming."
    found = {taxonomy[row].label() for row in extract(documents(text), taxonomy=taxonomy)["skill_id"]}
    assert found == {
        "computer technology", "Python (computer programming)", "project management", "programmable logic controller",
    }  # fmt: skip


@real
@pytest.mark.slow
def test_the_official_database_of_onet(tmp_path):
    manifest = build_taxonomy([SHARED / "onet"], tmp_path / "built")
    assert manifest["counts"]["skills"] > 10_000
    taxonomy = load_taxonomy(tmp_path / "built")
    assert taxonomy["4.A.1.a.1.I01.D01"].label() == "Review art or design materials"
    assert any(
        label == "Accountants and Auditors"
        for label in occupations_of(tmp_path / "built", "technology/SAP%20software")["essential"]
    )
