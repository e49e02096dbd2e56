"""The role of a stretch from its words: a linear model over words, and a smooth path through a document.

Trained by `skillmatch train sections` (`skillmatch.role_training`), kept as plain arrays in ``models/sections``. At run
time only numpy is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

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
#: The lines of a list under a heading of its own line belong to it more surely than running text does.
_LISTED = {ITEM: 2.0, LINE: 1.4}
#: So many times more surely the line or the items below a heading "Prerequisites" of its own line belong to it.
_FIRM = 4.0
_NEVER = 1e9
_DIGITS = frozenset("0123456789")
#: More distinct words than this and the cache starts anew, so that memory stays flat on millions of documents.
_CACHE_LIMIT = 200_000
#: What is left of a heading's say behind a gap: a list stays under its heading, a new paragraph may not.
_FADING = {SENTENCE: 0.85, CLAUSE: 1.0, WINDOW: 1.0, ITEM: 1.0, LINE: 0.97, PARAGRAPH: 0.92}


class _Words(dict):
    """What a word adds wherever it stands, worked out once: (features, beginning, whether it is a verb, the longer
    wordings that it opens, by their second word), the features as ``key`` names them."""

    def __init__(self, kind: str, key: Callable[[str], Any]) -> None:
        super().__init__()
        self.key = key
        self._wordings = _wordings(kind)
        self._verbs = _verbs()

    def __missing__(self, word: str) -> tuple[list[Any], str, bool, dict[str, list[tuple[list[str], Any]]]]:
        if len(self) > _CACHE_LIMIT:
            self.clear()
        stem = word[:_STEM]
        names = [word, word[:_PREFIX] + "*"] if len(word) > _PREFIX else [word]
        if stem in self._verbs:
            names.append("<verb>")
        opened = self._wordings.get(stem, ())
        names += [class_ for rest, class_ in opened if not rest]
        longer: dict[str, list[tuple[list[str], Any]]] = {}
        for rest, class_ in opened:
            if rest and self.key(class_) is not None:
                longer.setdefault(rest[0], []).append((rest[1:], self.key(class_)))
        value = self[word] = (
            [key for key in map(self.key, names) if key is not None], stem, stem in self._verbs, longer
        )  # fmt: skip
        return value


def features(text: str, stretches: Sequence[Stretch], words: _Words, *, employer: str = "") -> list[list[Any]]:
    """The features of each stretch: words, their beginnings, neighbouring pairs, wordings of the lexicons, how it
    begins, where it lies, whether it names the employer. Unknown ones (``None``) are among them.

    >>> features("Own PLCs", [Stretch(0, 8, 4)], feature_names("posting"))[0]
    ['own', 'plcs', 'own plcs', '^own', '^-wn', '^-own', '@0', 'n1', '|', '@first']
    """
    length = max(len(text), 1)
    last = len(stretches) - 1
    key = words.key
    rows = []
    for at, (start, end, _) in enumerate(stretches):
        piece = text[start:end]
        tokens = ["0" if token[0] in _DIGITS else token for token in _WORDS.findall(fold(piece))]
        entries = [words[token] for token in tokens]
        stems = [entry[1] for entry in entries]
        row: list[Any] = []
        for place, (items, _, verb, longer) in enumerate(entries):
            row += items
            if verb:
                row.append(key(f"{tokens[place - 1]} <verb>" if place else "^<verb>"))
            if longer and place < len(stems) - 1:
                for rest, class_ in longer.get(stems[place + 1], ()):
                    if not rest or stems[place + 2 : place + 2 + len(rest)] == rest:
                        row.append(class_)
        row += [key(one + " " + two) for one, two in pairwise(tokens)]
        if tokens:
            first = tokens[0]
            row += [key("^" + first), key("^-" + first[-2:]), key("^-" + first[-3:])]
            if len(tokens) > 2:
                row.append(key(f"^{first} {tokens[1]}"))
        if employer and employer in piece:
            row.append(key("<employer>"))
        row += [key(f"@{min(4, 5 * start // length)}"), key(f"n{min(len(tokens), 23) // 2}")]
        row.append(key("-" if BULLET.match(piece) else "|"))
        if not at:
            row.append(key("@first"))
        elif at == last:
            row.append(key("@last"))
        if piece.endswith(":"):
            row.append(key(":$"))
        rows.append(row)
    return rows


def feature_names(kind: str) -> _Words:
    """For training: features under their names."""
    return _Words(kind, lambda name: name)


def feature_places(kind: str, vocabulary: dict[str, int]) -> _Words:
    """For scoring: features as their places in a vocabulary."""
    return _Words(kind, vocabulary.get)


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
    known = set()
    for row in read_lexicon("cues"):
        if row["kind"] == kind:
            known.add((row["cue"].strip("=").replace("…", " "), f"<cue {row['strength']}>"))
    for row in read_lexicon("headings"):
        if row["kind"] == kind:
            known.add((row["heading"], f"<as {row['role']}>"))
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
    speaks for its role in each stretch behind it; ``scale`` tempers the scores; ``words`` remembers the
    features of words.
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
    words: _Words

    def scores(self, text: str, stretches: Sequence[Stretch], *, employer: str = "") -> np.ndarray:
        """Log-probabilities, shape (stretches, roles); ``employer``: a word by which the text names the employer."""
        known = features(text, stretches, self.words, employer=employer)
        rows = [[at for at in row if at is not None] for row in known]
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
        wish, firm_role = index.get("preferred"), index.get("prerequisites")
        firm = 0  # lines that are left of those a heading holds firmly
        following: int | None = None
        bonus = 0.0
        listed = False
        best: list[float] = []
        back: list[list[int]] = []
        size = len(self.roles)
        for (start, _, gap), emission in zip(stretches, emissions, strict=True):
            pinned = at_heading.get(start)
            if pinned is not None:
                following, bonus = pinned, self.heading
                listed = gap in (ITEM, LINE, PARAGRAPH)
                firm = 2 if listed and pinned == firm_role else 0
                emission = [-_NEVER] * size
                emission[pinned] = 0.0
            elif following is not None:
                bonus *= _FADING[gap]
                emission[following] += bonus * (_LISTED.get(gap, 1.0) if listed else 1.0)
                firm -= gap in (LINE, PARAGRAPH) or firm == 2
                if firm > 0:
                    emission[following] += _FIRM * bonus
                if wish is not None and listed and following != wish:
                    # "… is a plus" in a list of requirements is a matter of strength, not a new section.
                    emission[wish] -= self.heading
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
        path.reverse()
        if wish is not None:
            self._trim(path, scores, {at for at, stretch in enumerate(stretches) if stretch.start in at_heading}, wish)
        return [self.roles[at] for at in path]

    def _trim(self, path: list[int], scores: np.ndarray, headings: set[int], wish: int) -> None:
        """Keep of a run of *preferred* without a heading only the stretches that speak for it themselves."""
        required = self.roles.index("required")
        headed = False
        for at, (role, before) in enumerate(zip(list(path), [-1, *path], strict=False)):
            headed = at in headings or (headed and before == wish)
            if role == wish and not headed and scores[at, required] > scores[at, wish]:
                path[at] = required

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
        kind = str(arrays["kind"])
        words = arrays["vocabulary"].tobytes().decode().split("\n")
        vocabulary = {word: at for at, word in enumerate(words)}
        heading, scale = arrays["constants"].tolist()
        return RoleModel(
            kind,
            tuple(arrays["roles"].tolist()),
            vocabulary,
            arrays["weights"].astype(np.float32),
            arrays["intercept"].astype(np.float32),
            arrays["switch"],
            arrays["enter"],
            heading,
            scale,
            feature_places(kind, vocabulary),
        )


@cache
def bundled_model(kind: str) -> RoleModel:
    """The bundled model for postings or syllabi."""
    return read_model(resource("models", "sections", f"{kind}.npz"))
