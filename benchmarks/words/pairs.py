"""How one word becomes another, for millions of pairs; compiled by numba."""

from __future__ import annotations

import numba
import numpy as np

NO_LETTER = 255
"""A letter that is not in the alphabet. One less ends a word."""
LEAST_SAME = 3
"""Letters that two words must begin with for their beginnings to count as the same."""
MOST_CHANGED = 4
"""Most letters that are taken off or put on at the beginning of a word."""
SIZE_SHIFT, PUT_SHIFT = 32, 40
"""Where a number of a change says how many letters there are, and that they are put there."""
MAX_CUT = 250


@numba.njit(cache=True)
def _same(one, low, high, other, first, last):
    size = min(high - low, last - first)
    count = 0
    while count < size and one[low + count] == other[first + count]:
        count += 1
    return count


@numba.njit(cache=True)
def _number(text, low, size):
    value = np.int64(0)
    for at in range(size):
        value |= np.int64(text[low + at]) << (8 * at)
    return value | np.int64(size) << SIZE_SHIFT


@numba.njit(cache=True)
def _change(one, low, high, other, first, last):
    """The number of the change of the beginning, how many letters fall off the end, and where in
    the other word the rest begins.
    """
    same = _same(one, low, high, other, first, last)
    if same < LEAST_SAME and min(high - low, last - first) > LEAST_SAME:
        for size in range(1, MOST_CHANGED + 1):
            if size < high - low:
                off = _same(one, low + size, high, other, first, last)
                if off >= LEAST_SAME and off - same >= 2:
                    return _number(one, low, size), high - low - size - off, first + off
            if size < last - first:
                on = _same(one, low, high, other, first + size, last)
                if on >= LEAST_SAME and on - same >= 2:
                    put = _number(other, first, size) | np.int64(1) << PUT_SHIFT
                    return put, high - low - on, first + size + on
    return np.int64(0), high - low - same, first + same


@numba.njit(cache=True)
def changes(one, ends, other, other_ends):
    """For each pair the number of the change of its beginning; 0 for none."""
    found = np.zeros(len(ends), np.int64)
    low = first = np.int64(0)
    for pair in range(len(ends)):
        high, last = ends[pair], other_ends[pair]
        found[pair] = _change(one, low, high, other, first, last)[0]
        low, first = high + 1, last + 1
    return found


@numba.njit(cache=True)
def keys(one, ends, other, other_ends, kinds, beginnings):
    """The strings of all pairs that have a kind, one after the other, and where each ends."""
    out = np.empty(len(one) + len(other) + 3 * len(ends), np.uint8)
    stops = np.empty(len(ends), np.int64)
    at = count = np.int64(0)
    low = first = np.int64(0)
    for pair in range(len(ends)):
        high, last = ends[pair], other_ends[pair]
        written = kinds[pair] != 0
        for place in range(low, high):
            written = written and one[place] != NO_LETTER
        for place in range(first, last):
            written = written and other[place] != NO_LETTER
        if written:
            beginning, cut, rest = _change(one, low, high, other, first, last)
            number = 0
            if beginning:
                for place in range(len(beginnings)):
                    if beginnings[place] == beginning:
                        number = place + 1
                        break
                if number == 0:
                    same = _same(one, low, high, other, first, last)
                    cut, rest = high - low - same, first + same
            for place in range(low, high):
                out[at] = one[place]
                at += 1
            out[at], out[at + 1], out[at + 2] = kinds[pair], number, min(cut, MAX_CUT)
            at += 3
            for place in range(rest, last):
                out[at] = other[place]
                at += 1
            stops[count] = at
            count += 1
        low, first = high + 1, last + 1
    return out[:at], stops[:count]
