"""Texts as vectors over the skills of a taxonomy, for scikit-learn pipelines."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from skillmatch.errors import InputError
from skillmatch.language import SUPPORTED, detect_language
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines
from skillmatch.taxonomy import load_taxonomy
from skillmatch.text import clean


class SkillVectorizer(TransformerMixin, BaseEstimator):
    """Counts the skills of a taxonomy in raw texts, as `CountVectorizer` counts words.

    Parameters
    ----------
    taxonomy : bundled name or path.
    language : ``"en"``, ``"it"`` or ``"auto"`` (each text's language is detected).
    kind : ``"posting"`` or ``"syllabus"``: how sections and cues are read.

    Attributes
    ----------
    taxonomy_ : the taxonomy that was loaded.
    feature_names_ : skill ids, in the order of the columns.

    >>> vectors = SkillVectorizer().fit(["PLC programming"]).transform(["PLC programming and TIG welding"])
    >>> vectors.nnz
    2
    """

    def __init__(self, *, taxonomy: str = "manufacturing", language: str = "auto", kind: str = "posting") -> None:
        self.taxonomy = taxonomy
        self.language = language
        self.kind = kind

    def fit(self, X: Iterable[str], y: object = None) -> SkillVectorizer:
        """Load the taxonomy; the texts teach nothing, they are only checked."""
        if self.language not in (*SUPPORTED, "auto"):
            raise InputError(f"language {self.language!r}", remedy=f"use {', '.join(SUPPORTED)} or auto")
        _texts(X)
        self.taxonomy_ = load_taxonomy(self.taxonomy)
        self.feature_names_ = np.array(list(self.taxonomy_.skills), dtype=object)
        self._pipelines = Pipelines(self.taxonomy_)
        return self

    def transform(self, X: Iterable[str]) -> sparse.csr_array:
        """Expected number of mentions, shape (texts, skills)."""
        check_is_fitted(self)
        texts = [clean(text) for text in _texts(X)]
        documents = pd.DataFrame(
            {
                "document_id": [str(number) for number in range(len(texts))],
                "kind": self.kind,
                "title": "",
                "text": texts,
                "language": [detect_language(t) if self.language == "auto" else self.language for t in texts],
            }
        )
        documents.loc[~documents["language"].isin(SUPPORTED), "language"] = "en"
        mentions = extract(documents, pipelines=self._pipelines)
        rows = mentions["document_id"].astype("int64").to_numpy()
        columns = pd.Index(self.feature_names_).get_indexer(mentions["skill_id"])
        shape = (len(texts), len(self.feature_names_))
        return sparse.coo_array((mentions["probability"].to_numpy(), (rows, columns)), shape=shape).tocsr()

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Skill ids of the columns."""
        check_is_fitted(self)
        return self.feature_names_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _texts(X: Iterable[str]) -> list[str]:
    if isinstance(X, str):
        raise InputError("one string", remedy="give a list of texts")
    texts = list(X)
    wrong = next((text for text in texts if not isinstance(text, str)), None)
    if wrong is not None:
        raise InputError(f"a text is {type(wrong).__name__}: {wrong!r}"[:200], remedy="give a list of str")
    return texts
