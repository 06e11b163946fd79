"""A set of rules as workers share it: watchlists, lists and what subscribers want; no secret.

    a line     JSON: format, digest, files, sets of lists, terms of subscribers
    4 lines    for each watchlist: its places and its hash; its id; its JSON; the lines of its tests

All of it is compressed by zlib. Files are named relative to the folder of the rules, which another
worker may have elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import PurePath

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from service.errors import TocsinError
from service.rules.compilation.drafts import WatchlistDrafts
from service.rules.compilation.lists import ListSpecs
from service.rules.compilation.rule_set import EarlierWatchlists
from service.rules.compilation.watchlist_records import Records, decode_id
from service.rules.in_force.pieces import Piece, compress, join
from service.rules.schema import ListSpec
from service.rules.subscribers.terms import Terms

FORMAT = 1
MAX_BYTES = 2 * 2**30
"""Of a set that is not compressed."""
_PIECE = 2_048
"""Watchlists that are compressed together, on average."""


class UnreadableSet(TocsinError):
    """What Redis holds of a set of rules is damaged, or another version of Tocsin wrote it."""


@dataclass(frozen=True)
class SharedSet:
    """The watchlists of a set of rules, the lists that they name, and its subscribers' terms."""

    records: Records
    list_sets: tuple[ListSpecs, ...]
    terms: Mapping[str, Terms]
    """By the ids of subscribers."""
    digest: str
    """A hash of the watchlists."""

    @classmethod
    def empty(cls) -> SharedSet:
        """A set without a watchlist."""
        return cls(WatchlistDrafts().to_records((), (), ()), (), {}, "")

    @cached_property
    def id(self) -> str:
        """The same for sets that judge and route alike, wherever their rules are written."""
        terms = {name: each.to_json() for name, each in self.terms.items()}
        said = f"{self.digest} {json.dumps(terms, sort_keys=True)}"
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()

    def find_earlier(
        self, id_hashes: npt.NDArray[np.uint64], files: frozenset[str]
    ) -> EarlierWatchlists:
        """Those that may have to stay (see `rule_set.FindEarlier`)."""
        return EarlierWatchlists(self.records.select(id_hashes, files), self.list_sets)


def encode_set(shared: SharedSet, root: str, known: dict[bytes, Piece] | None = None) -> bytes:
    """The set as Redis keeps it; `root` is the folder of its rules.

    `known` holds what was compressed for the last set, and afterwards that of this one.
    """
    records = shared.records
    head = {
        "format": FORMAT,
        "digest": shared.digest,
        "files": [_relative(file, root) for file in records.files],
        "lists": [{n: s.model_dump() for n, s in each.items()} for each in shared.list_sets],
        "terms": {name: each.to_json() for name, each in shared.terms.items()},
    }
    before = {} if known is None else {**known}
    pieces: dict[bytes, Piece] = {}
    order = [compress(json.dumps(head).encode("utf-8", "surrogateescape"))]
    # Where a piece ends is a matter of its own watchlists: it is the same piece in another set.
    ends = np.flatnonzero(records.content_hash % np.uint64(_PIECE) == 0) + 1
    bounds = np.unique(np.concatenate(([0], ends, [len(records)]))).tolist()
    for first, last in pairwise(bounds):
        name = _name_of(records, first, last)
        piece = before.get(name)
        if piece is None:
            piece = compress(b"".join(_lines(records, first, last)))
        pieces[name] = piece
        order.append(piece)
    if known is not None:
        known.clear()
        known.update(pieces)
    return join(order)


def _name_of(records: Records, first: int, last: int) -> bytes:
    """A hash of all that the format has of some watchlists."""
    begin, end = records.begin[first:last], records.end[first:last]
    hashed = hashlib.blake2b(digest_size=16)
    for each in (records.file, records.line, records.list_set, records.content_hash):
        hashed.update(each[first:last].tobytes())
    hashed.update((end - begin).tobytes())
    if (begin[1:] == end[:-1]).all():
        hashed.update(records.content[begin[0] : end[-1]].data)
    else:
        for number in range(first, last):
            hashed.update(records.encoded(number))
    return hashed.digest()


def _lines(records: Records, first: int, last: int) -> Iterator[bytes | memoryview]:
    """Some watchlists, as the format has them."""
    content = records.content.data
    columns = (
        records.file,
        records.line,
        records.list_set,
        records.content_hash,
        records.begin,
        records.end,
    )
    rows = (each[first:last].tolist() for each in columns)
    for file, line, list_set, hashed, begin, end in zip(*rows, strict=True):
        yield b"\n%d %d %d %x\n" % (file, line, list_set, hashed)
        yield content[begin:end]


def decode_set(content: bytes, root: str) -> SharedSet:
    """The set that `encode_set` gave, its files below `root`. Raises UnreadableSet."""
    try:
        unpacked = zlib.decompressobj()
        head, *lines = unpacked.decompress(content, MAX_BYTES).split(b"\n")
        found = json.loads(head)
        if found["format"] != FORMAT:
            raise UnreadableSet("another version of Tocsin wrote the rules in Redis")
        if not unpacked.eof or len(lines) % 4:
            raise UnreadableSet("the rules in Redis are not whole")
        lists = tuple(
            {name: ListSpec.model_validate(spec) for name, spec in each.items()}
            for each in found["lists"]
        )
        terms = {name: Terms.from_json(each) for name, each in found["terms"].items()}
        files = [str(PurePath(root, name)) for name in found["files"]]
        return SharedSet(_records(lines, files), lists, terms, str(found["digest"]))
    except (zlib.error, ValidationError, ValueError, KeyError, TypeError, IndexError) as error:
        raise UnreadableSet(f"the rules in Redis cannot be read: {error!r}") from error


def _records(lines: list[bytes], files: list[str]) -> Records:
    drafts, hashes = WatchlistDrafts(), array("Q")
    for at in range(0, len(lines), 4):
        file, line, list_set, content_hash = lines[at].split()
        record = b"\n".join(lines[at + 1 : at + 4])
        drafts.add(decode_id(record), record, int(file), int(line), int(list_set))
        hashes.append(int(content_hash, 16))
    return drafts.to_records(range(len(drafts)), hashes, files)


def _relative(file: str, root: str) -> str:
    path = PurePath(file)
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name


def content_key(content: bytes) -> str:
    """The name under which Redis keeps what `encode_set` gave."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()
