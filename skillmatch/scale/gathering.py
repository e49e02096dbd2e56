"""What an audit needs of the postings of a run, in as little memory as it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pandas as pd

from skillmatch.auditing import Found
from skillmatch.documents import Reading
from skillmatch.evidence import best_mentions
from skillmatch.scale.extraction import Extraction

#: From so many mentions on they are kept as codes, without their place and words, which nothing but evidence needs.
_MANY = 2_000_000
_PLACE = ("start", "end", "text")
#: Mentions for each skill that evidence is chosen from; no report shows more.
_CITED = 8


def gather(found: Extraction) -> tuple[Reading, Found]:
    """Documents of a run (made with ``texts``) and their mentions.

    Only the documents that evidence may quote have their text; the others have ``""``.
    """
    cited = best_mentions(found.tables("mentions"), per_skill=_CITED)
    texts = found.texts(set(cited["document_id"]))
    documents = pd.concat(list(found.tables("documents")), ignore_index=True)
    documents.insert(3, "text", [texts.get(name, "") for name in documents["document_id"]])

    def tables() -> Iterator[pd.DataFrame]:
        return found.tables("mentions")

    many = found.mentions > _MANY
    mentions = compact(tables, found.mentions) if many else pd.concat(list(tables()), ignore_index=True)
    return Reading(documents, found.duplicates, found.skipped), Found(mentions, cited if many else mentions, tables)


def compact(tables: Callable[[], Iterable[pd.DataFrame]], rows: int) -> pd.DataFrame:
    """Tables of mentions as one, 18 bytes a mention: text columns as categories, no `_PLACE`.

    No document may be in two of the tables.
    """
    columns: dict[str, np.ndarray] = {}
    names: dict[str, dict[str, int]] = {}
    ids: list[np.ndarray] = []
    known = at = 0
    for table in tables():
        here = slice(at, at + len(table))
        at += len(table)
        for column in table.columns.difference(_PLACE, sort=False):
            values = table[column]
            if column == "document_id":
                codes, unique = pd.factorize(values)
                codes = codes.astype(np.int32) + np.int32(known)
                known += len(unique)
                ids.append(unique)
            elif isinstance(values.dtype, pd.StringDtype):
                codes, unique = pd.factorize(values)
                code_of = names.setdefault(column, {})
                codes = np.array([code_of.setdefault(name, len(code_of)) for name in unique], dtype=np.int16)[codes]
            else:
                codes = values.to_numpy(dtype=np.int8, na_value=0) if column == "level" else values.to_numpy()
            columns.setdefault(column, np.empty(rows, dtype=codes.dtype))[here] = codes
    whole = {}
    for column, codes in columns.items():
        if column == "document_id":
            whole[column] = pd.Categorical.from_codes(codes, categories=pd.Index(np.concatenate(ids)))
        elif column in names:
            whole[column] = pd.Categorical.from_codes(codes, categories=list(names[column]))
        elif column == "level":
            whole[column] = pd.arrays.IntegerArray(codes, codes == 0)
        else:
            whole[column] = codes
    return pd.DataFrame(whole, copy=False)
