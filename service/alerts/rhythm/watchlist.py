"""The rhythm of a watchlist: how many new stories match it among the articles that are read.

Its time is the articles that were read: where the feed sleeps, so does its clock, and a feed that
doubles with all that it says changes nothing. Stories are counted, for gaps once a slot, so that a
clump of them is one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace

from service.alerts.rhythm.limit import (
    LONGEST_HALF_LIFE_WEEKS,
    NO_LONG_GAPS,
    SHAPE_HALF_LIFE_WEEKS,
    LongGaps,
    kept_share,
    longest_after,
)
from service.alerts.rhythm.reading import Reading
from service.alerts.rhythm.slots import SLOTS_A_DAY, SLOTS_A_WEEK
from service.alerts.rhythm.spike import LEAST_STORIES, least_spike, tail

KNOWN_AFTER = 7 * SLOTS_A_DAY
LEAST_ARRIVALS = 10
DAYS_A_YEAR = 365.25
PRIOR_DISPERSION = 0.05
"""Squared coefficient by which the rate varies from day to day, before that was measured …"""
PRIOR_DAYS = 20.0
"""… which is worth so many days."""
LEAST_DAYS = 21
"""With fewer days nothing is a spike."""
LEAST_MEAN = 0.1
"""Of a day's stories, where clumps are judged by it."""
UNSURE = 2.5
"""So much more, over the square root of the days with stories, it may be than was measured."""
RARER = 10.0
"""A day counts for a spike that is so many times as rare as those that are told, at the most: one
spike does not hide the next, yet those that chance makes are learnt from."""
MOST_DAYS = 60
"""Days without a story that are learnt from one by one."""


@dataclass(frozen=True, slots=True)
class WatchlistRhythm:
    """What is known of one watchlist. Older weeks count less."""

    digest: str
    """Of its rules: a changed watchlist starts anew."""
    first: int
    """The slot in which it was seen first."""
    last: int
    last_articles: float
    """How many articles had been read when it was seen last."""
    seen: float = 0.0
    """Articles that were read since it was seen first."""
    arrivals: float = 0.0
    """Slots with a new story, but for the first."""
    stories: float = 0.0
    longest: float = 0.0
    """See `SourceRhythm`."""
    day: int = 0
    today: int = 0
    """Stories of this day."""
    deviations: float = 0.0
    """Of the days before: the squares of how far their stories were from what was expected, less
    what chance alone makes."""
    expected: float = 0.0
    """The squares of what was expected."""
    days: float = 0.0
    """How many they were."""
    told: int = 0
    """The slot in which it was told that it is quiet; 0: it is not quiet."""
    spike: int = 0
    """The last day with a spike."""
    long_gaps: LongGaps = NO_LONG_GAPS

    @classmethod
    def begun(cls, digest: str, reading: Reading, stories: int) -> WatchlistRhythm:
        """A watchlist that is seen for the first time, or was changed."""
        day = reading.slot // SLOTS_A_DAY
        slot = reading.slot
        return cls(digest, slot, slot, reading.articles, day=day, today=stories)

    @property
    def known(self) -> bool:
        """Whether enough is known of it to say what is unusual."""
        return self.last - self.first >= KNOWN_AFTER and self.arrivals >= LEAST_ARRIVALS

    @property
    def rate(self) -> float:
        """Slots with a new story, an article that is read."""
        return self.arrivals / self.seen if self.seen else 0.0

    def arrived(self, reading: Reading, stories: int, alarms_a_year: float) -> WatchlistRhythm:
        """The same after so many new stories in a slot later than `last`."""
        read = reading.articles - self.last_articles
        gap = self.rate * read
        known = self._after_days(reading, alarms_a_year)
        known = known.after_weeks(reading.slot // SLOTS_A_WEEK - self.last // SLOTS_A_WEEK)
        limit, scale = self._limit_by_chance(reading, alarms_a_year), self.long_gaps.scale
        return replace(
            known,
            last=reading.slot,
            last_articles=reading.articles,
            seen=known.seen + read,
            arrivals=known.arrivals + 1,
            stories=known.stories + stories,
            long_gaps=known.long_gaps.add(gap, 0.0, limit) if self.known else NO_LONG_GAPS,
            longest=longest_after(known.longest, gap, limit, scale) if self.known else 0.0,
            today=known.today + stories,
            told=0,
        )

    def after_weeks(self, weeks: int) -> WatchlistRhythm:
        """The same when so many weeks have passed, of which half is forgotten in four."""
        share = kept_share(weeks, self.arrivals)
        slow = 0.5 ** (weeks / SHAPE_HALF_LIFE_WEEKS)
        if weeks <= 0:
            return self
        return replace(
            self,
            seen=self.seen * share,
            arrivals=self.arrivals * share,
            stories=self.stories * share,
            long_gaps=self.long_gaps.after_weeks(weeks),
            longest=self.longest * 0.5 ** (weeks / LONGEST_HALF_LIFE_WEEKS),
            deviations=self.deviations * slow,
            expected=self.expected * slow,
            days=self.days * slow,
        )

    def _after_days(self, reading: Reading, alarms_a_year: float) -> WatchlistRhythm:
        """Learn from the days that are over; the first day of all was not seen whole."""
        today = reading.slot // SLOTS_A_DAY
        if today == self.day:
            return self
        deviations, expected, days = self.deviations, self.expected, self.days
        usual = self._story_rate(reading)
        last = min(today, self.day + MOST_DAYS)
        whole = self.first // SLOTS_A_DAY + 1
        for day in range(max(self.day, whole), last):
            mean = usual * reading.of_day(day)
            found: float = self.today if day == self.day else 0
            if self.known and found > mean and alarms_a_year > 0:
                # One spike does not hide the next.
                chance = alarms_a_year / DAYS_A_YEAR / RARER
                found = min(found, least_spike(mean, self.varies(mean), chance))
            deviations += (found - mean) ** 2 - mean
            expected += mean**2
            days += 1
        return replace(
            self, day=today, today=0, deviations=deviations, expected=expected, days=days
        )

    def _story_rate(self, reading: Reading) -> float:
        """Stories an article, without those of this day, which shall be compared with it."""
        begun = reading.before(self.day)
        today = max(0.0, self.last_articles - begun) if begun is not None else 0.0
        seen = self.seen - today
        return (self.stories - self.today) / seen if seen > 0 else 0.0

    def varies(self, mean: float) -> float:
        """The squared coefficient by which the stories of a day differ, beyond chance.

        `mean`: of a day's stories. Clumps of c in the mean make a variance of (2c − 1) × mean.
        """
        more = 2 * (self.long_gaps.clump - 1)
        square = self.expected / self.days if self.days else 0.0
        prior = PRIOR_DAYS * max(square, 1.0)
        known = PRIOR_DISPERSION + more / max(mean, LEAST_MEAN)
        measured = (self.deviations + known * prior) / (self.expected + prior)
        days = self.days * min(1.0, mean / self.long_gaps.clump)
        unsure = UNSURE / math.sqrt(max(1.0, days))
        return max(0.0, measured) * (1 + unsure) + (1 + more) / max(1.0, self.stories)

    def quiet_gaps(self, articles: float) -> float:
        """For how many usual gaps it is quiet when so many articles have been read."""
        return self.rate * (articles - self.last_articles)

    def limit(self, reading: Reading, alarms_a_year: float) -> float:
        """After how many usual gaps that is told."""
        return max(self.longest, self._limit_by_chance(reading, alarms_a_year))

    def _limit_by_chance(self, reading: Reading, alarms_a_year: float) -> float:
        a_year = self.rate * reading.a_day * DAYS_A_YEAR
        return self.long_gaps.limit(a_year, alarms_a_year)

    def due(self, reading: Reading, alarms_a_year: float) -> float:
        """With which article it will have been quiet for too long."""
        if not self.rate:
            return math.inf
        return self.last_articles + self.limit(reading, alarms_a_year) / self.rate

    def spikes(self, reading: Reading, alarms_a_year: float) -> Spike | None:
        """Whether it has more stories today than a whole day has, so that it is to be told now."""
        is_known = self.known and self.days >= LEAST_DAYS
        if not is_known or self.spike == self.day or alarms_a_year <= 0 or not reading.a_day:
            return None
        articles = max(reading.a_day, reading.of_day(self.day))
        mean = self._story_rate(reading) * articles
        if self.today <= mean:
            return None
        chance = tail(self.today, mean, self.varies(mean))
        if self.today < LEAST_STORIES or chance > alarms_a_year / DAYS_A_YEAR:
            return None
        return Spike(self.today, mean, chance * DAYS_A_YEAR)

    def packed(self) -> bytes:
        """As a line of JSON."""
        return json.dumps(astuple(self)).encode()

    @classmethod
    def unpacked(cls, text: bytes) -> WatchlistRhythm:
        """What `packed` wrote. Raises ValueError or TypeError for other bytes."""
        *numbers, gaps = json.loads(text)
        return replace(cls(*numbers), long_gaps=LongGaps(*gaps))


@dataclass(frozen=True, slots=True)
class Spike:
    """More stories today than usual."""

    stories: int
    usual: float
    """Stories of so many articles as a day has."""
    a_year: float
    """On how many days of a year so many are expected by chance."""


Digests = Callable[[str], str | None]
"""The digest of the watchlist with an id; None: there is none any more."""
