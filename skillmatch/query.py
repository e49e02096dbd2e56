"""Texts ranked for skills that are named by hand, without postings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from skillmatch.association import Associations
from skillmatch.language import SUPPORTED
from skillmatch.linking.index import LinkIndex
from skillmatch.linking.index_building import load_index
from skillmatch.mentions import extract
from skillmatch.naming import resolve_skills
from skillmatch.nearness import Nearness
from skillmatch.normalization import fold
from skillmatch.pipeline import Pipelines
from skillmatch.supply import coverage_matrix, with_relatives
from skillmatch.taxonomy import Taxonomy, load_taxonomy
from skillmatch.wording import Wording, parts_of, terms

#: ``score``: how well the text answers all the skills together, 0..1, where 1 would be the best text by every measure;
#: ``covers``: how many of them it touches at all; ``top_skills``: those it teaches most.
QUERY_COLUMNS = ("rank", "document_id", "title", "score", "covers", "top_skills")
#: Chosen on thirty lists of skills with 869 judged courses; halving or doubling them moves nDCG@10 by at most .022.
_SKILL_WEIGHT = 0.6
_ASSOCIATION_WEIGHT = 0.3
_NEARNESS_WEIGHT = 0.7
_FEEDBACK_WEIGHT = 0.3
_FEEDBACK_TEXTS = 5
#: So near a text lies to a name that it is about.
_NEAR = 0.25
#: So much evidence means that a text touches a skill; below so small a score it is not about them.
_TOUCHES = 0.05
_LEAST_SCORE = 0.02
#: How much likeness to a text above counts against a text, and how many texts are picked so.
_LIKENESS = 0.3
_MOST_DIVERSE = 100


class SkillIndex:
    """Texts, read once, to be ranked for many lists of skills.

    Five kinds of evidence say how far a text answers a named skill:

    * *words*: the share of the name's words that the text shows, by their rarity, titles counting more (BM25F);
      squared, so that a text that shares only the common word of a name is hardly about it;
    * *skills*: how far the text teaches the skill and those whose names are like it (`skillmatch.supply`), so that
      other names, the other language and near relatives count;
    * *associations*: words that are used around the name (`skillmatch.association`);
    * *nearness*: likeness in meaning, by word vectors (`skillmatch.nearness`);
    * *feedback*: likeness to the texts that lead by the other four.

    The first four are added up over the skills; the more telling a skill is among the texts, the more it counts.

    Parameters
    ----------
    documents : what `skillmatch.read_documents` read (``Reading.documents``).
    taxonomy, pipelines : the skills, and pipelines to use again.
    mentions : what `skillmatch.extract` found in the documents, where that is at hand.
    index : the linker's index of the taxonomy (default: the one that is kept, made at first use: ten seconds).
    """

    def __init__(
        self,
        documents: pd.DataFrame,
        *,
        taxonomy: Taxonomy | str = "manufacturing",
        pipelines: Pipelines | None = None,
        mentions: pd.DataFrame | None = None,
        index: LinkIndex | None = None,
    ) -> None:
        self.documents = documents.reset_index(drop=True)
        self.taxonomy = load_taxonomy(taxonomy) if isinstance(taxonomy, str) else taxonomy
        self._pipelines = pipelines or Pipelines(self.taxonomy)
        if mentions is None:
            mentions = extract(self.documents, pipelines=self._pipelines)
        taught = coverage_matrix(mentions, list(self.documents["document_id"]), list(self.taxonomy.skills))
        self._taught = with_relatives(taught, self.taxonomy).tocsc()
        rarest = np.log(1 + len(documents))
        self._rarity = np.log(1 + len(documents) / (1 + np.diff(self._taught.indptr))) / rarest
        self._rarest_word = 1.2 * rarest  # most names of skills weigh less than this
        parts = parts_of(self.documents)
        self._wording = Wording(parts, list(self.documents["language"]))
        self._nearness = Nearness(self.documents, parts, index or load_index(self.taxonomy))
        self._associations = Associations(self.taxonomy)

    def scores(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Score of each text, shape (texts,), and its evidence for each skill by words and skills, (texts, skills)."""
        resolved = resolve_skills(names, taxonomy=self.taxonomy, pipelines=self._pipelines)
        parts = np.column_stack([self._by_words(n, resolved[n]) + _SKILL_WEIGHT * self._by_skills(n) for n in names])
        around = np.column_stack([self._by_association(name) for name in names])
        near = np.sum([self._nearness(self._wordings(name, resolved[name])) for name in names], axis=0)
        score = _to_one(parts.sum(axis=1) + _ASSOCIATION_WEIGHT * _to_one(around).sum(axis=1))
        # Where no text is near, the nearest is not taken for one.
        score = _to_one(score + _NEARNESS_WEIGHT * near / max(float(near.max(initial=0.0)), _NEAR * len(names)))
        leading = np.argsort(-score, kind="stable")[:_FEEDBACK_TEXTS]
        directions = self._wording.directions
        common = np.asarray(directions[leading].T @ score[leading] ** 2).ravel()
        return (score + _FEEDBACK_WEIGHT * _to_one(directions @ common)) / (1 + _FEEDBACK_WEIGHT), parts

    def rank(self, names: Sequence[str], *, diverse: bool = False) -> pd.DataFrame:
        """Table of `QUERY_COLUMNS`, by rank; texts that have nothing to do with any of the skills are left out.

        With ``diverse`` a text that is like those above it comes later (maximal marginal relevance, Carbonell and
        Goldstein, 1998, SIGIR): 0.7 times its score less 0.3 times the cosine with the nearest text above it.
        """
        score, parts = self.scores(names)
        related = np.flatnonzero(score >= _LEAST_SCORE)
        order = related[np.lexsort((related, -score[related].round(12)))]
        if diverse:
            order = self._diverse(order, score)
        touched = np.where(parts >= _TOUCHES, parts, 0.0)
        tops = []
        for row in order:
            best = [at for at in np.argsort(-touched[row], kind="stable") if touched[row, at] > 0]
            tops.append("; ".join(names[at] for at in best[:5]))
        return pd.DataFrame(
            {
                "rank": np.arange(1, len(order) + 1),
                "document_id": self.documents["document_id"].to_numpy()[order],
                "title": self.documents["title"].to_numpy()[order],
                "score": score[order],
                "covers": (touched[order] > 0).sum(axis=1),
                "top_skills": tops,
            },
            columns=list(QUERY_COLUMNS),
        )

    def _diverse(self, order: np.ndarray, score: np.ndarray) -> np.ndarray:
        directions = self._wording.directions[order]
        nearest = np.zeros(len(order))
        left = np.ones(len(order), dtype=bool)
        picked = []
        for _ in range(min(len(order), _MOST_DIVERSE)):
            marginal = (1 - _LIKENESS) * score[order] - _LIKENESS * nearest
            best = int(np.argmax(np.where(left, marginal.round(12), -np.inf)))
            picked.append(best)
            left[best] = False
            nearest = np.maximum(nearest, (directions @ directions[[best]].T).toarray().ravel())
        return np.concatenate([order[picked], order[left]])

    def _by_words(self, name: str, skill_id: str | None) -> np.ndarray:
        """Evidence by the words of the name, or of the skill's label in the other language, whichever is stronger."""
        found = np.zeros(len(self.documents))
        for language, wording in self._wordings(name, skill_id).items():
            share, weight = self._wording.share(terms(wording, language))
            found = np.maximum(found, share**2 * weight / self._rarest_word)
        return found

    def _wordings(self, name: str, skill_id: str | None) -> dict[str, str]:
        """The name by language: as it is where it may be of that language, else the label of its skill."""
        wordings = dict.fromkeys(SUPPORTED, name)
        if skill_id is not None:
            skill = self.taxonomy[skill_id]
            native = {lang for lang in SUPPORTED if fold(name) in {fold(alias.text) for alias in skill.names(lang)}}
            if native:
                wordings |= {lang: skill.labels.get(lang, name) for lang in SUPPORTED if lang not in native}
        return wordings

    def _by_skills(self, name: str) -> np.ndarray:
        """Evidence by the skills found in the text whose names are like this one."""
        near = self._associations.near_skills(name)
        found = np.zeros(len(self.documents))
        for at, similarity in near:
            taught = self._taught[:, [at]].toarray().ravel()
            found = np.maximum(found, taught * similarity**2)
        return found * self._rarity[near[0][0]] if near else found

    def _by_association(self, name: str) -> np.ndarray:
        vocabulary = self._wording.vocabulary
        query = np.zeros(len(self._wording.idf))
        for word, weight in self._associations.near_words(name).items():
            if word in vocabulary:
                query[vocabulary[word]] = weight
        return self._wording.directions @ query


def rank_for_skills(
    names: Sequence[str],
    documents: pd.DataFrame,
    *,
    taxonomy: Taxonomy | str = "manufacturing",
    pipelines: Pipelines | None = None,
    diverse: bool = False,
) -> pd.DataFrame:
    """Rank texts by how well they teach the named skills, in any language and by any name (`SkillIndex`).

    ``diverse`` : texts that are like those above them come later (`SkillIndex.rank`).

    Returns
    -------
    Table of `QUERY_COLUMNS`, by rank.
    """
    return SkillIndex(documents, taxonomy=taxonomy, pipelines=pipelines).rank(names, diverse=diverse)


def _to_one(values: np.ndarray) -> np.ndarray:
    """Values divided by the largest of them."""
    return values / max(float(values.max(initial=0.0)), 1e-9)
