"""How many past articles each of some queries finds, a part of the queries at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice

import numpy as np
import numpy.typing as npt

from service.archive.kept.finder import Finder
from service.archive.kept.segment import Segment, SegmentFile
from service.matching.engine.engine import Engine
from service.matching.query import Query

QUERIES = 2_000
"""Of one engine."""


class _Counts:
    """How often each of some queries holds, so far."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self._finder = Finder(Engine.from_queries(queries))
        self.found: npt.NDArray[np.int64] = np.zeros(len(queries), np.int64)

    def read(self, segment: Segment) -> None:
        for block in segment.blocks:
            numbers = np.fromiter(chain.from_iterable(self._finder.find(block)), np.int64)
            self.found += np.bincount(numbers, minlength=len(self.found))


def count_articles(
    queries: Iterable[Query], files: Sequence[SegmentFile], threads: ThreadPoolExecutor, most: int
) -> Iterator[int]:
    """For each query, in order, the articles for which it holds.

    `most` engines are in memory at once; for each so many, the files are read anew.
    """
    left = iter(queries)
    while parts := [each for _ in range(most) if (each := [*islice(left, QUERIES)])]:
        counts = [_Counts(each) for each in parts]
        for file in files:
            segment = file.load()
            list(threads.map(_Counts.read, counts, [segment] * len(counts)))
        for one in counts:
            yield from one.found.tolist()
