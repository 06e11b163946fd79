"""The compiled loop of MinHash says what a plain one says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.stories.kernel.minhash import least
from service.alerts.stories.kernel.words import Hashes


def mixed(value: int) -> int:
    """SplitMix64's finaliser, in whole numbers."""
    value = (value + 0x9E3779B97F4A7C15) % 2**64
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ value >> 27) * 0x94D049BB133111EB % 2**64
    return value ^ value >> 31


NUMBERS = st.integers(0, 2**64 - 1)


@given(
    st.lists(NUMBERS, max_size=9),
    st.sampled_from([(0,), (0, 3), (0, 1, 2, 3)]),
    st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**32 - 1)), max_size=5),
)
def test_the_least_are_those_of_whole_numbers(
    words: list[int], places: tuple[int, ...], drawn: list[tuple[int, int]]
) -> None:
    """Nothing wraps around where it should not, and too few words have the greatest number."""
    features = []
    for at in range(len(words) - places[-1]):
        joined = 0
        for place in places:
            joined = (joined * 0xD1342543DE82EF95 + words[at + place]) % 2**64
        features.append(mixed(joined) >> 32)
    factors, addends = [2 * a + 1 for a, _ in drawn], [b for _, b in drawn]

    def hashes(values: list[int]) -> Hashes:
        return np.array(values, np.uint32)

    got = least(np.array(words, np.uint64), places, hashes(factors), hashes(addends))
    assert got.tolist() == [
        min(((each * a + b) % 2**32 for each in features), default=2**32 - 1)
        for a, b in zip(factors, addends, strict=True)
    ]
