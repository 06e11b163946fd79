"""What is stored of a text, in under 1 kB, and how it is read again.

    version, flags, number of words, numbers of entries; a digest of all words
    signature    minima of pairs of words, a byte each
    filter       a Bloom filter of facts and title words, 1,024 bits with three of them for a value
    places       entries of `places`, five bytes each
    key facts    of the title and the beginning, two bytes each
    title words  two bytes each, the highest bit set for a fact
    opening      first words of the body that are no facts, two bytes each
    words        of a text that is not long, a filter of all its words

A text of few words has the first line only. A record of version 2 is the same without the last
line, and compared as that of a long text. One of another version is never compared: its text begins
a story of its own.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.alerts.stories.kernel.filter import FILTER, Values
from service.alerts.stories.kernel.places import VALUE_BITS
from service.alerts.stories.kernel.words import Hashes, Wide

VERSION = 3
"""Of the record's form and of every number and list that it depends on."""
READABLE = (2, VERSION)
"""Versions that are compared: copies of stories that were told before an upgrade alert no more."""
PAIRS = 384
"""Bytes of a signature: the estimate's standard deviation is at most 0.026."""
MAX_BYTES = 1_000
MAX_KEY_FACTS, MAX_TITLE_WORDS, MAX_OPENING = 24, 12, 16
KEPT_RECORDS = 1_000
"""Records that are kept as they were read, 2 kB each: a template's come again and again."""
_HEAD = struct.Struct("<BBHBBBB8s")
_ENTRY, _WIDE_ENTRY, _SHORT_VALUE = 5, 8, 2
_IS_PLAIN, _IS_SHORT, _HOLDS_WORDS = 1, 2, 4
_TITLE_FACT = 1 << VALUE_BITS
_MOST_WORDS = 0xFFFF


@dataclass(frozen=True, slots=True)
class Record:
    """What is stored of a text. The lists are arrays in bytes, so that records can be equal."""

    words: int
    """How many it has."""
    digest: bytes
    """Of all words in their order."""
    plain: bool = False
    """Whether all words are compared: the text is short, or has no capitals to tell names by."""
    signature: bytes = b""
    """Empty for a text that is too short: only the same words are a copy."""
    filter: bytes = b""
    entry_bytes: bytes = b""
    key_fact_bytes: bytes = b""
    title_bytes: bytes = b""
    opening_bytes: bytes = b""
    word_filter: bytes = b""
    """Of all words; empty where the text has too many, there is no room, or `filter` has them."""

    @property
    def held_words(self) -> bytes:
        """A filter of all words; empty for a text that has too many."""
        return self.filter if self.plain else self.word_filter

    @property
    def entries(self) -> Wide:
        """Of its places, ascending."""
        return np.frombuffer(self.entry_bytes, "<u8")

    @property
    def key_facts(self) -> Values:
        """Of the title and the beginning."""
        return np.frombuffer(self.key_fact_bytes, "<u2")

    @property
    def title_words(self) -> Values:
        """The title's first words."""
        return np.frombuffer(self.title_bytes, "<u2") & np.uint16(_TITLE_FACT - 1)

    @property
    def title_facts(self) -> Values:
        """Those of them that are facts."""
        words = np.frombuffer(self.title_bytes, "<u2")
        return words[words >= _TITLE_FACT] - np.uint16(_TITLE_FACT)

    @property
    def opening(self) -> Values:
        """The body's first words that are no facts."""
        return np.frombuffer(self.opening_bytes, "<u2")

    def pack(self) -> bytes:
        """As it is stored."""
        flags = _IS_PLAIN * self.plain | _IS_SHORT * (not self.signature)
        flags |= _HOLDS_WORDS * bool(self.word_filter)
        counts = (
            len(self.entry_bytes) // _WIDE_ENTRY,
            len(self.key_fact_bytes) // _SHORT_VALUE,
            len(self.title_bytes) // _SHORT_VALUE,
            len(self.opening_bytes) // _SHORT_VALUE,
        )
        head = _HEAD.pack(VERSION, flags, self.words, *counts, self.digest)
        rows = np.frombuffer(self.entry_bytes, np.uint8).reshape(-1, _WIDE_ENTRY)
        entries = rows[:, :_ENTRY].tobytes()
        lists = self.key_fact_bytes + self.title_bytes + self.opening_bytes
        return head + self.signature + self.filter + entries + lists + self.word_filter


def short_record(words: int, digest: bytes) -> Record:
    """The record of a text of which all words count."""
    return Record(min(words, _MOST_WORDS), digest)


def title_list(values: Hashes, facts: npt.NDArray[np.bool_]) -> bytes:
    """The title's words as a record has them; `facts` says which of them are facts."""
    marked = values.astype(np.uint32) | np.where(facts, np.uint32(_TITLE_FACT), np.uint32(0))
    return np.array([*dict.fromkeys(marked.tolist())][:MAX_TITLE_WORDS], "<u2").tobytes()


def value_list(values: Hashes, most: int) -> bytes:
    """Key facts, or words of the opening, as a record has them."""
    return np.array([*dict.fromkeys(values.tolist())][:most], "<u2").tobytes()


@functools.lru_cache(KEPT_RECORDS)
def unpack(packed: bytes) -> Record | None:
    """A record that `pack` made; None for one that is not `READABLE`, or for anything else."""
    if len(packed) < _HEAD.size or packed[0] not in READABLE:
        return None
    _, flags, words, places, keys, titles, openings, digest = _HEAD.unpack_from(packed)
    if flags & _IS_SHORT:
        return Record(words, digest) if len(packed) == _HEAD.size else None
    parts, at = [], _HEAD.size
    short = (each * _SHORT_VALUE for each in (keys, titles, openings))
    of_words = FILTER * bool(flags & _HOLDS_WORDS)
    for size in (PAIRS, FILTER, places * _ENTRY, *short, of_words):
        parts.append(packed[at : at + size])
        at += size
    if len(packed) != at:
        return None
    signature, filter_, entries, *lists = parts
    wide = np.zeros((places, _WIDE_ENTRY), np.uint8)
    wide[:, :_ENTRY] = np.frombuffer(entries, np.uint8).reshape(-1, _ENTRY)
    plain = bool(flags & _IS_PLAIN)
    return Record(words, digest, plain, signature, filter_, wide.tobytes(), *lists)
