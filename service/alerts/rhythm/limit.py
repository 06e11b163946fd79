"""How many usual gaps a series may be silent until that is told."""

from __future__ import annotations

import math

HALF_LIFE_WEEKS = 4
"""What is known of a rate is forgotten by half in so long a time …"""
LONGEST_HALF_LIFE_WEEKS = 52
"""… and that there was a long silence."""
LEAST_SHAPE = 1.05
MORE_THAN_LONGEST = 1.5
"""A silence is told where it is so much longer than the longest that ended by itself …"""
MOST_LONGEST = 5.0
"""… but after so many times the limit at the latest: a long outage does not hide the next one."""
PRIOR_GAPS = 20.0
"""So many gaps as chance spreads them are added to those that were measured."""


def quiet_limit(
    gaps_a_year: float, alarms_a_year: float, *, dispersion: float, known: float
) -> float:
    """The length, in usual gaps, that so few gaps of a year are expected to exceed.

    Where `dispersion` arrivals come at a time, so many times fewer gaps are so many times as long:
    the mean square of the gaps tells it. The rate is known by `known` arrivals, thus a Gamma
    variable of this shape, so that gaps are spread as Lomax says: one is longer than x with the
    chance (1 + x / (known − 1)) ** −known.
    """
    if alarms_a_year <= 0:
        return math.inf
    clump = max(1.0, dispersion)
    rare = max(math.e, gaps_a_year / alarms_a_year / clump)
    shape = max(LEAST_SHAPE, known)
    return clump * (shape - 1) * math.expm1(math.log(rare) / shape)


def gap_dispersion(squares: float, expected: float) -> float:
    """How many times as large the squares of gaps are as by chance alone, by sums of both."""
    return (squares + 2 * PRIOR_GAPS) / (expected + 2 * PRIOR_GAPS)


def longest_after(longest: float, gap: float, limit: float) -> float:
    """The least silence that is told after one has ended; `limit` is that by chance."""
    if gap < limit:
        return longest
    return max(longest, min(MORE_THAN_LONGEST * gap, MOST_LONGEST * limit))
