"""The role of a stretch from its words: a linear model over words, and a smooth path through a document.

Trained by `skillmatch train sections` (`skillmatch.role_training`), kept as plain arrays in ``models/sections``. At run
time only numpy is needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from skillmatch.headings import Heading
from skillmatch.lexicons import read_lexicon
from skillmatch.normalization import fold
from skillmatch.resources import resource
from skillmatch.stretches import BULLET, CLAUSE, ITEM, LINE, PARAGRAPH, SENTENCE, WINDOW, Stretch

#: Roles that the model tells apart.
MODEL_ROLES = {
    "posting": ("duties", "required", "preferred", "employer", "offer", "other"),
    "syllabus": ("outcomes", "content", "prerequisites", "assessment", "reading", "other"),
}
_WORDS = re.compile(r"[^\W\d_]+|\d+|[%€$£@:?/]")
_PREFIX = 5
_STEM = 6
_NEVER = 1e9
#: What is left of a heading's say behind a gap: a list stays under its heading, a new paragraph may not.
_FADING = {SENTENCE: 0.85, CLAUSE: 1.0, WINDOW: 1.0, ITEM: 1.0, LINE: 0.97, PARAGRAPH: 0.85}


def features(text: str, stretches: Sequence[Stretch], *, kind: str, employer: str = "") -> list[list[str]]:
    """Names of the features of each stretch: words, their beginnings, neighbouring pairs, wordings of the lexicons,
    how it begins, where it lies, whether it names the employer.

    >>> features("Own PLCs", [Stretch(0, 8, 4)], kind="posting")[0]
    ['own', 'plcs', 'own plcs', '^own', '^-wn', '^-own', '@0', 'n1', '|', '@first']
    """
    length = max(len(text), 1)
    last = len(stretches) - 1
    telling = _wordings(kind)
    verbs = _verbs()
    rows = []
    for at, (start, end, _) in enumerate(stretches):
        piece = text[start:end]
        words = ["0" if word.isdigit() else word for word in _WORDS.findall(fold(piece))]
        row = [*words, *[word[:_PREFIX] + "*" for word in words if len(word) > _PREFIX]]
        row += [f"{one} {two}" for one, two in zip(words, words[1:], strict=False)]
        stems = [word[:_STEM] for word in words]
        for place, stem in enumerate(stems):
            if stem in verbs:
                row.append(f"{words[place - 1]} <verb>" if place else "^<verb>")
                row.append("<verb>")
            for rest, class_ in telling.get(stem, ()):
                if not rest or stems[place + 1 : place + 1 + len(rest)] == rest:
                    row.append(class_)
        if words:
            row += [f"^{words[0]}", f"^-{words[0][-2:]}", f"^-{words[0][-3:]}"]
            if len(words) > 2:
                row.append(f"^{words[0]} {words[1]}")
        if employer and employer in piece:
            row.append("<employer>")
        row += [f"@{min(4, 5 * start // length)}", f"n{min(len(words), 23) // 2}"]
        row.append("-" if BULLET.match(piece) else "|")
        if not at:
            row.append("@first")
        elif at == last:
            row.append("@last")
        if piece.endswith(":"):
            row.append(":$")
        rows.append(row)
    return rows


def employer_name(employer: str) -> str:
    """The first telling word of an employer's name, by which a text speaks of it; "" where there is none.

    >>> employer_name("La Ferrolana Rolling Stock S.p.A.")
    'Ferrolana'
    """
    return next((word for word in re.findall(r"[^\W\d_]+", employer) if len(word) > 3 and word[0].isupper()), "")


@cache
def _wordings(kind: str) -> dict[str, list[tuple[list[str], str]]]:
    """Wordings of the lexicons by the beginning of their first word: the other words' beginnings, and the class."""
    found: dict[str, list[tuple[list[str], str]]] = {}
    known = {(row["cue"].strip("=").replace("…", " "), f"<cue {row['strength']}>") for row in read_lexicon("cues") if row["kind"] == kind}
    known |= {(row["heading"], f"<as {row['role']}>") for row in read_lexicon("headings") if row["kind"] == kind}
    for phrase, class_ in sorted(known):
        stems = [word[:_STEM] for word in _WORDS.findall(fold(phrase))]
        if stems and (stems[1:], class_) not in found.setdefault(stems[0], []):
            found[stems[0]].append((stems[1:], class_))
    return found


@cache
def _verbs() -> frozenset[str]:
    """Beginnings of the verbs of the lexicon of levels."""
    terms = (row["term"] for row in read_lexicon("levels") if row["kind"] == "verb")
    return frozenset(fold(term.strip("="))[:_STEM] for term in terms if " " not in term and "…" not in term)


class RoleModel(NamedTuple):
    """Weights of the features for each role, and what a change of role costs.

    ``weights`` has a row for each feature and a column for each role; ``switch`` the cost of a change by kind of gap
    (`skillmatch.stretches`); ``enter`` the log share of changes that lead to each role; ``heading`` how much a heading
    speaks for its role in each stretch behind it; ``scale`` tempers the scores.
    """

    kind: str
    roles: tuple[str, ...]
    vocabulary: dict[str, int]
    weights: np.ndarray
    intercept: np.ndarray
    switch: np.ndarray
    enter: np.ndarray
    heading: float
    scale: float

    def scores(self, text: str, stretches: Sequence[Stretch], *, employer: str = "") -> np.ndarray:
        """Log-probabilities, shape (stretches, roles); ``employer``: a word by which the text names the employer."""
        get = self.vocabulary.get
        named = features(text, stretches, kind=self.kind, employer=employer)
        rows = [[at for at in map(get, row) if at is not None] for row in named]
        flat = [at for row in rows for at in (0, *row)]  # feature 0 weighs nothing: no row is empty
        offsets = np.cumsum([0] + [len(row) + 1 for row in rows[:-1]])
        raw = np.add.reduceat(self.weights[flat], offsets, axis=0) + self.intercept
        raw -= raw.max(axis=1, keepdims=True)
        return self.scale * (raw - np.log(np.exp(raw).sum(axis=1, keepdims=True)))

    def decode(self, scores: np.ndarray, stretches: Sequence[Stretch], headings: Sequence[Heading]) -> list[str]:
        """The best path of roles (Viterbi): a change costs by the gap, but nothing at a heading.

        A heading has its own role for certain; behind it, each stretch may differ where its words speak clearly.
        """
        index = {role: at for at, role in enumerate(self.roles)}
        emissions: list[list[float]] = scores.tolist()
        costs, enter = self.switch.tolist(), self.enter.tolist()
        at_heading = {heading.start: index[heading.role] for heading in headings}
        following: int | None = None
        bonus = 0.0
        best: list[float] = []
        back: list[list[int]] = []
        size = len(self.roles)
        for (start, _, gap), emission in zip(stretches, emissions, strict=True):
            pinned = at_heading.get(start)
            if pinned is not None:
                following, bonus = pinned, self.heading
                emission = [-_NEVER] * size
                emission[pinned] = 0.0
            elif following is not None:
                bonus *= _FADING[gap]
                emission[following] += bonus
            if not best:
                best = [one + two for one, two in zip(emission, enter, strict=True)]
                back.append(list(range(size)))
                continue
            top = max(range(size), key=best.__getitem__)
            if pinned is not None:
                back.append([top] * size)
                best = [best[top] + one for one in emission]
                continue
            jump = best[top] - costs[gap]
            arrows = [at if stay >= jump + way else top for at, (stay, way) in enumerate(zip(best, enter, strict=True))]
            best = [
                max(stay, jump + way) + one for stay, way, one in zip(best, enter, emission, strict=True)
            ]
            back.append(arrows)
        at = max(range(size), key=best.__getitem__)
        path = [at]
        for arrows in reversed(back[1:]):
            at = arrows[at]
            path.append(at)
        return [self.roles[at] for at in reversed(path)]

    def save(self, path: Path) -> None:
        """Write the model as plain arrays (no pickle)."""
        words = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        np.savez_compressed(
            path,
            kind=np.array(self.kind),
            roles=np.array(self.roles),
            vocabulary=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
            weights=self.weights.astype(np.float16),
            intercept=self.intercept,
            switch=self.switch,
            enter=self.enter,
            constants=np.array([self.heading, self.scale]),
        )


def read_model(path: Path) -> RoleModel:
    """A model that `RoleModel.save` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        words = arrays["vocabulary"].tobytes().decode().split("\n")
        heading, scale = arrays["constants"].tolist()
        return RoleModel(
            str(arrays["kind"]),
            tuple(arrays["roles"].tolist()),
            {word: at for at, word in enumerate(words)},
            arrays["weights"].astype(np.float32),
            arrays["intercept"].astype(np.float32),
            arrays["switch"],
            arrays["enter"],
            heading,
            scale,
        )


@cache
def bundled_model(kind: str) -> RoleModel:
    """The bundled model for postings or syllabi."""
    return read_model(resource("models", "sections", f"{kind}.npz"))
