"""The rhythm of a watchlist: spikes by chance are as rare as is said, also where stories clump."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.alerts.rhythm.reading import Reading
from service.alerts.rhythm.slots import SLOTS_A_DAY
from service.alerts.rhythm.watchlist import WatchlistRhythm

DAYS = 2 * 365


def spikes_a_year(clump: float, chance: np.random.Generator) -> float:
    """Of a watchlist with one story a day in the mean, so many at a time, within two hours."""
    stories = np.zeros(DAYS * SLOTS_A_DAY + 24, np.int64)
    begun = chance.random(DAYS * SLOTS_A_DAY) < 1 / clump / SLOTS_A_DAY
    for slot in np.flatnonzero(begun).tolist():
        np.add.at(stories, slot + chance.integers(0, 24, chance.geometric(1 / clump)), 1)
    rhythm, found = WatchlistRhythm.begun("", Reading(0, 1.0, ((0, 0.0),)), 1), 0
    for slot in map(int, np.flatnonzero(stories[: DAYS * SLOTS_A_DAY])):
        today = slot // SLOTS_A_DAY
        days = tuple(
            (day, float(day * SLOTS_A_DAY)) for day in range(max(0, today - 60), today + 1)
        )
        reading = Reading(slot, slot + 1.0, days)
        if slot <= rhythm.last:
            continue
        rhythm = rhythm.arrived(reading, int(stories[slot]), 1.0)
        if rhythm.spikes(reading, 1.0):
            found += 1
            rhythm = replace(rhythm, spike=rhythm.day)
    return found / (DAYS / 365)


@pytest.mark.parametrize("clump", [1, 3, 5])
def test_spikes_by_chance_are_as_rare_as_is_said(clump: float) -> None:
    """One a year is allowed; where their clumps were not known, three were told."""
    chance = np.random.default_rng(8)
    assert np.mean([spikes_a_year(clump, chance) for _ in range(20)]) <= 1.5


def test_a_watchlist_is_read_as_it_was_packed() -> None:
    """With its long gaps."""
    rhythm = WatchlistRhythm.begun("digest", Reading(7, 3.0, ((0, 0.0),)), 2)
    rhythm = replace(rhythm, long_gaps=rhythm.long_gaps.add(9.0, 0.0, 5.0))
    assert WatchlistRhythm.unpacked(rhythm.packed()) == rhythm
