"""The sentences behind the numbers: for each mention the sentence it stands in, with the mention marked."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from skillmatch.components.context import sentence_bounds
from skillmatch.privacy import mask_contacts

#: ``before``, ``marked`` and ``after`` joined are the sentence, with contacts masked.
EVIDENCE_COLUMNS = (
    "document_id", "skill_id", "title", "section", "strength", "level", "probability", "before", "marked", "after",
)  # fmt: skip
_LONGEST = 220  # characters on each side of the mention


def find_evidence(mentions: pd.DataFrame, documents: pd.DataFrame, *, per_skill: int = 8) -> pd.DataFrame:
    """The best sentences for each skill.

    Parameters
    ----------
    mentions : table of `skillmatch.extract`.
    documents : the documents in which they were found.
    per_skill : at most so many sentences for each skill; each from another document as far as there are enough,
        the strongest first.

    Returns
    -------
    Table of `EVIDENCE_COLUMNS`, by skill.
    """
    known = mentions[mentions["document_id"].isin(documents["document_id"])]
    chosen = best_mentions([known], per_skill=per_skill)
    texts = dict(zip(documents["document_id"], documents["text"], strict=True))
    titles = dict(zip(documents["document_id"], documents["title"], strict=True))
    rows = []
    for mention in chosen.itertuples(index=False):
        before, marked, after = sentence_around(texts[mention.document_id], mention.start, mention.end)
        rows.append(
            (
                mention.document_id, mention.skill_id, titles[mention.document_id], mention.section,
                mention.strength, mention.level, mention.probability, before, marked, after,
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))


def best_mentions(tables: Iterable[pd.DataFrame], *, per_skill: int) -> pd.DataFrame:
    """The mentions that stand for each skill, from tables of mentions in which each document is whole.

    The same rows whether the tables come one by one or as one; the best of the best are the best of all.
    """
    best: list[pd.DataFrame] = []
    for table in tables:
        order = {"required": 0, "taught": 0, "preferred": 1, "mentioned": 2, "assumed": 3, "negated": 4}
        ranked = table.assign(
            _again=table.groupby(["skill_id", "document_id"]).cumcount(),
            _strength=table["strength"].map(order).fillna(5),
            # A title repeats what the text says at more length.
            _title=(table["section"] == "title").astype(int),
        )
        best = [_head(pd.concat([*best, _head(ranked, per_skill)]), per_skill)]
    return best[0].drop(columns=["_again", "_strength", "_title"])


def _head(ranked: pd.DataFrame, per_skill: int) -> pd.DataFrame:
    by = ["skill_id", "_again", "_strength", "_title", "document_id", "start"]
    return ranked.sort_values(by, kind="stable").groupby("skill_id").head(per_skill)


def sentence_around(text: str, start: int, end: int) -> tuple[str, str, str]:
    """The sentence of ``text[start:end]`` as (before, mention, after), shortened to a readable length.

    >>> sentence_around("We build trains. PLC programming is needed. Call us.", 17, 32)
    ('', 'PLC programming', ' is needed.')
    """
    first, last = sentence_bounds(text, start, end)
    sentence = mask_contacts(text[first:last])
    before, marked, after = sentence[: start - first], sentence[start - first : end - first], sentence[end - first :]
    if len(before) > _LONGEST:
        before = "… " + before[-_LONGEST:].split(" ", 1)[-1]
    if len(after) > _LONGEST:
        after = after[:_LONGEST].rsplit(" ", 1)[0] + " …"
    return before.lstrip(" -\n"), marked, after.rstrip()
