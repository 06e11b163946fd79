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

_LABELS = [bytes((value,)) for value in range(256)]


class Automaton:
    """The strings in a block of bytes, from `root` on."""

    def __init__(self, block: mmap | bytes, root: int) -> None:
        self._block = block
        self.root = root
        self._walked: tuple[bytes, list[int]] = (b"", [root])
        """The last beginning, and the place behind each of its parts: words that are asked for one
        after the other begin alike."""

    def find(self, beginning: bytes) -> int | None:
        """The place behind `beginning`; None if no string has it."""
        known, path = self._walked
        same = 0
        for one, other in zip(known, beginning, strict=False):
            if one != other:
                break
            same += 1
        path = path[: same + 1]
        block, root, labels = self._block, self.root, _LABELS
        search, add = block.find, path.append
        place = path[-1]
        for label in beginning[same:]:  # as `child`, whose calls would take half of the time
            flags = block[place]
            low = place + 1
            edges = flags & COUNT
            if edges == COUNT:
                edges = block[low]
                low += 1
            high = low + edges
            edge = search(labels[label], low, high)
            if edge < 0:
                self._walked = beginning[: len(path) - 1], path
                return None
            place = high + TARGET_BYTES * (edge - low)
            if not (flags & FOLLOWS and edge == high - 1):
                place = root + (block[place] | block[place + 1] << 8 | block[place + 2] << 16)
            add(place)
        self._walked = beginning, path
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
