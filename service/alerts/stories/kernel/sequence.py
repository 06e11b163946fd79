"""The compiled loop that keeps a text's words in their order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.alerts.stories.kernel.minhash import mixed
from service.alerts.stories.kernel.places import NOTHING, NUMBER, UNIT
from service.alerts.stories.kernel.words import BEGINS, Hashes, Kinds, Wide, Words
from service.matching.kernels import compiled

Sequence = npt.NDArray[np.uint16]
"""Words in their order: the lower bits are the word, above them OPENS and FACT."""
WORD_BITS = 14
OPENS, FACT = np.uint16(1 << WORD_BITS), np.uint16(1 << WORD_BITS + 1)
"""Set for the first word of a sentence; for a name or a number."""
WORD = np.uint16((1 << WORD_BITS) - 1)
LEFT_OUT = np.uint64(0)
"""Stands for a listed word that says nothing."""
_SHIFT = np.uint64(64 - WORD_BITS)


class ExchangedWords(NamedTuple):
    """Words that a desk exchanges for others or leaves out, in the order of `hashes`."""

    hashes: Wide
    instead: Wide
    """The word that each stands for, or LEFT_OUT."""


def sequence_of(words: Words, facts: Kinds, exchanged: ExchangedWords) -> tuple[Sequence, Hashes]:
    """The words that count, and which word of the text each of them is."""
    found = np.empty(len(facts), np.uint16)
    origins = np.empty(len(facts), np.uint32)
    count = _sequence(words.hashes, words.values, words.kinds, facts, *exchanged, found, origins)
    return found[:count], origins[:count]


@compiled
def _sequence(hashes, values, kinds, facts, listed, instead, found, origins) -> int:
    count, opens = 0, True
    for at in range(len(hashes)):
        opens |= kinds[at] & BEGINS != 0
        word = hashes[at]
        if facts[at] == NUMBER:
            word = values[at]
        else:
            known = np.searchsorted(listed, word)
            if known < len(listed) and listed[known] == word:
                word = instead[known]
        if word == LEFT_OUT or facts[at] == UNIT:
            continue
        found[count] = mixed(word) >> _SHIFT
        if opens:
            found[count] |= OPENS
        if facts[at] != NOTHING:
            found[count] |= FACT
        origins[count] = at
        count += 1
        opens = False
    return count
