"""One plan, run on the words of one article: its value and the terms that occur (see `opcodes`)."""

from __future__ import annotations

import numpy as np

from service.matching.engine import opcodes as op
from service.matching.engine.kernel.positions import FIRST_SHIFT, find_mentions, zone_of
from service.matching.engine.kernel.programs import test_holds
from service.matching.engine.kernel.scores.arrays import (
    CALLS,
    COUNTS,
    DEPTH,
    FIRST_TERM,
    HOLDS,
    MASSES,
    MAX_DEPTH,
    MAX_MASSES,
    MAX_MENTIONS,
    MAX_TERMS,
    OFTEN,
    ORDER,
    OVERFLOW,
    TERMS,
)
from service.matching.engine.kernel.scores.means import mean_mass, sort_last_masses, total_mass
from service.matching.engine.kernel.scores.nearness import close_near, disjoint_mentions, mark
from service.matching.kernels import inner


@inner
def run_plan(at, article, rules, plans, metadata, places, space, sentences, width):
    """Runs the plan that begins at `plans.code[at]`; returns where it ends.

    The registers `TERMS`, `MASSES`, `DEPTH`, `CALLS` and `OVERFLOW` are 0 before. Afterwards they
    describe the value and its terms.
    """
    code, registers = plans.code, space.registers
    while code[at] != op.PLAN_STOP and not registers[OVERFLOW]:
        operation = code[at]
        if operation == op.PLAN_OPEN:
            _open(code, at, space, width)
            at += 4 * code[at + 2] if code[at + 1] == op.NEAR_ONE_ANOTHER else 3
            continue
        if operation == op.PLAN_CALL:
            registers[OVERFLOW] |= registers[CALLS] + 1 == MAX_DEPTH
            space.calls[registers[CALLS]] = at + 2
            registers[CALLS] += 1
            at = np.int64(code[at + 1])
            continue
        if operation == op.PLAN_RETURN:
            registers[CALLS] -= 1
            at = np.int64(space.calls[registers[CALLS]])
            continue
        if operation == op.PLAN_TERM:
            _note_term(rules.code, np.int64(code[at + 1]), places, space, sentences, width)
            at += 2
        elif operation == op.PLAN_TEST:
            registers[HOLDS] = test_holds(code[at + 1], article, rules, metadata)
            registers[COUNTS] = 0
            registers[FIRST_TERM] = registers[TERMS]
            at += 2
        else:
            _close(code, places, space, sentences, width)
            at += 1
        if registers[DEPTH]:
            _fold(space, width)
    return at


@inner
def _open(code, at, space, width):
    registers = space.registers
    frame = registers[DEPTH]
    registers[OVERFLOW] |= frame + 1 == MAX_DEPTH
    registers[DEPTH] += 1
    space.kind[frame] = code[at + 1]
    space.least[frame] = code[at + 2]
    space.joints[frame] = at + 2
    space.children[frame] = 0
    space.holding[frame] = 0
    space.counting[frame] = 0
    space.first_term[frame] = registers[TERMS]
    space.first_mass[frame] = registers[MASSES]
    for place in range(frame * width, (frame + 1) * width):
        space.often[place] = 0


@inner
def _note_term(code, operand, places, space, sentences, width):
    """The value of a term: its mentions become the last ones."""
    registers = space.registers
    term = registers[TERMS]
    registers[FIRST_TERM] = term
    registers[ORDER] += 1
    registers[HOLDS] = 0
    registers[COUNTS] = 0
    if code[operand] == 1 and places.key_at[code[operand + 5 + code[operand + 3]]] == 0:
        return  # it is written in one way, and the rarest word of that does not occur
    found = find_mentions(code, operand, places)
    start = space.term_start[term]
    if len(found) == 0:
        return
    if term + 1 == MAX_TERMS or start + len(found) > MAX_MENTIONS:
        registers[OVERFLOW] = 1
        return
    for place in range(width):
        space.marks[place] = 0
    mass = 0
    for number in range(len(found)):
        mention = found[number]
        word = mention >> FIRST_SHIFT
        space.mentions[start + number] = mention
        mass += np.int64(4) >> zone_of(places, word)  # of the title 4, the lead 2, the body 1
        mark(word, places, space, sentences, width)
    space.mass[0] = mass
    space.term_order[term] = registers[ORDER] - 1
    space.term_start[term + 1] = start + len(found)
    registers[TERMS] = term + 1
    registers[HOLDS] = 1
    registers[COUNTS] = 1


@inner
def _fold(space, width):
    """Adds the last value to the frame around it; of a value that does not hold, no term stays."""
    registers = space.registers
    frame = registers[DEPTH] - 1
    kind = space.kind[frame]
    child = space.children[frame]
    space.children[frame] += 1
    if not registers[HOLDS] or kind == op.NONE_OF:
        registers[TERMS] = registers[FIRST_TERM]
    if kind == op.NEAR_ONE_ANOTHER:
        registers[OVERFLOW] |= child == MAX_MASSES
        space.operand_end[min(child, MAX_MASSES - 1)] = registers[TERMS]
    space.holding[frame] += registers[HOLDS]
    if not registers[HOLDS] or not registers[COUNTS]:
        return
    space.counting[frame] += 1
    mass = registers[MASSES]
    if mass + 1 == MAX_MASSES:
        registers[OVERFLOW] = 1
        return
    space.masses[mass] = space.mass[0]
    if frame == 0:
        space.clause[mass] = child
    registers[MASSES] = mass + 1
    for place in range(width):
        space.often[frame * width + place] += space.marks[place]


@inner
def _close(code, places, space, sentences, width):
    """Ends the innermost frame; its value becomes the last one."""
    registers = space.registers
    frame = registers[DEPTH] - 1
    kind, least = space.kind[frame], space.least[frame]
    holding, counting = space.holding[frame], space.counting[frame]
    registers[DEPTH] = frame
    registers[FIRST_TERM] = space.first_term[frame]
    first = np.int64(space.first_mass[frame])
    last = np.int64(registers[MASSES])
    registers[MASSES] = first
    needed = 1
    if kind == op.ALL_OF or kind == op.EACH_OF:
        registers[HOLDS] = holding == space.children[frame]
        registers[COUNTS] = registers[HOLDS] and counting > 0
        needed = counting
        if kind == op.ALL_OF and registers[COUNTS]:
            space.mass[0] = mean_mass(first, last, space)
    elif kind == op.ANY_OF:
        registers[HOLDS] = holding > 0
        registers[COUNTS] = holding > 0 and counting == holding
        space.mass[0] = total_mass(first, last, space)
    elif kind == op.SOME_OF:
        needed = least - (holding - counting)
        registers[HOLDS] = holding >= least
        registers[COUNTS] = registers[HOLDS] and needed > 0
        if registers[COUNTS]:
            sort_last_masses(first, last, space)
            space.mass[0] = mean_mass(last - needed, last, space)
    elif kind == op.NONE_OF:
        registers[HOLDS] = holding == 0
        registers[COUNTS] = 0
    elif kind == op.NEAR_ONE_ANOTHER:
        registers[OFTEN] = 0
        registers[HOLDS] = 0
        registers[COUNTS] = 0
        if holding == space.children[frame]:
            close_near(code, frame, places, space, sentences, width)
            needed = least
    else:
        often = registers[OFTEN] if kind == op.ENOUGH_NEAR else disjoint_mentions(frame, space)
        registers[HOLDS] = holding > 0 and often >= least
        registers[COUNTS] = registers[HOLDS]
        space.mass[0] = total_mass(first, last, space)
    for place in range(width if registers[COUNTS] else 0):
        space.marks[place] = space.often[frame * width + place] >= needed


@inner
def closeness(space, sentences, width):
    """How close together all is that the last value requires.

    0 where one sentence has it, 1 where one paragraph has, else 2.
    """
    for place in range(width):
        if space.marks[place]:
            return 0 if place < sentences else 1
    return 2
