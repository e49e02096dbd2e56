"""Learns the index of a taxonomy from its names, its descriptions and the example sentences; keeps it in a file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from scipy import sparse

from skillmatch.errors import InputError
from skillmatch.linking.encoder import Pairs, Vocabulary, train_encoder, unit_rows
from skillmatch.linking.index import LinkIndex, index_file, index_key
from skillmatch.linking.sentences import Sentence, training_sentences
from skillmatch.linking.words import folded_words, stem
from skillmatch.taxonomy import Taxonomy

#: How often example sentences are shown for each time a name is.
_SENTENCE_REPEATS = 3
_MAX_DESCRIPTION = 600
#: Sentences kept for each skill to compare with; all are learned from.
_MOST_EXAMPLES = 10
_REUSE = {"transversal": 3.0, "cross-sector": 2.0, "sector-specific": 1.0}


def build_index(taxonomy: Taxonomy, *, sentences: Sequence[Sentence] | None = None, seed: int = 0) -> LinkIndex:
    """Learn the words of a taxonomy from its names, its descriptions and the example sentences.

    Sentences whose skills the taxonomy does not have still teach which words go together.
    """
    sentences = training_sentences() if sentences is None else sentences
    position = {skill_id: at for at, skill_id in enumerate(taxonomy.skills)}
    names = _names(taxonomy)
    described = [
        (skill.id, language, text[:_MAX_DESCRIPTION])
        for skill in taxonomy
        for language, text in skill.definitions.items()
    ]
    vocabulary = Vocabulary.count(
        [(text, language) for _, language, text, _ in names]
        + [(text, language) for _, language, text in described]
        + [(sentence.text, sentence.language) for sentence in sentences]
    )
    numbers = vocabulary.numbers
    name_bag = vocabulary.bag(numbers(text, language) for _, language, text, _ in names)
    owner = np.array([position[skill_id] for skill_id, *_ in names], dtype=np.int32)
    length = [
        len({key for word in folded_words(text) if (key := stem(word, language))}) for _, language, text, _ in names
    ]
    by_skill: list[list[int]] = [[] for _ in taxonomy]
    for skill_id, language, text in described:
        by_skill[position[skill_id]] += numbers(text, language)
    descriptions = vocabulary.bag(by_skill)
    skill_of = {(skill.esco_label or skill.label("en")).casefold(): at for at, skill in enumerate(taxonomy)}
    sentence_bag = vocabulary.bag(numbers(sentence.text, sentence.language) for sentence in sentences)
    labelled = [(row, label) for row, sentence in enumerate(sentences) for label in sentence.labels]
    foreign = sorted({label for _, label in labelled if label.casefold() not in skill_of})
    target_of = skill_of | {label.casefold(): len(taxonomy) + at for at, label in enumerate(foreign)}
    rows = np.array([row for row, _ in labelled], dtype=np.int64)
    targets = np.array([target_of[label.casefold()] for _, label in labelled], dtype=np.int64)
    starts = np.searchsorted(owner, np.arange(len(taxonomy)))
    labels = sparse.vstack([name_bag[starts], vocabulary.bag(numbers(label, "en") for label in foreign)], format="csr")
    others = np.setdiff1d(np.arange(len(owner)), starts)
    has_text = np.flatnonzero(np.diff(descriptions.indptr))
    words, own = train_encoder(
        Pairs(
            queries=unit_rows(
                sparse.vstack(
                    [name_bag[others], descriptions[has_text], *[sentence_bag[rows]] * _SENTENCE_REPEATS], format="csr"
                )
            ),
            targets=np.concatenate([owner[others], has_text, *[targets] * _SENTENCE_REPEATS]).astype(np.int64),
            labels=unit_rows(labels),
        ),
        seed=seed,
    )
    examples = _examples(rows, targets, np.array([len(sentence.labels) for sentence in sentences]), len(taxonomy))
    return LinkIndex(
        key=index_key(taxonomy),
        skill_ids=list(taxonomy.skills),
        vocabulary=vocabulary,
        # The precision of the stored file, so that an index read again links in the same way.
        words=words.astype(np.float16).astype(np.float32),
        own=own[: len(taxonomy)].astype(np.float16).astype(np.float32),
        names=name_bag,
        name_owner=owner,
        name_length=np.array(length, dtype=np.float32),
        descriptions=descriptions,
        examples=sentence_bag[rows[examples]],
        example_owner=targets[examples].astype(np.int32),
        traits=_traits(taxonomy),
    )


def _examples(rows: np.ndarray, targets: np.ndarray, skills_of: np.ndarray, skills: int) -> np.ndarray:
    """Which labelled sentences are kept as examples: those with the fewest other skills, by skill."""
    order = np.lexsort((rows, skills_of[rows], targets))
    starts = np.searchsorted(targets[order], np.arange(targets.max(initial=0) + 1))
    place = np.arange(len(order)) - starts[targets[order]]
    return order[(place < _MOST_EXAMPLES) & (targets[order] < skills)]


def _names(taxonomy: Taxonomy) -> list[tuple[str, str, str, bool]]:
    """(skill id, language, text, whether it is the label) by skill, the label first."""
    found: list[tuple[str, str, str, bool]] = []
    stored: dict[str, list[tuple[str, str]]] = {}
    if taxonomy.folder is not None:
        from skillmatch.taxonomies.store import read_table

        table = read_table(taxonomy.folder, "names")
        columns = (table[column].to_pylist() for column in ("skill_id", "language", "text"))
        for skill_id, language, text in zip(*columns, strict=True):
            stored.setdefault(skill_id, []).append((language, text))
    for skill in taxonomy:
        label = skill.label("en")
        language = next((code for code in ("en", *skill.labels) if skill.labels.get(code) == label), "en")
        names = stored.get(skill.id) or [(code, name.text) for code in ("en", "it") for name in skill.names(code)]
        found.append((skill.id, language, label, True))
        found += [
            (skill.id, code, text, False)
            for code, text in dict.fromkeys(names)
            if code in ("en", "it") and (code, text) != (language, label)
        ]
    return found


def _traits(taxonomy: Taxonomy) -> np.ndarray:
    needed = dict.fromkeys(taxonomy.skills, 0)
    reuse = dict.fromkeys(taxonomy.skills, 0.0)
    if taxonomy.folder is not None:
        from skillmatch.taxonomies.store import read_table

        relations = read_table(taxonomy.folder, "relations")
        for relation, skill_id in zip(relations["relation"].to_pylist(), relations["object"].to_pylist(), strict=True):
            if relation in ("essential", "optional") and skill_id in needed:
                needed[skill_id] += 1
        skills = read_table(taxonomy.folder, "skills")
        for skill_id, level in zip(skills["skill_id"].to_pylist(), skills["reuse_level"].to_pylist(), strict=True):
            reuse[skill_id] = _REUSE.get(level, 0.0)
    return np.array(
        [(np.log1p(needed[skill.id]), reuse[skill.id], float(skill.kind == "knowledge")) for skill in taxonomy],
        dtype=np.float32,
    )


def load_index(taxonomy: Taxonomy, *, file: Path | None = None) -> LinkIndex:
    """The index kept in a file (default: `index_file`), made where it is missing or old, and kept if possible."""
    file = file or index_file(taxonomy)
    if file.is_file():
        index = LinkIndex.load(file)
        if index.key == index_key(taxonomy):
            return index
    index = build_index(taxonomy)
    with suppress(OSError, InputError):
        file.parent.mkdir(parents=True, exist_ok=True)
        index.save(file)
    return index
