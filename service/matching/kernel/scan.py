"""Text → words and the forms they are known by, without a regular expression and without the GIL.

Reads the same words and gaps as `matching.text`; a test compares the two.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.jit import compiled, inner, pointer
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
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


class Hashing(NamedTuple):
    """How words are hashed: by `(hash ^ character) * multiplier`, from the seed on."""

    seed: np.uint64
    multiplier: np.uint64


class Forms(NamedTuple):
    """A table of the surface forms that are known, open addressing with linear probing."""

    slots: npt.NDArray[np.uint64]
    """A power of two of them: the upper half of a form's hash and, one more than, the place of its
    record; or 0."""
    records: npt.NDArray[np.uint32]
    """For each form its number, its length, whether it is from a zone all in capitals, and its
    characters: together, so that telling whether it is the word at hand costs one cache line."""


HEAD = 3
"""What stands in a record before its characters."""


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
    return value


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
        while at < end and classes[text[at]] & NUMBER:
            at += 1
        if at == digits:
            break
        groups += 1
        if (
            at + 1 < end
            and (text[at] == _DOT or text[at] == _COMMA)
            and classes[text[at + 1]] & NUMBER
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
def _read(text, start, end, classes, salt, multiplier):
    """Reads the word at `start`: where it ends, whether it is an acronym, and its hash."""
    kind = classes[text[start]]
    value = salt
    at = start
    if kind & ALONE:
        while at == start or (at < end and classes[text[at]] & JOINED):
            value = (value ^ np.uint64(text[at])) * multiplier
            at += 1
        return at, False, value
    while kind & _WORD and not kind & ALONE:
        value = (value ^ np.uint64(text[at])) * multiplier
        at += 1
        if at == end:
            return at, False, value
        kind = classes[text[at]]
    char = text[at]
    if char == _DOT and at == start + 1:
        longer = _acronym_end(text, start, end, classes)
        if longer > start:
            at = _possessive_end(text, longer, end, classes)
            return at, True, _hash(text, start, at, True, salt, multiplier)
    if (char == _DOT or char == _COMMA) and classes[text[start]] & NUMBER:
        longer = _number_end(text, start, end, classes)
        if longer > start:  # which takes no possessive
            return longer, False, _hash(text, start, longer, False, salt, multiplier)
    if char == _QUOTE or char == _CURLY:
        longer = _possessive_end(text, at, end, classes)
        if longer > at:
            return longer, False, _hash(text, start, longer, False, salt, multiplier)
    return at, False, value


@inner
def _look_up(text, start, end, acronym, shouted, value, slots, mask, records, count):
    """The number of a form among the first `count`, -1 where it is not there."""
    value ^= value >> _HALF
    tag = value >> _HALF
    place = value & mask
    while slots[place] != 0:
        slot = slots[place]
        if slot >> _HALF == tag:
            record = np.int64(slot & _LOW) - 1
            if (
                records[record] < count  # one that another thread adds now may be torn
                and records[record + 2] == shouted
                and _same(text, start, end, acronym, records, record)
            ):
                return np.int64(records[record])
        place = (place + np.uint64(1)) & mask
    return np.int64(-1)


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
    mask = np.uint64(len(forms.slots) - 1)
    words = 0
    misses = 0
    for zone in range(zones):
        zone_start[zone] = words
        at = bounds[zone]
        end = bounds[zone + 1]
        salt = seed ^ np.uint64(shouted[zone])
        before = np.int64(-1)  # where the word before ends
        dotted = False
        while at < end:
            if not kinds[texts[at]] & (LETTER | NUMBER | ALONE):
                at += 1
                continue
            start = at
            at, acronym, value = _read(texts, start, end, kinds, salt, multiplier)
            if before < 0:
                gaps_out[words] = ZONE
            elif start - before < 2 and not dotted and not _wide(texts, before, start, kinds):
                gaps_out[words] = PLAIN
            else:
                gaps_out[words] = _gap(texts, before, start, dotted, kinds)
            dotted = acronym and texts[at - 1] == _DOT
            before = at
            known = _look_up(
                texts, start, at, acronym, shouted[zone], value, slots, mask, records, count
            )
            forms_out[words] = known
            if known < 0:
                unknown_out[misses] = words
                unknown_out[misses + 1] = start
                unknown_out[misses + 2] = at
                unknown_out[misses + 3] = zone
                unknown_out[misses + 4] = acronym
                misses += UNKNOWN
            words += 1
    zone_start[zones] = words
    return Words(form[:words], gap[:words], zone_start, unknown[:misses])


@compiled
def add(forms: Forms, first: int, last: int, hashing: Hashing) -> None:
    """Enters the forms whose records stand from `first` up to `last`."""
    slots, records = pointer(forms.slots), pointer(forms.records)
    seed, multiplier = hashing
    mask = np.uint64(len(forms.slots) - 1)
    record = np.int64(first)
    while record < last:
        start = record + HEAD
        end = start + np.int64(records[record + 1])
        salt = seed ^ np.uint64(records[record + 2])
        value = _hash(records, start, end, False, salt, multiplier)
        value ^= value >> _HALF
        place = value & mask
        while slots[place] != 0:
            place = (place + np.uint64(1)) & mask
        slots[place] = (value >> _HALF) << _HALF | np.uint64(record + 1)
        record = end
