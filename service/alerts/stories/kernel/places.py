"""The compiled loops that find a text's facts, and the places where they stand.

A *fact* is a number or a name. A *place* is two words before and two after a run of facts, with
other facts among these masked. Two texts made from one template have the same places with other
facts in them; a copy has the same facts, and a dropped or added sentence removes a place instead
of contradicting it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from service.alerts.stories.kernel.minhash import mixed
from service.alerts.stories.kernel.words import (
    BEGINS,
    IS_ALONE,
    IS_CAPITAL,
    IS_NUMBER,
    Hashes,
    Kinds,
    Wide,
    Words,
)
from service.matching.kernels import compiled, inner

SAYS_NUMBER, IS_NAME, IS_UNIT = (np.uint8(1 << bit) for bit in range(4, 7))
"""What a listed word is; kinds beside those of `words`."""
NOTHING, NUMBER, NAME, UNIT = (np.uint8(number) for number in range(4))
"""What a word is."""
NUMBERS, NAMES, PLAIN = range(3)
"""What is compared in a place: its numbers, else its names; or any word."""
VALUE_BITS, KIND_BITS, KEY_BITS = 15, 2, 22
"""Of an entry, from the lowest bit on; then one bit, LENIENT, below the key."""
_VALUE_SHIFT, _KEY_SHIFT = np.uint64(64 - VALUE_BITS), np.uint64(64 - KEY_BITS)
LENIENT_BIT = VALUE_BITS + KIND_BITS
"""Set where the place is at an end of the text, or occurs twice in it."""
MAX_PLACES = 74
"""Entries of places that are kept of a text."""
MAX_VALUES = 4
"""A place with more of them is left out: it is a list, of which copies print parts."""

_EDGE, _RUN = np.uint64(0x9AE16A3B2F90404F), np.uint64(0xC949C7DEFE9A2A85)
_JOIN, _SALT = np.uint64(0xD1342543DE82EF95), np.uint64(0x2545F4914F6CDD1D)
_INSIDE, _SMALL = np.uint8(1), np.uint8(2)
_ONE, _LENIENT = np.uint64(1), np.uint64(1 << LENIENT_BIT)
_KIND_SHIFT, _KEY_PLACE = np.uint64(VALUE_BITS), np.uint64(LENIENT_BIT + 1)


class ListedWords(NamedTuple):
    """The words of a language that say a number, or are names though they begin small; as arrays in
    the order of `hashes`.
    """

    hashes: Wide
    values: Wide
    kinds: Wide


def facts_of(words: Words, title: int, listed: ListedWords, has_case: bool) -> Kinds:
    """What each word is; `title` is how many of the words are the title's.

    The values of words that say a number become the number's.
    """
    facts = np.zeros(len(words.hashes), np.uint8)
    _facts(words.hashes, words.values, words.kinds, title, *listed, has_case, facts)
    return facts


def short_values(words: Words) -> Hashes:
    """The values in VALUE_BITS bits, as they are stored."""
    found = np.empty(len(words.values), np.uint32)
    _short_values(words.hashes, words.values, words.kinds, found)
    return found


def places_of(
    words: Words, facts: Kinds, values: Hashes, title: int, plain: bool
) -> tuple[Wide, Hashes, Hashes]:
    """Up to MAX_PLACES entries of places, ascending, with the first and last word of each.

    Those with the least keys are taken, so that two texts with the same places keep the same ones.
    An entry is a key, LENIENT, a kind and a value.
    """
    size = len(facts)
    tokens, firsts, lasts = np.empty(size, np.uint64), *(np.empty(size, np.uint32) for _ in "12")
    entries, origins = np.empty(size, np.uint64), np.empty(size, np.uint32)
    count = _tokens(words.hashes, words.kinds, facts, title, tokens, firsts, lasts)
    made = _entries(tokens[:count], firsts, lasts, facts, values, plain, entries, origins)
    order = np.argsort(entries[:made], kind="stable")
    entries, origins = entries[:made][order], origins[:made][order]
    kept = _selected(entries, origins)
    return entries[:kept], firsts[origins[:kept]], lasts[origins[:kept]]


@inner
def _slot(table, word):
    """Where a word stands in a table of hashes whose size is a power of two; 0 is free."""
    mask = np.uint64(len(table) - 1)
    slot = (word >> np.uint64(17)) & mask
    while table[slot] != 0 and table[slot] != word:
        slot = (slot + _ONE) & mask
    return slot


@inner
def _found(hashes, word):
    at = np.searchsorted(hashes, word)
    return at if at < len(hashes) and hashes[at] == word else -1


@compiled
def _facts(
    hashes, values, kinds, title, listed, listed_values, listed_kinds, has_case, facts
) -> None:
    size = len(hashes)
    room = 16
    while room < 2 * size:
        room *= 2
    table, cases = np.zeros(room, np.uint64), np.zeros(room, np.uint8)
    for at in range(title, size):
        slot = _slot(table, hashes[at])
        table[slot] = hashes[at]
        if not kinds[at] & IS_CAPITAL:
            cases[slot] |= _SMALL
        elif not kinds[at] & BEGINS:
            cases[slot] |= _INSIDE
    for at in range(size - 1, -1, -1):
        kind, fact = kinds[at], NOTHING
        known = _found(listed, hashes[at])
        if kind & IS_NUMBER:
            fact = NUMBER
        elif known >= 0:
            values[at] = listed_values[known]
            if listed_kinds[known] == SAYS_NUMBER:
                fact = NUMBER
            elif listed_kinds[known] == IS_NAME:
                fact = NAME
            else:
                fact = UNIT
        elif has_case and kind & IS_CAPITAL:
            case = cases[_slot(table, hashes[at])]
            if at < title:
                fact = NAME if not kind & BEGINS or not case & _SMALL else NOTHING
            elif not kind & BEGINS or case & _INSIDE:
                fact = NAME
            elif not case & _SMALL:  # "In" of "In Padang" is small elsewhere, as a rule
                follows = at + 1 < size and facts[at + 1] and not kinds[at + 1] & BEGINS
                fact = NAME if follows or at == title else NOTHING
        facts[at] = fact
    before = NOTHING  # a unit that follows no number is a word like any other
    for at in range(size):
        if facts[at] == UNIT and before != NUMBER and before != UNIT:
            facts[at] = NOTHING
        before = facts[at]


@compiled
def _short_values(hashes, values, kinds, found) -> None:
    """Of a script without spaces a word is one character: only with the next it says something."""
    for at in range(len(values)):
        value = values[at]
        if kinds[at] & IS_ALONE and at + 1 < len(values):
            value = value * _JOIN + hashes[at + 1]
        found[at] = np.uint32(mixed(value) >> _VALUE_SHIFT)


@compiled
def _tokens(hashes, kinds, facts, title, tokens, firsts, lasts) -> int:
    """The body's words, each run of facts as one; a run does not cross a sentence's end."""
    count, at, size = 0, title, len(hashes)
    while at < size:
        if facts[at] == UNIT:
            at += 1
            continue
        firsts[count], tokens[count] = at, hashes[at]
        if facts[at] != NOTHING:
            tokens[count] = _RUN
            while at + 1 < size and facts[at + 1] != NOTHING and not kinds[at + 1] & BEGINS:
                at += 1
        lasts[count] = at
        count += 1
        at += 1
    return count


@inner
def _key(tokens, at, salt):
    key = salt
    for place in (at - 2, at - 1, at + 1, at + 2):
        token = tokens[place] if 0 <= place < len(tokens) else _EDGE
        key = mixed(key * _JOIN + token)
    return key >> _KEY_SHIFT


@compiled
def _entries(tokens, firsts, lasts, facts, values, plain, entries, origins) -> int:
    count, size = 0, len(tokens)
    for at in range(size):
        is_run = tokens[at] == _RUN
        if not is_run and not plain:
            continue
        key = _key(tokens, at, _SALT if is_run else _ONE)
        key = key << _ONE | np.uint64(at < 2 or at >= size - 2)
        kind = np.uint64(PLAIN)
        if is_run:
            kind = np.uint64(NAMES)
            for word in range(firsts[at], lasts[at] + 1):
                if facts[word] == NUMBER:
                    kind = np.uint64(NUMBERS)
        for word in range(firsts[at], lasts[at] + 1):
            if facts[word] == UNIT or (kind == NUMBERS and facts[word] != NUMBER):
                continue
            value = np.uint64(values[word])
            entries[count] = ((key << np.uint64(KIND_BITS)) | kind) << _KIND_SHIFT | value
            origins[count] = at
            count += 1
    return count


@compiled
def _selected(entries, origins) -> int:
    """Moves whole places to the front until MAX_PLACES entries are there; returns how many."""
    kept, first = 0, 0
    while first < len(entries):
        after, key = first, entries[first] >> _KEY_PLACE
        lenient = np.uint64(0)
        start = kept
        while after < len(entries) and entries[after] >> _KEY_PLACE == key:
            if origins[after] != origins[first] or entries[after] & _LENIENT:
                lenient = _LENIENT
            if after == first or entries[after] != entries[after - 1]:
                entries[kept], origins[kept] = entries[after], origins[after]
                kept += 1
            after += 1
        if kept > MAX_PLACES:
            return start
        if kept - start > MAX_VALUES:
            kept = start
        for at in range(start, kept):
            entries[at] |= lenient
        first = after
    return kept
