"""Loading and checking taxonomies; the bundled one."""

import pytest

from skillmatch.errors import TaxonomyError
from skillmatch.taxonomy import Alias, Skill, Taxonomy, load_taxonomy
from skillmatch.taxonomy_check import check_esco, shared_names
from tests.conftest import SHARED


def test_the_bundled_taxonomy_is_complete():
    taxonomy = load_taxonomy()
    assert len(taxonomy) >= 800
    for skill in taxonomy:
        assert skill.labels.keys() == {"en", "it"}, skill.id
        assert skill.definitions.keys() == {"en", "it"}, skill.id
        assert min(len(skill.aliases[language]) for language in ("en", "it")) >= 3, skill.id
        assert bool(skill.uri) == bool(skill.esco_label), skill.id
    technologies = {group.id for group in taxonomy.groups.values() if group.technology}
    assert len(technologies) == 10
    assert {skill.group for skill in taxonomy} == set(taxonomy.groups)
    assert any(skill.craft for skill in taxonomy)
    assert any(skill.digital for skill in taxonomy)


def test_no_name_of_the_bundled_taxonomy_belongs_to_two_skills():
    assert shared_names(load_taxonomy()) == []


@pytest.mark.skipif(not SHARED.exists(), reason="ESCO's package is not beside the project")
def test_every_esco_reference_is_in_the_official_package():
    assert check_esco(load_taxonomy(), next((SHARED / "esco").glob("*.zip"))) == []


def test_json_round_trip_keeps_everything(tiny):
    again = Taxonomy.from_json(tiny.to_json())
    assert again.skills == tiny.skills
    assert again.groups == tiny.groups
    assert again.version == tiny.version


def test_the_version_changes_with_the_content(tiny):
    other = Taxonomy(tiny.name, [*tiny, Skill("new", {"en": "new"})], tiny.groups.values())
    assert other.version != tiny.version


def test_ancestors_are_nearest_first(tiny):
    assert tiny.ancestors("tia") == ["plc", "automation"]


@pytest.mark.parametrize(
    ("skills", "message"),
    [
        ([Skill("a", {"en": "x"}), Skill("a", {"en": "y"})], "'a' is given twice"),
        ([Skill("a", {"en": "x"}, broader="b")], "'b', which does not exist"),
        ([Skill("a", {"en": "x"}, broader="b"), Skill("b", {"en": "y"}, broader="a")], "cycle"),
        ([Skill("a", {"en": "x"}, broader="a")], "cycle"),
    ],
)
def test_an_inconsistent_taxonomy_is_refused(skills, message):
    with pytest.raises(TaxonomyError, match=message):
        Taxonomy("t", skills)


def test_aliases_are_read_from_csv(tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("id,label_en,aliases_en\nsap,SAP systems,=SAP | ~enterprise software |  \n", encoding="utf-8")
    taxonomy = load_taxonomy(file)
    assert taxonomy.name == "own"
    assert taxonomy["sap"].aliases["en"] == (Alias("SAP", exact=True), Alias("enterprise software", weak=True))
