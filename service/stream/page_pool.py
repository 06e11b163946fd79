"""HTML extraction in processes of its own: never on the event loop, and no page takes it down."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Self

from service.articles.page.extract import Page, from_html
from service.errors import BadEntry
from service.processes import follow_parent

PAGE_TIMEOUT = 30.0
"""Seconds that one page may take; an ordinary one takes 0.02."""


class PagePool:
    """Worker processes that take articles out of HTML; they start with the first page."""

    def __init__(self, processes: int, timeout: float = PAGE_TIMEOUT) -> None:
        self._processes = processes
        self._timeout = timeout
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
            _end(self._shared)

    async def extract(self, html: str, url: str) -> Page:
        """The article on a page. Raises BadEntry where the page cannot be read.

        A page that ends its process, or holds it too long, takes the pages beside it along; each
        of those is tried again alone, and only the guilty one is given up.
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
                    f"html: the page was not read within {self._timeout:g} s; send the article's "
                    "text as `body` instead"
                ) from error
            finally:
                _end(alone)

    async def _run(self, pool: ProcessPoolExecutor, html: str, url: str) -> Page:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._timeout):
            return await loop.run_in_executor(pool, _extract, html, url)

    def _pool(self) -> ProcessPoolExecutor:
        if self._shared is None:
            self._shared = _executor(self._processes)
        return self._shared

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        if pool is self._shared:
            self._shared = None
        _end(pool)


def _extract(html: str, url: str) -> Page:
    return from_html(html, url=url)


def _executor(processes: int) -> ProcessPoolExecutor:
    # Spawned, not forked: the service runs threads, and a fork would copy their locks.
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    follow_parent()


def _end(pool: ProcessPoolExecutor) -> None:
    # Killed, because a process that hangs in C hears nothing else; executors offer no such call
    # before Python 3.14, so their own table of processes is used.
    processes = pool._processes or {}  # noqa: SLF001 - see above
    for process in list(processes.values()):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    pool.shutdown(wait=False, cancel_futures=True)
