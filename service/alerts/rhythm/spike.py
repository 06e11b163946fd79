"""How many stories a day are too many for a watchlist: the tail of a negative binomial."""

from __future__ import annotations

import math

LEAST_STORIES = 3
"""Fewer are no spike, however rare they are."""
MOST_COUNTED = 100_000
"""Terms of a tail that are added up."""


def tail(count: int, mean: float, dispersion: float) -> float:
    """The chance of so many or more, where the mean itself varies with this squared coefficient.

    The variance is mean + dispersion × mean². With a dispersion of 0 it is Poisson's.
    """
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    below = 0.0
    term = _none(mean, dispersion)
    if term < 1e-280:  # so far from 0 that the first term vanishes: a normal tail is close
        spread = math.sqrt(2 * (mean + dispersion * mean**2))
        return 0.5 * math.erfc((count - 0.5 - mean) / spread)
    for number in range(min(count, MOST_COUNTED)):
        below += term
        term *= mean * (1 + dispersion * number) / ((number + 1) * (1 + dispersion * mean))
    return max(0.0, 1 - below)


def _none(mean: float, dispersion: float) -> float:
    """The chance of none."""
    if dispersion * mean < 1e-9:
        return math.exp(-mean)
    return math.exp(-math.log1p(dispersion * mean) / dispersion)


def least_spike(mean: float, dispersion: float, chance: float) -> int:
    """The least number that is a spike: one that so many or more reach with this chance at most."""
    low, high = LEAST_STORIES - 1, max(LEAST_STORIES, math.ceil(mean) + 1)
    while tail(high, mean, dispersion) > chance:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if tail(middle, mean, dispersion) > chance:
            low = middle
        else:
            high = middle
    return high
