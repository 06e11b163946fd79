"""The compiled loop that reads a text's words: their hashes, and what is known of each.

Words here need not be those of an expression, only the same in both copies. numba compiles the
loop, as it does those of `matching.engine.kernel`; in Python it takes six times as long.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.kernels import compiled, inner

Hashes = npt.NDArray[np.uint32]
Wide = npt.NDArray[np.uint64]
Kinds = npt.NDArray[np.uint8]

IS_NUMBER, IS_CAPITAL, BEGINS, IS_ALONE = (np.uint8(1 << bit) for bit in range(4))
"""What is known of a word: of digits; begins with a capital; the first of a sentence; a character
that no space divides from the next."""

# A character that no space divides from the next is a word, as in `words.text`; all that is
# neither space nor sign belongs to a word, marks too.
_ALONE = (
    "\u0e01-\u0e5b"  # Thai
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u9fff\uf900-\ufaff"  # Han
    "\u3041-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
)
_SIGNS = (
    r"!-/:-@\[-`{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    r"\u0589\u05be\u05c0\u05c3\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u0970"
    r"\u104a\u104b\u1361-\u1368\u17d4\u17d5\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u303f"
)
_ALONE_BIT, _DIGIT, _CAPITAL, _STOP, _BETWEEN, _POINT = (np.uint32(1 << b) for b in range(26, 32))
_CLASSES = {
    rf"[{_ALONE}]": _ALONE_BIT,
    r"\d": _DIGIT,
    r"[.!?…。।:\n]": _STOP,
    rf"(?![{_ALONE}])[\s{_SIGNS}]": _BETWEEN,
    r"[.,:]": _POINT,
}
_FOLDED = np.uint32((1 << 21) - 1)
_HAN = np.uint32(0x20000)
"""The first code point beyond the table: from there on, each character is a word."""

_SEED, _TIMES = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # those of FNV-1a
_ZERO, _COLON, _FULL_STOP = np.uint32(ord("0")), np.uint32(ord(":")), np.uint32(ord("."))
PREFIX = 5
"""Letters of a name that count: it may have an ending ("Ankara's", "Анкаре")."""
MOST_CAPITALS, LEAST_BEGINNINGS = 0.7, 0.5
"""Capitals tell names from other words where at most so many words have one, and at least so many
of those that begin a sentence."""
_GROUP = 3
"""Digits between the separators of a long number: 1,000,000."""


class Words(NamedTuple):
    """A text's words, in their order."""

    hashes: Wide
    """Of the folded word."""
    values: Wide
    """Of what a fact says: a number without its separators, or a word's first letters."""
    kinds: Kinds
    """IS_NUMBER, IS_CAPITAL, BEGINS and IS_ALONE."""
    starts: Hashes
    ends: Hashes
    """Where the word stands in the text, in code points."""


def read_words(text: str) -> Words:
    """The words of a text; case does not count, nor the script of digits."""
    codes = _codes(text)
    size = len(codes)
    found = Words(
        np.empty(size, np.uint64),
        np.empty(size, np.uint64),
        np.empty(size, np.uint8),
        np.empty(size, np.uint32),
        np.empty(size, np.uint32),
    )
    count = _read(codes, _characters(), *found)
    return Words(*(each[:count] for each in found))


def has_case(kinds: Kinds) -> bool:
    """Whether capitals tell names from other words: not in Arabic, nor in a text of capitals."""
    counts = np.zeros((2, 2), np.int64)
    _count_capitals(kinds, counts)
    (inside, inside_all), (first, first_all) = counts.tolist()
    few = inside <= MOST_CAPITALS * inside_all
    return bool(few and first >= LEAST_BEGINNINGS * first_all > 0)


def _codes(text: str) -> Hashes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


@functools.cache
def _characters() -> Hashes:
    """For each character below U+20000 its folded form in the low bits, its classes above them."""
    text = "".join(map(chr, range(_HAN)))
    small = text.replace("İ", "I").lower()  # the only capital whose small form has two characters
    table = _codes(small.replace("ς", "σ")).copy()
    table[_codes(small) != _codes(text)] |= _CAPITAL
    for pattern, bit in _CLASSES.items():
        for run in re.finditer(f"(?:{pattern})+", text):
            table[run.start() : run.end()] |= bit
    for digit in re.finditer(r"\d", text):
        value = unicodedata.digit(digit[0])
        table[digit.start()] = (table[digit.start()] & ~_FOLDED) | np.uint32(ord("0") + value)
    table.flags.writeable = False
    return table


@inner
def _is(code, table):
    return table[code] if code < _HAN else _ALONE_BIT | code


@inner
def _end(codes, table, at, kind):
    """Where the word that begins at `at` ends; points between digits belong to the number."""
    size = len(codes)
    at += 1
    if kind & _ALONE_BIT:
        return at
    if kind & _DIGIT:
        while at < size:
            here = _is(codes[at], table)
            if here & _POINT and at + 1 < size:
                at += 1
                here = _is(codes[at], table)
                if not here & _DIGIT:
                    return at - 1
            if not here & _DIGIT:
                return at
            at += 1
        return at
    while at < size and not _is(codes[at], table) & (_BETWEEN | _ALONE_BIT):
        at += 1
    return at


@inner
def _digits_after(codes, table, at, end):
    count = 0
    while at < end and _is(codes[at], table) & _DIGIT:
        at += 1
        count += 1
    return count


@inner
def _number(codes, table, at, end):
    """A hash of a number's value: 1,000 is 1000, 248.0 is 248, 007 is 7; 14:30 stays a time."""
    points, last = 0, end
    for place in range(at, end):
        if not _is(codes[place], table) & _DIGIT:
            group = _digits_after(codes, table, place + 1, end) == _GROUP
            if codes[place] == _COLON or not group:
                points += 1
                last = place
    if points == 1 and codes[last] != _COLON:  # the zeros of a fraction say nothing
        while end > last and (end - 1 == last or _is(codes[end - 1], table) & _FOLDED == _ZERO):
            end -= 1
    while at + 1 < end and _is(codes[at], table) & _FOLDED == _ZERO:
        if not _is(codes[at + 1], table) & _DIGIT:
            break
        at += 1
    value = _SEED
    for place in range(at, end):
        here = _is(codes[place], table)
        if here & _DIGIT:
            value = (value ^ np.uint64(here & _FOLDED)) * _TIMES
        elif codes[place] == _COLON:
            value = (value ^ np.uint64(_COLON)) * _TIMES
        elif _digits_after(codes, table, place + 1, end) != _GROUP:
            value = (value ^ np.uint64(_FULL_STOP)) * _TIMES
    return value


@compiled
def _count_capitals(kinds, counts) -> None:
    """How many words have a capital, and how many there are: inside sentences, then first ones."""
    for kind in kinds:
        if not kind & IS_NUMBER:
            row = 1 if kind & BEGINS else 0
            counts[row, 0] += 1 if kind & IS_CAPITAL else 0
            counts[row, 1] += 1


@compiled
def _read(
    codes: Hashes,
    table: Hashes,
    hashes: Wide,
    values: Wide,
    kinds: Kinds,
    starts: Hashes,
    ends: Hashes,
) -> int:
    """Fills the arrays; returns how many words there are."""
    count = at = 0
    begins = True  # whether a sentence begins here
    while at < len(codes):
        kind = _is(codes[at], table)
        if kind & _BETWEEN:
            begins |= kind & _STOP != 0
            at += 1
            continue
        end = _end(codes, table, at, kind)
        word = value = _SEED
        for place in range(at, end):
            word = (word ^ np.uint64(_is(codes[place], table) & _FOLDED)) * _TIMES
            if place == at + PREFIX - 1:
                value = word
        known = np.uint8(0)
        if kind & _DIGIT:
            known |= IS_NUMBER
            value = _number(codes, table, at, end)
        elif end - at < PREFIX:
            value = word
        if kind & _CAPITAL:
            known |= IS_CAPITAL
        if kind & _ALONE_BIT:
            known |= IS_ALONE
        if begins:
            known |= BEGINS
        hashes[count], values[count], kinds[count] = word, value, known
        starts[count], ends[count] = at, end
        count += 1
        begins = False
        at = end
    return count
