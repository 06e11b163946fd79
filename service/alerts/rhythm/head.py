"""How far the slots are evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from service.alerts.rhythm.reading import Reading
from service.alerts.rhythm.seen_slots import SeenSlots
from service.alerts.rhythm.slot_counts import SlotCounts
from service.alerts.rhythm.slots import SLOTS_A_DAY

MOST_DAYS_KEPT = 61


@dataclass(frozen=True, slots=True)
class Head:
    """How far the slots of all streams are evaluated, and what that gave for all series."""

    slot: int
    """The next one."""
    articles: float = 0.0
    days: tuple[tuple[int, float], ...] = ()
    """See `Reading`."""
    looked: Mapping[str, SeenSlots] = field(default_factory=dict)
    """By stream: the slots of which all is known."""
    sent: Mapping[str, SeenSlots] = field(default_factory=dict)
    """By stream: those of them with an article; by these the silence of a source is measured."""
    version: int = 0
    """Counts what was written: 0 for nothing."""

    def after(self, counts: Mapping[str, SlotCounts]) -> Head:
        """The same when one slot more is over."""
        looked = {
            name: self._slots(self.looked, name).add(one.whole) for name, one in counts.items()
        }
        sent = {
            name: self._slots(self.sent, name).add(one.whole and one.articles > 0)
            for name, one in counts.items()
        }
        read = sum(one.articles for one in counts.values() if one.whole)
        day = self.slot // SLOTS_A_DAY
        days = self.days
        if not days or days[-1][0] != day:
            days = (*days, (day, self.articles))[-MOST_DAYS_KEPT:]
        return replace(
            self,
            slot=self.slot + 1,
            articles=self.articles + read,
            days=days,
            looked=looked,
            sent=sent,
        )

    def _slots(self, found: Mapping[str, SeenSlots], stream: str) -> SeenSlots:
        """Those of a stream; a new one, or one that was left out for a while, begins now."""
        known = found.get(stream)
        return known if known and known.end == self.slot else SeenSlots.begun(self.slot)

    @property
    def reading(self) -> Reading:
        """How many articles were read before the slot, as of the slot that is over."""
        return Reading(self.slot - 1, self.articles, self.days)

    @classmethod
    def begun(cls, slot: int) -> Head:
        """Nothing is known before a slot."""
        return cls(slot)
