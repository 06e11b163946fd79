"""Arrays in large pages are arrays like others."""

from __future__ import annotations

import numpy as np
import pytest

from service.matching.engine.large_pages import (
    LINE_BYTES,
    MIN_LARGE_BYTES,
    PAGE_BYTES,
    Array,
    copied,
    together,
    zeros,
)


@pytest.mark.parametrize(
    "size",
    [
        0,
        1,
        MIN_LARGE_BYTES // 8 - 1,
        MIN_LARGE_BYTES // 8,
        PAGE_BYTES // 8 + 1,
        3 * PAGE_BYTES // 8,
    ],
)
def test_zeros_of_any_size_can_be_written(size: int) -> None:
    """To their ends, and two arrays have nothing in common."""
    one, other = zeros(size, np.int64), zeros(size, np.int64)
    assert (one.shape, one.dtype, one.flags.aligned) == ((size,), np.dtype(np.int64), True)
    assert not one.any()
    one[:] = np.arange(size)
    assert not other.any()
    assert (one == np.arange(size)).all()


def test_arrays_lie_together_and_apart() -> None:
    """Each begins where a line does, none reaches into another, and empty ones are no harm."""
    kinds = {name: np.dtype(kind) for name, kind in zip("abcde", "BqQiH", strict=True)}
    sizes = {"a": 100_003, "b": 50_000, "c": 0, "d": 3, "e": 70_001}
    made = together({name: (sizes[name], kinds[name]) for name in kinds})
    assert [*made] == [*kinds]
    for number, (name, array) in enumerate(made.items(), 1):
        assert (array.size, array.dtype) == (sizes[name], kinds[name])
        assert array.ctypes.data % LINE_BYTES == 0
        array[:] = number
    for number, array in enumerate(made.values(), 1):
        assert (array == number).all()


def test_copies_are_equal_and_closed() -> None:
    """What they were made of may go."""
    given: dict[str, Array] = {"a": np.arange(300_000, dtype=np.int32), "b": np.empty(0, np.int64)}
    made = copied(given)
    given["a"][:] = 0
    assert (made["a"] == np.arange(300_000)).all()
    assert made["b"].size == 0
    for array in made.values():
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 1
