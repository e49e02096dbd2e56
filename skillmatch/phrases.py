"""Phrases found in a sequence of integer keys: a trie of dictionaries.

A spaCy PhraseMatcher needs a Doc whose tokens are the words to be matched; with function words skipped and stems
instead of words that would be a second Doc for each text. Measured on 400 postings of 1,500 characters: second Doc
and PhraseMatcher 74 µs a posting, this trie 21 µs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

_VALUE = 0  # Keys of words are never 0: that is the key of skipped words.


class PhraseTrie:
    """Maps sequences of keys to lists of values.

    >>> trie = PhraseTrie()
    >>> trie.add((5, 6), "a"); trie.add((6,), "b")
    >>> trie.find(np.array([5, 6, 7]))
    [(0, 2, ['a']), (1, 2, ['b'])]
    """

    def __init__(self) -> None:
        self._root: dict[int, Any] = {}
        self._opening: Members | None = None

    def add(self, keys: Sequence[int], value: Any) -> None:
        """Add a value under a sequence of keys; several values may share a sequence."""
        node = self._root
        for key in keys:
            node = node.setdefault(key, {})
        self._opening = None
        values = node.setdefault(_VALUE, [])
        if value not in values:
            values.append(value)

    def find(self, keys: np.ndarray) -> list[tuple[int, int, list[Any]]]:
        """All occurrences as (start, end, values) in positions of ``keys``, by start, shorter ones first."""
        if self._opening is None:
            self._opening = Members(self._root)
        found = []
        root, size = self._root, len(keys)
        starts, keys = self._opening.places(keys), keys.tolist()
        for start in starts:
            node: Any = root[keys[start]]
            at = start + 1
            while node is not None:
                if _VALUE in node:
                    found.append((start, at, node[_VALUE]))
                node = node.get(keys[at]) if at < size else None
                at += 1
        return found

    def opening(self, keys: Iterable[int]) -> Iterator[tuple[int, list[Any]]]:
        """The phrases a sequence of keys begins with, as (length, values), shorter ones first.

        >>> trie = PhraseTrie()
        >>> trie.add((5, 6), "a")
        >>> list(trie.opening([5, 6, 7]))
        [(2, ['a'])]
        """
        node: Any = self._root
        for length, key in enumerate(keys, start=1):
            node = node.get(key)
            if node is None:
                return
            if _VALUE in node:
                yield length, node[_VALUE]


class Members:
    """A set of small numbers, told for a whole array at once.

    >>> Members([3, 5]).places(np.array([5, 4, 3, 9]))
    [0, 2]
    """

    def __init__(self, numbers: Iterable[int]) -> None:
        wanted = np.array(sorted(numbers), dtype=np.int64)
        # The last place is nobody's: greater numbers end there.
        self._known = np.zeros(wanted.max(initial=0) + 2, dtype=bool)
        self._known[wanted] = True

    def places(self, numbers: np.ndarray) -> list[int]:
        """Where in an array of numbers that are not negative a member stands."""
        places: list[int] = np.flatnonzero(self._known.take(numbers, mode="clip")).tolist()
        return places


def longest(found: list[tuple[int, int, Any]]) -> list[tuple[int, int, Any]]:
    """Occurrences that do not overlap: the longest first, of equals the leftmost; by start.

    >>> longest([(0, 1, "x"), (0, 2, "y"), (1, 3, "z")])
    [(0, 2, 'y')]
    """
    if len(found) < 2:
        return found
    kept: list[tuple[int, int, Any]] = []
    taken: set[int] = set()
    for item in sorted(found, key=lambda item: (item[0] - item[1], item[0])):
        if item[0] not in taken and item[1] - 1 not in taken:
            kept.append(item)
            taken.update(range(item[0], item[1]))
    kept.sort(key=lambda item: item[0])
    return kept
