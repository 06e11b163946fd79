"""Years of sources and watchlists of many kinds: how often they are told to be quiet, and when.

Nothing stops in them, so that each report is a false alarm; then each of them stops, and it is told
after so many usual gaps. Of watchlists also: spikes by chance, and days with fourfold stories.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmarks.goals import Goal, told
from benchmarks.table import Column, Table
from service.alerts.rhythm.seen_slots import SeenSlots
from service.alerts.rhythm.slots import SLOTS_A_DAY, SLOTS_A_WEEK, SLOTS_AN_HOUR
from service.alerts.rhythm.source import SourceRhythm
from service.alerts.rhythm.watchlist import Reading, WatchlistRhythm

SEED = 20261201
WEEKS = 104
YEARS = WEEKS * 7 / 365.25
ARTICLES_A_DAY = 4000
ALARMS = 1.0
SPIKE_DAY = 70
Slots = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Kind:
    """How often series of a kind send, an hour, and how that varies."""

    name: str
    day: float
    night: float
    weekend: float
    """So many times as much at the weekend."""
    varies: float = 0.0
    """Coefficient of variation from day to day."""
    clump: float = 1.0
    """So many at a time, within half an hour; of watchlists, within two hours."""
    holidays: int = 0
    """Days of a year on which nothing comes, at random."""

    def expected(self, weeks: int) -> npt.NDArray[np.float64]:
        """Arrivals that are expected in each slot."""
        hours = np.full(168, float(self.night))
        for day in range(7):
            hours[day * 24 + 7 : day * 24 + 21] = self.day
        hours[48:96] *= self.weekend  # time began on a Thursday
        return np.tile(np.repeat(hours / SLOTS_AN_HOUR, SLOTS_AN_HOUR), weeks)


SOURCES = (
    Kind("wire", 60, 60, 1),
    Kind("news site", 4, 0.5, 0.5, varies=0.2),
    Kind("office hours, holidays", 2, 0, 0, varies=0.3, holidays=12),
    Kind("the same in clumps", 0.5, 0, 0.1, varies=0.3, clump=3, holidays=12),
    Kind("three a day, at any time", 3 / 24, 3 / 24, 1),
    Kind("one a day", 1 / 14, 0, 0.3),
    Kind("busy, in clumps", 6, 1, 0.5, varies=0.4, clump=4),
)
WATCHLISTS = tuple(
    Kind(f"{a_day} a day, varies {varies:g}, clumps of {clump}", a_day, 0, 0, varies, clump)
    for varies, clump in ((0.0, 1), (0.3, 1), (0.5, 1), (0.3, 3))
    for a_day in (1, 5, 20)
)
FEED = Kind("feed", 1, 0.25, 0.5)


def arrivals(
    expected: npt.NDArray[np.float64], kind: Kind, spread: int, chance: np.random.Generator
) -> Slots:
    """How many come in each slot."""
    days = len(expected) // SLOTS_A_DAY
    share = np.ones(days)
    if kind.varies:
        share = chance.gamma(kind.varies**-2, kind.varies**2, days)
    if kind.holidays:
        share[chance.integers(0, days, kind.holidays * days // 365)] = 0
    begun = chance.poisson(expected * np.repeat(share, SLOTS_A_DAY) / kind.clump)
    if kind.clump == 1:
        return begun
    found = np.zeros(len(expected) + spread, np.int64)
    for slot in np.repeat(np.arange(len(begun)), begun):
        np.add.at(found, slot + chance.integers(0, spread, chance.geometric(1 / kind.clump)), 1)
    return found[: len(expected)]


def source(kind: Kind, chance: np.random.Generator) -> tuple[int, float, float]:
    """False alarms of all years, the limit in usual gaps, and hours until its end is told."""
    slots = np.flatnonzero(arrivals(kind.expected(WEEKS), kind, 6, chance))
    seen = SeenSlots(0, np.ones(WEEKS * SLOTS_A_WEEK, np.bool_))
    rhythm, alarms = SourceRhythm.begun(int(slots[0])), 0
    for slot in map(int, slots[1:]):
        if slot - rhythm.last > 2 and rhythm.known:
            alarms += rhythm.quiet_gaps(slot, seen) >= rhythm.limit(ALARMS)
        rhythm = rhythm.arrived(slot, seen, ALARMS)
    after = rhythm.due(rhythm.last + 1, 0.0, ALARMS) - rhythm.last
    return alarms, rhythm.limit(ALARMS), after / SLOTS_AN_HOUR


def watchlist(
    kind: Kind, chance: np.random.Generator, weeks: int = WEEKS, spike: int = 0
) -> tuple[int, int, float, bool]:
    """False alarms, spikes, the limit in usual gaps, and whether the day `spike` was one."""
    feed = FEED.expected(weeks)
    read = chance.poisson(feed * ARTICLES_A_DAY / SLOTS_A_DAY / feed.mean())
    expected = read * kind.day / ARTICLES_A_DAY
    stories = arrivals(expected, kind, 24, chance)
    if spike:
        day = slice(spike * SLOTS_A_DAY, (spike + 1) * SLOTS_A_DAY)
        stories[day] += chance.poisson(3 * expected[day])
    articles = np.cumsum(read)
    before = [0.0, *map(float, articles[SLOTS_A_DAY - 1 :: SLOTS_A_DAY])]
    rhythm, alarms, spikes, limit, found = None, 0, 0, 0.0, False
    for slot in map(int, np.flatnonzero(stories)):
        today = slot // SLOTS_A_DAY
        days = tuple((day, before[day]) for day in range(max(0, today - 60), today + 1))
        reading = Reading(slot, float(articles[slot]), days)
        if rhythm is None:
            rhythm = WatchlistRhythm.begun("", reading, int(stories[slot]))
            continue
        if rhythm.known:
            limit = rhythm.limit(reading, ALARMS)
            alarms += rhythm.quiet_gaps(float(articles[slot - 1])) >= limit
        rhythm = rhythm.arrived(reading, int(stories[slot]), ALARMS)
        if rhythm.spikes(reading, ALARMS):
            spikes += 1
            found = found or today == spike
            rhythm = replace(rhythm, spike=rhythm.day)
    return alarms, spikes, limit, found


def main(arguments: Sequence[str] = ()) -> int:
    """Simulate; 1 where there are more false alarms than are allowed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks rhythms", description=__doc__)
    parser.add_argument("--series", type=int, default=8, help="of each kind; default 8")
    series = parser.parse_args(arguments).series
    chance = np.random.default_rng(SEED)
    print(f"{series} series of each kind, {WEEKS} weeks each; one false alarm a year is allowed\n")
    table = Table([Column("source", 34, left=True), *(Column(each, 11) for each in SOURCE_COLUMNS)])
    table.head()
    worst = 0.0
    for kind in SOURCES:
        found = [source(kind, chance) for _ in range(1 if kind.day > 30 else series)]
        alarms, limit, hours = np.mean(np.array(found, np.float64), axis=0)
        worst = max(worst, alarms / YEARS)
        table.row(kind.name, f"{alarms / YEARS:.2f}", f"{limit:.1f}", f"{hours:.1f}")
    print()
    table = Table(
        [Column("watchlist", 34, left=True), *(Column(each, 11) for each in WATCHLIST_COLUMNS)]
    )
    table.head()
    by_chance = []
    for kind in WATCHLISTS:
        runs = [watchlist(kind, chance) for _ in range(series)]
        quiet, spikes, limit, _ = np.mean(np.array(runs, np.float64), axis=0)
        seen = np.mean([watchlist(kind, chance, 12, SPIKE_DAY)[3] for _ in range(series)])
        worst = max(worst, quiet / YEARS)
        by_chance.append(spikes / YEARS)
        table.row(
            kind.name,
            f"{quiet / YEARS:.2f}",
            f"{limit:.1f}",
            f"{spikes / YEARS:.2f}",
            f"{seen:.2f}",
        )
    return told(
        [
            Goal("false silences a year, of the worst kind", 1, worst, most=True),
            Goal("spikes by chance a year, in the mean", 1.5, float(np.mean(by_chance)), most=True),
        ]
    )


SOURCE_COLUMNS = ("false/year", "told after", "in hours")
WATCHLIST_COLUMNS = ("false/year", "told after", "spikes/year", "x4 found")
