"""The watchlists of rules files while they are read, as compact as they stay."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.rules.compilation.watchlist_records import Records, decode_id, id_hash


class WatchlistDrafts:
    """The watchlists of the files as encoded records, before their expressions are parsed."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._end = array("q")
        self._file = array("i")
        self._line = array("i")
        self._list_set = array("i")
        self._id_hash = array("Q")
        self.numbers: dict[str, int] = {}
        """The number of the watchlist that has each id."""

    def __len__(self) -> int:
        return len(self._end)

    def add(self, id_: str, record: bytes, file: int, line: int, list_set: int = 0) -> int:
        """Adds an encoded record; returns its number."""
        self.numbers[id_] = number = len(self._end)
        self._content += record
        self._end.append(len(self._content))
        self._file.append(file)
        self._line.append(line)
        self._list_set.append(list_set)
        self._id_hash.append(id_hash(id_))
        return number

    def extend(self, others: WatchlistDrafts, file: int) -> None:
        """Adds the records of one file; none of their ids is here already."""
        at, begin = len(self), len(self._content)
        self.numbers.update(zip(others.numbers, range(at, at + len(others)), strict=True))
        self._content += others._content
        self._end.extend(begin + end for end in others._end)
        self._file.extend([file] * len(others))
        self._line += others._line
        self._list_set += others._list_set
        self._id_hash += others._id_hash

    def _begin(self, number: int) -> int:
        return self._end[number - 1] if number else 0

    def encoded(self, number: int) -> bytes:
        """One record (see `encode_record`)."""
        return bytes(self._content[self._begin(number) : self._end[number]])

    def id(self, number: int) -> str:
        """The id of one watchlist."""
        return decode_id(self.encoded(number))

    def json_text(self, number: int) -> bytes:
        """One watchlist as JSON."""
        return self.encoded(number).split(b"\n")[1]

    @property
    def id_hashes(self) -> npt.NDArray[np.uint64]:
        """The hash of each watchlist's id."""
        return np.array(self._id_hash, np.uint64)

    def file_number(self, number: int) -> int:
        """The number of a watchlist's file."""
        return self._file[number]

    def to_records(
        self, numbers: Sequence[int], content_hashes: Sequence[int], files: Sequence[str]
    ) -> Records:
        """The records with these numbers, in that order; `content_hashes`: one for each."""
        chosen = np.array(numbers, np.int32)
        end = np.array(self._end, np.int64)
        begin = np.concatenate((np.zeros(1, np.int64), end))[chosen]
        id_hashes = np.array(self._id_hash, np.uint64)[chosen]
        order = np.argsort(id_hashes, kind="stable").astype(np.int32)
        return Records(
            np.frombuffer(bytes(self._content), np.uint8),
            begin,
            end[chosen],
            np.array(self._file, np.int32)[chosen],
            np.array(self._line, np.int32)[chosen],
            np.array(self._list_set, np.int32)[chosen],
            np.array(content_hashes, np.uint64),
            id_hashes[order],
            order,
            tuple(files),
        )
