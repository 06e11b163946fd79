"""The table of a language: which forms a lemma has, and which lemmas a form may have.

`benchmarks.words.derive_tables` makes the files. They are mapped into memory, where processes share
them, and read where they lie.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import as_file, files
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from service.matching.words.dictionary.automaton import Automaton
from service.matching.words.wordform import fold

FIRST_LETTER = 5
"""The byte of an alphabet's first letter. Lower bytes say what follows a word."""
_SIZE_BYTES = 4
"""Of each of the two sizes that a table begins with: of its header, and of its filter."""
_SUFFIX = ".forms"
_ROOM = "service.matching.words"


class Kind(IntEnum):
    """What stands behind a word in a table."""

    FIRST_LEMMA = 1
    """The lemma that a form most likely has."""
    LEMMA = 2
    """Another lemma of a form."""
    FORM = 3
    """A form of a lemma."""
    SPELLING = 4
    """A form that, folded, is the word, where there are several."""


# Python 3.11 looks up a global a dozen times as fast.
_FIRST_LEMMA, _FORM, _SPELLING = int(Kind.FIRST_LEMMA), int(Kind.FORM), int(Kind.SPELLING)
_WORDS = frozenset({*map(int, Kind)} - {_SPELLING})
_NO_LETTER = 0x100
_NO_BYTE = 0
"""Is in no table: no letter has this byte, and no kind."""
_NO_WORDS: frozenset[str] = frozenset()
MAX_REMEMBERED_WORDS = 50_000
"""Most words whose lemmas and forms are remembered: a word is asked about several times."""
MAX_REMEMBERED_CHANGES = 10_000
"""Most places from which it is remembered what stands there: words that go alike have one place."""


class Lemmas(NamedTuple):
    """The lemmas of a form."""

    first: str
    """The likeliest; empty if there is none that is likelier."""
    all: frozenset[str]


class _Change(NamedTuple):
    """How a word becomes another one."""

    begins: str
    off: int
    """Characters that the beginning replaces."""
    cut: int
    """Characters that the ending replaces."""
    ends: str

    def of(self, word: str) -> str:
        """The other word."""
        return f"{self.begins}{word[self.off : len(word) - self.cut]}{self.ends}"


class _Entry(NamedTuple):
    """What a table says of a word."""

    lemmas: Lemmas
    forms: Sequence[str]
    known: bool


_UNKNOWN = _Entry(Lemmas("", frozenset()), (), known=False)


class WordTable:
    """The forms and lemmas of a language; every word is in lower case (`wordform.lowered`)."""

    def __init__(self, block: mmap | bytes) -> None:
        self._block = block
        sizes = (block[at : at + _SIZE_BYTES] for at in (0, _SIZE_BYTES))
        header, filtered = (int.from_bytes(size, "little") for size in sizes)
        begin = 2 * _SIZE_BYTES + header
        root = begin + filtered
        alphabet, self._beginnings = json.loads(block[2 * _SIZE_BYTES : begin])
        self._spelled = block[begin:root]
        """A bit is set where a word may have other spellings (`spelling_bit`)."""
        numbers = range(FIRST_LETTER, FIRST_LETTER + len(alphabet))
        # Other letters become none that a table has: they would be taken for its bytes.
        others = dict.fromkeys(range(256), _NO_LETTER)
        self._letters = {**others, **dict(zip(map(ord, alphabet), numbers, strict=True))}
        plain = (self._letters[code] for code in range(0x80))
        self._ascii = bytes(_NO_BYTE if n == _NO_LETTER else n for n in plain).ljust(0x100, b"\0")
        self._written = dict(zip(numbers, map(ord, alphabet), strict=True))
        self._by_folded: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
        for number, letter in zip(numbers, alphabet, strict=True):
            small = fold(letter)
            self._by_folded[small[:1]].append((number, letter, small))
        self._automaton = Automaton(block, root)
        self._entry = lru_cache(MAX_REMEMBERED_WORDS)(self._read)
        self._changes = lru_cache(MAX_REMEMBERED_CHANGES)(self._read_changes)

    def knows(self, form: str) -> bool:
        """Whether the word is a form of any lemma, or a lemma."""
        return self._entry(form).known

    def first_lemma(self, form: str) -> str:
        """The likeliest lemma of a form; empty if there is none that is likelier."""
        return self._entry(form).lemmas.first

    def lemmas(self, form: str) -> Lemmas:
        """The lemmas of a form; none if it is not known."""
        return self._entry(form).lemmas

    def forms(self, lemma: str) -> Sequence[str]:
        """The forms of a lemma other than itself."""
        return self._entry(lemma).forms

    def spellings(self, folded: str) -> list[str]:
        """The known forms that are this word when folded: `café` for `cafe`."""
        found: list[str] = []
        waiting = [(self._automaton.root, 0, "")]
        child = self._automaton.child
        while waiting:
            place, at, before = waiting.pop()
            if at == len(folded):
                if self._is_word(place):
                    found.append(before)
                continue
            labels = self._automaton.labels(place)
            for number, letter, small in self._by_folded.get(folded[at], ()):
                if number in labels and folded.startswith(small, at):
                    below = child(place, number)
                    if below is not None:
                        waiting.append((below, at + len(small), before + letter))
        return found

    def other_spellings(self, folded: frozenset[str], written: frozenset[str]) -> frozenset[str]:
        """The known forms that are one of these words when folded, but are not in `written`."""
        others: set[str] = set()
        for word in folded:
            encoded = self._encoded(word)
            if encoded is None or (word in written and not self._may_be_spelled(encoded)):
                continue  # most words
            place = self._automaton.find(encoded)
            if place is None:
                continue
            child = self._automaton.child(place, _SPELLING)
            if child is not None:
                others.update(change.of(word) for change in self._changes(child))
            elif word not in written and self._is_word(place):
                others.add(word)
        return frozenset(others - written) if others else _NO_WORDS

    def _may_be_spelled(self, encoded: bytes) -> int:
        bit = spelling_bit(encoded, len(self._spelled))
        return self._spelled[bit >> 3] >> (bit & 7) & 1

    def _is_word(self, place: int) -> bool:
        """Whether a known word ends at a place."""
        return not _WORDS.isdisjoint(self._automaton.labels(place))

    def _encoded(self, word: str) -> bytes | None:
        """The word as the table has it; None if it has a letter that no word of the table has."""
        if word.isascii():
            return word.encode().translate(self._ascii)
        try:
            return word.translate(self._letters).encode("latin-1")
        except UnicodeEncodeError:
            return None

    def _find(self, word: str) -> int | None:
        encoded = self._encoded(word)
        return None if encoded is None else self._automaton.find(encoded)

    def _read(self, word: str) -> _Entry:
        place = self._find(word)
        if place is None:
            return _UNKNOWN
        first, known = "", False
        lemmas: list[str] = []
        forms: list[str] = []
        for label in self._automaton.labels(place):
            if label in _WORDS:
                known = True
                child = self._automaton.child(place, label)
                changes = () if child is None else self._changes(child)
                others = [change.of(word) for change in changes]
                if label == _FORM:
                    forms = others
                else:
                    lemmas += others
                    first = others[0] if label == _FIRST_LEMMA else first
        return _Entry(Lemmas(first, frozenset(lemmas)), forms, known) if known else _UNKNOWN

    def _read_changes(self, place: int) -> Sequence[_Change]:
        return [self._change(ending) for ending in self._automaton.endings(place)]

    def _change(self, packed: bytes) -> _Change:
        off, on = self._beginnings[packed[0]]
        ends = packed[2:].decode("latin-1").translate(self._written)
        return _Change(on, len(off), packed[1], ends)


def spelling_bit(encoded: bytes, size: int) -> int:
    """The bit of a word in a filter of so many bytes, which has the words with other spellings.

    Most words have none, and to see that here takes a tenth of a search.
    """
    return crc32(encoded) % (8 * size)


@cache
def languages() -> frozenset[str]:
    """The languages that have a table (primary subtags)."""
    names = [entry.name for entry in files(_ROOM).joinpath("tables").iterdir()]
    return frozenset(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))


@cache
def word_table(language: str) -> WordTable | None:
    """The table of a language (a primary subtag), or None if there is none."""
    if language not in languages():
        return None
    with as_file(files(_ROOM).joinpath("tables", language + _SUFFIX)) as path:
        return WordTable(_mapped(path))


def _mapped(path: Path) -> mmap:
    with path.open("rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_READ)
