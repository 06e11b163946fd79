"""A set of rules as Redis keeps it: a head, and pieces that other sets share with it.

    head       JSON: format, digest, files, sets of lists, terms of subscribers, and for each
               piece the number of the file of its first watchlist
    a piece    some watchlists, 4 lines each: its places and its hash; its id; its JSON; the lines
               of its tests. Files are counted from that of the first one

Both are compressed by zlib. A piece is named by a hash of what it says, so a set that differs in
one watchlist has one other piece. Files are named relative to the folder of the rules, which
another worker may have elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np
from pydantic import ValidationError

from service.errors import TocsinError
from service.rules.compilation.drafts import WatchlistDrafts
from service.rules.compilation.watchlist_records import Records, decode_id
from service.rules.in_force.file_names import relative_name
from service.rules.in_force.shared_set import SharedSet
from service.rules.in_force.state import SetContent
from service.rules.schema import ListSpec
from service.rules.subscribers.terms import Terms

FORMAT = 2
OLD_FORMAT = 1
"""Of version 1 of the data: the watchlists follow the head in one text."""
MAX_BYTES = 2 * 2**30
"""Of a head, and of a piece, that is not compressed."""
_LEVEL = 3
_PIECE = 2_048
"""Watchlists in a piece, on average."""


class UnreadableSet(TocsinError):
    """What Redis holds of a set of rules is damaged, or another version of Tocsin wrote it."""


class _Piece(NamedTuple):
    """Watchlists with numbers from `first` on, below `last`."""

    first: int
    last: int
    name: str


class SetEncoder:
    """Encodes one set after the other; what is the same as in the last one is not read again."""

    def __init__(self, root: str) -> None:
        """`root`: the folder of the rules."""
        self._root = root
        self._records: Records | None = None
        self._pieces: list[_Piece] = []

    def encode(self, shared: SharedSet) -> SetContent:
        """What Redis keeps of a set; each piece is compressed when it is asked for."""
        records = shared.records
        pieces = self.learn(records)
        bases = records.file[[piece.first for piece in pieces]].tolist()
        head = {
            "format": FORMAT,
            "digest": shared.digest,
            "files": [relative_name(file, self._root) for file in records.files],
            "lists": [{n: s.model_dump() for n, s in each.items()} for each in shared.list_sets],
            "terms": {name: each.to_json() for name, each in shared.terms.items()},
            "bases": bases,
        }
        by_name = {piece.name: piece for piece in pieces}

        def piece_of(name: str) -> bytes:
            piece = by_name[name]
            return zlib.compress(b"".join(_lines(records, piece.first, piece.last)), _LEVEL)

        packed = zlib.compress(json.dumps(head).encode("utf-8", "surrogateescape"), _LEVEL)
        return SetContent(packed, tuple(piece.name for piece in pieces), piece_of)

    def learn(self, records: Records) -> list[_Piece]:
        """The pieces of records, by which those of the next set are found sooner."""
        # Where a piece ends is a matter of its own watchlists: it is the same piece in another set.
        ends = np.flatnonzero(records.content_hash % np.uint64(_PIECE) == 0) + 1
        bounds = np.unique(np.concatenate(([0], ends, [len(records)]))).tolist()
        before = self._records
        known: dict[int, _Piece] = {}
        if before is not None and before.content is records.content:
            begins = before.begin[[piece.first for piece in self._pieces]].tolist()
            known = dict(zip(begins, self._pieces, strict=True))
        pieces = []
        for first, last in pairwise(bounds):
            same = known.get(int(records.begin[first]))
            if before is None or same is None or not _is_same(before, same, records, first, last):
                pieces.append(_Piece(first, last, _name_of(records, first, last)))
            else:
                pieces.append(_Piece(first, last, same.name))
        self._records, self._pieces = records, pieces
        return pieces


def _is_same(before: Records, piece: _Piece, records: Records, first: int, last: int) -> bool:
    """Whether a piece of records with the same `content` is these records."""
    if last - first != piece.last - piece.first:
        return False
    if int(records.end[first:last].max()) > len(records.content):  # some are in `more`
        return False
    mine = _columns(records, first, last)
    theirs = _columns(before, piece.first, piece.last)
    return all(np.array_equal(one, other) for one, other in zip(mine, theirs, strict=True))


def _columns(records: Records, first: int, last: int) -> Iterator[Any]:
    yield records.file[first:last] - records.file[first]
    for each in (records.line, records.list_set, records.content_hash, records.begin, records.end):
        yield each[first:last]


def _name_of(records: Records, first: int, last: int) -> str:
    """A hash of all that the format has of some watchlists."""
    begin, end = records.begin[first:last], records.end[first:last]
    hashed = hashlib.blake2b(digest_size=16)
    hashed.update((records.file[first:last] - records.file[first]).tobytes())
    for each in (records.line, records.list_set, records.content_hash):
        hashed.update(each[first:last].tobytes())
    hashed.update((end - begin).tobytes())
    if (begin[1:] == end[:-1]).all():
        hashed.update(records.text(begin[0], end[-1]).data)
    else:
        for number in range(first, last):
            hashed.update(records.encoded(number))
    return hashed.hexdigest()


def _lines(records: Records, first: int, last: int) -> Iterator[bytes]:
    """Some watchlists, as the format has them."""
    base = int(records.file[first])
    columns = (records.file, records.line, records.list_set, records.content_hash)
    rows = (each[first:last].tolist() for each in columns)
    for number, (file, line, list_set, hashed) in enumerate(zip(*rows, strict=True), first):
        yield b"%d %d %d %x\n" % (file - base, line, list_set, hashed)
        yield records.encoded(number)
        yield b"\n"


def decode_set(content: SetContent, root: str) -> SharedSet:
    """The set that `SetEncoder` encoded, its files below `root`. Raises UnreadableSet."""
    try:
        head, _, rest = _unpacked(content.head).partition(b"\n")
        found = json.loads(head)
        if found["format"] not in (FORMAT, OLD_FORMAT):
            raise UnreadableSet("another version of Tocsin wrote the rules in Redis")
        lists = tuple(
            {name: ListSpec.model_validate(spec) for name, spec in each.items()}
            for each in found["lists"]
        )
        terms = {name: Terms.from_json(each) for name, each in found["terms"].items()}
        files = [str(PurePath(root, name)) for name in found["files"]]
        drafts, hashes = WatchlistDrafts(), array("Q")
        if found["format"] == OLD_FORMAT and rest:
            _read_piece(rest + b"\n", 0, drafts, hashes)
        for name, base in zip(content.pieces, found.get("bases", ()), strict=True):
            _read_piece(_unpacked(content.piece(name)), int(base), drafts, hashes)
        records = drafts.to_records(range(len(drafts)), hashes, files)
        return SharedSet(records, lists, terms, str(found["digest"]))
    except (zlib.error, ValidationError, ValueError, KeyError, TypeError, IndexError) as error:
        raise UnreadableSet(f"the rules in Redis cannot be read: {error!r}") from error


def _unpacked(packed: bytes) -> bytes:
    unpacked = zlib.decompressobj()
    text = unpacked.decompress(packed, MAX_BYTES)
    if not unpacked.eof:
        raise UnreadableSet("the rules in Redis are not whole")
    return text


def _read_piece(text: bytes, base: int, drafts: WatchlistDrafts, hashes: array[int]) -> None:
    *lines, end = text.split(b"\n")
    if end or len(lines) % 4:
        raise UnreadableSet("the rules in Redis are not whole")
    for at in range(0, len(lines), 4):
        file, line, list_set, content_hash = lines[at].split()
        record = b"\n".join(lines[at + 1 : at + 4])
        drafts.add(decode_id(record), record, base + int(file), int(line), int(list_set))
        hashes.append(int(content_hash, 16))
