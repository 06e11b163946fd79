"""The tail of a negative binomial, against sums of its logarithms."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.rhythm.spike import LEAST_STORIES, least_spike, tail


def naive_tail(count: int, mean: float, dispersion: float) -> float:
    """The chance of so many or more, a term at a time."""
    size = 1 / dispersion
    share = size / (size + mean)
    terms = (
        math.exp(
            math.lgamma(number + size)
            - math.lgamma(size)
            - math.lgamma(number + 1)
            + size * math.log(share)
            + number * math.log1p(-share)
        )
        for number in range(count)
    )
    return 1 - math.fsum(terms)


@given(st.integers(1, 200), st.floats(0.05, 80), st.floats(0.001, 3))
def test_a_tail_is_that_of_a_negative_binomial(count: int, mean: float, dispersion: float) -> None:
    """To nine digits."""
    found = tail(count, mean, dispersion)
    assert found == pytest.approx(naive_tail(count, mean, dispersion), abs=1e-9)


def test_a_tail_without_dispersion_is_that_of_poisson() -> None:
    """And certain where nothing is needed, impossible where nothing comes."""
    assert tail(2, 1.0, 0.0) == pytest.approx(1 - 2 / math.e)
    assert (tail(0, 5.0, 0.1), tail(1, 0.0, 0.1)) == (1.0, 0.0)
    assert tail(900, 1000.0, 0.0) == pytest.approx(0.999, abs=1e-3)


@given(st.floats(0.01, 500), st.floats(0, 2))
def test_the_least_spike_is_the_least(mean: float, dispersion: float) -> None:
    """One fewer is more likely than that."""
    chance = 1 / 365
    least = least_spike(mean, dispersion, chance)
    assert tail(least, mean, dispersion) <= chance
    assert least == LEAST_STORIES or tail(least - 1, mean, dispersion) > chance
