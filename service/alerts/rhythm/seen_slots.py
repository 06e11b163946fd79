"""Which slots of a stream were seen, and which of them with articles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.alerts.rhythm.slots import HOURS_A_WEEK, SLOTS_A_DAY, SLOTS_AN_HOUR

KEPT = 60 * SLOTS_A_DAY
"""For so long it is known which slots had articles; who is silent for longer is forgotten."""


@dataclass(frozen=True, slots=True)
class SeenSlots:
    """Which of the last slots count for a series; of others nothing is said.

    A slot that nobody looked at, or in which all of its stream was silent, says nothing of a
    source.
    """

    first: int
    seen: npt.NDArray[np.bool_]

    @property
    def end(self) -> int:
        """The first slot that is not over yet."""
        return self.first + len(self.seen)

    def add(self, seen: bool) -> SeenSlots:
        """The same with one slot more; the oldest ones are dropped."""
        dropped = max(0, len(self.seen) + 1 - KEPT)
        return SeenSlots(self.first + dropped, np.append(self.seen[dropped:], seen))

    def hours(self, after: int, before: int) -> npt.NDArray[np.int64]:
        """How many slots between two others count, by the hour of the week."""
        begin, end = max(after + 1, self.first), min(before, self.end)
        slots = np.arange(begin, max(begin, end))
        counted = slots[self.seen[begin - self.first : max(begin, end) - self.first]]
        hours = counted // SLOTS_AN_HOUR % HOURS_A_WEEK
        return np.bincount(hours, minlength=HOURS_A_WEEK)

    def packed(self) -> bytes:
        """As bytes, eight slots each, behind the number of the first slot and of how many."""
        return f"{self.first} {len(self.seen)}\n".encode() + np.packbits(self.seen).tobytes()

    @classmethod
    def unpacked(cls, text: bytes) -> SeenSlots:
        """What `packed` wrote."""
        head, _, bits = text.partition(b"\n")
        first, length = map(int, head.split())
        found = np.unpackbits(np.frombuffer(bits, np.uint8), count=length)
        return cls(first, found.astype(np.bool_))

    @classmethod
    def begun(cls, slot: int) -> SeenSlots:
        """No slot yet, and this will be the first."""
        return cls(slot, np.zeros(0, np.bool_))
