"""How long a silence may be: false alarms are as rare as is said, in clumps and on uneven days."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.rhythm.limit import LONG, LongGaps, longest_after

Gaps = npt.NDArray[np.float64]
A_YEAR = 2000


def learnt(gaps: Gaps, step: float = 0.0) -> LongGaps:
    """What is known after these gaps."""
    found = LongGaps()
    for gap in map(float, gaps):
        found = found.add(gap, step, math.inf)
    return found


def by_chance(gaps: int, chance: np.random.Generator) -> Gaps:
    """As Poisson has them."""
    return chance.exponential(size=gaps)


def in_clumps(gaps: int, chance: np.random.Generator) -> Gaps:
    """One of four is between clumps, the others are next to nothing."""
    return np.where(chance.random(gaps) < 0.25, chance.exponential(4, gaps), 0.01)


def on_uneven_days(gaps: int, chance: np.random.Generator) -> Gaps:
    """Each run of ten gaps has a rate of its own."""
    rates = np.repeat(chance.gamma(6, 1 / 6, gaps // 10), 10)
    return chance.exponential(1 / rates) * 5 / 6


@pytest.mark.parametrize("kind", [by_chance, in_clumps, on_uneven_days])
def test_false_alarms_are_as_rare_as_is_said(
    kind: Callable[[int, np.random.Generator], Gaps],
) -> None:
    """One a year is allowed; and the limit is not far beyond the one that has exactly one."""
    chance = np.random.default_rng(5)
    limits = [learnt(kind(2 * A_YEAR, chance)).limit(A_YEAR, 1.0) for _ in range(10)]
    others = np.sort(kind(300 * A_YEAR, chance))
    alarms = [(others > limit).sum() / 300 for limit in limits]
    assert 0.1 <= np.mean(alarms) <= 1.0
    assert np.mean(limits) <= 1.3 * others[-300]


def test_little_that_is_known_makes_the_limit_longer() -> None:
    """With none it is that of chance, and some gaps more."""
    known = learnt(by_chance(20 * A_YEAR, np.random.default_rng(6))).limit(A_YEAR, 1.0)
    assert known == pytest.approx(math.log(2 * A_YEAR), rel=0.1)
    assert 1.1 * known < LongGaps().limit(A_YEAR, 1.0) < 2 * known
    assert LongGaps().limit(A_YEAR, 0.0) == math.inf


@pytest.mark.parametrize("step", [0.1, 1.0, 5.0])
def test_slots_make_no_difference(step: float) -> None:
    """Gaps that are seen in whole slots have the limit of those that are not."""
    gaps = by_chance(100 * A_YEAR, np.random.default_rng(7))
    in_slots = learnt(np.floor(gaps / step) * step, step)
    assert in_slots.scale == pytest.approx(1.0, abs=0.15)
    assert in_slots.limit(A_YEAR, 1.0) == pytest.approx(learnt(gaps).limit(A_YEAR, 1.0), rel=0.15)


@given(st.floats(0, 1e6), st.just(0.0) | st.floats(1e-5, 1e3), st.floats(1, 100), st.floats(0, 20))
def test_one_gap_is_worth_so_much_at_most(gap: float, step: float, most: float, old: float) -> None:
    """However long it was; a short one only counts among those that chance might make long."""
    before = LongGaps(old, old, old, 2 * old)
    after = before.add(gap, step, most)
    long = math.ceil(LONG / step) * step if step else LONG
    assert after.excess - before.excess <= max(most, LONG) + step + 1
    assert after.by_chance >= before.by_chance
    assert (after.count > before.count) == (gap >= long)


def test_half_of_it_is_forgotten_in_half_a_year() -> None:
    """All of it at once."""
    assert LongGaps(8, 6, 4, 2).after_weeks(26) == LongGaps(4, 3, 2, 1)


def test_only_a_silence_that_is_no_chance_is_told_later() -> None:
    """One a little beyond the limit is chance, of which some are expected."""
    assert longest_after(7.0, 3.0, 9.0, 1.0) == 7.0
    assert longest_after(7.0, 11.0, 9.0, 1.0) == 7.0
    assert longest_after(0.0, 13.0, 9.0, 1.0) == 26.0
    assert longest_after(0.0, 13.0, 9.0, 2.0) == 0.0
    assert longest_after(0.0, 500.0, 9.0, 1.0) == 45.0
