"""Whether mentions are near one another: in words, in a sentence or in a paragraph."""

from __future__ import annotations

import numpy as np

from service.matching.engine.kernel.positions import (
    ALL_ZONES,
    FIRST_SHIFT,
    LAST_MASK,
    find_mentions,
    sort_in_place,
    with_next,
    with_previous,
    zone_of,
)
from service.matching.engine.opcodes import WITHIN_SENTENCE, WITHIN_WORDS
from service.matching.kernels import inner

MAX_TRIED_PAIRS = 256
"""After so many pairs of mentions, sorting them is quicker than trying each pair."""


@inner
def _in_one_sentence(places, mention):
    """Whether a mention lies in one sentence."""
    first, last = (mention >> FIRST_SHIFT) - places.title, (mention & LAST_MASK) - places.title
    return places.sentence[first] == places.sentence[last]


@inner
def _are_near(one, other, unit, most, places):
    """Whether two mentions, the first of which ends before the second begins, are near."""
    end = one & LAST_MASK
    begin = other >> FIRST_SHIFT
    if zone_of(places, end) != zone_of(places, begin):
        return False
    if unit == WITHIN_WORDS:
        return begin - end - 1 <= most
    if unit == WITHIN_SENTENCE:
        return places.sentence[end - places.title] == places.sentence[begin - places.title]
    return places.paragraph[end - places.title] == places.paragraph[begin - places.title]


@inner
def _strike_out(spans, alive, low, high, other_low, other_high, unit, most, before, after, places):
    """Strikes out the mentions `spans[low:high]` that no mention of the other operand is near.

    The other operand's mentions are `spans[other_low:other_high]`; `alive` is false for those that
    were struck out. `before` and `after`: whether the other mention may be before this one, or
    after it. Only the nearest on each side can be near enough. Returns how many are left.
    """
    whole = unit == WITHIN_SENTENCE
    by_first = np.empty(other_high - other_low, np.int64)
    count = 0
    for at in range(other_low, other_high):
        if alive[at] and (not whole or _in_one_sentence(places, spans[at])):
            by_first[count] = spans[at]
            count += 1
    by_last = np.empty(count, np.int64)
    for at in range(count):
        by_last[at] = (by_first[at] & LAST_MASK) << FIRST_SHIFT | by_first[at] >> FIRST_SHIFT
    sort_in_place(by_last, count)
    left = 0
    for at in range(low, high):
        if not alive[at]:
            continue
        mention = spans[at]
        near = False
        if not whole or _in_one_sentence(places, mention):
            if after:
                place = np.searchsorted(
                    by_first[:count], ((mention & LAST_MASK) + 1) << FIRST_SHIFT
                )
                if place < count:
                    near = _are_near(mention, by_first[place], unit, most, places)
            if before and not near:
                place = np.searchsorted(by_last, mention >> FIRST_SHIFT << FIRST_SHIFT) - 1
                if place >= 0:
                    turned = by_last[place]
                    other = (turned & LAST_MASK) << FIRST_SHIFT | turned >> FIRST_SHIFT
                    near = _are_near(other, mention, unit, most, places)
        alive[at] = near
        left += near
    return left


@inner
def _concatenated(one, other):
    both = np.empty(len(one) + len(other), np.int64)
    for at in range(len(one)):
        both[at] = one[at]
    for at in range(len(other)):
        both[len(one) + at] = other[at]
    return both


@inner
def words_near(code, at, places):
    """Whether two single words are near, in words: 1 or 0, or -1 if this was not decided.

    Tries each mention of one word with each of the other. Gives up if there are many pairs, or if
    the NEAR at `code[at]` is not of two single words.
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
    reached = places.stretches[left - 1]
    for _ in range(min((most + 8) >> 3, 32)):  # 32 stretches to each side are all there are
        reached = with_next(reached) | with_previous(reached)
    if reached & places.stretches[right - 1] == 0:
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
                if tries > MAX_TRIED_PAIRS:
                    return -1
                beside = link_next[beside]
            word = following[word]
        link = link_next[link]
    return 0


@inner
def strike_out_forwards(code, at, spans, alive, start, places):
    """Strikes out what no chain from the first operand of the NEAR at `code[at]` reaches.

    The mentions of operand n are `spans[start[n]:start[n + 1]]`. Returns whether the last operand
    has any left.
    """
    for each in range(1, code[at]):
        joint = at + 4 * each - 2
        unit, most, ordered = code[joint], code[joint + 1], code[joint + 2]
        left = _strike_out(
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
    return True


@inner
def strike_out_backwards(code, at, spans, alive, start, places):
    """Strikes out what leads no chain on to the last operand of the NEAR at `code[at]`."""
    for each in range(code[at] - 2, -1, -1):
        joint = at + 4 * each + 2
        unit, most, ordered = code[joint], code[joint + 1], code[joint + 2]
        _strike_out(
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


@inner
def operands_near(code, at, least, places):
    """Whether the operands at `code[at]`, each near its neighbour, occur at least `least` times.

    The occurrences in a zone are the mentions there of the operand that has the fewest.
    """
    operands = code[at]
    start = np.zeros(operands + 1, np.int64)
    spans = find_mentions(code, code[at + 1], places)
    start[1] = len(spans)
    for each in range(1, operands):
        if start[each] == start[each - 1]:
            return False
        more = find_mentions(code, code[at + 1 + 4 * each], places)
        spans = _concatenated(spans, more)
        start[each + 1] = len(spans)
    alive = np.ones(len(spans), np.bool_)
    if not strike_out_forwards(code, at, spans, alive, start, places):
        return False
    if least == 1:
        return True
    strike_out_backwards(code, at, spans, alive, start, places)
    total = 0
    for zone in range(3):
        fewest = np.int64(-1)
        for each in range(operands):
            count = 0
            for place in range(start[each], start[each + 1]):
                count += alive[place] and zone_of(places, spans[place] >> FIRST_SHIFT) == zone
            fewest = count if fewest < 0 else min(fewest, count)
        total += fewest
    return total >= least
