"""Training of the models of roles: ``models/sections``, from the project's own documents and sentences.

Read are the tuning half of ``corpora/reading``, the documents of ``corpora/reading/training`` (hardly any with headings;
those whose roles alternate more than real ones do count for their words, not for how roles follow each other),
the demonstration's syllabi by their columns and its postings by their headings, and ``corpora/reading/roles.tsv``. No test
document is read.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from skillmatch.evaluation.labelled import LabelledDocument, read_labelled
from skillmatch.headings import cut_at_headings
from skillmatch.resources import resource
from skillmatch.role_features import Passage, employer_name, features
from skillmatch.role_scores import Scorer
from skillmatch.roles import MODEL_ROLES, RoleModel
from skillmatch.stretches import PARAGRAPH, Stretch, cut

_C = 2.0
_SHARE_RARE = 2
_DEMO_WEIGHT = 0.5
_SENTENCE_WEIGHT = 0.6
_WEAK_WEIGHT = 0.2
_MOST_WEAK = 500
#: Chosen by cross-validation over the tuning documents.
_HEADING = 3.0
_SCALE = 1.5
#: So much of the roles' frequency is taken out of the scores, since the path through a document counts it again. Chosen by
#: cross-validation; syllabi do not gain.
_LEVELLING = {"posting": 0.67, "syllabus": 0.0}
_DEMO_COLUMNS = {
    "objectives": "outcomes", "contents": "content", "prerequisites": "prerequisites", "assessment": "assessment",
    "bibliography": "reading",
}  # fmt: skip
#: Wordings that tell the role of a sentence taken alone, the first that fits.
_WORDING = {
    "posting": [
        ("preferred", re.compile(
            r"(?i)\b(a plus|preferred|preferably|nice to have|ideally|bonus|an? (?:advantage|asset)|desirable|gradit\w|"
            r"preferibil\w+|preferenzial\w|meglio se|costituisce un plus|apprezzat\w)\b")),
        ("employer", re.compile(r"(?i)^(?:we|our|siamo|la nostra|il nostro|i nostri)\b(?!.*\b(?:you|seek|look|need|cerc))")),
        ("required", re.compile(
            r"(?i)\b(years?|yrs|experience[d]?|knowledge|degree|diploma|familiar\w*|proficien\w+|fluen\w+|ability|"
            r"able to|background|you (?:have|bring|know|are)|understanding of|skills|certified|command of|esperienza|"
            r"conoscenz[ae]|capacità|laurea|padronanza|competenz[ae]|dimestichezza|attitudine)\b")),
        ("duties", re.compile(
            r"(?i)^(?:you(?:'ll| will)|responsible|in this role|ti occuperai|si occuperà|la risorsa|sarai)\b|"
            r"^[A-Z]?[a-z]+(?:ing|are|ere|ire|zione|mento|tura)\b|"
            r"^(?:design|develop|build|plan|run|lead|manage|prepare|write|test|check|support|ensure|maintain|repair|"
            r"install|carry|keep|work|help|assist|analyse|analyze|monitor|set|draw|advise|review|coordinate|organise|"
            r"organize|train|create|define|drive|own|handle|perform|operate|assemble|inspect|report|supervise)\b")),
    ],
    "syllabus": [
        ("prerequisites", re.compile(
            r"(?i)\b(assume[sd]?|prior|already|prerequisit\w*|presuppon\w+|propedeutic\w+|should know|si richied\w+)\b")),
        ("assessment", re.compile(
            r"(?i)\b(exam\w*|graded?|marks?|homework|assignments?|quiz\w*|hand in|esame|prova|voto|elaborato)\b")),
        ("outcomes", re.compile(
            r"(?i)(\b(?:will be|should be|are|is) able to|\bstudents? (?:will|learn|can)|\byou(?:'ll| will)? learn|\bby the "
            r"end|\bat the end|\bupon completion|\bparticipants? (?:will|learn|can)|\bal termine|in grado di|\bsapr|\bsaper|"
            r"\bimparer|\bcapacità di|\bacquisi)|^[A-Z][a-z]+(?:are|ere|ire) ")),
        ("content", re.compile(
            r"(?i)^(?:introduction|week|topics|module|lecture|basics|fundamentals|principles|theory|lab|covers|treats|"
            r"introduces|case|elementi|introduzione|principi|cenni|modulo|fondamenti|teoria|il corso tratta)\b|"
            r"^[^.]*(?:,[^.]*,|;)[^.]*\.?$")),
    ],
}  # fmt: skip


class Example(NamedTuple):
    """A document cut into stretches, with a role for each ("" where unknown)."""

    text: str
    stretches: list[Stretch]
    roles: list[str]
    weight: float
    whole: bool
    employer: str = ""


def train_model(kind: str, examples: Sequence[Example], *, seed: int = 0) -> RoleModel:
    """Fit the model of one kind of document.

    Weights: logistic regression with L2 penalty over the features that stand in at least two stretches. Costs of
    changes: from how often roles change at each kind of gap in whole documents.
    """
    roles = MODEL_ROLES[kind]
    rows: list[list[str]] = []
    labels: list[int] = []
    weights: list[float] = []
    for example in examples:
        named = features(Passage(example.text, example.stretches, example.employer), kind)
        for row, role in zip(named, example.roles, strict=True):
            if role in roles:
                rows.append(row)
                labels.append(roles.index(role))
                weights.append(example.weight)
    counts = Counter(name for row in rows for name in set(row))
    names = sorted(name for name, count in counts.items() if count >= _SHARE_RARE)
    vocabulary = {"": 0, **{name: at + 1 for at, name in enumerate(names)}}
    columns = [[vocabulary[name] for name in row if name in vocabulary] for row in rows]
    indptr = np.cumsum([0] + [len(row) for row in columns])
    flat = np.array([at for row in columns for at in row], dtype=np.int32)
    matrix = sparse.csr_matrix((np.ones(len(flat)), flat, indptr), shape=(len(rows), len(vocabulary)))
    fitted = LogisticRegression(C=_C, max_iter=400, random_state=seed).fit(matrix, labels, sample_weight=weights)
    learned = np.zeros((len(vocabulary), len(roles)), dtype=np.float32)
    learned[:, fitted.classes_] = fitted.coef_.T
    learned[0] = 0
    intercept = np.full(len(roles), -9.0, dtype=np.float32)
    intercept[fitted.classes_] = fitted.intercept_
    intercept[fitted.classes_] -= _LEVELLING[kind] * np.log(
        np.bincount(labels, weights)[fitted.classes_] / sum(weights)
    )
    switch, enter = _changes(roles, [example for example in examples if example.whole])
    return RoleModel(
        kind, roles, vocabulary, learned, intercept, switch, enter, _HEADING, _SCALE, Scorer(kind, vocabulary, learned)
    )


def _changes(roles: Sequence[str], examples: Iterable[Example]) -> tuple[np.ndarray, np.ndarray]:
    """Cost of a change by kind of gap, and log share of the roles that are changed to."""
    stays, moves = np.full(PARAGRAPH + 1, 4.0), np.ones(PARAGRAPH + 1)
    entered = np.ones(len(roles))
    for example in examples:
        for at in range(len(example.roles)):
            role = example.roles[at]
            if role not in roles:
                continue
            if at and example.roles[at - 1] == role:
                stays[example.stretches[at].gap] += 1
                continue
            if at:
                moves[example.stretches[at].gap] += 1
            entered[roles.index(role)] += 1
    return np.log(stays / moves), np.log(entered / entered.sum())


def labelled_examples(documents: Sequence[LabelledDocument]) -> list[Example]:
    """Labelled documents, cut as the reader cuts them; a stretch has the role of most of it."""
    found = []
    for document in documents:
        stretches, _ = cut_at_headings(document.text, kind=document.kind)
        roles = []
        for stretch in stretches:
            shares = {
                at: min(stretch.end, section.end) - max(stretch.start, section.start)
                for at, section in enumerate(document.sections)
            }
            roles.append(document.sections[max(shares, key=shares.__getitem__)].role)
        found.append(Example(document.text, stretches, roles, 1.0, True, employer_name(document.employer)))
    return found


def demo_examples(kind: str) -> list[Example]:
    """The demonstration's documents: syllabi by column, postings by heading."""
    if kind == "syllabus":
        found = []
        with resource("corpora", "demo", "syllabi.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                for column, role in _DEMO_COLUMNS.items():
                    stretches = cut(row[column])
                    found.append(Example(row[column], stretches, [role] * len(stretches), _DEMO_WEIGHT, False))
        return found
    found = []
    with resource("corpora", "demo", "postings.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            text = row["description"]
            stretches, headings = cut_at_headings(text, kind=kind)
            starts = {heading.start: heading.role for heading in headings}
            roles, current = [], ""
            for stretch in stretches:
                current = starts.get(stretch.start, "" if stretch.gap == PARAGRAPH else current)
                roles.append(current)
            found.append(Example(text, stretches, roles, _DEMO_WEIGHT, False, employer_name(row["company"])))
    return found


def sentence_examples(kind: str) -> list[Example]:
    """Single sentences with their role, written for this purpose."""
    found = []
    with resource("corpora", "reading", "roles.tsv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["kind"] == kind:
                stretch = Stretch(0, len(row["sentence"]), PARAGRAPH)
                found.append(Example(row["sentence"], [stretch], [row["role"]], _SENTENCE_WEIGHT, False))
    return found


def weak_examples(kind: str) -> list[Example]:
    """Sentences about skills (corpora/sentences), where their wording leaves little doubt of the role.

    At most `_MOST_WEAK` of each role, spread over the files, so that no role drowns the others.
    """
    found: dict[str, list[Example]] = {}
    for name in ("english-one-skill", "english-several-skills", "italian"):
        with resource("corpora", "sentences", f"{name}.tsv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["kind"] != kind or not row["skills"]:
                    continue
                sentence = row["sentence"]
                role = next((role for role, wording in _WORDING[kind] if wording.search(sentence)), "")
                if role:
                    stretch = Stretch(0, len(sentence), PARAGRAPH)
                    found.setdefault(role, []).append(Example(sentence, [stretch], [role], _WEAK_WEIGHT, False))
    return [example for same in found.values() for example in same[:: 1 + len(same) // _MOST_WEAK]]


def all_examples(kind: str) -> list[Example]:
    """All that a model is trained on."""
    folder = resource("corpora", "reading")
    read = [*read_labelled(folder, part="tuning"), *read_labelled(folder / "training")]
    documents = [document for document in read if document.kind == kind]
    alternating = [document for document in read_labelled(folder / "training" / "alternating") if document.kind == kind]
    return [
        *labelled_examples(documents),
        *(example._replace(whole=False) for example in labelled_examples(alternating)),
        *demo_examples(kind),
        *sentence_examples(kind),
        *weak_examples(kind),
    ]


def train_sections(output: Path, *, seed: int = 0) -> list[Path]:
    """Train both models and write them as ``posting.npz`` and ``syllabus.npz`` into ``output/sections``."""
    folder = output / "sections"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in MODEL_ROLES:
        path = folder / f"{kind}.npz"
        train_model(kind, all_examples(kind), seed=seed).save(path)
        written.append(path)
    return written
