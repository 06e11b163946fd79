"""Text → words and the forms they are known by, without a regular expression and without the GIL.

Reads the same words and gaps as `matching.text`; a test compares the two.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.engine.kernel.table import Forms, Hashing, look_up, told_by
from service.matching.engine.kernel.word_ends import PLAIN, ZONE, gap_before, read, wide
from service.matching.kernels import compiled, pointer, prefetch
from service.matching.words.characters import ALONE, LETTER, NUMBER

_DOT = ord(".")


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
WAITING = 6
"""How many tell of one that waits to be looked up: its start, its end, and its zone; whether it is
an acronym, its zone is in capitals, and its characters fit."""
WAIT = 8
"""How many words wait: so many steps before it is needed memory is asked for."""


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
    mask = np.uint64(len(forms.slots) // 2 - 1)
    # A word is looked up some words later, when what was asked for of the table is at hand.
    spans, hashes = np.empty(WAITING * WAIT, np.int64), np.empty(2 * WAIT, np.uint64)
    waiting, hashed = pointer(spans), pointer(hashes)
    words = 0
    done = 0
    misses = 0
    for zone in range(zones):
        zone_start[zone] = words
        at = bounds[zone]
        end = bounds[zone + 1]
        salt = seed ^ np.uint64(shouted[zone])
        before = np.int64(-1)  # where the word before ends
        dotted = False
        while at < end or (zone == zones - 1 and done < words):
            more = at < end
            if more and not kinds[texts[at]] & (LETTER | NUMBER | ALONE):
                at += 1
                continue
            if words - done == WAIT or not more:
                turn = done % WAIT
                place = WAITING * turn
                known = look_up(
                    texts, waiting[place], waiting[place + 1], waiting[place + 3] != 0,
                    waiting[place + 4], waiting[place + 5] != 0, hashed[2 * turn],
                    hashed[2 * turn + 1], slots, mask, records, len(forms.records), count,
                )  # fmt: skip
                forms_out[done] = known
                if known < 0:
                    unknown_out[misses] = done
                    for each in range(UNKNOWN - 1):
                        unknown_out[misses + 1 + each] = waiting[place + each]
                    misses += UNKNOWN
                done += 1
                if not more:
                    continue
            start = at
            at, acronym, packed, fits = read(texts, start, end, kinds)
            if before < 0:
                gaps_out[words] = ZONE
            elif start - before < 2 and not dotted and not wide(texts, before, start, kinds):
                gaps_out[words] = PLAIN
            else:
                letter = at - start == 1 and kinds[texts[start]] & LETTER != 0
                initial = letter and at < end and texts[at] == _DOT
                gaps_out[words] = gap_before(texts, before, start, dotted, initial, kinds)
            dotted = acronym and texts[at - 1] == _DOT
            before = at
            key, value = told_by(texts, start, at, acronym, packed, fits, salt, multiplier)
            prefetch(slots, np.int64(2 * (value & mask)))
            turn = words % WAIT
            hashed[2 * turn], hashed[2 * turn + 1] = key, value
            place = WAITING * turn
            waiting[place], waiting[place + 1], waiting[place + 2] = start, at, zone
            waiting[place + 3], waiting[place + 4] = acronym, shouted[zone]
            waiting[place + 5] = fits
            words += 1
    zone_start[zones] = words
    return Words(form[:words], gap[:words], zone_start, unknown[:misses])
