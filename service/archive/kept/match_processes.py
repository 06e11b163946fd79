"""Segments are matched in other processes, while this one decides on those before them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from service.archive.kept.matched import MatchedSegment, SegmentMatcher
from service.archive.kept.segment import SegmentFile
from service.concurrency.processes import (
    CallError,
    LimitedProcess,
    LimitError,
    Limits,
    freeze_loaded_objects,
)
from service.errors import TocsinError
from service.matching.engine.engine import Engine
from service.matching.query import Query
from service.rules.rules import Rules

FEW = 60_000
"""Entries that are matched in this process: it takes less than to start another, two seconds."""
LIMITS = Limits(cpu_seconds=3_600, memory_bytes=16 * 2**30, wall_seconds=7_200)
"""Of one segment: with a thousand queries it takes a second. They end what hangs."""


class MatchProcesses:
    """Matches segments with several sets of rules; what was added before `since` is not counted.

    Without processes it does so itself, one segment after the other.
    """

    def __init__(self, sets: Sequence[Rules], since: int, processes: int) -> None:
        self._own = SegmentMatcher([each.engine for each in sets], since)
        self._processes: list[LimitedProcess] = []
        if processes:
            queries = [
                list(map(each.watchlists.query, range(len(each.watchlists)))) for each in sets
            ]
            begin = partial(_begin, queries, since)
            self._processes = [
                LimitedProcess("tocsin-matching", begin, LIMITS) for _ in range(processes)
            ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.kill()

    def matched(self, files: Sequence[SegmentFile]) -> Iterator[MatchedSegment]:
        """Each of the segments, in order. Raises TocsinError where a file is damaged."""
        if not self._processes:
            yield from map(self._own, files)
            return
        idle: SimpleQueue[LimitedProcess] = SimpleQueue()
        for process in self._processes:
            idle.put(process)
        waiting: deque[tuple[SegmentFile, Future[MatchedSegment]]] = deque()
        threads = ThreadPoolExecutor(len(self._processes), "tocsin-matching")
        try:
            for file in files:
                waiting.append((file, threads.submit(_call, file, idle)))
                if len(waiting) > 2 * len(self._processes):
                    yield self._result(*waiting.popleft())
            while waiting:
                yield self._result(*waiting.popleft())
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    def _result(self, file: SegmentFile, future: Future[MatchedSegment]) -> MatchedSegment:
        try:
            return future.result()
        except LimitError as error:
            raise TocsinError(f"{file.path.name}: matching it {error}") from error
        except CallError:
            return self._own(file)  # what it raises is raised here


def _call(file: SegmentFile, idle: SimpleQueue[LimitedProcess]) -> MatchedSegment:
    process = idle.get()
    try:
        answer: MatchedSegment = process.call(file)
        return answer
    finally:
        idle.put(process)


def _begin(sets: Sequence[Sequence[Query]], since: int) -> SegmentMatcher:
    matcher = SegmentMatcher([Engine.from_queries(each) for each in sets], since)
    freeze_loaded_objects()
    return matcher
