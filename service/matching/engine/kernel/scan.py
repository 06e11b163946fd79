"""Text → words and their forms, without a regular expression and without the GIL.

Reads the same words and gaps as `words.text`; a test compares the two.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.engine.kernel.table import FormTable, Hashing, find_form, key_and_hash
from service.matching.engine.kernel.word_ends import (
    PLAIN,
    ZONE,
    gap_before,
    is_wide_stop,
    read_word,
)
from service.matching.kernels import compiled, pointer, prefetch
from service.matching.words.characters import ALONE, LETTER, NUMBER

_DOT = ord(".")


class Words(NamedTuple):
    """The words of some zones, one after the other."""

    form: npt.NDArray[np.int32]
    """The number of each word's form; -1 if it is not in the table."""
    gap: npt.NDArray[np.uint8]
    """The gap before each word: `word_ends.PLAIN`, `SENTENCE` and so on."""
    zone_start: npt.NDArray[np.int64]
    """The number of each zone's first word; one more entry than zones."""
    unknown: npt.NDArray[np.int64]
    """For each word that is not in the table five numbers: its number, its start and end in the
    text, its zone, and whether it is an acronym whose dots do not count."""


UNKNOWN_NUMBERS = 5
"""Numbers of an unknown word in `Words.unknown`."""
PENDING_NUMBERS = 6
"""Numbers of a word that waits to be looked up: its start, its end, its zone; whether it is an
acronym, its zone is in capitals, and its characters fit into 64 bits."""
LOOKUP_DELAY = 8
"""How many words wait: so many steps before it is needed memory is asked for."""


@compiled
def scan(
    text: npt.NDArray[np.uint32],
    bounds: npt.NDArray[np.int64],
    shouted: npt.NDArray[np.uint8],
    classes: npt.NDArray[np.uint16],
    forms: FormTable,
    count: int,
    hashing: Hashing,
) -> Words:
    """The words of the zones of a text.

    Args:
        text: code points of all zones, one zone after the other; more may follow.
        bounds: int64[zones + 1]; zone z is `text[bounds[z]:bounds[z + 1]]`.
        shouted: uint8[zones]; 1 if all letters of the zone are capitals.
        classes: uint16[code points]; the bits of `words.characters` for each character.
        forms: the table of known forms.
        count: how many forms of the table are valid for this reader.
        hashing: how words are hashed.
    """
    seed, multiplier = hashing
    zones = len(shouted)
    # A text has at most as many words as characters, as in Chinese. Unused room costs nothing.
    form = np.empty(len(text), np.int32)
    gap = np.empty(len(text), np.uint8)
    unknown = np.empty(UNKNOWN_NUMBERS * len(text), np.int64)
    zone_start = np.empty(zones + 1, np.int64)
    texts, kinds = pointer(text), pointer(classes)
    forms_out, gaps_out, unknown_out = pointer(form), pointer(gap), pointer(unknown)
    slots, records = pointer(forms.slots), pointer(forms.records)
    mask = np.uint64(len(forms.slots) // 2 - 1)
    # A word is looked up some words later, when the prefetched part of the table has arrived.
    spans, hashes = (
        np.empty(PENDING_NUMBERS * LOOKUP_DELAY, np.int64),
        np.empty(2 * LOOKUP_DELAY, np.uint64),
    )
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
            if words - done == LOOKUP_DELAY or not more:
                turn = done % LOOKUP_DELAY
                place = PENDING_NUMBERS * turn
                known = find_form(
                    texts, waiting[place], waiting[place + 1], waiting[place + 3] != 0,
                    waiting[place + 4], waiting[place + 5] != 0, hashed[2 * turn],
                    hashed[2 * turn + 1], slots, mask, records, len(forms.records), count,
                )  # fmt: skip
                forms_out[done] = known
                if known < 0:
                    unknown_out[misses] = done
                    for each in range(UNKNOWN_NUMBERS - 1):
                        unknown_out[misses + 1 + each] = waiting[place + each]
                    misses += UNKNOWN_NUMBERS
                done += 1
                if not more:
                    continue
            start = at
            at, acronym, packed, fits = read_word(texts, start, end, kinds)
            if before < 0:
                gaps_out[words] = ZONE
            elif (
                start - before < 2 and not dotted and not is_wide_stop(texts, before, start, kinds)
            ):
                gaps_out[words] = PLAIN
            else:
                letter = at - start == 1 and kinds[texts[start]] & LETTER != 0
                initial = letter and at < end and texts[at] == _DOT
                gaps_out[words] = gap_before(texts, before, start, dotted, initial, kinds)
            dotted = acronym and texts[at - 1] == _DOT
            before = at
            key, value = key_and_hash(texts, start, at, acronym, packed, fits, salt, multiplier)
            prefetch(slots, np.int64(2 * (value & mask)))
            turn = words % LOOKUP_DELAY
            hashed[2 * turn], hashed[2 * turn + 1] = key, value
            place = PENDING_NUMBERS * turn
            waiting[place], waiting[place + 1], waiting[place + 2] = start, at, zone
            waiting[place + 3], waiting[place + 4] = acronym, shouted[zone]
            waiting[place + 5] = fits
            words += 1
    zone_start[zones] = words
    return Words(form[:words], gap[:words], zone_start, unknown[:misses])
