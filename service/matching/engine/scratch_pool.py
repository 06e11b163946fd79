"""Working space of the kernels: arrays that a thread borrows for one batch of articles."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from service.matching.engine.kernel.arrays import QueryArrays, Scratch
from service.matching.engine.kernel.scan import Words
from service.matching.engine.large_pages import together, zeros

MAX_CHUNK = 1 << 20
"""Most characters of one call of a kernel; an article that is longer is a call of its own."""
MAX_KEPT_ENTRIES = 2 * MAX_CHUNK
"""Most entries of an array that is kept: room for one word a character, twice."""
_FIRST_MATCHES = 1024
"""Matches that new working space has room for."""

_LINKS = ("head", "key_zones", "key_stretches", "link_form", "link_next")
_WORDS_OF_ARTICLE = (
    "forms",
    "first",
    "last",
    "form_zones",
    "form_stretches",
    "sentence",
    "paragraph",
)
_TYPES = {
    "present": np.uint64,
    "tried": np.uint64,
    "holds": np.uint64,
    "holds_in": np.uint64,
    "list_state": np.uint8,
    "seen": np.int64,
    "divided": np.uint8,
    "form_zones": np.uint8,
    "key_zones": np.uint8,
    "form_stretches": np.uint64,
    "key_stretches": np.uint64,
    "found": np.int64,
}


class ScratchPool:
    """The working space for one compiled set of queries; any number of threads may borrow some."""

    def __init__(self, queries: QueryArrays, count: int, depth: int) -> None:
        """`count`: how many queries there are; `depth`: how deep lists and counts nest, and one."""
        self._queries = queries
        self._count = count
        self._depth = depth
        self._lock = threading.Lock()
        self._free: list[Scratch] = []
        self._seen = np.zeros(len(queries.lists_start), np.int64)
        """What was counted in working space that was not kept."""

    def borrow(self, words: Words, forms: int) -> Scratch:
        """Working space that no other thread has, with room for these words.

        `forms`: how many forms the table of their language has room for.
        """
        longest_article = int(np.max(np.diff(words.zone_start[::3])))
        sizes = {
            **dict.fromkeys(_WORDS_OF_ARTICLE, longest_article),
            "form_at": forms,
            "following": len(words.form),
        }
        try:
            return _grown(self._free.pop(), sizes)
        except IndexError:
            return self._new(sizes)

    def give_back(self, scratch: Scratch) -> None:
        """Keeps working space for the next batch, unless it grew for something rare.

        That is an outsize article, or a million matches.
        """
        largest = max(len(scratch.following), len(scratch.link_form), len(scratch.found))
        if largest <= MAX_KEPT_ENTRIES:
            self._free.append(scratch)
        else:
            with self._lock:
                self._seen += scratch.seen

    def article_counts(self) -> npt.NDArray[np.int64]:
        """In how many articles each unit occurred; the last entry is how many articles there were.

        Working space that a thread has just now is not counted.
        """
        return sum((scratch.seen for scratch in self._free), start=self._seen)

    def _new(self, sizes: Mapping[str, int]) -> Scratch:
        units, queries = len(self._queries.lists_start) - 1, self._count
        sizes = {name: 2 * size for name, size in sizes.items()} | {
            "key_at": units,
            "present": (units >> 6) + 1,
            "tried": (queries >> 6) + 1,
            "holds": (queries >> 6) + 1,
            "holds_in": (queries >> 12) + 1,
            "list_state": len(self._queries.list_code),
            "touched": units,
            "trying": queries,
            "seen": units + 1,
            "callers": 2 * self._depth,
            "counts": self._depth,
            "divided": 1,
            "found": _FIRST_MATCHES,
        }
        kinds = {name: _TYPES.get(name, np.int32) for name in Scratch._fields}
        return Scratch(
            **together({name: (sizes.get(name, 0), kind) for name, kind in kinds.items()})
        )


def with_links(scratch: Scratch, links: int) -> Scratch:
    """The same working space with room for so many links from keys to forms."""
    return _grown(scratch, dict.fromkeys(_LINKS, links))


def with_matches(scratch: Scratch, matches: int) -> Scratch:
    """The same working space with room for so many matches of one batch."""
    return _grown(scratch, {"found": matches})


def _grown(scratch: Scratch, sizes: Mapping[str, int]) -> Scratch:
    """The same working space; an array that is smaller than asked for gets twice that size."""
    grown: dict[str, npt.NDArray[Any]] = {}
    for name, size in sizes.items():
        array: npt.NDArray[Any] = getattr(scratch, name)
        if len(array) < size:
            grown[name] = zeros(2 * size, array.dtype)
            grown[name][: len(array)] = array
    return scratch._replace(**grown) if grown else scratch
