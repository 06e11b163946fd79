"""The table of known surface forms: a word of a text → the number of its form, or none.

Readers look words up while another thread adds forms: see `engine.lexicon`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.kernels import compiled, inner, pointer

_DOT = ord(".")
_HALF, _BYTE, _TWO, _FLAGS = np.uint64(32), np.uint64(8), np.uint64(2), np.uint64(3)
_LONG, _LOUD = np.uint64(1), np.uint64(1)


class Hashing(NamedTuple):
    """How words are hashed: by `(hash ^ characters) * multiplier`, from the seed on."""

    seed: np.uint64
    multiplier: np.uint64


class FormTable(NamedTuple):
    """The table of known surface forms: open addressing with linear probing.

    A form of up to eight characters below U+0100 is stored as these characters, packed into 64
    bits. Any other form is stored as its hash, and compared by its characters in `records`.
    """

    slots: npt.NDArray[np.uint64]
    """Pairs, as many as a power of two: the packed characters or the hash; and 0, or one more than
    the form's number, or for a long form the place of its record, then whether its zone was all in
    capitals, and whether it is long, in the two lowest bits."""
    records: npt.NDArray[np.uint32]
    """For each form its number, its length, whether its zone was all in capitals, and its
    characters."""


RECORD_HEAD = 3
"""Numbers of a record before its characters."""
MAX_PACKED, PACKED_BELOW = 8, 256


@inner
def _hash(text, start, end, acronym, salt, multiplier):
    value = salt
    for at in range(start, end):
        if acronym and text[at] == _DOT:
            continue
        value = (value ^ np.uint64(text[at])) * multiplier
    return value ^ (value >> _HALF)


@inner
def pack(text, start, end, acronym):
    """The characters of a word in 64 bits, and whether they fit."""
    packed = np.uint64(0)
    size = 0
    fits = True
    for at in range(start, end):
        char = text[at]
        if acronym and char == _DOT:
            continue
        packed = packed << _BYTE | np.uint64(char)
        size += 1
        fits = fits and char < PACKED_BELOW
    return packed, fits and size <= MAX_PACKED


@inner
def _same(text, start, end, acronym, records, record):
    at = record + RECORD_HEAD
    if not acronym:
        if np.int64(records[record + 1]) != end - start:
            return False
        for here in range(start, end):
            if text[here] != records[at]:
                return False
            at += 1
        return True
    high = at + np.int64(records[record + 1])
    for here in range(start, end):
        if text[here] == _DOT:
            continue
        if at == high or text[here] != records[at]:
            return False
        at += 1
    return at == high


@inner
def key_and_hash(text, start, end, acronym, packed, fits, salt, multiplier):
    """The key of a word in the table (its packed characters, else its hash), and its hash."""
    if fits:
        value = (salt ^ packed) * multiplier
        return packed, value ^ (value >> _HALF)
    value = _hash(text, start, end, acronym, salt, multiplier)
    return value, value


@inner
def find_form(
    text, start, end, acronym, loud, fits, key, value, slots, mask, records, size, count
):  # fmt: skip
    """The number of a form among the first `count`; -1 if it is not there."""
    flags = np.uint64(loud) << _LOUD
    if not fits:
        flags |= _LONG
    place = value & mask
    while True:
        said = slots[2 * place + 1]
        if said == 0:
            return np.int64(-1)
        if slots[2 * place] == key and said & _FLAGS == flags:
            number = np.int64(said >> _TWO) - 1
            if not fits:
                record = number
                # The records may have grown since this reader took them: then it sees fewer.
                number = np.int64(records[record]) if record < size else count
            # A form that another thread is adding has a number beyond the count, and may be torn.
            if number < count and (fits or _same(text, start, end, acronym, records, record)):
                return number
        place = (place + np.uint64(1)) & mask


@compiled
def add_forms(forms: FormTable, first: int, last: int, hashing: Hashing) -> None:
    """Adds the forms whose records are `records[first:last]`."""
    slots, records = pointer(forms.slots), pointer(forms.records)
    seed, multiplier = hashing
    mask = np.uint64(len(forms.slots) // 2 - 1)
    record = np.int64(first)
    while record < last:
        start = record + RECORD_HEAD
        end = start + np.int64(records[record + 1])
        salt = seed ^ np.uint64(records[record + 2])
        said = np.uint64(records[record + 2]) << _LOUD
        key, fits = pack(records, start, end, False)
        if fits:
            value = (salt ^ key) * multiplier
            value ^= value >> _HALF
            said |= np.uint64(records[record] + 1) << _TWO
        else:
            value = _hash(records, start, end, False, salt, multiplier)
            key = value
            said |= np.uint64(record + 1) << _TWO | _LONG
        place = value & mask
        while slots[2 * place + 1] != 0:
            place = (place + np.uint64(1)) & mask
        slots[2 * place] = key
        slots[2 * place + 1] = said
        record = end
