"""The values of NEAR, which keeps only the mentions that take part, and counts of mentions."""

from __future__ import annotations

import numpy as np

from service.matching.engine.kernel.positions import (
    FIRST_SHIFT,
    LAST_MASK,
    sort_in_place,
    zone_of,
)
from service.matching.engine.kernel.proximity import strike_out_backwards, strike_out_forwards
from service.matching.engine.kernel.scores.arrays import COUNTS, HOLDS, OFTEN, TERMS
from service.matching.kernels import inner


@inner
def mark(word, places, space, sentences, width):
    """Marks the sentence and the paragraph of a mention that begins with this word.

    The title goes with the paragraph after it, too, which is the beginning of the lead.
    """
    place = sentences + places.paragraph[word - places.title]
    space.marks[places.sentence[word - places.title] - 1] = 1
    space.marks[place - 1] = 1
    if word < places.lead and place < width:
        space.marks[place] = 1


@inner
def _merged(low, high, spans, space):
    """The mentions of the terms `low:high` at the end of `spans`, sorted and each once."""
    first, last = space.term_start[low], space.term_start[high]
    found = np.empty(last - first, np.int64)
    for at in range(first, last):
        found[at - first] = space.mentions[at]
    if high - low > 1:  # those of one term are sorted
        sort_in_place(found, len(found))
    count = 0
    for at in range(len(found)):
        if at == 0 or found[at] != found[at - 1]:
            spans[count] = found[at]
            count += 1
    return count


@inner
def disjoint_mentions(frame, space):
    """The most mentions of the frame's terms of which no two share a word."""
    low, high = space.first_term[frame], space.registers[TERMS]
    room = np.empty(space.term_start[high] - space.term_start[low], np.int64)
    count = _merged(low, high, room, space)
    for at in range(count):  # sorted by last word, the greedy choice finds the most
        room[at] = (room[at] & LAST_MASK) << FIRST_SHIFT | room[at] >> FIRST_SHIFT
    sort_in_place(room, count)
    disjoint = 0
    end = np.int64(-1)
    for at in range(count):
        if room[at] & LAST_MASK > end:
            disjoint += 1
            end = room[at] >> FIRST_SHIFT
    return disjoint


@inner
def close_near(code, frame, places, space, sentences, width):
    """The value of a NEAR whose operands are all mentioned."""
    operands = space.least[frame]
    first = space.first_term[frame]
    start = np.zeros(operands + 1, np.int64)
    room = space.term_start[space.registers[TERMS]] - space.term_start[first]
    spans = np.empty(room, np.int64)
    low = first
    for each in range(operands):
        high = space.operand_end[each]
        start[each + 1] = start[each] + _merged(low, high, spans[start[each] :], space)
        low = high
    alive = np.ones(room, np.bool_)
    joints = np.int64(space.joints[frame])
    if not strike_out_forwards(code, joints, spans, alive, start, places):
        return
    strike_out_backwards(code, joints, spans, alive, start, places)
    _count_zones(operands, spans, alive, start, places, space)
    _keep_alive(operands, first, frame, spans, alive, start, places, space, sentences, width)
    space.registers[HOLDS] = 1
    space.registers[COUNTS] = 1


@inner
def _keep_alive(operands, first, frame, spans, alive, start, places, space, sentences, width):
    """Keeps of each term only the mentions that take part, and notes where each operand has them.

    The terms move up: `read` is where the mentions of the next one to be read begin.
    """
    for place in range(frame * width, (frame + 1) * width):
        space.often[place] = 0
    kept = first
    used = read = np.int64(space.term_start[first])
    term = first
    for each in range(operands):
        for place in range(width):
            space.marks[place] = 0
        while term < space.operand_end[each]:
            begin = used
            end = np.int64(space.term_start[term + 1])
            for at in range(read, end):
                mention = space.mentions[at]
                own = spans[start[each] : start[each + 1]]
                if alive[start[each] + np.searchsorted(own, mention)]:
                    space.mentions[used] = mention
                    used += 1
                    mark(mention >> FIRST_SHIFT, places, space, sentences, width)
            read = end
            if used > begin:
                space.term_order[kept] = space.term_order[term]
                space.term_start[kept + 1] = used
                kept += 1
            term += 1
        for place in range(width):
            space.often[frame * width + place] += space.marks[place]
    space.registers[TERMS] = kept


@inner
def _count_zones(operands, spans, alive, start, places, space):
    """How often the NEAR occurs, and its mass: in each zone as often as the operand that has the
    fewest mentions there that take part.
    """
    often = 0
    mass = 0
    for zone in range(3):
        fewest = np.int64(-1)
        for each in range(operands):
            count = 0
            for at in range(start[each], start[each + 1]):
                count += alive[at] and zone_of(places, spans[at] >> FIRST_SHIFT) == zone
            fewest = count if fewest < 0 else min(fewest, count)
        often += fewest
        mass += fewest * (4 >> zone)
    space.registers[OFTEN] = often
    space.mass[0] = mass
