"""Fingerprints of texts: a signature to compare two texts by, and keys to find candidates by.

Two texts are near-copies when they share many *pairs* (two words with two others between them) and
some *facts* (names and numbers). A follow-up shares idioms and names with the first report, which
are neighbouring words, and few distant pairs: so distant pairs separate copies from follow-ups
best. A changed word spoils two pairs in either case. Reports made from one pattern (shares,
weather, results) share their pairs too, but not their facts.

Both are compared by the Jaccard similarity of two sets, estimated by MinHash (Broder, "On the
resemblance and containment of documents", 1997): of each permutation of all features the minimum
is kept, with 8 of its bits (Li & König, "b-Bit Minwise Hashing", 2010). The keys are the minima of
*runs* of six words, so that only texts with common phrases are compared at all (Leskovec, Rajaraman
& Ullman, "Mining of Massive Datasets", chapter 3). `python -m benchmarks stories` measures it.

Stored signatures depend on every number here: those made with other numbers cannot be compared.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from service.alerts.stories.minhash import Read, Wide, least, read
from service.alerts.stories.similarity import FACTS, PAIRS, Fingerprint
from service.articles.combining_marks import cap_marks

KEYS = 24
"""Keys of a text: of copies that share a fifth of their runs, 99.5 % share a key."""
MIN_FACTS = 8
"""A text with fewer facts is compared without them."""
MAX_CHARS = 100_000
"""Characters of a text that are compared, some 17,000 words; the rest is not."""


@dataclass(frozen=True, slots=True)
class _Script:
    """How the features of a text are made of its words."""

    pair: tuple[int, ...]
    """Offsets of a pair's words. If they were greater, an inserted word would spoil more pairs."""
    run: tuple[int, ...]
    """Offsets of a run's words. Unrelated texts share shorter runs, such as `by the end of`."""
    short: int
    """A text with fewer words joins only copies with the same words in the same order: headlines
    and two-line briefs ("X beats Y in final") differ in few words, and mean something else."""


_SPACED = _Script(pair=(0, 3), run=tuple(range(6)), short=30)
# In Thai, unrelated texts would share a third of such pairs of letters. They share 5 % of all runs
# of four letters (in Japanese 2 %), and an edit spoils as many of these as of pairs.
_DENSE = _Script(pair=(0, 1, 2, 3), run=tuple(range(10)), short=60)


def fingerprint(*texts: str) -> Fingerprint:
    """The fingerprint of an article's zones, read as one text; case and width make no difference.

    It is the same on every machine. It takes 0.2 ms for an article, 7 ms for the longest.
    """
    (words, facts, _), script = _read("\n".join(texts))
    if not len(words):
        return Fingerprint(b"", ())
    if len(words) < script.short:
        whole = tuple(range(len(words)))
        return Fingerprint(_bytes(words, whole, PAIRS), _keys(words, whole)[:1])
    signature = _bytes(words, script.pair, PAIRS)
    if len(facts) >= MIN_FACTS:
        signature += _bytes(facts, (0,), FACTS)
    return Fingerprint(signature, _keys(words, script.run))


def _read(text: str) -> tuple[Read, _Script]:
    found = read(unicodedata.normalize("NFKC", cap_marks(text[:MAX_CHARS])))
    return found, _DENSE if 2 * found.alone > len(found.words) else _SPACED


_DRAWN = np.random.SeedSequence(0).generate_state(2 * PAIRS).astype(np.uint32)
_FACTORS, _ADDENDS = _DRAWN[:PAIRS] | np.uint32(1), _DRAWN[PAIRS:]
_TO_BYTE = np.uint32(0x9E3779B1)


def _bytes(words: Wide, places: tuple[int, ...], count: int) -> bytes:
    found = least(words, places, _FACTORS[:count], _ADDENDS[:count])
    # The first bits of a minimum are 0, and its last bits depend on few bits of the feature.
    return ((found * _TO_BYTE) >> np.uint32(24)).astype(np.uint8).tobytes()


def _keys(words: Wide, places: tuple[int, ...]) -> tuple[bytes, ...]:
    found = least(words, places, _FACTORS[:KEYS], _ADDENDS[:KEYS]).astype(">u4").tobytes()
    return tuple(bytes((key,)) + found[4 * key : 4 * key + 4] for key in range(KEYS))
