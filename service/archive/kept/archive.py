"""The folder of one stream's kept articles: what is new is added, what the stream lost is deleted.

It holds what the stream holds, read by this version of the program; another version, which may read
differently, reads anew. A run that was ended goes on where it ended: each segment is written when
it is read.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from service.archive.kept.reader import ArchiveReader, RawEntry
from service.archive.kept.segment import UNFINISHED, SegmentFile, files, merged, place, save
from service.rules.live.cache_key import program_hash

SEGMENT = 20_000
"""Most entries of a segment: about 60 MB."""

Progress = Callable[[int], None]
"""Called with the number of entries that were read."""


class Archive:
    """The segments of one stream, in a folder of their own."""

    def __init__(self, folder: Path, *, segment: int = SEGMENT) -> None:
        self._above = folder
        self._folder = folder / program_hash().hex()[:16]
        self._segment = segment

    @property
    def last(self) -> str:
        """The id of the newest entry that is kept; "0-0" where there is none."""
        found = files(self._folder)
        return found[-1].last if found else "0-0"

    def segments(self) -> list[SegmentFile]:
        """Those that are kept, in the order of their entries."""
        return files(self._folder)

    def entries_with(self, url: str) -> list[str]:
        """The entries with an article of this URL, in their order."""
        return [entry for each in self.segments() for entry in each.entries_with(url)]

    @property
    def size(self) -> int:
        """Bytes of the files."""
        return sum(each.path.stat().st_size for each in self.segments())

    @property
    def is_whole(self) -> bool:
        """Whether all entries of what never grows are kept."""
        return (self._folder / "whole").exists()

    def mark_whole(self) -> None:
        """Remember that."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "whole").touch()

    def drop_before(self, entry_id: str | None) -> None:
        """Delete segments all of whose entries come before this one, and what others have read.

        None: all of them do.
        """
        for each in self.segments():
            if entry_id is None or place(each.last) < place(entry_id):
                each.path.unlink(missing_ok=True)
        for other in self._above.glob("*/"):
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)

    async def add(
        self, entries: AsyncIterator[Sequence[RawEntry]], reader: ArchiveReader, progress: Progress
    ) -> None:
        """Read entries behind the last one that is kept, and keep them."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob(f"*{UNFINISHED}"):
            left.unlink(missing_ok=True)
        waiting: list[RawEntry] = []
        async for some in entries:
            waiting += some
            while len(waiting) >= self._segment:
                await self._add(waiting[: self._segment], reader)
                progress(self._segment)
                waiting = waiting[self._segment :]
        if waiting:
            await self._add(waiting, reader)
            progress(len(waiting))

    async def _add(self, entries: Sequence[RawEntry], reader: ArchiveReader) -> None:
        read = await reader.segment(entries)
        kept = self.segments()
        if kept and kept[-1].count + len(read) <= self._segment:
            last = kept[-1]
            save(self._folder, merged([last.load(), read]))
            last.path.unlink(missing_ok=True)
        else:
            save(self._folder, read)
