"""A minimal automaton in a block of bytes: strings of bytes, found by their beginnings.

It is read where it lies, so that a table of a million word forms can be mapped into memory and
costs nothing until it is asked. `benchmarks.words.automaton` writes it.

A node is a byte of flags and the number of its edges (`COUNT`: the number is in the next byte), a
byte for the label of each edge, and for each but one that `FOLLOWS` the place of its child.
"""

from __future__ import annotations

from collections.abc import Iterator
from mmap import mmap

FOLLOWS, FINAL, COUNT = 0x80, 0x40, 0x3F
"""Flags: the child of the last edge stands behind the node; a string ends here. The rest is the
number of edges, up to `COUNT`."""
TARGET_BYTES = 3
"""Bytes of the place of a child, the lowest first."""

_START_BYTES = 3
_MAX_STARTS = 20_000
"""Most beginnings of `_START_BYTES` of which the place is remembered."""
_LABELS = [bytes((value,)) for value in range(256)]


class Automaton:
    """The strings in a block of bytes, from `root` on."""

    def __init__(self, block: mmap | bytes, root: int) -> None:
        self._block = block
        self.root = root
        self._starts: dict[bytes, int | None] = {}
        """The place behind the first bytes of strings that were looked for: many begin alike."""

    def find(self, beginning: bytes) -> int | None:
        """The place behind `beginning`; None if no string has it."""
        start, rest = beginning[:_START_BYTES], beginning[_START_BYTES:]
        try:
            place = self._starts[start]
        except KeyError:
            if len(self._starts) >= _MAX_STARTS:
                self._starts.clear()
            place = self._starts[start] = self._walk(self.root, start)
        return place if place is None else self._walk(place, rest)

    def _walk(self, place: int, rest: bytes) -> int | None:
        """The place behind `rest` and what a place is behind of."""
        block, root, labels = self._block, self.root, _LABELS
        search = block.find
        for label in rest:  # as `child`, whose calls would take half of the time
            flags = block[place]
            low = place + 1
            edges = flags & COUNT
            if edges == COUNT:
                edges = block[low]
                low += 1
            high = low + edges
            edge = search(labels[label], low, high)
            if edge < 0:
                return None
            place = high + TARGET_BYTES * (edge - low)
            if not (flags & FOLLOWS and edge == high - 1):
                place = root + (block[place] | block[place + 1] << 8 | block[place + 2] << 16)
        return place

    def labels(self, place: int) -> bytes:
        """The bytes that follow in some string."""
        edges = self._block[place] & COUNT
        low = place + 1
        if edges == COUNT:
            edges = self._block[low]
            low += 1
        return self._block[low : low + edges]

    def child(self, place: int, label: int) -> int | None:
        """The place behind one byte more; None if no string has it there."""
        block = self._block
        flags = block[place]
        edges = flags & COUNT
        low = place + 1
        if edges == COUNT:
            edges = block[low]
            low += 1
        high = low + edges
        edge = block.find(_LABELS[label], low, high)
        if edge < 0:
            return None
        if edge == high - 1 and flags & FOLLOWS:
            return high + TARGET_BYTES * (edges - 1)
        at = high + TARGET_BYTES * (edge - low)
        return self.root + (block[at] | block[at + 1] << 8 | block[at + 2] << 16)

    def endings(self, place: int) -> Iterator[bytes]:
        """What stands behind a place in each string, in no special order."""
        block, root = self._block, self.root
        waiting = [(place, b"")]
        while waiting:
            place, before = waiting.pop()
            flags = block[place]
            if flags & FINAL:
                yield before
            edges = flags & COUNT
            low = place + 1
            if edges == COUNT:
                edges = block[low]
                low += 1
            at = low + edges
            for edge in range(low, low + edges):
                if edge == low + edges - 1 and flags & FOLLOWS:
                    child = at
                else:
                    child = root + (block[at] | block[at + 1] << 8 | block[at + 2] << 16)
                    at += TARGET_BYTES
                waiting.append((child, before + block[edge : edge + 1]))
