"""Watchlists as compact records: all that is kept in memory of a watchlist until it matches.

A record is three lines of text: the id; the watchlist as JSON; the lines of its tests in the file,
with commas. The records of a set of rules are in one array of bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from service.rules.schema import WatchlistSpec


class Record(NamedTuple):
    """One watchlist and its place."""

    id: str
    watchlist: WatchlistSpec
    test_lines: tuple[int, ...]
    """The lines of its tests in the file, from 1."""
    file: str
    line: int
    list_set: int
    """The number of the set of lists that its expressions name."""
    content_hash: int


@dataclass(frozen=True)
class Records:
    """The watchlists of a set of rules, by number and by id; immutable."""

    content: npt.NDArray[np.uint8]
    begin: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    file: npt.NDArray[np.int32]
    """Numbers into `files`."""
    line: npt.NDArray[np.int32]
    list_set: npt.NDArray[np.int32]
    content_hash: npt.NDArray[np.uint64]
    id_hash: npt.NDArray[np.uint64]
    """Hashes of the ids, sorted."""
    order: npt.NDArray[np.int32]
    """The number of the watchlist that has each id hash."""
    files: tuple[str, ...]
    more: npt.NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    """What follows `content`: the texts of a few records that took the place of others."""

    def __len__(self) -> int:
        return len(self.begin)

    @property
    def size(self) -> int:
        """Bytes of all texts."""
        return len(self.content) + len(self.more)

    def __getitem__(self, number: int) -> Record:
        id_, spec, lines = self.encoded(number).split(b"\n")
        return Record(
            id_.decode(),
            WatchlistSpec.model_validate_json(spec),
            tuple(map(int, lines.split(b","))) if lines else (),
            self.files[self.file[number]],
            int(self.line[number]),
            int(self.list_set[number]),
            int(self.content_hash[number]),
        )

    def encoded(self, number: int) -> bytes:
        """The text of one record (see `encode_record`)."""
        return self.text(self.begin[number], self.end[number]).tobytes()

    def text(self, begin: int, end: int) -> npt.NDArray[np.uint8]:
        """The texts of records that follow one another there."""
        size = len(self.content)
        return self.content[begin:end] if begin < size else self.more[begin - size : end - size]

    def id(self, number: int) -> str:
        """The id of one watchlist."""
        return decode_id(self.encoded(number))

    def find(self, id_: str) -> int | None:
        """The number of the watchlist with this id; None if there is none."""
        wanted = np.uint64(id_hash(id_))
        for at in range(int(np.searchsorted(self.id_hash, wanted)), len(self.id_hash)):
            if self.id_hash[at] != wanted:
                return None
            if self.id(found := int(self.order[at])) == id_:  # two ids may share a hash
                return found
        return None

    def find_all(self, ids: Iterable[str], id_hashes: npt.NDArray[np.uint64]) -> list[int | None]:
        """The numbers of the watchlists with these ids, given with their hashes; as `find`."""
        last = max(len(self.id_hash) - 1, 0)
        at = np.minimum(np.searchsorted(self.id_hash, id_hashes), last)
        there = self.id_hash[at] == id_hashes if len(self.id_hash) else np.zeros(len(at), np.bool_)
        return [
            self.find(id_) if hit else None for id_, hit in zip(ids, there.tolist(), strict=True)
        ]

    def select(self, id_hashes: npt.NDArray[np.uint64], files: Collection[str]) -> Records:
        """The records whose ids have one of these hashes, or that come from one of these files.

        They are numbered from 0, and `find` does not find them.
        """
        wanted = [number for number, file in enumerate(self.files) if file in files]
        chosen = np.isin(self.file, wanted)
        chosen[self.order[np.isin(self.id_hash, id_hashes)]] = True
        numbers = np.flatnonzero(chosen)
        texts = [self.text(self.begin[number], self.end[number]) for number in numbers]
        sizes = np.array([*map(len, texts)], np.int64)
        end = np.cumsum(sizes)
        none = np.empty(0, np.int32)
        return Records(
            np.concatenate([none.astype(np.uint8), *texts]),
            end - sizes,
            end,
            self.file[numbers],
            self.line[numbers],
            self.list_set[numbers],
            self.content_hash[numbers],
            none.astype(np.uint64),
            none,
            self.files,
        )

    def copy_of(self, numbers: Sequence[int]) -> Records:
        """The records with these numbers, which are ascending; they are numbered anew."""
        chosen = np.array(numbers, np.int32)
        again = np.full(len(self), -1, np.int32)
        again[chosen] = np.arange(len(chosen), dtype=np.int32)
        order = again[self.order]
        stays = order >= 0
        return Records(
            self.content,
            self.begin[chosen],
            self.end[chosen],
            self.file[chosen],
            self.line[chosen],
            self.list_set[chosen],
            self.content_hash[chosen],
            self.id_hash[stays],
            order[stays],
            self.files,
            self.more,
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Its arrays by name, for a file."""
        if len(self.more):
            raise ValueError("records of which some took the place of others cannot be stored")
        return {name: getattr(self, name) for name in _ARRAYS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], files: Sequence[str]) -> Records:
        """The records that `arrays()` gave."""
        return cls(**{name: arrays[name] for name in _ARRAYS}, files=tuple(files))


_ARRAYS = (
    "content",
    "begin",
    "end",
    "file",
    "line",
    "list_set",
    "content_hash",
    "id_hash",
    "order",
)


def encode_record(id_: str, watchlist: bytes, test_lines: Iterable[int]) -> bytes:
    """The text of a record; `watchlist` is JSON."""
    return f"{id_}\n".encode() + watchlist + b"\n" + ",".join(map(str, test_lines)).encode()


def decode_id(record: bytes) -> str:
    """The id of a record's watchlist."""
    return record[: record.index(b"\n")].decode()


def content_hash(parts: Iterable[bytes]) -> int:
    """The BLAKE2b hash of some parts: 8 bytes, as a number."""
    return int.from_bytes(hashlib.blake2b(b"\0".join(parts), digest_size=8).digest(), "little")


def id_hash(id_: str) -> int:
    """The hash by which a watchlist is found."""
    return content_hash((id_.encode(),))
