"""How alike two texts are, by what is stored of them; `fingerprint` makes it."""

from __future__ import annotations

from dataclasses import dataclass

PAIRS = 384
"""Bytes of a signature that compare pairs: the estimate's standard deviation is at most 0.026."""
FACTS = 64
"""Bytes after them that compare facts, at most 0.063: enough to tell a tenth from a third."""
NEAR_COPY = 0.38
"""Similarity of pairs from which a text is a copy; docs/stories-threshold.svg shows the trade."""
SAME_FACTS = 0.2
"""Similarity of facts below which it is not: reports made from one pattern have 0.0 to 0.1 in
common, 95 of 100 copies with all edits at once have 0.35 or more."""
_CHANCE = 1 / 256
"""Share of bytes that agree where nothing is in common."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is stored of a text; both parts are empty when it has no words."""

    signature: bytes
    """`PAIRS` bytes, then `FACTS` bytes unless the text is short or has few facts."""
    bands: tuple[bytes, ...]
    """Up to `KEYS` keys of five bytes, the first of them the key's number: copies share one."""


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


def _estimate(a: bytes, b: bytes, of: int) -> float:
    # Imported here: all commands load this module with the settings, and few compare texts.
    import numpy as np  # noqa: PLC0415

    size = min(len(a), len(b))
    equal = np.count_nonzero(np.frombuffer(a, np.uint8, size) == np.frombuffer(b, np.uint8, size))
    return max(0.0, (float(equal) / of - _CHANCE) / (1 - _CHANCE))
