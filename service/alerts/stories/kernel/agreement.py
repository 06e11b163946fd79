"""The compiled loops that compare what stands in the same places of two texts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from service.alerts.stories.kernel.filter import has_value
from service.alerts.stories.kernel.places import (
    KIND_BITS,
    LENIENT_BIT,
    MAX_PLACES,
    NUMBERS,
    PLAIN,
    VALUE_BITS,
)
from service.alerts.stories.kernel.words import Wide
from service.matching.kernels import compiled, inner

_KEY, _LENIENT = np.uint64(LENIENT_BIT + 1), np.uint64(LENIENT_BIT)
_KIND, _KINDS = np.uint64(VALUE_BITS), np.uint64((1 << KIND_BITS) - 1)
_VALUE, _ONE = np.uint64((1 << VALUE_BITS) - 1), np.uint64(1)
_DIFFERS, _AGREES, _OPEN = 0, 1, 2


class Agreement(NamedTuple):
    """What stands in the places that two texts have in common."""

    facts: int
    """Places with facts that can be compared."""
    other_facts: tuple[int, ...]
    """Keys of those where other facts stand."""
    words: int
    """Places of any words."""
    other_words: tuple[int, ...]


def agreement(ours: Wide, theirs: Wide, our_filter: bytes, their_filter: bytes) -> Agreement:
    """The comparison of all places of both, by their entries and filters."""
    keys, counts = np.empty(2 * MAX_PLACES, np.uint64), np.zeros(4, np.int64)
    filters = (np.frombuffer(each, np.uint8) for each in (our_filter, their_filter))
    _compare(ours, theirs, *filters, keys, counts)
    facts, other_facts, words, other_words = counts.tolist()
    return Agreement(
        facts,
        tuple(keys[:other_facts].tolist()),
        words,
        tuple(keys[MAX_PLACES : MAX_PLACES + other_words].tolist()),
    )


@inner
def _after(entries, at):
    """Where the place ends that begins at `at`."""
    key = entries[at] >> _KEY
    while at < len(entries) and entries[at] >> _KEY == key:
        at += 1
    return at


@inner
def _any_absent(entries, first, after, bits):
    for at in range(first, after):
        if not has_value(bits, entries[at] & _VALUE):
            return True
    return False


@inner
def _verdict(ours, at, end, theirs, here, stop, our_bits, their_bits):
    """Whether the same stands in a place of both texts; _OPEN where nobody can say."""
    kind = (ours[at] >> _KIND) & _KINDS
    if (theirs[here] >> _KIND) & _KINDS != kind:
        return _OPEN
    shared = 0
    for one in range(at, end):
        for other in range(here, stop):
            if ours[one] & _VALUE == theirs[other] & _VALUE:
                shared += 1
                break
    if kind == NUMBERS:
        if (ours[at] | theirs[here]) >> _LENIENT & _ONE:
            return _AGREES if 2 * shared >= min(end - at, stop - here) else _DIFFERS
        return _AGREES if shared == end - at and shared == stop - here else _DIFFERS
    if shared:
        return _AGREES
    if _any_absent(ours, at, end, their_bits) and _any_absent(theirs, here, stop, our_bits):
        return _DIFFERS
    return _OPEN


@compiled
def _compare(ours, theirs, our_bits, their_bits, keys, counts) -> None:
    """Fills `keys` with those of places that differ, facts and then words, and `counts`."""
    at = here = 0
    while at < len(ours) and here < len(theirs):
        key, other = ours[at] >> _KEY, theirs[here] >> _KEY
        end, stop = _after(ours, at), _after(theirs, here)
        if key == other:
            verdict = _verdict(ours, at, end, theirs, here, stop, our_bits, their_bits)
            first = 2 if (ours[at] >> _KIND) & _KINDS == PLAIN else 0
            if verdict != _OPEN:
                counts[first] += 1
            if verdict == _DIFFERS:
                keys[counts[first + 1] + first * MAX_PLACES // 2] = key
                counts[first + 1] += 1
        if key <= other:
            at = end
        if other <= key:
            here = stop
