"""The role of a stretch from its words: a linear model over words, and a smooth path through a document.

Trained by `skillmatch train sections` (`skillmatch.role_training`), kept as plain arrays in ``models/sections``. At run
time only numpy is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from skillmatch.headings import Heading
from skillmatch.resources import resource
from skillmatch.role_features import Passage
from skillmatch.role_scores import Scorer
from skillmatch.stretches import CLAUSE, ITEM, LINE, PARAGRAPH, SENTENCE, WINDOW, Stretch

#: Roles that the model tells apart.
MODEL_ROLES = {
    "posting": ("duties", "required", "preferred", "employer", "offer", "other"),
    "syllabus": ("outcomes", "content", "prerequisites", "assessment", "reading", "other"),
}
#: The lines of a list under a heading of its own line belong to it more surely than running text does.
_LISTED = {ITEM: 2.0, LINE: 1.4}
#: So many times more surely the line or the items right below a heading of its own line belong to it.
_FIRM = {"prerequisites": 4.0, "employer": 2.0, "offer": 2.0, "content": 2.0, "assessment": 2.0, "reading": 2.0}
#: Changes cost so many times what their share in the documents of training says: neighbours are not independent.
_RELUCTANCE = 1.5
#: Words speak at most so clearly against a role.
_FLOOR = 12.0
_NEVER = 1e9
#: What is left of a heading's say behind a gap: a list stays under its heading, a new paragraph may not.
_FADING = {SENTENCE: 0.85, CLAUSE: 1.0, WINDOW: 1.0, ITEM: 1.0, LINE: 0.97, PARAGRAPH: 0.92}

#: A syllabus whose headings open so many roles follows a template: what stands under one belongs there more surely, and
#: further on.
_TEMPLATE = {"syllabus": 4}
_TEMPLATE_SAYS = 2.0
_FADING_LESS = {gap: share**0.75 for gap, share in _FADING.items()}


class RoleModel(NamedTuple):
    """Weights of the features for each role, and what a change of role costs.

    ``weights`` has a row for each feature and a column for each role; ``switch`` the cost of a change by kind of gap
    (`skillmatch.stretches`); ``enter`` the log share of changes that lead to each role; ``heading`` how much a heading
    speaks for its role in each stretch behind it; ``scale`` tempers the scores; ``scorer`` adds up the
    weights.
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
    scorer: Scorer

    def scores(self, passages: Sequence[Passage]) -> list[np.ndarray]:
        """Log-probabilities for each passage, shape (stretches, roles).

        Many short passages cost less in one call than one by one.
        """
        raw = self.scorer.sums(passages) + self.intercept
        raw -= raw.max(axis=1, keepdims=True)
        scores = np.maximum(self.scale * (raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))), -_FLOOR)
        return np.split(scores, np.cumsum([len(passage.stretches) for passage in passages[:-1]]))

    def decode(self, scores: np.ndarray, stretches: Sequence[Stretch], headings: Sequence[Heading]) -> list[str]:
        """The best path of roles (Viterbi): a change costs by the gap, but nothing at a heading.

        A heading has its own role for certain; behind it, each stretch may differ where its words speak clearly.
        """
        index = {role: at for at, role in enumerate(self.roles)}
        emissions: list[list[float]] = scores.tolist()
        costs, enter = (_RELUCTANCE * self.switch).tolist(), self.enter.tolist()
        at_heading = {heading.start: index[heading.role] for heading in headings}
        wish = index.get("preferred")
        asked, done = index.get("required", 0), index.get("duties", 0)
        firm = 0  # lines that are left of those a heading holds firmly
        following: int | None = None
        template = len({heading.role for heading in headings}) >= _TEMPLATE.get(self.kind, _NEVER)
        fading, says = (_FADING_LESS, _TEMPLATE_SAYS * self.heading) if template else (_FADING, self.heading)
        bonus = firmness = 0.0
        listed = False
        best: list[float] = []
        steps: list[tuple[list[float], float, int]] = []  # before a stretch: best scores, score of a jump, from where
        for (start, _, gap), emission in zip(stretches, emissions, strict=True):
            pinned = at_heading.get(start)
            if pinned is not None:
                following, bonus = pinned, says
                listed = gap in (ITEM, LINE, PARAGRAPH)
                firmness = _FIRM.get(self.roles[pinned], 0.0)
                firm = 2 if listed and firmness else 0
                emission = [-_NEVER] * len(self.roles)
                emission[pinned] = 0.0
            elif following is not None:
                if following == wish and listed and gap == ITEM:
                    # What is wished for reads like what is asked or done: only the heading tells.
                    emission[wish] = max(emission[wish], emission[asked], emission[done])
                bonus *= fading[gap]
                emission[following] += bonus * (_LISTED.get(gap, 1.0) if listed else 1.0)
                firm -= gap in (LINE, PARAGRAPH) or firm == 2
                if firm > 0:
                    emission[following] += firmness * bonus
                if wish is not None and listed and following != wish:
                    # "… is a plus" in a list of requirements is a matter of strength, not a new section.
                    emission[wish] -= self.heading
                elif wish is not None and listed:
                    emission[asked] -= self.heading
            if not best:
                best = [one + two for one, two in zip(emission, enter, strict=True)]
                continue
            top = max(best)
            if pinned is not None:
                steps.append((best, _NEVER, best.index(top)))
                best = [top + one for one in emission]
                continue
            jump = top - costs[gap]
            steps.append((best, jump, best.index(top)))
            best = [
                (stay if stay >= (moved := jump + way) else moved) + one
                for stay, way, one in zip(best, enter, emission, strict=True)
            ]
        path = _way_back(best, steps, enter)
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
        weights = arrays["weights"].astype(np.float32)
        return RoleModel(
            kind,
            tuple(arrays["roles"].tolist()),
            vocabulary,
            weights,
            arrays["intercept"].astype(np.float32),
            arrays["switch"],
            arrays["enter"],
            heading,
            scale,
            Scorer(kind, vocabulary, weights),
        )


def _way_back(best: list[float], steps: list[tuple[list[float], float, int]], enter: list[float]) -> list[int]:
    """The path of roles that ends at the best score."""
    at = best.index(max(best))
    path = [at]
    for before, jump, top_at in reversed(steps):
        if before[at] < jump + enter[at]:
            at = top_at
        path.append(at)
    path.reverse()
    return path


@cache
def bundled_model(kind: str) -> RoleModel:
    """The bundled model for postings or syllabi."""
    return read_model(resource("models", "sections", f"{kind}.npz"))
