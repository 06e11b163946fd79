"""Years of sources and watchlists of many kinds: how often they are told to be quiet, and when.

Nothing stops in them, so that each report is a false alarm; then each of them stops, and it is told
after so many gaps. Gaps within clumps are left out of these: a gap is the time from one clump to
the next. "at least" is what anybody needs who has one false alarm a year and knows all gaps: the
length that one gap of a year exceeded. Of watchlists also: spikes by chance, and days with fourfold
stories.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.alerts.rhythm_kinds import FEED, SOURCES, WATCHLISTS, Kind, arrivals
from benchmarks.goals import Goal, told
from benchmarks.table import Column, Table
from service.alerts.rhythm.reading import Reading
from service.alerts.rhythm.seen_slots import KEPT, SeenSlots
from service.alerts.rhythm.slots import SLOTS_A_DAY, SLOTS_A_WEEK, SLOTS_AN_HOUR
from service.alerts.rhythm.source import SourceRhythm
from service.alerts.rhythm.watchlist import WatchlistRhythm

SEED = 20261201
WEEKS = 104
YEARS = WEEKS * 7 / 365.25
ARTICLES_A_DAY = 4000
ALARMS = 1.0
SPIKE_DAY = 70
COLUMNS = ("false/year", "told after", "at least")


@dataclass(frozen=True)
class Run:
    """What one series of two years had."""

    alarms: int
    limits: Sequence[float]
    """In usual gaps, at each arrival."""
    gaps: Sequence[float]
    """All of them."""
    spikes: int = 0
    hours: float = 0.0
    """Until its end is told."""
    found: bool = False
    """The day with fourfold stories was a spike."""


def source(kind: Kind, chance: np.random.Generator) -> Run:
    """One source of a kind."""
    slots = np.flatnonzero(arrivals(kind.expected(WEEKS), kind, 6, chance))
    seen = SeenSlots(0, np.ones(WEEKS * SLOTS_A_WEEK, np.bool_))
    rhythm, alarms = SourceRhythm.begun(int(slots[0])), 0
    limits: list[float] = []
    gaps: list[float] = []
    for slot in map(int, slots[1:]):
        if slot - rhythm.last > 1 and rhythm.known:
            gaps.append(rhythm.quiet_gaps(slot, seen))
            limits.append(rhythm.limit(ALARMS))
            alarms += gaps[-1] >= limits[-1]
        rhythm = rhythm.arrived(slot, seen, ALARMS)
    after = rhythm.due(rhythm.last + 1, 0.0, ALARMS) - rhythm.last
    return Run(alarms, limits, gaps, hours=after / SLOTS_AN_HOUR)


def watchlist(kind: Kind, chance: np.random.Generator, weeks: int = WEEKS, spike: int = 0) -> Run:
    """One watchlist of a kind; `spike` is the day with fourfold stories."""
    feed = FEED.expected(weeks)
    read = chance.poisson(feed * ARTICLES_A_DAY / SLOTS_A_DAY / feed.mean())
    expected = read * kind.day / ARTICLES_A_DAY
    stories = arrivals(expected, kind, 24, chance)
    if spike:
        day = slice(spike * SLOTS_A_DAY, (spike + 1) * SLOTS_A_DAY)
        stories[day] += chance.poisson(3 * expected[day])
    articles = np.cumsum(read)
    before = [0.0, *map(float, articles[SLOTS_A_DAY - 1 :: SLOTS_A_DAY])]
    rhythm, alarms, spikes, found = None, 0, 0, False
    limits: list[float] = []
    gaps: list[float] = []
    for slot in map(int, np.flatnonzero(stories)):
        today = slot // SLOTS_A_DAY
        days = tuple((day, before[day]) for day in range(max(0, today - 60), today + 1))
        reading = Reading(slot, float(articles[slot]), days)
        if rhythm is None:
            rhythm = WatchlistRhythm.begun("", reading, int(stories[slot]))
            continue
        if rhythm.known:
            gaps.append(rhythm.quiet_gaps(float(articles[slot - 1])))
            limits.append(rhythm.limit(reading, ALARMS))
            alarms += gaps[-1] >= limits[-1]
        rhythm = rhythm.arrived(reading, int(stories[slot]), ALARMS)
        if rhythm.spikes(reading, ALARMS):
            spikes += 1
            found = found or today == spike
            rhythm = replace(rhythm, spike=rhythm.day)
    return Run(alarms, limits, gaps, spikes, found=found)


def silences(kind: Kind, runs: Sequence[Run]) -> tuple[float, float, float]:
    """False alarms a year, the limit, and the least that has one a year, both in gaps."""
    gaps = np.sort(np.concatenate([run.gaps for run in runs]))[::-1]
    years = YEARS * len(runs)
    limit = np.mean([np.mean(run.limits) for run in runs])
    between = between_clumps(kind)
    return (
        sum(run.alarms for run in runs) / years,
        float(limit) / between,
        float(gaps[int(years) - 1]) / between,
    )


def between_clumps(kind: Kind) -> float:
    """Usual gaps from one clump to the next: the slots with an article that a clump has."""
    if kind.clump == 1:
        return 1.0
    chance = np.random.default_rng(SEED)
    spread = 6 if kind in SOURCES else 24
    sizes = chance.geometric(1 / kind.clump, 20_000)
    return float(np.mean([len({*chance.integers(0, spread, size).tolist()}) for size in sizes]))


def table(what: str, *more: str) -> Table:
    """A table with its head."""
    columns = (Column(each, 11) for each in (*COLUMNS, *more))
    found = Table([Column(what, 34, left=True), *columns])
    found.head()
    return found


def main(arguments: Sequence[str] = ()) -> int:
    """Simulate; 1 where there are more false alarms than are allowed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks rhythms", description=__doc__)
    parser.add_argument("--series", type=int, default=8, help="of each kind; default 8")
    series = parser.parse_args(arguments).series
    chance = np.random.default_rng(SEED)
    print(f"{series} series of each kind, {WEEKS} weeks each; one false alarm a year is allowed")
    print("told after, at least: in gaps from one clump to the next; *: held out; **: fresh\n")
    quiet: dict[str, list[float]] = {"": [], "*": [], "**": []}
    spikes: dict[str, list[float]] = {"": [], "*": [], "**": []}
    rows = table("source", "in hours")
    for kind in SOURCES:
        runs = [source(kind, chance) for _ in range(1 if kind.day > 30 else series)]
        alarms, limit, least = silences(kind, runs)
        quiet[mark(kind)].append(alarms)
        hours = float(np.mean([run.hours for run in runs]))
        told_in = f"{hours:.1f}" if hours < KEPT / SLOTS_AN_HOUR else "never"
        rows.row(shown(kind), f"{alarms:.2f}", f"{limit:.1f}", f"{least:.1f}", told_in)
    print()
    rows = table("watchlist", "spikes/year", "x4 found")
    for kind in WATCHLISTS:
        runs = [watchlist(kind, chance) for _ in range(series)]
        alarms, limit, least = silences(kind, runs)
        by_chance = sum(run.spikes for run in runs) / YEARS / series
        seen = np.mean([watchlist(kind, chance, 12, SPIKE_DAY).found for _ in range(series)])
        quiet[mark(kind)].append(alarms)
        spikes[mark(kind)].append(by_chance)
        numbers = (f"{each:.2f}" for each in (by_chance, seen))
        rows.row(shown(kind), f"{alarms:.2f}", f"{limit:.1f}", f"{least:.1f}", *numbers)
    return told(
        [
            Goal("false silences a year, of the worst kind", 1, max(quiet[""]), most=True),
            Goal("… of the worst kind held out", 1, max(quiet["*"]), most=True),
            Goal("… of the worst fresh kind", 1, max(quiet["**"]), most=True),
            Goal("spikes by chance a year, of the worst kind", 1.5, max(spikes[""]), most=True),
            Goal("… of the worst kind held out", 1.5, max(spikes["*"]), most=True),
            Goal("… of the worst fresh kind", 1.5, max(spikes["**"]), most=True),
        ]
    )


def shown(kind: Kind) -> str:
    """Its name in the table."""
    return f"{kind.name} {mark(kind)}".rstrip()


def mark(kind: Kind) -> str:
    """Whether its figures could tell how to fix the rule."""
    return "**" if kind.fresh else "*" if kind.held_out else ""
