"""Where the words of a text are: `scan` needs only which they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.matching.engine.kernel.scores.arrays import PlacedWords
from service.matching.engine.kernel.word_ends import read_word
from service.matching.kernels import compiled, pointer
from service.matching.words.characters import ALONE, LETTER, NUMBER


@compiled
def place_words(
    text: npt.NDArray[np.uint32],
    bounds: npt.NDArray[np.int64],
    classes: npt.NDArray[np.uint16],
    count: int,
) -> PlacedWords:
    """The places of the `count` words of a text.

    Args:
        text: code points of all zones, one zone after the other; more may follow.
        bounds: int64[zones + 1]; zone z is `text[bounds[z]:bounds[z + 1]]`.
        classes: uint16[code points]; the bits of `words.characters` for each character.
        count: how many words `scan` found.
    """
    starts, ends = np.empty(count, np.int32), np.empty(count, np.int32)
    sentences = np.empty(count, np.int32)
    texts, kinds = pointer(text), pointer(classes)
    word = 0
    for zone in range(len(bounds) - 1):
        at = bounds[zone]
        while at < bounds[zone + 1]:
            if not kinds[texts[at]] & (LETTER | NUMBER | ALONE):
                at += 1
                continue
            starts[word] = at
            at, _, _, _ = read_word(texts, at, bounds[zone + 1], kinds)
            ends[word] = at
            word += 1
    return PlacedWords(starts, ends, sentences)
