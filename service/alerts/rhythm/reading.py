"""How many articles were read, and when: the time of watchlists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """How many articles were read, of all streams together."""

    slot: int
    articles: float
    """Until the end of the slot."""
    days: tuple[tuple[int, float], ...]
    """The last days, the last one is today: its number, and articles that were read before it."""

    def of_day(self, day: int) -> float:
        """Articles that were read on a day; 0 where that is not known."""
        for number, (each, before) in enumerate(self.days):
            if each == day:
                after = self.days[number + 1][1] if number + 1 < len(self.days) else self.articles
                return after - before
        return 0.0

    def before(self, day: int) -> float | None:
        """Articles that were read before a day began; None where that is not known."""
        return next((before for each, before in self.days if each == day), None)

    @property
    def a_day(self) -> float:
        """Articles of a usual day; 0 until one day is over."""
        (first, begun), (last, now) = self.days[0], self.days[-1]
        return (now - begun) / (last - first) if last > first else 0.0
