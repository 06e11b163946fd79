"""Stream entries → segments, on all cores: each entry is read as the live service reads it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import NamedTuple, Self

from service.archive.kept.block import Block
from service.archive.kept.packer import Packer, UnpackedArticle
from service.archive.kept.segment import KeptLetter, Segment, merged
from service.articles.article import Article, compose
from service.articles.entry import read_entry
from service.concurrency.processes import CallError, LimitedProcess, LimitError, Limits
from service.errors import BadEntry
from service.store.stories.copies import ORIGIN, origin_of
from service.stream.entry_reader import MAX_INLINE_BYTES
from service.stream.page_pool import PagePool

FEW = 100
"""Entries that are read in this process: it takes less than to start others."""
SHARE = 500
"""Entries that a process reads in one call."""
LIMITS = Limits(cpu_seconds=300, memory_bytes=4 * 2**30, wall_seconds=900)
"""Of such a call: short texts take a few hundred ms. Each of those that pass them is read alone."""


class RawEntry(NamedTuple):
    """An entry of a stream, or of a file as it would be published."""

    entry_id: str
    fields: Mapping[bytes, bytes]

    @property
    def bytes(self) -> int:
        """Of its names and values."""
        return sum(len(name) + len(value) for name, value in self.fields.items())

    @property
    def digest(self) -> str:
        """Of its names and values, but for the mark of an entry that repeats another."""
        hashed = hashlib.blake2b(digest_size=8)
        for pair in sorted(one for one in self.fields.items() if one[0] != ORIGIN):
            for part in pair:
                hashed.update(len(part).to_bytes(4, "big") + part)
        return hashed.hexdigest()

    @property
    def size(self) -> int:
        """Characters of what is text in it: of several copies the fullest tells a story on."""
        pairs = (pair for pair in self.fields.items() if pair[0] != ORIGIN)
        parts = [part for pair in pairs if all(map(_is_text, pair)) for part in pair]
        return sum(len(part.decode()) for part in parts)


class _Call(NamedTuple):
    entries: Sequence[RawEntry]
    max_bytes: int


class _Answer(NamedTuple):
    blocks: Sequence[Block]
    letters: Sequence[KeptLetter]
    apart: Sequence[int]
    """Numbers of entries that are to be read within the limits of pages."""


class ArchiveReader:
    """Reads entries in so many processes, which start with the first call."""

    def __init__(self, processes: int, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._processes = [
            LimitedProcess("tocsin-archive", _begin, LIMITS) for _ in range(processes)
        ]
        self._pages = PagePool(processes)
        self._threads = ThreadPoolExecutor(processes, "tocsin-archive")
        self._packer = Packer()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.kill()
        await self._pages.__aexit__(kind, error, trace)
        self._threads.shutdown(wait=False)

    async def segment(self, entries: Sequence[RawEntry]) -> Segment:
        """The entries as they are kept; there is at least one."""
        if len(entries) <= FEW:
            part = await self._whole(entries, _begin()(_Call(entries, self._max_bytes)))
            return merged([Segment(entries[0].entry_id, entries[-1].entry_id, *part)])
        idle = asyncio.Queue[LimitedProcess]()
        for process in self._processes:
            idle.put_nowait(process)
        shares = [entries[first : first + SHARE] for first in range(0, len(entries), SHARE)]
        read = await asyncio.gather(*(self._share(share, idle) for share in shares))
        parts = [Segment(entries[0].entry_id, entries[-1].entry_id, *part) for part in read]
        return merged(parts)

    async def _share(
        self, entries: Sequence[RawEntry], idle: asyncio.Queue[LimitedProcess]
    ) -> tuple[tuple[Block, ...], tuple[KeptLetter, ...]]:
        process = await idle.get()
        loop = asyncio.get_running_loop()
        call = _Call(entries, self._max_bytes)
        try:
            answer: _Answer = await loop.run_in_executor(self._threads, process.call, call)
        except (LimitError, CallError):
            answer = _Answer((), (), range(len(entries)))
            if not process.alive:
                process = LimitedProcess("tocsin-archive", _begin, LIMITS)
                self._processes.append(process)
        finally:
            idle.put_nowait(process)
        return await self._whole(entries, answer)

    async def _whole(
        self, entries: Sequence[RawEntry], answer: _Answer
    ) -> tuple[tuple[Block, ...], tuple[KeptLetter, ...]]:
        """What was read of these entries, with those that are read apart."""
        apart = await asyncio.gather(*(self._apart(entries[number]) for number in answer.apart))
        articles = [one for one in apart if isinstance(one, UnpackedArticle)]
        letters = [one for one in apart if isinstance(one, KeptLetter)]
        blocks = self._packer.pack(articles)
        return (*answer.blocks, *blocks), (*answer.letters, *letters)

    async def _apart(self, entry: RawEntry) -> UnpackedArticle | KeptLetter:
        try:
            return _unpacked(entry, await self._pages.read(entry.fields, max_bytes=self._max_bytes))
        except BadEntry as error:
            return KeptLetter(entry.entry_id, error.kind, str(error))
        except CallError as error:
            reason = str(error).strip().rpartition("\n")[2]
            return KeptLetter(entry.entry_id, "undecided", f"it cannot be read ({reason})")


def _begin() -> Callable[[_Call], _Answer]:
    packer = Packer()

    def read(call: _Call) -> _Answer:
        articles: list[UnpackedArticle] = []
        letters: list[KeptLetter] = []
        apart: list[int] = []
        for number, entry in enumerate(call.entries):
            try:
                article = _read_here(entry, call.max_bytes)
            except BadEntry as error:
                letters.append(KeptLetter(entry.entry_id, error.kind, str(error)))
                continue
            if article is None:
                apart.append(number)
            else:
                articles.append(_unpacked(entry, article))
        return _Answer(packer.pack(articles), letters, apart)

    return read


def _read_here(entry: RawEntry, max_bytes: int) -> Article | None:
    """The article of a short entry, as `EntryReader.read_here`; None for one to be read apart."""
    if max_bytes >= entry.bytes > MAX_INLINE_BYTES:
        return None
    draft = read_entry(entry.fields, max_bytes=max_bytes)
    return None if draft.needs_html else compose(draft)


def _unpacked(entry: RawEntry, article: Article) -> UnpackedArticle:
    origin = origin_of(entry.entry_id, entry.fields)
    return UnpackedArticle(entry.entry_id, entry.size, entry.digest, article, origin)


def _is_text(part: bytes) -> bool:
    try:
        part.decode()
    except UnicodeDecodeError:
        return False
    return True
