"""A file of kept articles: some thousand entries that follow one another."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import SEEK_CUR
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt
import orjson
from numpy.lib.npyio import NpzFile

from service.archive.kept.block import Block, KeptFacts, joined, unpacked_text
from service.archive.kept.url_marks import url_marks
from service.articles.article import Article
from service.errors import TocsinError

SUFFIX = ".articles"
UNFINISHED = ".tmp"
"""Of a file that is being written; one that is left is of a run that was killed."""
_DAMAGED = (
    OSError, EOFError, KeyError, TypeError, ValueError, BadZipFile, struct.error, zlib.error,
)  # fmt: skip
URLS = " urls"
"""The end of an array's name in a file: a mark of the URL of each article of a block."""
_FACTS = partial(tuple.__new__, KeptFacts)
"""Makes the facts of an article from its row, for a million without a call of Python each."""
_HEAD = 30
"""Bytes before the name of a member of a zip file; the last four tell how long what follows is."""
_ARRAYS = ("words", "zone_start", "texts", "text_start")


class KeptLetter(NamedTuple):
    """An entry that is no article."""

    entry_id: str
    kind: str
    """A `BadEntryKind`."""
    reason: str


@dataclass(frozen=True, slots=True)
class Segment:
    """The articles of some entries, and those entries that are none."""

    first: str
    """The id of the first entry."""
    last: str
    blocks: tuple[Block, ...]
    letters: tuple[KeptLetter, ...]

    def __len__(self) -> int:
        return len(self.letters) + sum(len(block.facts) for block in self.blocks)


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """Where a segment is kept; its name says which entries it holds."""

    path: Path
    first: str
    last: str
    count: int
    """Its entries."""

    def load(self) -> Segment:
        """The segment. Raises TocsinError where the file is damaged."""
        with self._open() as found:
            return self._read(found)

    @contextmanager
    def _open(self) -> Iterator[NpzFile]:
        with self._telling(), self.path.open("rb") as file, np.load(file) as found:
            yield found

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say what to do where the file is damaged."""
        try:
            yield
        except _DAMAGED as error:
            raise TocsinError(
                f"{self.path}: the kept articles are damaged ({error}); delete the folder "
                f"{self.path.parent}, and they are read anew"
            ) from error

    def article(self, block: int, number: int) -> Article:
        """One article; of the file no more is read than that.

        Raises TocsinError where the file is damaged.
        """
        with self._telling(), self.path.open("rb") as file, ZipFile(file) as members:
            start = _part(file, members.getinfo(f"{block} text_start.npy"), number, 2)
            first, end = start.tolist()
            text = _part(file, members.getinfo(f"{block} texts.npy"), first, end - first)
            return unpacked_text(text.tobytes())

    def entries_with(self, url: str) -> list[str]:
        """The entries with an article of this URL, in their order; reads little of the file.

        Raises TocsinError where the file is damaged.
        """
        (mark,) = url_marks([url])
        found = []
        with self._open() as kept:
            for number in range(sum(name.endswith(URLS) for name in kept.files)):
                (places,) = np.nonzero(kept[f"{number}{URLS}"] == mark)
                if len(places):
                    facts = orjson.loads(bytes(kept[f"{number} facts"]))
                    found += [KeptFacts(*facts[at]).entry_id for at in places]
        return sorted(found, key=place)

    def _read(self, found: NpzFile) -> Segment:
        about = orjson.loads(found["about"].tobytes())
        blocks = [
            Block(
                language,
                bytes(found[f"{number} forms"]).decode().splitlines(),
                facts=[*map(_FACTS, orjson.loads(bytes(found[f"{number} facts"])))],
                **{name: found[f"{number} {name}"] for name in _ARRAYS},
            )
            for number, language in enumerate(about["languages"])
        ]
        letters = tuple(KeptLetter(*row) for row in about["letters"])
        return Segment(self.first, self.last, tuple(blocks), letters)


def _part(file: BinaryIO, member: ZipInfo, first: int, count: int) -> npt.NDArray[Any]:
    """Some values of an array, which lies in its file as it is: no others are read."""
    file.seek(member.header_offset + _HEAD - 4)
    file.seek(sum(struct.unpack("<HH", file.read(4))), SEEK_CUR)  # its name, and what is beside
    np.lib.format.read_magic(file)
    shape, _, kind = np.lib.format.read_array_header_1_0(file)
    if not 0 <= first <= first + count <= shape[0]:
        raise ValueError(f"{member.filename} ends before {first + count}")
    file.seek(first * kind.itemsize, SEEK_CUR)
    return np.frombuffer(file.read(count * kind.itemsize), kind, count)


def save(folder: Path, segment: Segment) -> SegmentFile:
    """Write a segment: the file is there as a whole, or not at all.

    Raises TocsinError where it cannot be written.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    for number, block in enumerate(segment.blocks):
        arrays |= {f"{number} {name}": getattr(block, name) for name in _ARRAYS}
        arrays[f"{number}{URLS}"] = url_marks(each.url for each in block.facts)
        arrays[f"{number} forms"] = _bytes("\n".join(block.forms).encode())
        arrays[f"{number} facts"] = _bytes(orjson.dumps(list(map(tuple, block.facts))))
    about = {
        "languages": [block.language for block in segment.blocks],
        "letters": list(map(tuple, segment.letters)),
    }
    arrays["about"] = _bytes(orjson.dumps(about))
    path = folder / f"{segment.first}_{segment.last}_{len(segment)}{SUFFIX}"
    written = path.with_suffix(UNFINISHED)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    try:
        written.write_bytes(buffer.getbuffer())
        written.replace(path)
    except OSError as error:
        written.unlink(missing_ok=True)
        raise TocsinError(f"{folder}: no articles can be kept here ({error.strerror})") from error
    return SegmentFile(path, segment.first, segment.last, len(segment))


def files(folder: Path) -> list[SegmentFile]:
    """The segments in a folder, in the order of their entries."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        first, last, count = path.name.removesuffix(SUFFIX).split("_")
        found.append(SegmentFile(path, first, last, int(count)))
    found.sort(key=lambda each: (place(each.first), -each.count))
    whole: list[SegmentFile] = []
    for each in found:  # a run may have ended between two that it made one, and their deletion
        if not whole or place(each.last) > place(whole[-1].last):
            whole.append(each)
    return whole


def place(entry_id: str) -> tuple[int, int]:
    """Where an entry is in its stream."""
    milliseconds, sequence = entry_id.split("-")
    return int(milliseconds), int(sequence)


def merged(segments: Sequence[Segment]) -> Segment:
    """Segments that follow one another, as one."""
    blocks = joined([block for each in segments for block in each.blocks])
    letters = tuple(letter for each in segments for letter in each.letters)
    return Segment(segments[0].first, segments[-1].last, tuple(blocks), letters)


def in_order(segment: Segment) -> Iterator[tuple[Block, int]]:
    """Its articles, each as its block and its number in that, in the order of the entries."""
    every = [(block, number) for block in segment.blocks for number in range(len(block.facts))]
    yield from sorted(every, key=lambda one: place(one[0].facts[one[1]].entry_id))


def _bytes(data: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)
