"""The articles that a command is about: those of the streams, or of files, read and kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.alerts.people.silence import Silence
from service.app.redis.file_lock import exclusive
from service.app.redis.outboxes import store_name
from service.archive.kept.archive import Archive
from service.archive.kept.file_entries import file_entries
from service.archive.kept.reader import ArchiveReader, RawEntry
from service.archive.kept.segment import SegmentFile
from service.archive.kept.stream_entries import stream_entries
from service.archive.missed.entries import KeptEntries, KeptSearch
from service.archive.moments import to_ms
from service.articles.files.entries import Source, UnreadableError
from service.cli.input.files import source
from service.cli.input.limited_files import LimitedFiles
from service.cli.input.store import opened
from service.cli.output.terminal import console
from service.concurrency.processes import usable_cores
from service.errors import ConfigError, TocsinError
from service.settings import Settings
from service.store.outbox import Outbox


@dataclass(frozen=True, slots=True)
class KeptArticles:
    """What one stream or some files hold."""

    name: str
    segments: Sequence[SegmentFile]
    silences: Sequence[Silence] = ()
    """Those that are in force, of a stream."""


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar on a terminal only, gone when it is done."""
    err = console(error=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=err, transient=True, disable=not err.is_terminal
    ) as progress:
        yield progress


@asynccontextmanager
async def kept_articles(
    settings: Settings, files: Sequence[str], streams: Sequence[str], progress: Progress
) -> AsyncIterator[list[KeptArticles]]:
    """The articles of these files, else of these streams; nobody else reads them meanwhile."""
    if files:
        with ExitStack() as locks:
            yield [await _files_kept(settings, locks, _folder(settings), files, progress)]
        return
    with ExitStack() as locks:
        async with opened(settings) as outboxes:
            chosen = [outboxes[name] for name in streams]
            found = await _streams_kept(settings, locks, chosen, progress)
        yield found


@asynccontextmanager
async def stream_articles(
    settings: Settings, outboxes: Collection[Outbox], progress: Progress
) -> AsyncIterator[list[KeptArticles]]:
    """The articles of the streams of these outboxes, which are open already."""
    with ExitStack() as locks:
        yield await _streams_kept(settings, locks, outboxes, progress)


def kept_search(settings: Settings) -> KeptSearch:
    """Looks URLs up in the archives that back-tests of the streams have left on this machine."""

    def entries(outbox: Outbox, url: str) -> KeptEntries | None:
        folder = _stream_folder(settings, outbox)
        if not (folder / "lock").exists():
            return None
        try:
            lock = exclusive(folder / "lock", wait=False)
        except OSError:  # a back-test is at work there, or it is another user's
            return None
        with lock:
            archive = Archive(folder)
            return (
                KeptEntries(archive.entries_with(url), archive.last) if archive.segments() else None
            )

    return entries


def _stream_folder(settings: Settings, outbox: Outbox) -> Path:
    name = _digest("stream", store_name(settings.store), outbox.stream)
    return settings.store.data_dir / "archive" / name


def _folder(settings: Settings) -> Path:
    above = settings.store.data_dir / "archive"
    with _writing(above):
        above.mkdir(mode=0o700, parents=True, exist_ok=True)  # who may read it has the articles
        _delete_unused(above, timedelta(days=settings.store.keep_articles_days))
    return above


async def _streams_kept(
    settings: Settings, locks: ExitStack, outboxes: Collection[Outbox], progress: Progress
) -> list[KeptArticles]:
    _folder(settings)
    return [await _stream_kept(settings, locks, each, progress) for each in outboxes]


async def _files_kept(
    settings: Settings, locks: ExitStack, above: Path, files: Sequence[str], progress: Progress
) -> KeptArticles:
    sources = [source(name) for name in files]
    folder = above / _digest("files", *(part for each in sources for part in _parts(each)))
    max_bytes = settings.stream.max_article_bytes
    locks.enter_context(_locked(folder))
    archive = Archive(folder)
    if not archive.is_whole:
        found = _entries(sources)
        entries = file_entries(found, now=_newest(files), max_bytes=max_bytes)
        await _add(archive, entries, max_bytes, progress)
        archive.mark_whole()
    return KeptArticles(", ".join(files), archive.segments())


def _parts(one: Source) -> tuple[str, bytes]:
    return Path(one.name).suffix, one.content


def _newest(files: Sequence[str]) -> int:
    """When the newest of the files was written, ms: the same each time that they are read."""
    at = [Path(name).stat().st_mtime if name != "-" else time.time() for name in files]
    return round(max(at) * 1000)


def _entries(sources: Sequence[Source]) -> Iterator[dict[str, str]]:
    err = console(error=True)
    with LimitedFiles() as reader:
        for each in sources:
            for found in reader.entries(each):
                if isinstance(found, UnreadableError):
                    err.print(f"tocsin: {found}", style="red", soft_wrap=True)
                else:
                    yield dict(found)


async def _stream_kept(
    settings: Settings, locks: ExitStack, outbox: Outbox, progress: Progress
) -> KeptArticles:
    folder = _stream_folder(settings, outbox)
    max_bytes = settings.stream.max_article_bytes
    locks.enter_context(_locked(folder))
    archive = Archive(folder)
    archive.drop_before(await outbox.input_stream.first_id())
    task = progress.add_task("reading", total=await outbox.redis.xlen(outbox.stream))
    progress.advance(task, sum(each.count for each in archive.segments()))
    async with ArchiveReader(usable_cores(), max_bytes=max_bytes) as reader:
        entries = stream_entries(outbox, archive.last)
        await archive.add(entries, reader, lambda count: progress.advance(task, count))
    progress.remove_task(task)
    silences = (await outbox.silences.in_force()).silences
    return KeptArticles(outbox.stream, archive.segments(), silences)


async def _add(
    archive: Archive, entries: Sequence[RawEntry], max_bytes: int, progress: Progress
) -> None:
    kept = sum(each.count for each in archive.segments())
    task = progress.add_task("reading", total=len(entries), completed=kept)

    async def left() -> AsyncIterator[Sequence[RawEntry]]:
        yield entries[kept:]

    async with ArchiveReader(usable_cores(), max_bytes=max_bytes) as reader:
        await archive.add(left(), reader, lambda count: progress.advance(task, count))
    progress.remove_task(task)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Work in a folder alone, and mark it as used."""
    with _writing(folder.parent):
        folder.mkdir(exist_ok=True)
        try:
            lock = exclusive(folder / "lock", wait=False)
        except BlockingIOError:
            raise TocsinError(
                "another command reads these articles just now; wait until it is done"
            ) from None
        os.utime(folder)
    with lock:
        yield


@contextmanager
def _writing(above: Path) -> Iterator[None]:
    """Say what to do where the folder cannot be written. Raises ConfigError."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{above}: no articles can be kept here ({error.strerror}); name a folder that can be "
            "written in TOCSIN_DATA_DIR"
        ) from error


def _delete_unused(above: Path, keep: timedelta) -> None:
    """Delete what no command has asked for during `keep`: articles are not kept for longer."""
    for folder in above.glob("*/"):
        if time.time() - folder.stat().st_mtime > keep.total_seconds():
            shutil.rmtree(folder, ignore_errors=True)


def _digest(*parts: str | bytes) -> str:
    hashed = hashlib.blake2b(digest_size=8)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hashed.update(len(data).to_bytes(8, "big") + data)
    return hashed.hexdigest()


def since_ms(since: datetime | None) -> int:
    """A time as ms; 0 for none."""
    return to_ms(since) if since else 0
