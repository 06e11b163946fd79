"""The classes of characters in words and sentences, as a table that a kernel can read.

They are the classes of the regular expressions in `words.text`.
"""

from __future__ import annotations

import functools
import sys

import numpy as np
import numpy.typing as npt
import regex

from service.matching.words.text import (
    CAN_OPEN,
    CLOSERS,
    MARK,
    OPENERS,
    RUN,
    STOPS,
    WIDE_STOPS,
)
from service.matching.words.text import GREEK as A_GREEK
from service.matching.words.text import LETTER as A_LETTER
from service.matching.words.wordform import POSSESSIVE_MARKS

LETTER, NUMBER, JOINED, ALONE = 1, 2, 4, 8
"""A letter, a digit, a mark that belongs to the letter before it, a character that is a word."""
SPACE, OPENS, STOP, WIDE_STOP, CLOSER, OPENER = 16, 32, 64, 128, 256, 512
"""White space; a character that can begin a sentence; a stop; a full-width stop; a quotation mark
or parenthesis after a sentence, and before one."""
APOSTROPHE, GREEK = 1024, 2048
"""A mark before the s of a possessive; a Greek letter."""

_CLASSES = {
    A_LETTER: LETTER,
    r"\p{N}": NUMBER,
    rf"[{MARK}]": JOINED,
    RUN: ALONE,
    r"\s": SPACE,
    CAN_OPEN: OPENS,
    rf"[{regex.escape(STOPS)}]": STOP,
    rf"[{WIDE_STOPS}]": WIDE_STOP,
    rf"[{regex.escape(CLOSERS)}]": CLOSER,
    rf"[{regex.escape(OPENERS)}]": OPENER,
    rf"[{POSSESSIVE_MARKS}]": APOSTROPHE,
    A_GREEK: GREEK,
}
# Unicode has assigned no letters beyond these planes, except for private use; a test checks that.
_ASSIGNED = (range(0x40000), range(0xE0000, 0xE0200))


@functools.cache
def character_classes() -> npt.NDArray[np.uint16]:
    """The classes of every code point, one bit each."""
    table = np.zeros(sys.maxunicode + 1, np.uint16)
    for planes in _ASSIGNED:
        text = "".join(map(chr, planes))
        for pattern, bit in _CLASSES.items():
            for run in regex.finditer(rf"(?V1)(?:{pattern})+", text):
                table[planes.start + run.start() : planes.start + run.end()] |= bit
    table.flags.writeable = False
    return table
