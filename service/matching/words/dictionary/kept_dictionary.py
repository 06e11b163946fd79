"""A dictionary of simplemma as a table in a file.

To decode a dictionary of a million forms takes a second of CPU and 100 MB, in every process. That
is done once on a machine; then the table is mapped into memory and read where it lies.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

from simplemma.strategies.dictionaries.dictionary_factory import (
    DATA_FOLDER,
    SUPPORTED_LANGUAGES,
    DefaultDictionaryFactory,
)

from service.articles.language.kept_file import Unpacked, kept

_FORMAT = 1
"""Of what is kept: another number for every change of it."""
_SLOTS, _RECORDS = "slots", "records"
_SIZE_BYTES = 2
"""Of the size before each word of a record, a form and its lemma."""
_LONGEST = (1 << 8 * _SIZE_BYTES) - 1
"""Bytes of a word; pages have longer ones, such as pictures in letters."""
_NO_RECORD = 0
"""In a slot; no record stands at this place."""


def dictionary(language: str, places: Iterable[Path]) -> Mapping[str, str]:
    """The lemma of each form, from a file in one of these folders; it is made and kept there if it
    can be. Raises ValueError for a language without a dictionary.
    """
    if language not in SUPPORTED_LANGUAGES:
        raise ValueError(f"there is no dictionary of {language!r}")
    packed = DATA_FOLDER / f"{language}.plzma"
    found = kept(f"forms-{language}", places, packed, _FORMAT, lambda: _unpack(language))
    return KeptDictionary(found) if found else _decoded(language)


class KeptDictionary(Mapping[str, str]):
    """The lemma of each form, in a table."""

    def __init__(self, table: Unpacked) -> None:
        self._count: int = table.facts
        self._slots, self._records = table.parts[_SLOTS], table.parts[_RECORDS]
        self._last = len(self._slots) - 1

    def __getitem__(self, form: str) -> str:
        lemma = self.get(form)
        if lemma is None:
            raise KeyError(form)
        return lemma

    def __contains__(self, form: object) -> bool:
        return isinstance(form, str) and self.get(form) is not None

    def get(self, form: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The lemma of a form; the default where it is not in the dictionary."""
        word = form.encode()
        if len(word) > _LONGEST:
            return default
        records, slots, last = self._records, self._slots, self._last
        sought = _size(word) + word
        size = len(sought)
        at = crc32(word) & last
        while place := slots[at]:
            begin = place + size
            if records[place:begin] == sought:
                end = begin + _SIZE_BYTES + (records[begin] | records[begin + 1] << 8)
                return str(records[begin + _SIZE_BYTES : end], "utf-8")
            at = (at + 1) & last
        return default

    def __iter__(self) -> Iterator[str]:
        place = 1
        for _ in range(self._count):
            yield self._word(place)
            for _ in range(2):
                place += _SIZE_BYTES + self._size_at(place)

    def __len__(self) -> int:
        return self._count

    def _size_at(self, place: int) -> int:
        return self._records[place] | self._records[place + 1] << 8

    def _word(self, place: int) -> str:
        begin = place + _SIZE_BYTES
        return str(self._records[begin : begin + self._size_at(place)], "utf-8")


def _decoded(language: str) -> Any:
    return DefaultDictionaryFactory(0).get_dictionary(language)


def _unpack(language: str) -> Unpacked:
    words = _decoded(language)._dict  # noqa: SLF001 (bytes: to decode and encode them takes longest)
    # At most half of the slots are taken: a search then meets few others.
    slots = array("I", bytes(4 << (2 * len(words)).bit_length()))
    last = len(slots) - 1
    records = bytearray(1)
    for form, lemma in words.items():
        at = crc32(form) & last
        while slots[at] != _NO_RECORD:
            at = (at + 1) & last
        slots[at] = len(records)
        records += b"%b%b%b%b" % (_size(form), form, _size(lemma), lemma)
    return Unpacked(len(words), {_SLOTS: memoryview(slots), _RECORDS: memoryview(records)})


def _size(word: bytes) -> bytes:
    return len(word).to_bytes(_SIZE_BYTES, "little")
