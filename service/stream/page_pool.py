"""Pages and long texts are read in processes of their own: none blocks the event loop, none ends
the service, and none takes more time or memory than it may.

Most need little, and are read in the order in which they came. One that needs more than `ORDINARY`
is read again by a process that is started for it, one at a time: all others pass it meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from service.articles.article import Article, Call, warm_reader
from service.concurrency.processes import LimitedProcess, LimitError, Limits
from service.errors import BadEntry

ORDINARY = Limits(cpu_seconds=2, memory_bytes=256 * 2**20, wall_seconds=60)
"""Of most pages; an ordinary one takes 20 ms and 10 MiB."""
LARGEST = Limits(cpu_seconds=20, memory_bytes=1024 * 2**20, wall_seconds=240)
"""Of a page that is read alone; one that needs more is a dead letter."""


class PagePool:
    """Processes that read entries; they start with the first one."""

    def __init__(
        self, processes: int, *, ordinary: Limits = ORDINARY, largest: Limits = LARGEST
    ) -> None:
        self._ordinary = ordinary
        self._largest = largest
        self._idle: list[LimitedProcess] = []
        # An entry's time begins when a process is free for it, not while it queues.
        self._free = asyncio.Semaphore(processes)
        self._alone = asyncio.Lock()
        self._threads = ThreadPoolExecutor(processes + 1, "tocsin-pages")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._idle:
            process.kill()
        self._threads.shutdown(wait=False)

    async def read(self, fields: Mapping[bytes, bytes], *, max_bytes: int) -> Article:
        """The article of an entry. Raises BadEntry for what is none, or needs too much.

        Raises CallError where reading it fails in a way that no entry should make it fail.
        """
        call = Call(fields, max_bytes)
        async with self._free:
            process = self._idle.pop() if self._idle else _start(self._ordinary)
            try:
                return _article(await self._do(process, call))
            except LimitError:
                pass
            finally:
                if process.alive:
                    self._idle.append(process)
        async with self._alone:
            process = _start(self._largest)
            try:
                return _article(await self._do(process, call))
            except LimitError as error:
                raise BadEntry(
                    f"the entry {error}: no article does; send the article's text alone as `body`",
                    "limits",
                ) from error
            finally:
                process.kill()

    async def _do(self, process: LimitedProcess, call: Call) -> Article | BadEntry:
        work = asyncio.get_running_loop().run_in_executor(self._threads, process.call, call)
        try:
            found: Article | BadEntry = await work
        except asyncio.CancelledError:
            process.kill()  # the thread that waits for it ends with it
            raise
        return found


def _article(found: Article | BadEntry) -> Article:
    if isinstance(found, BadEntry):
        raise found
    return found


def _start(limits: Limits) -> LimitedProcess:
    return LimitedProcess("tocsin-page", warm_reader, limits)
