"""Text → words and the forms they are known by, without a regular expression and without the GIL.

Reads the same words and gaps as `matching.text`; a test compares the two.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.jit import compiled, inner, pointer, prefetch
from service.matching.characters import (
    ALONE,
    CLOSER,
    JOINED,
    LETTER,
    NUMBER,
    OPENER,
    OPENS,
    SPACE,
    STOP,
    WIDE_STOP,
)

PLAIN, SENTENCE, STOPPED, STOPPED_ACRONYM, PARAGRAPH, ZONE = 0, 1, 2, 3, 4, 5
"""What stands before a word: nothing of note; the end of a sentence; a stop that ends one unless
the word before it is an abbreviation, or was a dotted acronym; a blank line; the zone's start."""

_DOT, _NEWLINE, _QUOTE, _CURLY = ord("."), ord("\n"), ord("'"), ord("’")
_COMMA, _S, _CAPITAL_S = ord(","), ord("s"), ord("S")
_WORD = LETTER | NUMBER | JOINED
_HALF, _BYTE, _TWO, _FLAGS = np.uint64(32), np.uint64(8), np.uint64(2), np.uint64(3)
_LONG, _LOUD = np.uint64(1), np.uint64(1)


class Hashing(NamedTuple):
    """How words are hashed: by `(hash ^ characters) * multiplier`, from the seed on."""

    seed: np.uint64
    multiplier: np.uint64


class Forms(NamedTuple):
    """A table of the surface forms that are known, open addressing with linear probing.

    A form of up to eight characters below 256 is told by them alone, packed into 64 bits; any other
    by its hash, and then by its characters in `records`.
    """

    slots: npt.NDArray[np.uint64]
    """Pairs, as many as a power of two: the packed characters or the hash; and 0, or one more than
    the form's number, or for a long form the place of its record, then whether its zone was all in
    capitals, and whether it is long, in the two lowest bits."""
    records: npt.NDArray[np.uint32]
    """For each form its number, its length, whether its zone was all in capitals, and its
    characters."""


HEAD = 3
"""What stands in a record before its characters."""
PACKED, BELOW = 8, 256


class Words(NamedTuple):
    """The words of some zones, one after the other."""

    form: npt.NDArray[np.int32]
    """The number of each word's form, -1 where it is not in the table."""
    gap: npt.NDArray[np.uint8]
    """What stands before each word."""
    zone_start: npt.NDArray[np.int64]
    """The number of each zone's first word; one more entry than zones."""
    unknown: npt.NDArray[np.int64]
    """Of each word that is not in the table its number, start and end in the text, zone, and
    whether it is an acronym whose dots do not count."""


UNKNOWN = 5
"""How many numbers tell of an unknown word."""
WAITING = 6
"""How many tell of one that waits to be looked up: its start, its end, and its zone; whether it is
an acronym, its zone is in capitals, and its characters fit."""
WAIT = 8
"""How many words wait: so many steps before it is needed memory is asked for."""


@inner
def doubled(array):
    """A copy with twice the room. (To numba, assigning to a slice is costlier to compile.)"""
    more = np.empty(2 * len(array), np.int64)
    for at in range(len(array)):
        more[at] = array[at]
    return more


@inner
def _hash(text, start, end, acronym, salt, multiplier):
    value = salt
    for at in range(start, end):
        if acronym and text[at] == _DOT:
            continue
        value = (value ^ np.uint64(text[at])) * multiplier
    return value ^ (value >> _HALF)


@inner
def _pack(text, start, end, acronym):
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
        fits = fits and char < BELOW
    return packed, fits and size <= PACKED


@inner
def _same(text, start, end, acronym, records, record):
    at = record + HEAD
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
def _acronym_end(text, start, end, classes):
    """Where `U.S.` ends that begins at `start`; `start` where there is none."""
    at = start
    while at + 1 < end and classes[text[at]] & LETTER and text[at + 1] == _DOT:
        at += 2
    letter = LETTER | NUMBER
    while at - start >= 4:
        if at < end and classes[text[at]] & LETTER:
            if at + 1 == end or not classes[text[at + 1]] & letter:
                return at + 1
        if at == end or not classes[text[at]] & letter:
            return at
        at -= 2
    return start


@inner
def _number_end(text, start, end, classes):
    """Where `1,000.5` ends that begins at `start`; `start` where there is none."""
    at = start
    groups = 0
    while True:
        digits = at
        while at < end and classes[text[at]] & (NUMBER | ALONE) == NUMBER:
            at += 1
        if at == digits:
            break
        groups += 1
        if (
            at + 1 < end
            and (text[at] == _DOT or text[at] == _COMMA)
            and classes[text[at + 1]] & (NUMBER | ALONE) == NUMBER
        ):
            at += 1
            continue
        break
    return at if groups > 1 else start


@inner
def _possessive_end(text, at, end, classes):
    if (
        at + 1 < end
        and (text[at] == _QUOTE or text[at] == _CURLY)
        and (text[at + 1] == _S or text[at + 1] == _CAPITAL_S)
        and (at + 2 == end or not classes[text[at + 2]] & _WORD)
    ):
        return at + 2
    return at


@inner
def _wide(text, start, end, classes):
    """Whether the one character of a gap ends a sentence."""
    return start < end and classes[text[start]] & WIDE_STOP != 0


@inner
def _gap(text, start, end, dotted, classes):
    """What stands in a gap between two words; `dotted`: the first is an acronym ending in a dot."""
    newlines = 0
    wide = False
    for at in range(start, end):
        char = text[at]
        if char == _NEWLINE:
            newlines += 1
            if newlines == 2:
                return PARAGRAPH
        elif not classes[char] & SPACE:
            newlines = 0
            wide = wide or classes[char] & WIDE_STOP != 0
    if wide:
        return SENTENCE
    if not classes[text[end]] & OPENS:
        return PLAIN
    low = start - 1 if dotted else start
    at = end
    while at > low and classes[text[at - 1]] & OPENER:
        at -= 1
    spaces = at
    while at > low and classes[text[at - 1]] & SPACE:
        at -= 1
    if at == spaces:
        return PLAIN
    closers = at
    while at > low and classes[text[at - 1]] & CLOSER:
        at -= 1
    stops = at
    while at > low and classes[text[at - 1]] & STOP:
        at -= 1
    if at == stops:
        return PLAIN
    if closers == stops and stops == low + 1 and text[low] == _DOT:
        return STOPPED_ACRONYM if dotted else STOPPED
    return SENTENCE


@inner
def _read(text, start, end, classes):
    """Reads the word at `start`: where it ends, whether it is an acronym, and it packed."""
    kind = classes[text[start]]
    packed = np.uint64(0)
    highest = text[start]
    at = start
    if kind & ALONE:
        at += 1
        while at < end and classes[text[at]] & JOINED:
            at += 1
        packed, fits = _pack(text, start, at, False)
        return at, False, packed, fits
    while kind & _WORD and not kind & ALONE:
        highest |= text[at]
        packed = packed << _BYTE | np.uint64(text[at])
        at += 1
        if at == end:
            return at, False, packed, at - start <= PACKED and highest < BELOW
        kind = classes[text[at]]
    char = text[at]
    longer = start
    acronym = False
    if char == _DOT and at == start + 1:
        longer = _acronym_end(text, start, end, classes)
        if longer > start:
            acronym = True
            longer = _possessive_end(text, longer, end, classes)
    if longer == start and (char == _DOT or char == _COMMA) and classes[text[start]] & NUMBER:
        longer = _number_end(text, start, end, classes)  # which takes no possessive
    if longer == start and (char == _QUOTE or char == _CURLY):
        longer = _possessive_end(text, at, end, classes)
    if longer > start and longer != at:
        packed, fits = _pack(text, start, longer, acronym)
        return longer, acronym, packed, fits
    return at, False, packed, at - start <= PACKED and highest < BELOW


@inner
def _hashed(text, start, end, acronym, packed, fits, salt, multiplier):
    """What a word is told by in the table, and its hash."""
    if fits:
        value = (salt ^ packed) * multiplier
        return packed, value ^ (value >> _HALF)
    value = _hash(text, start, end, acronym, salt, multiplier)
    return value, value


@inner
def _look_up(
    text, start, end, acronym, loud, fits, key, value, slots, mask, records, size, count
):  # fmt: skip
    """The number of a form among the first `count`, -1 where it is not there."""
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
                # Where the records have grown since, they are not those that this reader has.
                number = np.int64(records[record]) if record < size else count
            # One that another thread adds just now lies beyond the count, and may be torn.
            if number < count and (fits or _same(text, start, end, acronym, records, record)):
                return number
        place = (place + np.uint64(1)) & mask


@compiled
def scan(
    text: npt.NDArray[np.uint32],
    bounds: npt.NDArray[np.int64],
    shouted: npt.NDArray[np.uint8],
    classes: npt.NDArray[np.uint16],
    forms: Forms,
    count: int,
    hashing: Hashing,
) -> Words:
    """The words of the zones that lie between consecutive `bounds` of `text`."""
    seed, multiplier = hashing
    zones = len(shouted)
    # There are at most as many words as characters, as in Chinese; what is not used costs nothing.
    form = np.empty(len(text), np.int32)
    gap = np.empty(len(text), np.uint8)
    unknown = np.empty(UNKNOWN * len(text), np.int64)
    zone_start = np.empty(zones + 1, np.int64)
    texts, kinds = pointer(text), pointer(classes)
    forms_out, gaps_out, unknown_out = pointer(form), pointer(gap), pointer(unknown)
    slots, records = pointer(forms.slots), pointer(forms.records)
    mask = np.uint64(len(forms.slots) // 2 - 1)
    # A word is looked up some words later, when what was asked for of the table is at hand.
    spans, hashes = np.empty(WAITING * WAIT, np.int64), np.empty(2 * WAIT, np.uint64)
    waiting, hashed = pointer(spans), pointer(hashes)
    words = 0
    done = 0
    misses = 0
    for zone in range(zones):
        zone_start[zone] = words
        at = bounds[zone]
        end = bounds[zone + 1]
        salt = seed ^ np.uint64(shouted[zone])
        before = np.int64(-1)  # where the word before ends
        dotted = False
        while at < end or (zone == zones - 1 and done < words):
            more = at < end
            if more and not kinds[texts[at]] & (LETTER | NUMBER | ALONE):
                at += 1
                continue
            if words - done == WAIT or not more:
                turn = done % WAIT
                place = WAITING * turn
                known = _look_up(
                    texts, waiting[place], waiting[place + 1], waiting[place + 3] != 0,
                    waiting[place + 4], waiting[place + 5] != 0, hashed[2 * turn],
                    hashed[2 * turn + 1], slots, mask, records, len(forms.records), count,
                )  # fmt: skip
                forms_out[done] = known
                if known < 0:
                    unknown_out[misses] = done
                    for each in range(UNKNOWN - 1):
                        unknown_out[misses + 1 + each] = waiting[place + each]
                    misses += UNKNOWN
                done += 1
                if not more:
                    continue
            start = at
            at, acronym, packed, fits = _read(texts, start, end, kinds)
            if before < 0:
                gaps_out[words] = ZONE
            elif start - before < 2 and not dotted and not _wide(texts, before, start, kinds):
                gaps_out[words] = PLAIN
            else:
                gaps_out[words] = _gap(texts, before, start, dotted, kinds)
            dotted = acronym and texts[at - 1] == _DOT
            before = at
            key, value = _hashed(texts, start, at, acronym, packed, fits, salt, multiplier)
            prefetch(slots, np.int64(2 * (value & mask)))
            turn = words % WAIT
            hashed[2 * turn], hashed[2 * turn + 1] = key, value
            place = WAITING * turn
            waiting[place], waiting[place + 1], waiting[place + 2] = start, at, zone
            waiting[place + 3], waiting[place + 4] = acronym, shouted[zone]
            waiting[place + 5] = fits
            words += 1
    zone_start[zones] = words
    return Words(form[:words], gap[:words], zone_start, unknown[:misses])


@compiled
def add(forms: Forms, first: int, last: int, hashing: Hashing) -> None:
    """Enters the forms whose records stand from `first` up to `last`."""
    slots, records = pointer(forms.slots), pointer(forms.records)
    seed, multiplier = hashing
    mask = np.uint64(len(forms.slots) // 2 - 1)
    record = np.int64(first)
    while record < last:
        start = record + HEAD
        end = start + np.int64(records[record + 1])
        salt = seed ^ np.uint64(records[record + 2])
        said = np.uint64(records[record + 2]) << _LOUD
        key, fits = _pack(records, start, end, False)
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
