"""Which phrases speak for noise, and how surely."""

from __future__ import annotations

import pytest

from service.archive.suggestions.log_odds import Sample, noise_odds
from service.archive.suggestions.suggester import LEAST_Z

ARCHIVE = Sample({"the": 950, "match": 100, "cricket": 2}, 1000)


def odds(phrase: str, noise: int, useful: int, archive: Sample = ARCHIVE) -> tuple[float, float]:
    """Of a phrase that stands in so many of 20 articles of noise and of 20 useful ones."""
    found = noise_odds(Sample({phrase: noise}, 20), Sample({phrase: useful}, 20), archive)
    return found[phrase]


def test_what_both_have_alike_speaks_for_neither() -> None:
    """However common it is."""
    for phrase in ("the", "match", "cricket", "never seen"):
        for number in (0, 5, 20):
            assert odds(phrase, number, number) == pytest.approx((0, 0))


def test_more_in_the_noise_speaks_more_for_it() -> None:
    """And more in what is useful speaks against it."""
    growing = [odds("match", number, 3) for number in range(21)]
    assert growing == sorted(growing)
    falling = [odds("match", 10, number) for number in range(21)]
    assert falling == sorted(falling, reverse=True)


def test_what_is_common_in_the_archive_needs_more() -> None:
    """Three articles of twenty say something of a rare word, nothing of a common one."""
    assert odds("cricket", 3, 0) > odds("match", 3, 0) > odds("the", 3, 0)
    assert odds("the", 20, 19)[1] < LEAST_Z < odds("cricket", 4, 0)[1]


def test_one_kind_mirrors_the_other() -> None:
    """What speaks for noise speaks as much against it where the samples change places."""
    there, back = odds("match", 9, 2), odds("match", 2, 9)
    assert there == pytest.approx((-back[0], -back[1]))


def test_without_an_archive_the_verdicts_alone_say_it() -> None:
    """Nothing is infinite, whatever stands nowhere."""
    empty = Sample({}, 0)
    assert 1.28 < odds("cricket", 6, 0, empty)[1] < 6
    assert noise_odds(Sample({"a": 0}, 0), Sample({}, 0), empty)["a"] == pytest.approx((0, 0))
