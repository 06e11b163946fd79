"""The compiled inner loops of fingerprints: a text's words, and the minima of their hashes.

Words here need not be those of an expression, only the same in both copies. numba compiles the
loops, as it does those of `matching.engine.kernel`; in Python they take six times as long.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.kernels import compiled, inner

Hashes = npt.NDArray[np.uint32]
Wide = npt.NDArray[np.uint64]

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
_IS_ALONE, _IS_DIGIT, _IS_CAPITAL, _IS_STOP, _IS_BETWEEN, _IS_POINT = (
    np.uint32(1 << bit) for bit in range(26, 32)
)
_CLASSES = {
    rf"[{_ALONE}]": _IS_ALONE,
    r"\d": _IS_DIGIT,
    r"[.!?…。।:\n]": _IS_STOP,
    rf"(?![{_ALONE}])[\s{_SIGNS}]": _IS_BETWEEN,
    r"[.,]": _IS_POINT,
}
_FOLDED = np.uint32((1 << 21) - 1)
_HAN = np.uint32(0x20000)
"""The first code point beyond the table: from there on, each character is a word."""

_SEED, _TIMES = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # those of FNV-1a
_JOIN, _TWO = np.uint64(0xD1342543DE82EF95), np.uint64(32)  # an odd factor loses no bits
_MOST = np.uint32(0xFFFFFFFF)


class Read(NamedTuple):
    """The hashes of a text's words, in their order."""

    words: Wide
    facts: Wide
    """Hashes of the numbers, and of the capitalised words within sentences; each once."""
    alone: int
    """How many of the words are single characters of a script without spaces."""


def read(text: str) -> Read:
    """The words of a text; case does not count."""
    codes = _codes(text)
    words = np.empty(len(codes), np.uint64)
    facts = np.empty(len(codes), np.uint64)
    count, fact_count, alone = _read(codes, _characters(), words, facts)
    return Read(words[:count], np.unique(facts[:fact_count]), alone)


def least(words: Wide, places: tuple[int, ...], factors: Hashes, addends: Hashes) -> Hashes:
    """The minimum of each permutation over the features of the words, as one array.

    A feature is a hash of the words at the offsets `places` from a word, in that order. An odd
    factor and an addend make a permutation of the 32-bit numbers.
    """
    features = np.empty(max(0, len(words) - places[-1]), np.uint32)
    found = np.empty(len(factors), np.uint32)
    _least(words, np.array(places), features, factors, addends, found)
    return found


def prepare() -> None:
    """Compiles the loops unless they are compiled, and makes their table of characters."""
    one = np.ones(1, np.uint32)
    least(read("word").words, (0,), one, one)


def _codes(text: str) -> Hashes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


@functools.cache
def _characters() -> Hashes:
    """For each character below U+20000 its folded form in the low bits, its classes above them."""
    text = "".join(map(chr, range(_HAN)))
    small = text.replace("İ", "I").lower()  # the only capital whose small form has two characters
    table = _codes(small.replace("ς", "σ")).copy()
    table[_codes(small) != _codes(text)] |= _IS_CAPITAL
    for pattern, bit in _CLASSES.items():
        for run in re.finditer(f"(?:{pattern})+", text):
            table[run.start() : run.end()] |= bit
    table.flags.writeable = False
    return table


@inner
def _mixed(value):
    """Mixes the bits of a value: the finaliser of SplitMix64 (Steele 2014)."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@inner
def _is(code, table):
    return table[code] if code < _HAN else _IS_ALONE | code


@inner
def _end(codes, table, at, kind):
    """Where the word that begins at `at` ends; points between digits belong to the number."""
    size = len(codes)
    at += 1
    if kind & _IS_ALONE:
        return at
    if kind & _IS_DIGIT:
        while at < size:
            here = _is(codes[at], table)
            if here & _IS_POINT and at + 1 < size:
                at += 1
                here = _is(codes[at], table)
                if not here & _IS_DIGIT:
                    return at - 1
            if not here & _IS_DIGIT:
                return at
            at += 1
        return at
    while at < size and not _is(codes[at], table) & (_IS_BETWEEN | _IS_ALONE):
        at += 1
    return at


@compiled
def _read(codes: Hashes, table: Hashes, words: Wide, facts: Wide) -> tuple[int, int, int]:
    """Fills the arrays `words` and `facts`; returns how many of each, and of single characters."""
    count = fact_count = alone = at = 0
    begins = True  # whether a sentence begins here
    while at < len(codes):
        kind = _is(codes[at], table)
        if kind & _IS_BETWEEN:
            begins |= kind & _IS_STOP != 0
            at += 1
            continue
        end = _end(codes, table, at, kind)
        word = _SEED
        for place in range(at, end):
            word = (word ^ np.uint64(_is(codes[place], table) & _FOLDED)) * _TIMES
        words[count] = word
        count += 1
        alone += kind & _IS_ALONE != 0
        if kind & _IS_DIGIT or (kind & _IS_CAPITAL and not begins):
            facts[fact_count] = word
            fact_count += 1
        begins = False
        at = end
    return count, fact_count, alone


@compiled
def _least(words, places, features, factors, addends, found) -> None:
    for at in range(len(features)):
        joined = np.uint64(0)
        for place in places:
            joined = joined * _JOIN + words[at + place]
        features[at] = np.uint32(_mixed(joined) >> _TWO)
    for number in range(len(found)):
        factor, addend, low = factors[number], addends[number], _MOST
        for feature in features:
            low = min(low, np.uint32(feature * factor + addend))
        found[number] = low
