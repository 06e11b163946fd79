"""The bound of Clopper and Pearson, beside published values and exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as some

from service.archive.suggestions.bound import at_most, sample_for, upper_bound

PUBLISHED = [(81, 263, 0.3676), (15, 148, 0.1617), (0, 20, 0.1684), (1, 29, 0.1776)]
"""Upper limits of 95 % intervals, so with an error of 2.5 %: R. G. Newcombe, "Two-sided confidence
intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 5."""


@pytest.mark.parametrize(("found", "of", "expected"), PUBLISHED)
def test_it_is_what_was_published(found: int, of: int, expected: float) -> None:
    """To the last digit of the table."""
    assert round(upper_bound(found, of, 0.025), 4) == expected


def test_what_is_never_found_has_the_bound_of_a_power() -> None:
    """1 - error^(1/n); the rule of three says about 3/n."""
    assert upper_bound(0, 59, 0.05) == pytest.approx(1 - 0.05 ** (1 / 59))
    assert upper_bound(0, 59, 0.05) == pytest.approx(3 / 59, rel=0.05)


def test_of_nothing_nothing_is_known() -> None:
    """And of a sample that is found whole neither."""
    assert upper_bound(0, 0, 0.05) == 1
    assert upper_bound(7, 7, 0.05) == 1


def exact_at_most(found: int, of: int, share: Fraction) -> Fraction:
    """The probability of at most so many, without rounding."""
    terms = (comb(of, each) * share**each * (1 - share) ** (of - each) for each in range(found + 1))
    return sum(terms, Fraction(0))


@given(some.integers(1, 80), some.data(), some.sampled_from([0.05, 0.05 / 3, 0.001]))
def test_as_few_are_found_with_the_stated_probability(
    of: int, data: some.DataObject, error: float
) -> None:
    """At the bound exactly, by arithmetic with fractions; so a larger share is less probable."""
    found = data.draw(some.integers(0, of - 1))
    bound = upper_bound(found, of, error)
    assert float(exact_at_most(found, of, Fraction(bound))) == pytest.approx(error, rel=1e-6)
    assert found / of < bound < 1


@given(some.integers(0, 400), some.integers(1, 400), some.floats(0, 1))
def test_a_probability_is_one(found: int, of: int, share: float) -> None:
    """Also at the ends, and of many."""
    assert 0 <= at_most(min(found, of), of, share) <= 1


@given(some.floats(0.001, 0.9), some.sampled_from([0.05, 0.05 / 3]))
def test_a_sample_is_just_large_enough(bound: float, error: float) -> None:
    """With one fewer the bound is larger."""
    needed = sample_for(bound, error)
    assert upper_bound(0, needed, error) <= bound + 1e-12
    assert needed == 1 or upper_bound(0, needed - 1, error) > bound - 1e-12
