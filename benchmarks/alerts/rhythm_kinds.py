"""Kinds of sources and watchlists, as they might be: how often they send, and how that varies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.alerts.rhythm.slots import SLOTS_A_DAY, SLOTS_AN_HOUR

Slots = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Kind:
    """How often series of a kind send, an hour, and how that varies."""

    name: str
    day: float
    """From seven to nine at night; of watchlists: stories a day."""
    night: float = 0.0
    weekend: float = 0.0
    """So many times as much at the weekend."""
    varies: float = 0.0
    """Coefficient of variation from day to day."""
    clump: float = 1.0
    """So many at a time, within half an hour; of watchlists, within two hours."""
    holidays: int = 0
    """Days of a year on which nothing comes, at random."""
    season: float = 0.0
    """It sends so much more, and so much less, in the course of a year."""
    steady: bool = False
    """At equal distances, but for a quarter of them."""
    fresh: bool = False
    """It was written after the rule was fixed, and its figures were looked at once."""
    held_out: bool = False
    """Its figures were looked at when the rule was fixed."""

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
    Kind("office hours, holidays", 2, varies=0.3, holidays=12),
    Kind("the same in clumps", 0.5, 0, 0.1, varies=0.3, clump=3, holidays=12),
    Kind("three a day, at any time", 3 / 24, 3 / 24, 1),
    Kind("one a day", 1 / 14, 0, 0.3),
    Kind("busy, in clumps", 6, 1, 0.5, varies=0.4, clump=4),
    Kind("regional site", 1.5, 0.1, 0.3, varies=0.5, held_out=True),
    Kind("night desk, in clumps", 0.3, 3, 1, varies=0.3, clump=5, held_out=True),
    Kind("a bulletin each hour", 1, 1, 1, steady=True, held_out=True),
    Kind("parliament, in season", 1, 0.05, 0.1, varies=0.3, season=0.6, held_out=True),
    Kind("weekly journal, eight at a time", 8 / 70, clump=8, steady=True, fresh=True),
    Kind("weekly column", 1 / 70, steady=True, fresh=True),
    Kind("newsroom, asleep at the weekend", 3, varies=0.3, fresh=True),
    Kind("wire in bursts", 20, 12, 0.8, varies=0.4, clump=6, fresh=True),
    Kind("monthly figures, three at a time", 3 / 305, clump=3, steady=True, fresh=True),
    Kind("minute ticker", 60, 60, 1, steady=True, fresh=True),
)
WATCHLISTS = (
    *(
        Kind(f"{a_day} a day, varies {varies:g}, clumps of {clump}", a_day, 0, 0, varies, clump)
        for varies, clump in ((0.0, 1), (0.3, 1), (0.5, 1), (0.3, 3))
        for a_day in (1, 5, 20)
    ),
    *(
        Kind(f"{a_day} a day, {said}", a_day, 0, 0, varies, clump, season=season, held_out=True)
        for a_day, said, varies, clump, season in (
            (2, "varies 0.4, clumps of 5", 0.4, 5, 0.0),
            (2, "varies 0.2, clumps of 2", 0.2, 2, 0.0),
            (10, "varies 0.4, clumps of 5", 0.4, 5, 0.0),
            (10, "varies 0.2, clumps of 2", 0.2, 2, 0.0),
            (3, "varies 0.3, in season", 0.3, 1, 0.6),
            (40, "varies 0.5, clumps of 2", 0.5, 2, 0.0),
        )
    ),
    *(
        Kind(f"{a_day:g} a day, {said}", a_day, 0, 0, varies, clump, season=season, fresh=True)
        for a_day, said, varies, clump, season in (
            (0.5, "varies 0.2, clumps of 1", 0.2, 1, 0.0),
            (3, "varies 0.6, clumps of 3", 0.6, 3, 0.0),
            (15, "varies 0.3, in season", 0.3, 2, 0.5),
        )
    ),
)
FEED = Kind("feed", 1, 0.25, 0.5)


def arrivals(
    expected: npt.NDArray[np.float64], kind: Kind, spread: int, chance: np.random.Generator
) -> Slots:
    """How many come in each slot; those of a clump within `spread` slots."""
    days = len(expected) // SLOTS_A_DAY
    share = 1 + kind.season * np.sin(2 * np.pi * np.arange(days) / 365)
    if kind.varies:
        share *= chance.gamma(kind.varies**-2, kind.varies**2, days)
    if kind.holidays:
        share[chance.integers(0, days, kind.holidays * days // 365)] = 0
    of_slot = expected * np.repeat(share, SLOTS_A_DAY) / kind.clump
    begun = _steady(of_slot, chance) if kind.steady else chance.poisson(of_slot)
    if kind.clump == 1:
        return begun
    found = np.zeros(len(expected) + spread, np.int64)
    for slot in np.repeat(np.arange(len(begun)), begun):
        np.add.at(found, slot + chance.integers(0, spread, chance.geometric(1 / kind.clump)), 1)
    return found[: len(expected)]


def _steady(of_slot: npt.NDArray[np.float64], chance: np.random.Generator) -> Slots:
    """One for each whole number that the sum reaches, a little late at times."""
    times = np.flatnonzero(np.diff(np.floor(np.cumsum(of_slot)), prepend=0.0))
    late = np.where(chance.random(len(times)) < 0.25, chance.integers(0, 4, len(times)), 0)
    return np.bincount(np.minimum(times + late, len(of_slot) - 1), minlength=len(of_slot))
