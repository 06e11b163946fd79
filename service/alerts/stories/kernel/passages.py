"""The compiled loops that find which words of one text stand for others of another.

Both texts are divided by what they have in common: the run of words with the most plain words, then
the ones before and after it. Between two of these runs stands a *passage*, another one in each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from service.alerts.stories.kernel.sequence import FACT, WORD, Sequence
from service.matching.kernels import compiled, inner

MAX_PASSAGES = 64
LEAST_PLAIN = 2
"""Plain words of a run: the names of one sentence come together in another one, too."""


class Passage(NamedTuple):
    """Where other words stand between the same ones; an end is the number of the word after."""

    start: int
    end: int
    other_start: int
    other_end: int


def passages(ours: Sequence, theirs: Sequence) -> list[Passage]:
    """What differs, in order; also where one text has nothing."""
    found = np.empty((MAX_PASSAGES, 4), np.int64)
    count = _passages(ours, theirs, found)
    return [Passage(*row) for row in found[:count].tolist()]


@inner
def _longest_run(ours, theirs, span):
    """The common run with the most plain words: where it begins in both, its words, plain ones."""
    start, end, other_start, other_end = span
    room = other_end - other_start + 1
    lengths, plain = np.zeros(room, np.int32), np.zeros(room, np.int32)
    at_best = other_best = length = most = 0
    for at in range(start, end):
        is_plain = 0 if ours[at] & FACT else 1
        word = ours[at] & WORD
        for column in range(room - 1, 0, -1):
            if theirs[other_start + column - 1] & WORD != word:
                lengths[column] = plain[column] = 0
                continue
            lengths[column] = lengths[column - 1] + 1
            plain[column] = plain[column - 1] + is_plain
            if (plain[column], lengths[column]) > (most, length):
                length, most = lengths[column], plain[column]
                at_best, other_best = at + 1 - length, other_start + column - length
    return at_best, other_best, length, most


@compiled
def _passages(ours, theirs, found) -> int:
    count, size = 0, 1
    spans = np.empty((2 * len(found), 4), np.int64)
    # What both begin with needs no search.
    same = 0
    while same < min(len(ours), len(theirs)) and (ours[same] ^ theirs[same]) & WORD == 0:
        same += 1
    spans[0] = same, len(ours), same, len(theirs)
    while size and count < len(found):
        size -= 1
        start, end, other_start, other_end = spans[size]
        if start == end and other_start == other_end:
            continue
        at = other = length = plain = 0
        if start < end and other_start < other_end and size + 2 <= len(spans):
            at, other, length, plain = _longest_run(ours, theirs, spans[size])
        if plain < LEAST_PLAIN:
            # What both texts end with is in both, though it is no run: "guilty", and "not guilty".
            ends = end == len(ours) and other_end == len(theirs)
            while (
                ends
                and end > start
                and other_end > other_start
                and (ours[end - 1] ^ theirs[other_end - 1]) & WORD == 0
            ):
                end, other_end = end - 1, other_end - 1
            if start == end and other_start == other_end:
                continue
            found[count] = start, end, other_start, other_end
            count += 1
            continue
        spans[size] = at + length, end, other + length, other_end
        spans[size + 1] = start, at, other_start, other
        size += 2
    return count
