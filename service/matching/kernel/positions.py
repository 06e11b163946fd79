"""Where words stand: phrases, mentions, NEAR and counts. A mention is `first << 32 | last`, the
numbers of its first and last word in the article's zones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from service.jit import inner
from service.matching.kernel.wordends import PARAGRAPH, PLAIN, SENTENCE, STOPPED, ZONE
from service.matching.opcodes import (
    ABBREVIATES,
    ABBREVIATES_DOTTED,
    CAPITAL,
    OPENS,
    WITHIN_SENTENCE,
    WITHIN_WORDS,
)

MANY = 256
"""Pairs of mentions after which sorting them is quicker than trying them."""
ALL_ZONES = 7
_SHIFT = 32
_LAST = 0xFFFFFFFF


class Places(NamedTuple):
    """One article's words, linked so that all places of a key can be followed; of pointers."""

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
    """For each word of the article, once `divide` has been called."""


@inner
def divide(places):
    """Numbers the sentences and the paragraphs of the article's words."""
    form, gap, flags = places.form, places.gap, places.flags
    sentences = 0
    paragraphs = 0
    for word in range(places.title, places.end):
        kind = gap[word]
        if kind == ZONE:
            sentences += 1
            paragraphs += 1
        elif kind == PARAGRAPH:
            paragraphs += 1
        if kind != PLAIN and kind != ZONE and word >= places.lead:  # a title is one sentence
            if kind == PARAGRAPH or kind == SENTENCE:
                sentences += 1
            elif kind == STOPPED:
                sentences += not flags[form[word - 1]] & ABBREVIATES
            elif flags[form[word]] & OPENS and not flags[form[word - 1]] & ABBREVIATES_DOTTED:
                sentences += 1
        places.sentence[word - places.title] = sentences
        places.paragraph[word - places.title] = paragraphs


@inner
def _zone(places, word):
    if word < places.lead:
        return 0
    return 1 if word < places.body else 2


@inner
def _has_key(places, word, key):
    """Whether a word means a key."""
    form = places.form[word]
    for at in range(places.keys_start[form], places.keys_start[form + 1]):
        if places.keys[at] == key:
            return True
    return False


@inner
def _is_phrase(code, at, start, places):
    """Whether the words of the phrase at `at` stand from word `start` on, in one paragraph."""
    zones, capital, size = code[at], code[at + 1], code[at + 3]
    if start < places.title or start + size > places.end:
        return False
    if not zones >> _zone(places, start) & 1:
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
def phrase(code, at, places):
    """Whether the phrase occurs."""
    pivot = code[at + 2]
    found = places.key_at[code[at + 4 + pivot]]
    link = places.head[found - 1] if found else -1
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
    """A copy with twice the room. (To numba, assigning to a slice is costlier to compile.)"""
    more = np.empty(2 * len(array), np.int64)
    for at in range(len(array)):
        more[at] = array[at]
    return more


@inner
def sort(values, count):
    """Sorts the first `count` in place, by merging; the worst case is n log n."""
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
def mentions(code, operand, places):
    """The mentions of an operand, sorted, each once."""
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
                    found[count] = np.int64(start) << _SHIFT | np.int64(start + size - 1)
                    count += 1
                word = following[word]
            link = link_next[link]
        at += 4 + size
    sort(found, count)
    distinct = 0
    for place in range(count):
        if place == 0 or found[place] != found[distinct - 1]:
            found[distinct] = found[place]
            distinct += 1
    return found[:distinct]


@inner
def at_least(code, operand, least, places):
    """Whether `least` mentions of an operand occur of which no two overlap."""
    found = mentions(code, operand, places)
    if len(found) < least:
        return False
    for at in range(len(found)):  # by the last word, as the greedy choice wants
        found[at] = (found[at] & _LAST) << _SHIFT | found[at] >> _SHIFT
    sort(found, len(found))
    count = 0
    end = np.int64(-1)
    for at in range(len(found)):
        if found[at] & _LAST > end:
            count += 1
            end = found[at] >> _SHIFT
            if count == least:
                return True
    return False


@inner
def _whole(places, mention):
    """Whether a mention lies in one sentence."""
    first, last = (mention >> _SHIFT) - places.title, (mention & _LAST) - places.title
    return places.sentence[first] == places.sentence[last]


@inner
def _joined(one, other, unit, most, places):
    """Whether two mentions, the first of which ends before the second begins, are near."""
    end = one & _LAST
    begin = other >> _SHIFT
    if _zone(places, end) != _zone(places, begin):
        return False
    if unit == WITHIN_WORDS:
        return begin - end - 1 <= most
    if unit == WITHIN_SENTENCE:
        return places.sentence[end - places.title] == places.sentence[begin - places.title]
    return places.paragraph[end - places.title] == places.paragraph[begin - places.title]


@inner
def _narrow(spans, alive, low, high, other_low, other_high, unit, most, before, after, places):
    """Strikes out the mentions from `low` to `high` that none of the other operand's is near to.

    `before` and `after`: whether the other's mention may stand before, or after. Only the nearest
    one on each side can decide. Returns how many are left.
    """
    whole = unit == WITHIN_SENTENCE
    by_first = np.empty(other_high - other_low, np.int64)
    count = 0
    for at in range(other_low, other_high):
        if alive[at] and (not whole or _whole(places, spans[at])):
            by_first[count] = spans[at]
            count += 1
    by_last = np.empty(count, np.int64)
    for at in range(count):
        by_last[at] = (by_first[at] & _LAST) << _SHIFT | by_first[at] >> _SHIFT
    sort(by_last, count)
    left = 0
    for at in range(low, high):
        if not alive[at]:
            continue
        mention = spans[at]
        near = False
        if not whole or _whole(places, mention):
            if after:
                place = np.searchsorted(by_first[:count], ((mention & _LAST) + 1) << _SHIFT)
                if place < count:
                    near = _joined(mention, by_first[place], unit, most, places)
            if before and not near:
                place = np.searchsorted(by_last, mention >> _SHIFT << _SHIFT) - 1
                if place >= 0:
                    turned = by_last[place]
                    other = (turned & _LAST) << _SHIFT | turned >> _SHIFT
                    near = _joined(other, mention, unit, most, places)
        alive[at] = near
        left += near
    return left


@inner
def _joined_up(one, other):
    both = np.empty(len(one) + len(other), np.int64)
    for at in range(len(one)):
        both[at] = one[at]
    for at in range(len(other)):
        both[len(one) + at] = other[at]
    return both


@inner
def near_words(code, at, places):
    """Whether two single words stand within some words of each other: 1, 0, or -1 for undecided.

    Tries each mention of one with each of the other, and gives up where they are many.
    """
    one, other = code[at + 1], code[at + 5]
    if (
        code[at] != 2
        or code[at + 2] != WITHIN_WORDS
        or code[one] != 1
        or code[other] != 1
        or code[one + 4] != 1
        or code[other + 4] != 1
        or code[one + 1] != ALL_ZONES
        or code[other + 1] != ALL_ZONES
    ):
        return -1
    first, following = places.first, places.following
    link_form, link_next = places.link_form, places.link_next
    lead, body = places.lead, places.body
    most, ordered = code[at + 3], code[at + 4]
    left, right = places.key_at[code[one + 5]], places.key_at[code[other + 5]]
    if left == 0 or right == 0:
        return 0
    tries = 0
    link = places.head[left - 1]
    while link >= 0:
        word = first[link_form[link]]
        while word >= 0:
            beside = places.head[right - 1]
            while beside >= 0:
                far = first[link_form[beside]]
                while far >= 0:
                    tries += 1
                    apart = far - word
                    if apart != 0 and not (ordered and apart < 0) and abs(apart) - 1 <= most:
                        if (word < lead) == (far < lead) and (word < body) == (far < body):
                            return 1
                    far = following[far]
                if tries > MANY:
                    return -1
                beside = link_next[beside]
            word = following[word]
        link = link_next[link]
    return 0


@inner
def near(code, at, least, places):
    """Whether operands stand near one another, each near its neighbour, at least so many times.

    Of a zone, the occurrences are the fewest mentions of any operand that take part in it.
    """
    operands = code[at]
    start = np.zeros(operands + 1, np.int64)
    spans = mentions(code, code[at + 1], places)
    start[1] = len(spans)
    for each in range(1, operands):
        if start[each] == start[each - 1]:
            return False
        more = mentions(code, code[at + 1 + 4 * each], places)
        spans = _joined_up(spans, more)
        start[each + 1] = len(spans)
    alive = np.ones(len(spans), np.bool_)
    for each in range(1, operands):
        joint = at + 4 * each - 2
        unit, most, ordered = code[joint], code[joint + 1], code[joint + 2]
        left = _narrow(
            spans,
            alive,
            start[each],
            start[each + 1],
            start[each - 1],
            start[each],
            unit,
            most,
            True,
            not ordered,
            places,
        )
        if left == 0:
            return False
    if least == 1:
        return True
    for each in range(operands - 2, -1, -1):
        joint = at + 4 * each + 2
        unit, most, ordered = code[joint], code[joint + 1], code[joint + 2]
        _narrow(
            spans,
            alive,
            start[each],
            start[each + 1],
            start[each + 1],
            start[each + 2],
            unit,
            most,
            not ordered,
            True,
            places,
        )
    total = 0
    for zone in range(3):
        fewest = np.int64(-1)
        for each in range(operands):
            count = 0
            for place in range(start[each], start[each + 1]):
                count += alive[place] and _zone(places, spans[place] >> _SHIFT) == zone
            fewest = count if fewest < 0 else min(fewest, count)
        total += fewest
    return total >= least
