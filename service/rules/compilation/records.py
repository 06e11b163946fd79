"""Watchlists as compact records: all that is kept of each while no article asks for it.

A record is three lines of text: the id; the watchlist as JSON; the lines of its tests in the file,
with commas. The records of a set of rules stand in one array of bytes.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from service.rules.schema import WatchlistSpec


class Record(NamedTuple):
    """What one watchlist says, and where."""

    id: str
    watchlist: WatchlistSpec
    lines: tuple[int, ...]
    """Where its tests stand."""
    file: str
    line: int
    lists: int
    """Which set of lists its expressions name."""
    digest: int


@dataclass(frozen=True)
class Records:
    """The watchlists of a set of rules, by number and by id; immutable."""

    content: npt.NDArray[np.uint8]
    begin: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    file: npt.NDArray[np.int32]
    """Numbers into `files`."""
    line: npt.NDArray[np.int32]
    lists: npt.NDArray[np.int32]
    digest: npt.NDArray[np.uint64]
    key: npt.NDArray[np.uint64]
    """Digests of the ids, sorted."""
    order: npt.NDArray[np.int32]
    """The number that belongs to each key."""
    files: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.begin)

    def __getitem__(self, number: int) -> Record:
        id_, spec, lines = self.raw(number).split(b"\n")
        return Record(
            id_.decode(),
            WatchlistSpec.model_validate_json(spec),
            tuple(map(int, lines.split(b","))) if lines else (),
            self.files[self.file[number]],
            int(self.line[number]),
            int(self.lists[number]),
            int(self.digest[number]),
        )

    def raw(self, number: int) -> bytes:
        """The text of one record."""
        return self.content[self.begin[number] : self.end[number]].tobytes()

    def id(self, number: int) -> str:
        """The id of one watchlist."""
        return _id(self.raw(number))

    def number(self, id_: str) -> int | None:
        """The number of a watchlist, None where there is none of this id."""
        wanted = np.uint64(key(id_))
        for at in range(int(np.searchsorted(self.key, wanted)), len(self.key)):
            if self.key[at] != wanted:
                return None
            if self.id(found := int(self.order[at])) == id_:  # two ids may share a key
                return found
        return None

    def some(self, keys: npt.NDArray[np.uint64], files: Collection[str]) -> Records:
        """Those whose ids have one of these keys, or that stand in one of these files.

        They have numbers of their own and are not found by id.
        """
        wanted = [number for number, file in enumerate(self.files) if file in files]
        chosen = np.isin(self.file, wanted)
        chosen[self.order[np.isin(self.key, keys)]] = True
        numbers = np.flatnonzero(chosen)
        size = (self.end - self.begin)[numbers]
        end = np.cumsum(size)
        begin = end - size
        places = np.arange(size.sum()) + np.repeat(self.begin[numbers] - begin, size)
        none = np.empty(0, np.int32)
        return Records(
            self.content[places],
            begin,
            end,
            self.file[numbers],
            self.line[numbers],
            self.lists[numbers],
            self.digest[numbers],
            none.astype(np.uint64),
            none,
            self.files,
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Its arrays by name, to be stored."""
        return {name: getattr(self, name) for name in _ARRAYS}

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]], files: Sequence[str]) -> Records:
        """The records that `arrays()` took apart."""
        return cls(**{name: arrays[name] for name in _ARRAYS}, files=tuple(files))


_ARRAYS = ("content", "begin", "end", "file", "line", "lists", "digest", "key", "order")


class Drafts:
    """Watchlists as they are gathered from files; which of them are good is not known yet."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._end = array("q")
        self._file = array("i")
        self._line = array("i")
        self._lists = array("i")
        self._key = array("Q")
        self.numbers: dict[str, int] = {}
        """Where each id stands."""

    def __len__(self) -> int:
        return len(self._end)

    def add(self, id_: str, raw: bytes, file: int, line: int, lists: int = 0) -> int:
        """Keeps one record; returns its number."""
        self.numbers[id_] = number = len(self._end)
        self._content += raw
        self._end.append(len(self._content))
        self._file.append(file)
        self._line.append(line)
        self._lists.append(lists)
        self._key.append(key(id_))
        return number

    def extend(self, others: Drafts, file: int) -> None:
        """Keeps the records of one file, which have ids of their own."""
        at, begin = len(self), len(self._content)
        self.numbers.update(zip(others.numbers, range(at, at + len(others)), strict=True))
        self._content += others._content
        self._end.extend(begin + end for end in others._end)
        self._file.extend([file] * len(others))
        self._line += others._line
        self._lists += others._lists
        self._key += others._key

    def _begin(self, number: int) -> int:
        return self._end[number - 1] if number else 0

    def raw(self, number: int) -> bytes:
        """The text of one record."""
        return bytes(self._content[self._begin(number) : self._end[number]])

    def id(self, number: int) -> str:
        """The id of one watchlist."""
        return _id(self.raw(number))

    def text(self, number: int) -> bytes:
        """One watchlist as JSON."""
        return self.raw(number).split(b"\n")[1]

    def place(self, number: int) -> tuple[int, int]:
        """The number of its file, and its line."""
        return self._file[number], self._line[number]

    def records(self, chosen: array[int], digests: array[int], files: Sequence[str]) -> Records:
        """The chosen ones, in that order, as they stay from now on."""
        numbers = np.frombuffer(chosen, np.int32) if chosen else np.empty(0, np.int32)
        end = np.array(self._end, np.int64)
        begin = np.concatenate((np.zeros(1, np.int64), end))[numbers]
        keys = np.array(self._key, np.uint64)[numbers]
        order = np.argsort(keys, kind="stable").astype(np.int32)
        return Records(
            np.frombuffer(bytes(self._content), np.uint8),
            begin,
            end[numbers],
            np.array(self._file, np.int32)[numbers],
            np.array(self._line, np.int32)[numbers],
            np.array(self._lists, np.int32)[numbers],
            np.array(digests, np.uint64),
            keys[order],
            order,
            tuple(files),
        )


def raw(id_: str, watchlist: bytes, lines: Iterable[int]) -> bytes:
    """The text of a record."""
    return f"{id_}\n".encode() + watchlist + b"\n" + ",".join(map(str, lines)).encode()


def digest(parts: Iterable[bytes]) -> int:
    """A digest of eight bytes, as a number."""
    return int.from_bytes(hashlib.blake2b(b"\0".join(parts), digest_size=8).digest(), "little")


def key(id_: str) -> int:
    """By which a watchlist is found: a digest of its id."""
    return digest((id_.encode(),))


def _id(raw: bytes) -> str:
    return raw[: raw.index(b"\n")].decode()
