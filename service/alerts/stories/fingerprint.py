"""Fingerprints of texts: a record to compare two texts by, and keys to find candidates by.

The *pairs* of a text (two words with two others between them) tell copies from other texts: a
follow-up shares idioms and names with the first report, which are neighbouring words, and few
distant pairs. Pairs are compared by the Jaccard similarity of two sets, estimated by MinHash
(Broder, "On the resemblance and containment of documents", 1997): of each permutation of all
features the minimum is kept, with 8 of its bits (Li & König, "b-Bit Minwise Hashing", 2010).
Reports made from one template share their pairs too: `comparison` tells these apart.

The keys are the minima of *runs* of six words, so that only texts with common phrases are compared
at all (Leskovec, Rajaraman & Ullman, "Mining of Massive Datasets", chapter 3), and the minima of
neighbouring facts, by which a copy finds its own event among those told in the same template.
`python -m benchmarks stories` measures it.

Stored records depend on every number here: raise `record.VERSION` when one of them changes.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.alerts.stories.desk_words import desk_words
from service.alerts.stories.kernel.agreement import agreement
from service.alerts.stories.kernel.filter import filter_of, missing
from service.alerts.stories.kernel.minhash import least
from service.alerts.stories.kernel.passages import passages
from service.alerts.stories.kernel.places import (
    NOTHING,
    UNIT,
    facts_of,
    places_of,
    short_values,
)
from service.alerts.stories.kernel.sequence import Sequence, sequence_of
from service.alerts.stories.kernel.words import (
    IS_ALONE,
    Hashes,
    Kinds,
    Wide,
    Words,
    has_case,
    read_words,
)
from service.alerts.stories.number_words import number_words
from service.alerts.stories.record import (
    MAX_KEY_FACTS,
    MAX_OPENING,
    PAIRS,
    SEQUENCE_WORDS,
    SHORT_PAIRS,
    Record,
    short_record,
    title_list,
    value_list,
)
from service.articles.combining_marks import cap_marks

KEYS = 24
"""Keys of a text: of copies that share a fifth of their runs, 99.5 % share a key."""
FACT_KEYS = 6
"""Keys of neighbouring facts."""
MAX_CHARS = 100_000
"""Characters of a text that are compared, some 17,000 words; the rest is not."""
PLAIN_WORDS = 60
"""A body of so many words or fewer is compared word by word, as it has few facts."""
KEY_WORDS, KEY_SHARE = 60, 0.7
"""Words of the body, at most, and share of it, whose facts are key facts."""
TITLE_WORDS = 40
"""A title of more words, or of more than its body has, is no headline: it is the text."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of a text."""

    record: Record | None
    """To compare it with others; None when it has no words."""
    bands: tuple[bytes, ...]
    """Keys of five bytes, the first of them the key's number: copies share one."""


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


@dataclass(frozen=True, slots=True)
class ReadZones:
    """A text as it was read for its fingerprint."""

    text: str
    words: Words
    facts: Kinds
    values: Hashes
    title: int
    """How many of the words are the title's."""
    plain: bool
    """Whether all words are compared, not only facts."""
    dateline: int
    """The number of the first word behind the dateline."""
    language: str

    def entries(self) -> tuple[Wide, Hashes, Hashes]:
        """The places that are kept; see `places_of`."""
        return places_of(self.words, self.facts, self.values, self.title, self.plain)

    def sequences(self) -> tuple[Sequence, Sequence, Hashes]:
        """The title's words that count, those of the body, and which word each of these is. Where
        the title is the text, all words are the body's.
        """
        found, origins = sequence_of(self.words, self.facts, desk_words(self.language))
        title, body = np.searchsorted(origins, (self.title, max(self.title, self.dateline)))
        if title > min(TITLE_WORDS, len(found) - body):
            title = body = 0
        return found[:title], found[body:], origins[body:]


def fingerprint(title: str, lead: str = "", body: str = "", *, language: str = "") -> Fingerprint:
    """The fingerprint of an article's zones; case and width make no difference.

    It is the same on every machine. It takes 0.2 ms for an article, 10 ms for the longest.
    """
    read = read_zones(title, lead, body, language=language)
    hashes = read.words.hashes
    size = len(hashes)
    if not size:
        return Fingerprint(None, ())
    digest = hashlib.blake2b(hashes.tobytes(), digest_size=8).digest()
    script = _DENSE if 2 * np.count_nonzero(read.words.kinds & IS_ALONE) > size else _SPACED
    if size < script.short:
        return Fingerprint(short_record(size, digest), _keys(hashes, tuple(range(size)), 1))
    is_fact = (read.facts != NOTHING) & (read.facts != UNIT)
    keys = _keys(hashes, script.run, KEYS)
    keys += _keys(read.words.values[is_fact], (0, 1), FACT_KEYS, KEYS)
    return Fingerprint(_record(read, digest, script, is_fact), keys)


def read_zones(title: str, lead: str, body: str, *, language: str) -> ReadZones:
    """The words of an article, which of them are facts, and how they are compared."""
    head = unicodedata.normalize("NFKC", cap_marks(title[:MAX_CHARS]))
    below = "\n".join(filter(None, (lead, body)))
    rest = unicodedata.normalize("NFKC", cap_marks(below[:MAX_CHARS]))
    text = f"{head}\n{rest}"
    words = read_words(text)
    count = int(np.searchsorted(words.starts, len(head)))
    length = len(words.starts) - count
    is_cased = has_case(words.kinds[count:] if length else words.kinds)
    facts = facts_of(words, count, number_words(language), is_cased)
    return ReadZones(
        text=text,
        words=words,
        facts=facts,
        values=short_values(words),
        title=count,
        plain=length <= PLAIN_WORDS or not is_cased,
        dateline=int(np.searchsorted(words.starts, len(head) + 1 + _dateline_length(rest))),
        language=language,
    )


_DATELINE = re.compile(r"[^\n]{2,80}?\s(?:[-–—]+|--)\s")
_DATELINE_WORDS = 12


def _dateline_length(body: str) -> int:
    """Characters of "LONDON, Nov 30 (Agency) —"; 0 without one."""
    found = _DATELINE.match(body)
    if not found:
        return 0
    words = re.findall(r"\w+", found[0])
    marked = sum(word[0].isupper() or word[0].isdigit() for word in words)
    return found.end() if len(words) <= _DATELINE_WORDS and 2 * marked > len(words) else 0


def _record(
    read: ReadZones,
    digest: bytes,
    script: _Script,
    is_fact: npt.NDArray[np.bool_],
) -> Record:
    values, title = read.values, read.title
    first = max(read.dateline, title)
    last = first + min(KEY_WORDS, round(KEY_SHARE * (len(values) - title)))
    beginning = values[first:last][is_fact[first:last]]
    opening = values[first:last][read.facts[first:last] == NOTHING]
    key_facts = np.concatenate((values[:title][is_fact[:title]], beginning))
    held = np.concatenate((values[:title], values if read.plain else values[is_fact]))
    is_long = len(values) > SEQUENCE_WORDS
    made = Record(
        words=min(len(values), 0xFFFF),
        digest=digest,
        plain=read.plain,
        signature=_signature(read.words.hashes, script.pair)[: PAIRS if is_long else SHORT_PAIRS],
        filter=filter_of(held),
        entry_bytes=read.entries()[0].astype("<u8").tobytes(),
        key_fact_bytes=value_list(key_facts, MAX_KEY_FACTS),
        title_bytes=title_list(values[:title], is_fact[:title]),
        opening_bytes=value_list(opening, MAX_OPENING),
    )
    return made if is_long else made.with_sequences(*read.sequences()[:2])


_DRAWN = np.random.SeedSequence(0).generate_state(2 * PAIRS).astype(np.uint32)
_FACTORS, _ADDENDS = _DRAWN[:PAIRS] | np.uint32(1), _DRAWN[PAIRS:]
_TO_BYTE = np.uint32(0x9E3779B1)


def _signature(words: Wide, places: tuple[int, ...]) -> bytes:
    found = least(words, places, _FACTORS, _ADDENDS)
    # The first bits of a minimum are 0, and its last bits depend on few bits of the feature.
    return ((found * _TO_BYTE) >> np.uint32(24)).astype(np.uint8).tobytes()


def _keys(words: Wide, places: tuple[int, ...], count: int, first: int = 0) -> tuple[bytes, ...]:
    if len(words) <= places[-1]:
        return ()
    rows = np.empty((count, 5), np.uint8)
    rows[:, 0] = range(first, first + count)
    found = least(words, places, _FACTORS[:count], _ADDENDS[:count])
    rows[:, 1:] = found.astype(">u4").view(np.uint8).reshape(count, 4)
    return tuple(rows.view("V5").ravel().tolist())


def prepare() -> None:
    """Compiles the loops unless they are compiled, and makes their table of characters."""
    record = fingerprint("word " * _SPACED.short, language="en").record
    if record:
        agreement(record.entries, record.entries, record.filter, record.filter)
        missing(record.key_facts, record.filter)
        passages(record.body_sequence, record.body_sequence)
