"""The rhythm of a source or a stream: how often it sends at each hour of the week.

Each slot of five minutes has an article of it or has none. By the share of such slots in an hour
of the week a silence is measured in usual gaps: nights and weekends take none. The rate is
forgotten by half in four weeks, as long as enough is left of it.
"""

from __future__ import annotations

import math
import struct
from dataclasses import astuple, dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from service.alerts.rhythm.limit import (
    LONGEST_HALF_LIFE_WEEKS,
    NO_LONG_GAPS,
    LongGaps,
    kept_share,
    longest_after,
)
from service.alerts.rhythm.seen_slots import SeenSlots
from service.alerts.rhythm.slots import (
    HOURS_A_WEEK,
    SLOTS_A_DAY,
    SLOTS_A_WEEK,
    SLOTS_AN_HOUR,
    hour_of_week,
)

Hours = npt.NDArray[np.float64]
KNOWN_AFTER = 14 * SLOTS_A_DAY
"""Each hour of the week was seen twice."""
LEAST_ARRIVALS = 10
WEEKS_A_YEAR = 365.25 / 7
PRIOR_ARRIVALS = 0.2
MOST_PRIOR = 20.0
"""An hour of the week of which nothing is known has the mean rate of all hours. That is worth so
many arrivals: few where the hours differ by as much as their mean, most where they do not."""
_FORM = b"gaps"
"""Stands first. An earlier version wrote other numbers, and with a stream's name as many bytes."""
_HEAD = struct.Struct("<4sqqqdddddd")


@dataclass(frozen=True)
class SourceRhythm:
    """What is known of one series."""

    first: int
    """The slot in which it was seen first."""
    last: int
    """The one in which it was seen last."""
    sent: Hours
    """Slots with an article, by the hour of the week; older weeks count less."""
    seen: Hours
    """All slots that count."""
    arrivals: float = 1.0
    long_gaps: LongGaps = NO_LONG_GAPS
    longest: float = 0.0
    """A silence below so many usual gaps has ended by itself before, and is not told."""
    told: int = 0
    """The slot in which it was told that it is quiet; 0: it is not quiet."""
    stream: str = ""
    """Where it was seen last."""

    @classmethod
    def begun(cls, slot: int) -> SourceRhythm:
        """A series that is seen for the first time."""
        sent, seen = np.zeros(HOURS_A_WEEK), np.zeros(HOURS_A_WEEK)
        sent[hour_of_week(slot)] = seen[hour_of_week(slot)] = 1
        return cls(slot, slot, sent, seen)

    @property
    def known(self) -> bool:
        """Whether enough is known of it to say that it is quiet."""
        return self.last - self.first >= KNOWN_AFTER and self.arrivals >= LEAST_ARRIVALS

    @cached_property
    def rates(self) -> Hours:
        """Arrivals of a slot, by the hour of the week, if they were independent of each other."""
        mean = float(self.sent.sum() / self.seen.sum())
        prior = self._prior(self.seen * mean)
        shares = (self.sent + prior) / (self.seen + prior / mean)
        # Of a series that never missed a slot one knows only that it seldom does.
        rates: Hours = -np.log1p(-np.minimum(shares, 1 - 1 / (self.seen + 2)))
        return rates

    def _prior(self, expected: Hours) -> float:
        """How many arrivals it is worth that an hour has the mean rate of all."""
        differ = float(((self.sent - expected) ** 2 - expected).sum() / (expected**2).sum())
        return min(MOST_PRIOR, PRIOR_ARRIVALS / max(differ, PRIOR_ARRIVALS / MOST_PRIOR, 1e-9))

    def arrived(self, slot: int, seen: SeenSlots, alarms_a_year: float) -> SourceRhythm:
        """The same after an arrival in a slot later than `last`."""
        between = seen.hours(self.last, slot)
        rates = self.rates
        gap = float(between @ rates)
        rate = gap / between.sum() if gap else float(rates[hour_of_week(slot)])
        learnt = self._after_weeks(slot // SLOTS_A_WEEK - self.last // SLOTS_A_WEEK)
        sent, all_seen = learnt.sent.copy(), learnt.seen + between
        sent[hour_of_week(slot)] += 1
        all_seen[hour_of_week(slot)] += 1
        limit, scale = self._limit_by_chance(alarms_a_year), self.long_gaps.scale
        return replace(
            learnt,
            last=slot,
            sent=sent,
            seen=all_seen,
            arrivals=learnt.arrivals + 1,
            long_gaps=learnt.long_gaps.add(gap, rate, limit) if self.known else NO_LONG_GAPS,
            longest=longest_after(learnt.longest, gap, limit, scale) if self.known else 0.0,
            told=0,
        )

    def _after_weeks(self, weeks: int) -> SourceRhythm:
        if weeks <= 0:
            return self
        share = kept_share(weeks, self.arrivals)
        return replace(
            self,
            sent=self.sent * share,
            seen=self.seen * share,
            arrivals=self.arrivals * share,
            long_gaps=self.long_gaps.after_weeks(weeks),
            longest=self.longest * 0.5 ** (weeks / LONGEST_HALF_LIFE_WEEKS),
        )

    def quiet_gaps(self, slot: int, seen: SeenSlots) -> float:
        """For how many usual gaps it is silent before a slot."""
        return float(seen.hours(self.last, slot) @ self.rates)

    def limit(self, alarms_a_year: float) -> float:
        """After how many usual gaps that is told."""
        return max(self.longest, self._limit_by_chance(alarms_a_year))

    def _limit_by_chance(self, alarms_a_year: float) -> float:
        a_year = WEEKS_A_YEAR * SLOTS_AN_HOUR * float(-np.expm1(-self.rates).sum())
        return self.long_gaps.limit(a_year, alarms_a_year)

    def due(self, slot: int, quiet_gaps: float, alarms_a_year: float) -> int:
        """The first slot, from this one, before which it has been quiet for too long.

        It has been so for `quiet_gaps` now. All slots until then are taken to count: where some do
        not, it is asked once more.
        """
        left = self.limit(alarms_a_year) - quiet_gaps
        if not math.isfinite(left):
            return slot + 60 * SLOTS_A_DAY
        rates = self.rates
        week = float(rates.sum()) * SLOTS_AN_HOUR
        weeks = int(max(0.0, left) // week)
        left -= weeks * week
        hours = np.roll(rates, -hour_of_week(slot))
        first = SLOTS_AN_HOUR - slot % SLOTS_AN_HOUR
        counts = np.full(HOURS_A_WEEK + 1, SLOTS_AN_HOUR, np.float64)
        counts[0], counts[-1] = first, SLOTS_AN_HOUR - first
        hours = np.append(hours, hours[0])
        reached = np.cumsum(hours * counts)
        hour = min(int(np.searchsorted(reached, left)), HOURS_A_WEEK)
        before = float(reached[hour - 1]) if hour else 0.0
        more = math.ceil((left - before) / max(1e-12, float(hours[hour])))
        slots = int(counts[:hour].sum()) + max(0, min(more, int(counts[hour])))
        return slot + weeks * SLOTS_A_WEEK + slots

    def usual_gap_slots(self, slot: int) -> float:
        """The usual gap in slots at this hour of the week, or of all hours if that is shorter."""
        rates = self.rates
        rate = float(rates[hour_of_week(slot)])
        return 1 / max(rate, float(rates.mean()))

    def packed(self) -> bytes:
        """As bytes, about 700."""
        numbers = (self.first, self.last, self.told, self.arrivals, self.longest)
        head = _HEAD.pack(_FORM, *numbers, *astuple(self.long_gaps))
        hours = np.concatenate([self.sent, self.seen]).astype(np.float16)
        return head + hours.tobytes() + self.stream.encode()

    @classmethod
    def unpacked(cls, text: bytes) -> SourceRhythm:
        """What `packed` wrote. Raises ValueError for other bytes."""
        end = _HEAD.size + 4 * HOURS_A_WEEK
        if len(text) < end or not text.startswith(_FORM):
            raise ValueError("not a rhythm")
        _, first, last, told, arrivals, longest, *gaps = _HEAD.unpack_from(text)
        hours = np.frombuffer(text, np.float16, 2 * HOURS_A_WEEK, _HEAD.size).astype(np.float64)
        sent, seen = hours[:HOURS_A_WEEK], hours[HOURS_A_WEEK:]
        stream = text[end:].decode()
        return cls(first, last, sent, seen, arrivals, LongGaps(*gaps), longest, told, stream)
