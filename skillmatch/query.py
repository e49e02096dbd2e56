"""Texts ranked for skills that are named by hand, without postings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from skillmatch.mentions import extract
from skillmatch.naming import resolve_skills
from skillmatch.normalization import words_of
from skillmatch.pipeline import Pipelines
from skillmatch.supply import coverage_matrix, with_relatives
from skillmatch.taxonomy import Taxonomy, load_taxonomy

#: ``score``: mean over the asked skills of how far the text teaches each, 0..1; ``covers``: how many of them it
#: touches at all; ``top_skills``: those it teaches most.
QUERY_COLUMNS = ("rank", "document_id", "title", "score", "covers", "top_skills")
#: Share of the score that comes from the skills found; the rest comes from the words of the names.
_SKILL_SHARE = 0.5
#: A text is not about a skill of which it shows less than this.
_LEAST = 0.05


def rank_for_skills(
    names: Sequence[str],
    documents: pd.DataFrame,
    *,
    taxonomy: Taxonomy | str = "manufacturing",
    pipelines: Pipelines | None = None,
) -> pd.DataFrame:
    """Rank texts by how well they teach the named skills.

    A skill counts by its coverage in the text (as in an audit, relatives included) and by the words of its names; a
    name that the taxonomy does not know counts by its words alone.

    Parameters
    ----------
    names : skills, in any language and by any name.
    documents : what `skillmatch.read_documents` read (``Reading.documents``).

    Returns
    -------
    Table of `QUERY_COLUMNS`, by rank; texts that have nothing to do with any of the skills are left out.
    """
    taxonomy = load_taxonomy(taxonomy) if isinstance(taxonomy, str) else taxonomy
    pipelines = pipelines or Pipelines(taxonomy)
    resolved = resolve_skills(names, taxonomy=taxonomy, pipelines=pipelines)
    skill_ids = list(taxonomy.skills)
    mentions = extract(documents, pipelines=pipelines)
    coverage = with_relatives(coverage_matrix(mentions, list(documents["document_id"]), skill_ids), taxonomy).tocsc()
    parts = np.zeros((len(documents), len(names)))
    by_words = _word_similarity(names, resolved, documents, taxonomy)
    for column, name in enumerate(names):
        skill_id = resolved[name]
        parts[:, column] = by_words[:, column]
        if skill_id is not None:
            taught = coverage[:, [skill_ids.index(skill_id)]].toarray().ravel()
            parts[:, column] = _SKILL_SHARE * taught + (1 - _SKILL_SHARE) * by_words[:, column]
    parts[parts < _LEAST] = 0.0
    score = parts.mean(axis=1)
    related = np.flatnonzero(score > 0)
    order = related[np.lexsort((related, -score[related].round(12)))]
    tops = []
    for row in order:
        best = [at for at in np.argsort(-parts[row], kind="stable") if parts[row, at] > 0]
        tops.append("; ".join(names[at] for at in best[:5]))
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            "document_id": documents["document_id"].to_numpy()[order],
            "title": documents["title"].to_numpy()[order],
            "score": score[order],
            "covers": (parts[order] > 0).sum(axis=1),
            "top_skills": tops,
        },
        columns=list(QUERY_COLUMNS),
    )


def _word_similarity(
    names: Sequence[str], resolved: dict[str, str | None], documents: pd.DataFrame, taxonomy: Taxonomy
) -> np.ndarray:
    """TF-IDF cosine of each text with the words of each name, shape (texts, names), 0..1."""
    texts = [
        " ".join(words_of(text, language))
        for text, language in zip(documents["text"], documents["language"], strict=True)
    ]
    queries = []
    for name in names:
        skill_id = resolved[name]
        wordings = [(name, "en"), (name, "it")]
        if skill_id is not None:
            wordings += [(label, language) for language, label in taxonomy[skill_id].labels.items()]
        queries.append([words_of(wording, language) for wording, language in wordings])
    # The words of the names are part of the vocabulary even where no text has them, so that they weigh as rare.
    vectorizer = TfidfVectorizer(token_pattern=r"\S+", lowercase=False, sublinear_tf=True)
    vectorizer.fit([*texts, *(" ".join(words) for wordings in queries for words in wordings)])
    matrix = sparse.csr_array(vectorizer.transform(texts))
    present = matrix.copy()
    present.data[:] = 1.0
    similarity = np.zeros((len(texts), len(names)))
    for column, words_by_wording in enumerate(queries):
        query = sparse.csr_array(vectorizer.transform([" ".join(words) for words in words_by_wording]))
        cosine = (matrix @ query.T).toarray()
        # A text that shares only the common word of a name ("systems") is not about it: weigh by the part matched.
        matched = (present @ query.T).toarray() / np.maximum(np.asarray(query.sum(axis=1)).ravel(), 1e-9)
        similarity[:, column] = (cosine / max(cosine.max(), 1e-9) * matched**2).max(axis=1)
    return similarity
