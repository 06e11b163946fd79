"""HTML extraction in processes of its own: a page blocks no event loop and ends no service."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from types import TracebackType
from typing import Self

from service.articles.page.extract import Page, from_html
from service.errors import BadEntry
from service.processes import follow_parent

PAGE_TIMEOUT = timedelta(seconds=30)
"""How long one page may take; an ordinary one takes 20 ms."""


class PagePool:
    """Worker processes that extract articles from HTML; they start with the first page."""

    def __init__(self, processes: int, timeout: timedelta = PAGE_TIMEOUT) -> None:
        self._processes = processes
        self._timeout_seconds = timeout.total_seconds()
        self._shared: ProcessPoolExecutor | None = None
        self._suspects = asyncio.Lock()
        # A page's time begins when a process is free for it, not while it queues.
        self._free = asyncio.Semaphore(processes)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shared is not None:
            _kill(self._shared)

    async def extract(self, html: str, url: str) -> Page:
        """The article on a page. Raises BadEntry where the page cannot be read.

        A page that ends its process, or takes too long, also stops the pages that are extracted at
        the same time. Each of them is tried again alone, and only the page at fault is refused.
        """
        async with self._free:
            pool = self._pool()
            try:
                return await self._run(pool, html, url)
            except (BrokenProcessPool, TimeoutError):
                self._discard(pool)
        async with self._suspects:
            alone = _executor(1)
            try:
                return await self._run(alone, html, url)
            except BrokenProcessPool as error:
                raise BadEntry(
                    "html: this page ends the process that reads it; send the article's text as "
                    "`body` instead"
                ) from error
            except TimeoutError as error:
                raise BadEntry(
                    f"html: the page was not read within {self._timeout_seconds:g} s; send the "
                    "article's text as `body` instead"
                ) from error
            finally:
                _kill(alone)

    async def _run(self, pool: ProcessPoolExecutor, html: str, url: str) -> Page:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._timeout_seconds):
            return await loop.run_in_executor(pool, _extract, html, url)

    def _pool(self) -> ProcessPoolExecutor:
        if self._shared is None:
            self._shared = _executor(self._processes)
        return self._shared

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        if pool is self._shared:
            self._shared = None
        _kill(pool)


def _extract(html: str, url: str) -> Page:
    return from_html(html, url=url)


def _executor(processes: int) -> ProcessPoolExecutor:
    # Spawned, not forked: the service runs threads, and a fork would copy their locks.
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _start_worker)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    follow_parent()


def _kill(pool: ProcessPoolExecutor) -> None:
    # A process that hangs in C reacts to nothing but a kill. Executors have no such call before
    # Python 3.14, so their own table of processes is used.
    processes = pool._processes or {}  # noqa: SLF001 - see above
    for process in list(processes.values()):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    pool.shutdown(wait=False, cancel_futures=True)
