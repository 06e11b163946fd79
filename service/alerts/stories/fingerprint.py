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

import unicodedata
from dataclasses import dataclass

import numpy as np

from service.alerts.stories.minhash import Read, Wide, least, read
from service.alerts.stories.similarity import FACTS, PAIRS, Fingerprint

KEYS = 24
"""Keys of a text: of copies that share a fifth of their runs, 99.5 % share a key."""
FEW = 8
"""Facts below which a text is compared without them."""
LONGEST = 100_000
"""Characters that are read, some 17,000 words; the rest is not compared."""


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


def fingerprint(*texts: str) -> Fingerprint:
    """The fingerprint of an article's zones, read as one text; case and width do not count.

    The same on every machine; 0.2 ms for an article, some 7 ms for the longest.
    """
    (words, facts, _), script = _read("\n".join(texts))
    if not len(words):
        return Fingerprint(b"", ())
    if len(words) < script.short:
        whole = tuple(range(len(words)))
        return Fingerprint(_bytes(words, whole, PAIRS), _keys(words, whole)[:1])
    signature = _bytes(words, script.pair, PAIRS)
    if len(facts) >= FEW:
        signature += _bytes(facts, (0,), FACTS)
    return Fingerprint(signature, _keys(words, script.run))


def _read(text: str) -> tuple[Read, _Script]:
    found = read(unicodedata.normalize("NFKC", text[:LONGEST]))
    return found, _DENSE if 2 * found.alone > len(found.words) else _SPACED


_DRAWN = np.random.SeedSequence(0).generate_state(2 * PAIRS).astype(np.uint32)
_FACTORS, _ADDENDS = _DRAWN[:PAIRS] | np.uint32(1), _DRAWN[PAIRS:]
_TO_BYTE = np.uint32(0x9E3779B1)


def _bytes(words: Wide, places: tuple[int, ...], count: int) -> bytes:
    found = least(words, places, _FACTORS[:count], _ADDENDS[:count])
    # The first bits of a minimum are 0, and its last depend on few bits of the feature.
    return ((found * _TO_BYTE) >> np.uint32(24)).astype(np.uint8).tobytes()


def _keys(words: Wide, places: tuple[int, ...]) -> tuple[bytes, ...]:
    found = least(words, places, _FACTORS[:KEYS], _ADDENDS[:KEYS]).astype(">u4").tobytes()
    return tuple(bytes((key,)) + found[4 * key : 4 * key + 4] for key in range(KEYS))
