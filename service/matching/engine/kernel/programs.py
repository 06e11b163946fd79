"""The small programs that queries become, run on the words of one article (see `opcodes`)."""

from __future__ import annotations

import numpy as np

from service.matching.engine import opcodes as op
from service.matching.engine.kernel.positions import occurs_at_least, phrase_occurs
from service.matching.engine.kernel.proximity import operands_near, words_near
from service.matching.engine.kernel.sentences import number_sentences
from service.matching.kernels import inner

_TRUE, _FALSE = 1, 2
_SIX, _LOW_SIX, _ONE = np.int32(6), np.int32(63), np.uint64(1)


@inner
def occurs(present, unit):
    return present[unit >> _SIX] >> np.uint64(unit & _LOW_SIX) & _ONE != 0


@inner
def any_occurs(present, code, at):
    last = at + 2 + code[at + 1]
    at += 2
    while at < last:
        if occurs(present, code[at]):
            return True
        at += 1
    return False


@inner
def words_only(code, at, present):
    """Runs a program up to the first operation that needs more than which words occur.

    Most programs need nothing else. Returns where it stopped, and the truth value there.
    """
    value = True
    while True:
        operation = code[at]
        if operation == op.KEY:
            value = occurs(present, code[at + 1])
            at += 2
        elif operation == op.ANY_KEY:
            value = any_occurs(present, code, at)
            at += 2 + code[at + 1]
        elif operation == op.UNLESS:
            at = at + 2 if value else np.int64(code[at + 1])
        elif operation == op.WHEN:
            at = np.int64(code[at + 1]) if value else at + 2
        elif operation == op.NOT:
            value = not value
            at += 1
        else:
            return at, value


@inner
def _fits(value, start, end, test, low, high):
    """Whether the value `value[start:end]` fits the pattern `test[low:high]`; greedy for `*`."""
    at = low
    star = -1
    resume = start
    here = start
    while here < end:
        if at < high and test[at] == op.ANY_CHARACTERS:
            star = at
            resume = here
            at += 1
        elif at < high and np.int64(test[at]) == np.int64(value[here]):
            at += 1
            here += 1
        elif star >= 0:
            resume += 1
            here = resume
            at = star + 1
        else:
            return False
    while at < high and test[at] == op.ANY_CHARACTERS:
        at += 1
    return at == high


@inner
def test_holds(number, article, query_arrays, metadata):
    """Whether a test of the metadata holds for an article."""
    field = query_arrays.test_field[number]
    low, high = query_arrays.test_start[number], query_arrays.test_start[number + 1]
    for each in range(metadata.of[article], metadata.of[article + 1]):
        if metadata.field[each] == field and _fits(
            metadata.text,
            metadata.start[each],
            metadata.start[each + 1],
            query_arrays.test,
            low,
            high,
        ):
            return True
    return False


@inner
def _positional(operation, code, at, places, divided):
    """The operations on places of words; `divided[0]` is set once sentences are numbered."""
    if operation == op.PHRASE:
        return phrase_occurs(code, at, places)
    if operation == op.ATLEAST:
        return occurs_at_least(code, code[at + 1], code[at], places)
    if operation == op.NEAR:
        quick = words_near(code, at, places)
        if quick >= 0:
            return quick == 1
    if not divided[0]:
        number_sentences(places)
        divided[0] = True
    if operation == op.NEAR:
        return operands_near(code, at, 1, places)
    return operands_near(code, at + 1, code[at], places)


@inner
def run(at, value, article, query_arrays, metadata, places, scratch):
    """The truth value of the program that continues at `code[at]` with `value`."""
    code = query_arrays.code
    list_state, callers, counts = scratch.list_state, scratch.callers, scratch.counts
    depth = 0
    counting = 0
    while True:
        operation = code[at]
        if operation == op.KEY:
            value = occurs(scratch.present, code[at + 1])
            at += 2
        elif operation == op.ANY_KEY:
            value = any_occurs(scratch.present, code, at)
            at += 2 + code[at + 1]
        elif operation == op.UNLESS:
            at = at + 2 if value else np.int64(code[at + 1])
        elif operation == op.WHEN:
            at = np.int64(code[at + 1]) if value else at + 2
        elif operation == op.NOT:
            value = not value
            at += 1
        elif operation == op.END:
            if depth == 0:
                return value
            depth -= 2
            list_state[callers[depth]] = _TRUE if value else _FALSE
            at = np.int64(callers[depth + 1])
        elif operation == op.KEY_IN:
            place = places.key_at[code[at + 1]]
            value = place != 0 and scratch.key_zones[place - 1] & code[at + 2] != 0
            at += 3
        elif operation == op.PHRASE:
            value = _positional(operation, code, at + 1, places, scratch.divided)
            at += 5 + code[at + 4]
        elif operation == op.TEST:
            value = test_holds(code[at + 1], article, query_arrays, metadata)
            at += 2
        elif operation == op.LIST:
            number = code[at + 1]
            at += 2
            if list_state[number] == 0:
                callers[depth] = number
                callers[depth + 1] = at
                depth += 2
                at = np.int64(query_arrays.list_code[number])
            else:
                value = list_state[number] == _TRUE
        elif operation == op.COUNT:
            counts[counting] = 0
            counting += 1
            at += 1
        elif operation == op.ADD:
            counts[counting - 1] += value
            at = np.int64(code[at + 2]) if counts[counting - 1] >= code[at + 1] else at + 3
        elif operation == op.REACHED:
            counting -= 1
            value = counts[counting] >= code[at + 1]
            at += 2
        else:
            value = _positional(operation, code, at + 1, places, scratch.divided)
            if operation == op.ATLEAST:
                at += 3
            elif operation == op.NEAR:
                at += 4 * code[at + 1] - 1
            else:
                at += 4 * code[at + 2]
