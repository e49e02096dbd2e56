"""The bundled corpora keep their form."""

import csv
import io
import re
import zipfile
from collections import Counter

import pytest

from skillmatch.lexicons import read_lexicon
from skillmatch.resources import resource
from skillmatch.sections import KINDS, ROLES
from tests.conftest import SHARED


def sentences():
    for file in sorted(resource("corpora", "sentences").glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as stream:
            for row in csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield file.name, row


def test_sentences_have_three_columns_and_are_not_repeated():
    rows = [(name, row) for name, row in sentences() if row != ["sentence", "kind", "skills"]]
    assert len(rows) > 15_000
    for name, row in rows:
        assert len(row) == 3, (name, row)
        assert row[1] in KINDS, (name, row)
        if "no-skill" in name:
            assert row[2] == "", (name, row)
    seen = Counter(row[0].lower() for _, row in rows)
    assert [text for text, count in seen.items() if count > 1] == []


def test_sentences_are_varied():
    trigrams = Counter()
    for _, row in sentences():
        words = re.findall(r"\w+", row[0].lower())
        trigrams.update(zip(words, words[1:], words[2:], strict=False))
    assert len(trigrams) / sum(trigrams.values()) > 0.9


@pytest.mark.skipif(not SHARED.exists(), reason="ESCO's package is not beside the project")
def test_every_skill_of_a_sentence_is_in_esco():
    with zipfile.ZipFile(next((SHARED / "esco").glob("*.zip"))) as archive:
        name = next(name for name in archive.namelist() if name.endswith("skills_en.csv"))
        known = {row["preferredLabel"].strip() for row in csv.DictReader(io.StringIO(archive.read(name).decode()))}
    unknown = {label for _, row in sentences() if row[2] != "skills" for label in row[2].split(" | ") if label} - known
    assert unknown == set()


def test_lexicons_use_known_roles_and_levels():
    for row in read_lexicon("headings"):
        assert row["role"] in ROLES[row["kind"]], row
    for row in read_lexicon("levels"):
        assert 1 <= int(row["level"]) <= 6, row
    for name in ("headings", "cues", "levels"):
        rows = [tuple(row.values()) for row in read_lexicon(name)]
        assert len(rows) == len(set(rows)), name
