"""Strategies for values of many parts, which take a tenth of the time that drawing each part takes.

Hypothesis chooses a size and a seed; the value is made of them by `random`. So what is printed of a
failure is the value itself, and it becomes smaller with the size alone.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

_SEEDS = st.integers(0, 2**48 - 1)


def seeded(make: Callable[[Random], T]) -> st.SearchStrategy[T]:
    """What `make` makes of a source of chance."""
    return _SEEDS.map(lambda seed: make(Random(seed)))


def sized(make: Callable[[Random, int], T], most: int) -> st.SearchStrategy[T]:
    """What it makes of such a source and a size: of five, four are of the size `most`."""
    sizes = st.sampled_from([*range(most), *[most] * 4 * max(1, most)])
    return st.tuples(sizes, _SEEDS).map(lambda both: make(Random(both[1]), both[0]))
