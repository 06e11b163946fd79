"""What an edited copy of a text keeps: a signature to compare, and keys to find it by.

Two texts are near-copies when they share many *pairs*, words with two others between them, and some
*facts*, the names and numbers. A changed word spoils two pairs, as it spoils two pairs of
neighbours; but a follow-up shares idioms and names with what it follows, which are neighbours, and
few distant pairs: so these tell copies from follow-ups best. Reports made from one pattern (shares,
weather, results) share their pairs too, and differ in the facts.

Both are compared by the Jaccard similarity of two sets, estimated by MinHash (Broder, "On the
resemblance and containment of documents", 1997): of each permutation of all features the least is
kept, by 8 of its bits (Li & König, "b-Bit Minwise Hashing", 2010). The keys are the least *runs* of
six words, so that only texts with phrases in common are compared at all (Leskovec, Rajaraman &
Ullman, "Mining of Massive Datasets", chapter 3). `python -m benchmarks stories` measures it.

Every number here shapes what is stored: signatures made with others cannot be compared.
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PAIRS = 192
"""Bytes of a signature that compare pairs: the estimate's standard deviation is at most 0.036."""
FACTS = 64
"""Bytes after them that compare facts, at most 0.063: enough to tell a tenth from a third."""
KEYS = 24
"""Keys of a text: of copies that share a fifth of their runs, 99.5 % share a key."""
NEAR_COPY = 0.38
"""Similarity of pairs from which a text is a copy; docs/stories-threshold.svg shows the trade."""
SAME_FACTS = 0.2
"""Similarity of facts below which it is not: reports made from one pattern have 0.0 to 0.1 in
common, 95 of 100 copies with all edits at once have 0.35 or more."""
FEW = 8
"""Facts below which a text is compared without them."""
LONGEST = 100_000
"""Characters that are read, some 17,000 words; the rest is not compared."""

# Words here need not be those of an expression, only the same in both copies. `matching.text` takes
# 2 ms for an article, as it finds sentences too. A character that no space divides from the next is
# a word here as it is there; all that is neither space nor sign belongs to a word, marks too.
_ALONE = (
    "\u0e01-\u0e5b"  # Thai
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u9fff\uf900-\ufaff"  # Han
    "\U00020000-\U0003ffff"  # Han
    "\u3041-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
)
_SIGNS = (
    r"!-/:-@\[-`{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    r"\u0589\u05be\u05c0\u05c3\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u0970"
    r"\u104a\u104b\u1361-\u1368\u17d4\u17d5\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u303f"
)
_WORD = re.compile(rf"\d+(?:[.,]\d+)*|[{_ALONE}]|[^\s{_SIGNS}{_ALONE}]+|[.!?…。।:\n]")
_FIRST_ALONE = _ALONE[0]
_STOPS = frozenset(".!?…。।:\n")
_BLOCK = 1_024
"""Features that are permuted at a time, so that their permutations stay in the cache."""
_CHANCE = 1 / 256
"""Share of bytes that agree where nothing is in common."""


@dataclass(frozen=True, slots=True)
class _Script:
    """How the features of a text are made of its words."""

    pair: tuple[int, ...]
    """Places of a pair's words. Farther apart, a word put in or left out spoils more pairs."""
    run: tuple[int, ...]
    """Places of a run's words. Shorter runs, such as `by the end of`, are shared by strangers."""
    short: int
    """Words below which a copy has the same words in the same order: headlines and two-line briefs
    ("X beats Y in final") differ in few words, and in all that matters."""


_SPACED = _Script(pair=(0, 3), run=tuple(range(6)), short=30)
# Any two letters of Thai stand near each other in any text: of strangers' pairs a third would be
# the same. Of four letters in a row 5 % are (in Japanese 2 %), and edits spoil as many as of pairs.
_DENSE = _Script(pair=(0, 1, 2, 3), run=tuple(range(10)), short=60)

Hashes = npt.NDArray[np.uint32]
Wide = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is stored of a text; both parts are empty when it has no words."""

    signature: bytes
    """`PAIRS` bytes, then `FACTS` bytes unless the text is short or has few facts."""
    bands: tuple[bytes, ...]
    """Up to `KEYS` keys of five bytes, the first of them the key's number: copies share one."""


def fingerprint(*texts: str) -> Fingerprint:
    """The fingerprint of an article's zones, read as one text; case and width do not count.

    The same on every machine; 0.4 ms for an article, 30 ms for the longest.
    """
    words, facts, script = _read("\n".join(texts))
    if not len(words):
        return Fingerprint(b"", ())
    if len(words) < script.short:
        whole = _joined(words, tuple(range(len(words))))
        return Fingerprint(_bytes(whole, PAIRS), _keys(whole)[:1])
    signature = _bytes(_joined(words, script.pair), PAIRS)
    if len(facts) >= FEW:
        signature += _bytes(_joined(facts, (0,)), FACTS)
    return Fingerprint(signature, _keys(_joined(words, script.run)))


def similarity(a: Fingerprint, b: Fingerprint) -> float:
    """The estimated share of the pairs of both texts that both have, 0…1; 0 without words."""
    return _estimate(a.signature[:PAIRS], b.signature[:PAIRS], PAIRS)


def same_facts(a: Fingerprint, b: Fingerprint) -> float:
    """The same of names and numbers; 1 where one of the texts is compared without them."""
    if len(a.signature) <= PAIRS or len(b.signature) <= PAIRS:
        return 1.0
    return _estimate(a.signature[PAIRS:], b.signature[PAIRS:], FACTS)


def near_copies(a: Fingerprint, b: Fingerprint, threshold: float = NEAR_COPY) -> bool:
    """Whether one text is an edited copy of the other: enough pairs in common, and enough facts."""
    return similarity(a, b) >= threshold and same_facts(a, b) >= SAME_FACTS


def equal_bytes(threshold: float, of: int) -> int:
    """The least number of equal bytes, of so many, that makes a similarity of `threshold`.

    A script that only counts decides with it as `near_copies` does.
    """
    if threshold <= 0:
        return 0
    return math.ceil((threshold * (1 - _CHANCE) + _CHANCE) * of)


def _estimate(a: bytes, b: bytes, of: int) -> float:
    equal = sum(x == y for x, y in zip(a, b, strict=False))
    return max(0.0, (equal / of - _CHANCE) / (1 - _CHANCE))


def _read(text: str) -> tuple[Wide, Wide, _Script]:
    """The words of a text, and its facts: numbers, and capitalised words within sentences."""
    words, facts = [], set()
    begins, alone = True, 0
    for found in _WORD.findall(unicodedata.normalize("NFKC", text[:LONGEST])):
        if found in _STOPS:
            begins = True
            continue
        if len(found) == 1 and found >= _FIRST_ALONE:
            words.append(ord(found))
            alone += 1
        else:
            word = zlib.crc32(found.casefold().encode())
            words.append(word)
            first = found[0]
            if (first.isupper() and not begins) or first.isdecimal():
                facts.add(word)
        begins = False
    script = _DENSE if 2 * alone > len(words) else _SPACED
    return np.array(words, np.uint64), np.fromiter(facts, np.uint64, len(facts)), script


def _mixed(values: Wide) -> Wide:
    """Every bit of a value spread over all of it: the finaliser of SplitMix64 (Steele 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


# Odd factors and any addends: each makes a permutation of the 32-bit numbers.
_DRAWN = _mixed(np.arange(2 * PAIRS, dtype=np.uint64)).astype(np.uint32)
_FACTORS: Hashes = (_DRAWN[:PAIRS] | np.uint32(1))[:, None]
_ADDENDS: Hashes = _DRAWN[PAIRS:][:, None]
_TO_BYTE = np.uint32(0x9E3779B1)


def _joined(words: Wide, places: tuple[int, ...]) -> Hashes:
    """For each word a hash of the words at these places after it, in that order."""
    count = len(words) - places[-1]
    joined = np.zeros(count, np.uint64)
    for place in places:
        joined *= np.uint64(0xD1342543DE82EF95)  # odd, so that nothing is lost
        joined += words[place : place + count]
    return (_mixed(joined) >> np.uint64(32)).astype(np.uint32)


def _least(features: Hashes, permutations: int) -> Hashes:
    """The least of each permutation of the features."""
    factors, addends = _FACTORS[:permutations], _ADDENDS[:permutations]
    least = np.full(permutations, 0xFFFFFFFF, np.uint32)
    for start in range(0, len(features), _BLOCK):
        permuted = features[start : start + _BLOCK] * factors
        permuted += addends
        np.minimum(least, permuted.min(axis=1), out=least)
    return least


def _bytes(features: Hashes, count: int) -> bytes:
    # The first bits of a minimum are 0, and its last depend on few bits of the feature.
    return ((_least(features, count) * _TO_BYTE) >> np.uint32(24)).astype(np.uint8).tobytes()


def _keys(features: Hashes) -> tuple[bytes, ...]:
    least = _least(features, KEYS).astype(">u4").tobytes()
    return tuple(bytes((key,)) + least[4 * key : 4 * key + 4] for key in range(KEYS))
