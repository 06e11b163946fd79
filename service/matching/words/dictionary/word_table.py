"""The table of a language: which forms a lemma has, and which lemmas a form may have.

`benchmarks.words.derive_tables` makes the files. They are mapped into memory, where processes share
them, and read where they lie.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from enum import IntEnum
from functools import cache
from importlib.resources import as_file, files
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple

from service.matching.words.dictionary.automaton import Automaton
from service.matching.words.dictionary.batch import endings_behind
from service.matching.words.wordform import fold

FIRST_LETTER = 5
"""The byte of an alphabet's first letter. Lower bytes say what follows a word."""
_HEADER_BYTES = 4
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


_WORDS = (Kind.FIRST_LEMMA, Kind.LEMMA, Kind.FORM)
_NO_LETTER = 0x100
_NOTHING: Mapping[int, Sequence[str]] = {}
_NO_WORDS: frozenset[str] = frozenset()
_NO_WORD = b"\0"
"""Is in no table: no letter has this byte."""


class Lemmas(NamedTuple):
    """The lemmas of a form."""

    first: str
    """The likeliest; empty if there is none that is likelier."""
    all: frozenset[str]


class WordTable:
    """The forms and lemmas of a language; every word is in lower case (`wordform.lowered`)."""

    def __init__(self, block: mmap | bytes) -> None:
        self._block = block
        size = int.from_bytes(block[:_HEADER_BYTES], "little")
        root = _HEADER_BYTES + size
        alphabet, self._beginnings = json.loads(block[_HEADER_BYTES:root])
        numbers = range(FIRST_LETTER, FIRST_LETTER + len(alphabet))
        # Other letters become none that a table has: they would be taken for its bytes.
        others = dict.fromkeys(range(256), _NO_LETTER)
        self._letters = {**others, **dict(zip(map(ord, alphabet), numbers, strict=True))}
        self._written = dict(zip(numbers, map(ord, alphabet), strict=True))
        self._by_folded: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
        for number, letter in zip(numbers, alphabet, strict=True):
            small = fold(letter)
            self._by_folded[small[:1]].append((number, letter, small))
        self._automaton = Automaton(block, root)
        self._read: Mapping[str, Mapping[int, Sequence[str]]] = {}
        """What is known already to stand behind words, by kind."""
        self._plain: frozenset[str] = frozenset()
        """Those of them that have no other spelling."""

    def ahead(self, words: Iterable[str]) -> WordTable:
        """The same table, in which what stands behind these words is found without a search."""
        new = [*dict.fromkeys(word for word in words if word not in self._read)]
        read: dict[str, dict[int, list[str]]] = {}
        encoded = [self._encoded(word) or _NO_WORD for word in new]
        for row, ending in endings_behind(self._block, self._automaton.root, encoded, [*Kind]):
            behind = read.setdefault(new[row], {})
            behind.setdefault(ending[0], []).append(self._changed(new[row], ending[1:]))
        table = copy(self)
        table._read = {**self._read, **dict.fromkeys(new, _NOTHING), **read}  # noqa: SLF001
        plain = (word for word in new if Kind.SPELLING not in table._read[word])  # noqa: SLF001
        table._plain = self._plain.union(plain)  # noqa: SLF001 - another of the same class
        return table

    def knows(self, form: str) -> bool:
        """Whether the word is a form of any lemma, or a lemma."""
        behind = self._read.get(form)
        if behind is not None:
            return len(behind) > (Kind.SPELLING in behind)
        place = self._place(form)
        if place is None:
            return False
        child = self._automaton.child
        return any(child(place, kind) is not None for kind in _WORDS)

    def first_lemma(self, form: str) -> str:
        """The likeliest lemma of a form; empty if there is none that is likelier."""
        found = self._behind(form, Kind.FIRST_LEMMA)
        return found[0] if found else ""

    def lemmas(self, form: str) -> Lemmas:
        """The lemmas of a form; none if it is not known."""
        first = self._behind(form, Kind.FIRST_LEMMA)
        rest = self._behind(form, Kind.LEMMA)
        return Lemmas(first[0] if first else "", frozenset((*first, *rest)))

    def forms(self, lemma: str) -> Sequence[str]:
        """The forms of a lemma other than itself."""
        return self._behind(lemma, Kind.FORM)

    def spellings(self, folded: str) -> list[str]:
        """The known forms that are this word when folded: `café` for `cafe`."""
        found: list[str] = []
        waiting = [(self._automaton.root, 0, "")]
        child = self._automaton.child
        while waiting:
            place, at, before = waiting.pop()
            if at == len(folded):
                if any(child(place, kind) is not None for kind in _WORDS):
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
        if folded == written and folded <= self._plain:  # most words
            return _NO_WORDS
        others: set[str] = set()
        for word in folded:
            found = self._behind(word, Kind.SPELLING)
            if found:
                others.update(found)
            elif word not in written and self.knows(word):
                others.add(word)
        return frozenset(others - written)

    def _encoded(self, word: str) -> bytes | None:
        """The word as the table has it; None if it has a letter that no word of the table has."""
        try:
            return word.translate(self._letters).encode("latin-1")
        except UnicodeEncodeError:
            return None

    def _place(self, word: str) -> int | None:
        encoded = self._encoded(word)
        return None if encoded is None else self._automaton.find(encoded)

    def _behind(self, word: str, kind: int) -> Sequence[str]:
        behind = self._read.get(word)
        if behind is not None:
            return behind.get(kind, ())
        place = self._place(word)
        if place is not None:
            place = self._automaton.child(place, kind)
        if place is None:
            return []
        return [self._changed(word, ending) for ending in self._automaton.endings(place)]

    def _changed(self, word: str, change: bytes) -> str:
        """The word with another beginning, and with another ending."""
        off, on = self._beginnings[change[0]]
        kept = word[len(off) : len(word) - change[1]]
        return f"{on}{kept}{change[2:].decode('latin-1').translate(self._written)}"


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
