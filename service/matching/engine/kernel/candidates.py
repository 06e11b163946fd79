"""The postings of an article's units whose required words all occur."""

from __future__ import annotations

import numpy as np

from service.matching.engine import opcodes as op
from service.matching.engine.kernel.programs import occurs
from service.matching.engine.kernel.units import PREFETCH_STEPS
from service.matching.kernels import inner, prefetch


@inner
def find_candidates(units, query_arrays, scratch, matches, room):
    """Writes the candidates, rows of `posting_rest`, into `found` behind `matches` matches.

    A candidate is a posting whose second unit occurs and whose checked units allow that the query
    holds. Returns where they end. If `room`, the length of `found`, may not be enough, writes
    nothing and returns how much is enough.
    """
    posting, posting_start, touched = (
        query_arrays.posting,
        query_arrays.posting_start,
        scratch.touched,
    )
    present, found, rest = scratch.present, scratch.found, query_arrays.posting_rest
    after = matches
    for place in range(units):
        after += posting_start[touched[place] + 1] - posting_start[touched[place]]
    if after >= room:
        return after + 1
    after = matches
    for place in range(units):
        if place + PREFETCH_STEPS < units:
            prefetch(posting, np.int64(posting_start[touched[place + PREFETCH_STEPS]]))
        unit = touched[place]
        for at in range(posting_start[unit], posting_start[unit + 1]):
            # The posting is written in any case, and the end moves on if its unit occurs: a branch
            # here would be predicted wrongly too often.
            found[after] = at
            prefetch(rest, np.int64(op.POSTING_NUMBERS * at))
            after += occurs(present, posting[at])
    low, high = matches, after
    after = matches
    for place in range(low, high):
        row = op.POSTING_NUMBERS * found[place]
        found[after] = row
        prefetch(query_arrays.code, np.int64(rest[row + 1]))
        after += _passes_check(present, rest, row)
    return after


@inner
def _passes_check(present, rest, row):
    """Whether the checked units of a posting's row allow that its query holds; has no branch."""
    some = False
    for each in range(row + 2, row + op.POSTING_NUMBERS):
        some |= occurs(present, rest[each])
    return some ^ (rest[row] & op.NONE_OCCURS != 0)
