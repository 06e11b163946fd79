"""What is stored of a text, in under 1 kB, and how it is read again.

    version, flags, number of words, numbers of entries; a digest of all words
    signature    minima of pairs of words, a byte each; half of them for a text that is not long
    filter       a Bloom filter of facts and title words, 1,024 bits with three of them for a value
    places       entries of `places`, five bytes each
    key facts    of the title and the beginning, two bytes each
    title words  two bytes each, the highest bit set for a fact
    opening      first words of the body that are no facts, two bytes each
    sequences    of a text that is not long, its title's words and then its body's, as far as there
                 is room, two bytes each

A text of few words has the first line only. A record of version 2 or 3 has no sequences: that of a
long text is compared, as it never had any. What tells short notices apart is missing from others:
of these only the same words are a copy. A record of another version is never compared: its text
begins a story of its own.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from service.alerts.stories.kernel.filter import FILTER, Values
from service.alerts.stories.kernel.places import VALUE_BITS
from service.alerts.stories.kernel.sequence import Sequence
from service.alerts.stories.kernel.words import Hashes, Wide

VERSION = 4
"""Of the record's form and of every number and list that it depends on."""
OLDER = (2, 3)
"""Versions of which long texts are compared: their copies alert no more after an upgrade."""
PAIRS, SHORT_PAIRS = 384, 192
"""Bytes of a signature: the estimate's standard deviation is at most 0.026, or 0.036."""
SEQUENCE_WORDS = 250
"""A text of so many words or fewer is compared word by word."""
MAX_BYTES = 1_000
MAX_KEY_FACTS, MAX_TITLE_WORDS, MAX_OPENING, MAX_SEQUENCE = 24, 12, 16, 255
KEPT_RECORDS = 1_000
"""Records that are kept as they were read, 2 kB each: a template's come again and again."""
_HEAD, _LENGTHS = struct.Struct("<BBHBBBB8s"), struct.Struct("<BB")
_ENTRY, _WIDE_ENTRY, _SHORT_VALUE = 5, 8, 2
_IS_PLAIN, _IS_SHORT, _IS_WHOLE = 1, 2, 8
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
    title_sequence_bytes: bytes = b""
    body_sequence_bytes: bytes = b""
    """Empty for a text that is long."""
    whole: bool = False
    """Whether all of the body's words are in its sequence."""

    @property
    def has_sequence(self) -> bool:
        """Whether it can be compared word by word."""
        return bool(self.body_sequence_bytes)

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

    @property
    def title_sequence(self) -> Sequence:
        """The title's words, in order."""
        return np.frombuffer(self.title_sequence_bytes, "<u2")

    @property
    def body_sequence(self) -> Sequence:
        """The body's words, in order."""
        return np.frombuffer(self.body_sequence_bytes, "<u2")

    def with_sequences(self, title: Sequence, body: Sequence) -> Record:
        """The record with as many words in order as there is room for."""
        head = title.astype("<u2")[:MAX_SEQUENCE].tobytes()
        room = (MAX_BYTES - 1 - len(self.pack()) - len(head)) // _SHORT_VALUE
        kept = body.astype("<u2")[: max(0, min(MAX_SEQUENCE, room))]
        return replace(
            self,
            title_sequence_bytes=head,
            body_sequence_bytes=kept.tobytes(),
            whole=len(kept) == len(body),
        )

    def pack(self) -> bytes:
        """As it is stored."""
        flags = _IS_PLAIN * self.plain | _IS_SHORT * (not self.signature)
        flags |= _IS_WHOLE * self.whole
        counts = (
            len(self.entry_bytes) // _WIDE_ENTRY,
            len(self.key_fact_bytes) // _SHORT_VALUE,
            len(self.title_bytes) // _SHORT_VALUE,
            len(self.opening_bytes) // _SHORT_VALUE,
        )
        head = _HEAD.pack(VERSION, flags, self.words, *counts, self.digest)
        if flags & _IS_SHORT:
            return head
        sequences = (self.title_sequence_bytes, self.body_sequence_bytes)
        head += _LENGTHS.pack(*(len(each) // _SHORT_VALUE for each in sequences))
        rows = np.frombuffer(self.entry_bytes, np.uint8).reshape(-1, _WIDE_ENTRY)
        entries = rows[:, :_ENTRY].tobytes()
        lists = self.key_fact_bytes + self.title_bytes + self.opening_bytes
        return head + self.signature + self.filter + entries + lists + b"".join(sequences)


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
    """A record that `pack` made; None for one of another version, or for anything else."""
    if len(packed) < _HEAD.size or packed[0] not in {*OLDER, VERSION}:
        return None
    version, flags, words, *counts, digest = _HEAD.unpack_from(packed)
    if flags & _IS_SHORT:
        return Record(words, digest) if len(packed) == _HEAD.size else None
    is_long, at, sequences = words > SEQUENCE_WORDS, _HEAD.size, (0, 0)
    if version == VERSION and len(packed) >= at + _LENGTHS.size:
        sequences = _LENGTHS.unpack_from(packed, at)
        at += _LENGTHS.size
    elif not is_long:
        return short_record(words, digest)
    places, *lists = counts
    sizes = (PAIRS if is_long else SHORT_PAIRS, FILTER, places * _ENTRY)
    parts = []
    for size in (*sizes, *(each * _SHORT_VALUE for each in (*lists, *sequences))):
        parts.append(packed[at : at + size])
        at += size
    if len(packed) != at:
        return None
    signature, filter_, entries, key_facts, titles, opening, title, body = parts
    wide = np.zeros((places, _WIDE_ENTRY), np.uint8)
    wide[:, :_ENTRY] = np.frombuffer(entries, np.uint8).reshape(-1, _ENTRY)
    return Record(
        words,
        digest,
        bool(flags & _IS_PLAIN),
        signature,
        filter_,
        wide.tobytes(),
        key_facts,
        titles,
        opening,
        title,
        body,
        bool(flags & _IS_WHOLE),
    )
