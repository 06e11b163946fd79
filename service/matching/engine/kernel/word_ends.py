"""The end of a word of a text, and the gap before the next, without a regular expression.

Reads the same words and gaps as `words.text`; a test compares the two.
"""

from __future__ import annotations

import numpy as np

from service.matching.engine.kernel.table import MAX_PACKED, PACKED_BELOW, pack
from service.matching.kernels import inner
from service.matching.words.characters import (
    ALONE,
    APOSTROPHE,
    CLOSER,
    GREEK,
    JOINED,
    LETTER,
    NUMBER,
    OPENER,
    OPENS,
    SPACE,
    STOP,
    WIDE_STOP,
)

PLAIN, SENTENCE, STOPPED, STOPPED_ACRONYM, STOPPED_INITIAL, PARAGRAPH, ZONE = range(7)
"""The gaps before a word: one that ends nothing; the end of a sentence; a stop that ends a sentence
unless the word before it is an abbreviation; the same after a dotted acronym; the same before an
initial; a blank line; the start of the zone."""

_DOT, _NEWLINE, _COMMA, _SEMICOLON = ord("."), ord("\n"), ord(","), ord(";")
_S, _CAPITAL_S = ord("s"), ord("S")
_WORD = LETTER | NUMBER | JOINED
_BYTE = np.uint64(8)


@inner
def _acronym_end(text, start, end, classes):
    """The end of `U.S.` or `U.S` that begins at `start`; `start` itself if none does."""
    at = start
    while at + 1 < end and classes[text[at]] & LETTER and text[at + 1] == _DOT:
        at += 2
    letter = LETTER | NUMBER
    while at - start >= 4:
        if at < end and classes[text[at]] & LETTER:
            if at + 1 == end or not classes[text[at + 1]] & letter:
                return at + 1
        if at == end or not classes[text[at]] & letter:
            return at
        at -= 2
    if at == start + 2 and at < end:  # `U.S`
        both = classes[text[start]] & classes[text[at]]
        if both & LETTER and both & OPENS and (at + 1 == end or not classes[text[at + 1]] & letter):
            return at + 1
    return start


@inner
def _number_end(text, start, end, classes):
    """The end of `1,000.5` that begins at `start`; `start` itself if none does."""
    at = start
    groups = 0
    while True:
        digits = at
        while at < end and classes[text[at]] & (NUMBER | ALONE) == NUMBER:
            at += 1
        if at == digits:
            break
        groups += 1
        if (
            at + 1 < end
            and (text[at] == _DOT or text[at] == _COMMA)
            and classes[text[at + 1]] & (NUMBER | ALONE) == NUMBER
        ):
            at += 1
            continue
        break
    return at if groups > 1 else start


@inner
def _possessive_end(text, at, end, classes):
    if (
        at + 1 < end
        and classes[text[at]] & APOSTROPHE
        and (text[at + 1] == _S or text[at + 1] == _CAPITAL_S)
        and (at + 2 == end or not classes[text[at + 2]] & _WORD)
    ):
        return at + 2
    return at


@inner
def is_wide_stop(text, start, end, classes):
    """Whether the one character of a gap ends a sentence."""
    return start < end and classes[text[start]] & WIDE_STOP != 0


@inner
def gap_before(text, start, end, dotted, initial, classes):
    """The gap between two words, `text[start:end]`.

    `dotted`: the word before is an acronym that ends in a dot. `initial`: the word after is one
    letter with a dot.
    """
    newlines = 0
    wide = False
    for at in range(start, end):
        char = text[at]
        if char == _NEWLINE:
            newlines += 1
            if newlines == 2:
                return PARAGRAPH
        elif not classes[char] & SPACE:
            newlines = 0
            wide = wide or classes[char] & WIDE_STOP != 0
    if wide:
        return SENTENCE
    if not classes[text[end]] & OPENS:
        return PLAIN
    low = start - 1 if dotted else start
    at = end
    while at > low and classes[text[at - 1]] & (SPACE | OPENER):
        at -= 1
    spaces = at  # white space must follow the stop and its closers; some openers close, too
    while spaces < end and classes[text[spaces]] & CLOSER:
        spaces += 1
    if spaces == end or not classes[text[spaces]] & SPACE:
        return PLAIN
    while at > low and classes[text[at - 1]] & CLOSER:
        at -= 1
    stops = at
    while at > low and classes[text[at - 1]] & STOP:
        at -= 1
    if at == stops:
        greek = at == start + 1 and text[start] == _SEMICOLON and classes[text[start - 1]] & GREEK
        return SENTENCE if greek else PLAIN
    if stops == spaces and stops == low + 1 and text[low] == _DOT:
        if initial:
            return PLAIN if dotted else STOPPED_INITIAL
        return STOPPED_ACRONYM if dotted else STOPPED
    return SENTENCE


@inner
def read_word(text, start, end, classes):
    """Reads the word at `start`.

    Returns its end, whether it is an acronym, its characters packed into 64 bits, and whether they
    fit.
    """
    kind = classes[text[start]]
    packed = np.uint64(0)
    highest = text[start]
    at = start
    if kind & ALONE:
        at += 1
        while at < end and classes[text[at]] & JOINED:
            at += 1
        packed, fits = pack(text, start, at, False)
        return at, False, packed, fits
    while kind & _WORD and not kind & ALONE:
        highest |= text[at]
        packed = packed << _BYTE | np.uint64(text[at])
        at += 1
        if at == end:
            return at, False, packed, at - start <= MAX_PACKED and highest < PACKED_BELOW
        kind = classes[text[at]]
    char = text[at]
    longer = start
    acronym = False
    if char == _DOT and at == start + 1:
        longer = _acronym_end(text, start, end, classes)
        if longer > start:
            acronym = True
            longer = _possessive_end(text, longer, end, classes)
    if longer == start and (char == _DOT or char == _COMMA) and classes[text[start]] & NUMBER:
        longer = _number_end(text, start, end, classes)  # which takes no possessive
    if longer == start and kind & APOSTROPHE:
        longer = _possessive_end(text, at, end, classes)
    if longer > start and longer != at:
        packed, fits = pack(text, start, longer, acronym)
        return longer, acronym, packed, fits
    return at, False, packed, at - start <= MAX_PACKED and highest < PACKED_BELOW
