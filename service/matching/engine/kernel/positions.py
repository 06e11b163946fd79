"""The places of words: phrases, mentions and counts of mentions.

A mention is the number `first << 32 | last` of its first and its last word in the batch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from service.matching.engine.kernel.word_ends import PARAGRAPH
from service.matching.engine.opcodes import CAPITAL
from service.matching.kernels import inner

ALL_ZONES = 7
_ONE, _LAST_BIT = np.uint64(1), np.uint64(63)
FIRST_SHIFT = 32
LAST_MASK = 0xFFFFFFFF


class ArticleWords(NamedTuple):
    """One article's words, linked so that all words of a key can be visited. Pointers to arrays."""

    key_at: Any
    """For every key of the rules: one more than its place among the keys that occur, or 0."""
    head: Any
    """For each key that occurs its first link, -1 for a list's."""
    link_form: Any
    link_next: Any
    """The forms of a key; the next link or -1."""
    first: Any
    """For each form that occurs its first word."""
    following: Any
    """For each word of the batch the next of the same form, or -1."""
    stretches: Any
    """For each key that occurs the stretches that it occurs in, as bits (see `stretch_of`)."""
    form: Any
    gap: Any
    """Of each word of the batch."""
    flags: Any
    """For each form of the table, see `opcodes`."""
    keys_start: Any
    keys: Any
    """The keys of each form of the table."""
    title: int
    lead: int
    body: int
    end: int
    """The first words of the article's zones, and the end of the last."""
    sentence: Any
    paragraph: Any
    """For each word of the article, once `sentences.number_sentences` has been called."""


@inner
def zone_of(places, word):
    if word < places.lead:
        return 0
    return 1 if word < places.body else 2


@inner
def _has_key(places, word, key):
    """Whether a word of the batch means a key."""
    form = places.form[word]
    for at in range(places.keys_start[form], places.keys_start[form + 1]):
        if places.keys[at] == key:
            return True
    return False


@inner
def _is_phrase(code, at, start, places):
    """Whether the phrase at `code[at]` begins with word `start`, and lies in one paragraph."""
    zones, capital, size = code[at], code[at + 1], code[at + 3]
    if start < places.title or start + size > places.end:
        return False
    if not zones >> zone_of(places, start) & 1:
        return False
    for step in range(size):
        if step > 0 and places.gap[start + step] >= PARAGRAPH:
            return False
        if not _has_key(places, start + step, code[at + 4 + step]):
            return False
    if not capital:
        return True
    for word in range(start, start + size):
        if places.flags[places.form[word]] & CAPITAL:
            return True
    return False


@inner
def stretch_of(word):
    """The bit of the stretch of eight words that contains the article's word of this number.

    There are 64 bits, so a bit stands for every 512th stretch of words again. Stretches can prove
    that two words are not close together, which is the usual case; they cannot prove that they are.
    """
    return _ONE << np.uint64(word >> 3 & 63)


@inner
def with_next(stretches):
    """These stretches and the one after each."""
    return stretches | stretches << _ONE | stretches >> _LAST_BIT


@inner
def with_previous(stretches):
    """These stretches and the one before each."""
    return stretches | stretches >> _ONE | stretches << _LAST_BIT


@inner
def _may_be_phrase(code, at, places):
    """Whether the stretches of the phrase's keys allow that it occurs."""
    key = at + 4
    reached = ~np.uint64(0)
    for place in range(key, key + code[at + 3]):
        found = places.key_at[code[place]]
        if found == 0:
            return False
        reached = with_next(reached) & places.stretches[found - 1]
    return reached != 0


@inner
def phrase_occurs(code, at, places):
    """Whether the phrase at `code[at]` occurs."""
    if not _may_be_phrase(code, at, places):
        return False
    pivot = code[at + 2]
    link = places.head[places.key_at[code[at + 4 + pivot]] - 1]
    while link >= 0:
        word = places.first[places.link_form[link]]
        while word >= 0:
            if _is_phrase(code, at, word - pivot, places):
                return True
            word = places.following[word]
        link = places.link_next[link]
    return False


@inner
def doubled(array):
    """A copy with twice the room. A loop, because numba takes longer to compile a slice."""
    more = np.empty(2 * len(array), np.int64)
    for at in range(len(array)):
        more[at] = array[at]
    return more


@inner
def sort_in_place(values, count):
    """Sorts the first `count` values in place, by merging: n log n at worst."""
    other = np.empty(count, np.int64)
    width = 1
    while width < count:
        for low in range(0, count, 2 * width):
            middle = min(low + width, count)
            high = min(low + 2 * width, count)
            left = low
            right = middle
            for at in range(low, high):
                if left < middle and (right >= high or values[left] <= values[right]):
                    other[at] = values[left]
                    left += 1
                else:
                    other[at] = values[right]
                    right += 1
        for at in range(count):
            values[at] = other[at]
        width *= 2


@inner
def find_mentions(code, operand, places):
    """The mentions of the operand at `code[operand]`, sorted, each once: int64[mentions]."""
    first, following = places.first, places.following
    link_form, link_next = places.link_form, places.link_next
    found = np.empty(16, np.int64)
    count = 0
    at = operand + 1
    for _ in range(code[operand]):
        size = code[at + 3]
        pivot = code[at + 2]
        key = places.key_at[code[at + 4 + pivot]]
        link = places.head[key - 1] if key else -1
        while link >= 0:
            word = first[link_form[link]]
            while word >= 0:
                start = word - pivot
                if _is_phrase(code, at, start, places):
                    if count == len(found):
                        found = doubled(found)
                    found[count] = np.int64(start) << FIRST_SHIFT | np.int64(start + size - 1)
                    count += 1
                word = following[word]
            link = link_next[link]
        at += 4 + size
    sort_in_place(found, count)
    distinct = 0
    for place in range(count):
        if place == 0 or found[place] != found[distinct - 1]:
            found[distinct] = found[place]
            distinct += 1
    return found[:distinct]


@inner
def occurs_at_least(code, operand, least, places):
    """Whether an operand has at least `least` mentions of which no two overlap."""
    found = find_mentions(code, operand, places)
    if len(found) < least:
        return False
    for at in range(len(found)):  # sorted by last word, the greedy choice finds the most
        found[at] = (found[at] & LAST_MASK) << FIRST_SHIFT | found[at] >> FIRST_SHIFT
    sort_in_place(found, len(found))
    count = 0
    end = np.int64(-1)
    for at in range(len(found)):
        if found[at] & LAST_MASK > end:
            count += 1
            end = found[at] >> FIRST_SHIFT
            if count == least:
                return True
    return False
