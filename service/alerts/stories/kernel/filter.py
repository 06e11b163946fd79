"""The compiled loops of Bloom filters: which facts and title words a text has (Bloom 1970)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.alerts.stories.kernel.words import Hashes
from service.matching.kernels import compiled, inner

Values = npt.NDArray[np.uint16]
"""Of words, as they are stored."""
FILTER = 128
"""Bytes of a filter: of 150 facts, one that is not there seems to be in 5 of 100 cases."""
_HASHES = 3
_ONE, _THREE, _SEVEN = np.uint64(1), np.uint64(3), np.uint64(7)


def filter_of(values: Hashes) -> bytes:
    """A Bloom filter of values, of FILTER bytes."""
    found = np.zeros(FILTER, np.uint8)
    _fill_filter(values, found)
    return found.tobytes()


def missing(values: Values, filter_: bytes) -> int:
    """How many of the values the text of this filter has surely not."""
    return int(_missing(values, np.frombuffer(filter_, np.uint8)))


@inner
def _bit(value, number):
    """The place in a filter of the first, second or third bit that stands for a value."""
    spread = (value + _ONE) * np.uint64(0x9E3779B97F4A7C15)
    return (spread >> np.uint64(20 + 14 * number)) & np.uint64(8 * FILTER - 1)


@inner
def has_value(bits, value):
    for number in range(_HASHES):
        bit = _bit(value, number)
        if not bits[bit >> _THREE] >> np.uint8(bit & _SEVEN) & np.uint8(1):
            return False
    return True


@compiled
def _missing(values, bits) -> int:
    count = 0
    for value in values:
        if not has_value(bits, np.uint64(value)):
            count += 1
    return count


@compiled
def _fill_filter(values, found) -> None:
    for value in values:
        for number in range(_HASHES):
            bit = _bit(np.uint64(value), number)
            found[bit >> np.uint64(3)] |= np.uint8(1) << np.uint8(bit & np.uint64(7))
