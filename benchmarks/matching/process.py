"""A contestant in a process of its own, so that its memory is its own and nothing warms it up."""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from statistics import median
from typing import Any, TypeVar

from benchmarks.corpus.corpus import Numbers, article, corpus
from benchmarks.matching import memory
from benchmarks.matching.contestants import CONTESTANTS, Contestant

Answer = TypeVar("Answer")
LEAST_SECONDS = 1.0
"""What a round takes at least: it passes over the articles again and again, and the median counts.
One pass of the quickest takes a tenth of a second, in which much else may happen."""
PASSES = 8
"""Passes over the articles by one thread, and then by two: one alone takes a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a contestant took to be ready, and its first look at each article."""

    seconds: float
    cold: float
    """Articles a second in the first pass: the program is compiled, but no word is known."""
    peak: float
    """MiB at most while loading and in the first pass, beside articles and the queries' trees."""


@dataclass(frozen=True, slots=True)
class Round:
    """Passes over the articles for a second, or one that takes longer."""

    speed: float
    """Articles a second."""
    latencies: tuple[float, ...]
    """Seconds until the answer for each article asked about by itself; of a contestant that
    works in batches, until the answer for the batch."""
    found: Numbers


class Running:
    """A contestant that waits in its process until it is asked; only one works at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load(self) -> Loaded:
        """Take the queries, and pass over the articles once."""
        answer: Loaded = self._ask("load")
        return answer

    def round(self) -> Round:
        """Pass over the articles for a second, or once."""
        answer: Round = self._ask("round")
        return answer

    def two_threads(self) -> float:
        """How many times as many articles a second two threads match as one does."""
        answer: float = self._ask("two threads")
        return answer

    def _ask(self, what: str) -> Any:
        self._connection.send(what)
        answer = self._connection.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def running(name: str, queries: int, articles: int | None) -> Iterator[Running]:
    """A contestant, with so many queries and articles (None: all), until the block ends."""
    fresh = multiprocessing.get_context("spawn")
    here, there = fresh.Pipe()
    process = fresh.Process(target=_serve, args=(there, name, queries, articles), daemon=True)
    process.start()
    there.close()  # so that the death of the process ends a wait for its answer
    try:
        yield Running(here)
    finally:
        here.close()
        process.join(timeout=10)
        process.kill()


def _serve(connection: Connection, name: str, queries: int, articles: int | None) -> None:
    """Answer what `Running` asks, until it hangs up."""
    news = corpus()
    contestant = CONTESTANTS[name]()
    prepared = [contestant.prepare(each) for each in news.articles(articles)]
    trees = list(news.trees(queries))
    gc.collect()
    gc.freeze()  # what is not measured is not looked at by the collector either
    while True:
        try:
            asked = connection.recv()
        except EOFError:
            return
        try:
            match asked:
                case "load":
                    contestant, loaded = load(name, trees, prepared)
                    connection.send(loaded)
                case "round":
                    connection.send(one_round(contestant, prepared))
                case _:
                    connection.send(two_threads(contestant, prepared))
        except Exception as error:  # noqa: BLE001 - the other process raises it
            connection.send(error)


def load(name: str, trees: list[Any], prepared: Sequence[Any]) -> tuple[Contestant, Loaded]:
    """A contestant with its queries, after its first pass over the articles."""
    _warmed_up(CONTESTANTS[name](), trees[:1])
    memory.forget_peak()
    before = memory.resident()
    contestant = CONTESTANTS[name]()
    start = time.perf_counter()
    contestant.load(trees)
    gc.collect()
    gc.freeze()  # as the service does once it is ready
    seconds = time.perf_counter() - start
    cold, _ = _pass(contestant, prepared, contestant.batch)
    return contestant, Loaded(seconds, len(prepared) / sum(cold), memory.peak() - before)


def _warmed_up(contestant: Contestant, trees: Sequence[Any]) -> None:
    """Have a contestant imported and compiled: once a machine or a process, not once a load."""
    contestant.load(trees)
    contestant.match([contestant.prepare(article(0, "Warming up.\n\nBefore the clock starts."))])


def one_round(
    contestant: Contestant, prepared: Sequence[Any], least: float = LEAST_SECONDS
) -> Round:
    """Pass over the articles, and where that is not the same, ask about each by itself."""
    passes: list[float] = []
    while sum(passes) <= least:
        seconds, found = _pass(contestant, prepared, contestant.batch)
        passes.append(sum(seconds))
    speed = len(prepared) / median(passes)
    if contestant.alone and contestant.batch > 1:
        seconds, _ = _pass(contestant, prepared, 1)
    return Round(speed, tuple(seconds), found)


def _pass(
    contestant: Contestant, prepared: Sequence[Any], size: int
) -> tuple[list[float], Numbers]:
    """The seconds that each batch of so many articles took, and what was found."""
    found: list[Sequence[int]] = []
    seconds = []
    for batch in _batches(prepared, size):
        start = time.perf_counter()
        found += contestant.match(batch)
        seconds.append(time.perf_counter() - start)
    return seconds, [list(numbers) for numbers in found]


def two_threads(contestant: Contestant, prepared: Sequence[Any]) -> float:
    """How many times as many articles a second two threads match as one does."""
    batches = list(_batches(prepared, contestant.batch)) * PASSES

    def ask(batch: Sequence[Any]) -> None:
        contestant.match(batch)  # by two threads as by one, what is found is not kept

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(ask, batches[:8]))  # both threads have their scratch arrays
        start = time.perf_counter()
        for batch in batches:
            ask(batch)
        one = time.perf_counter() - start
        start = time.perf_counter()
        list(pool.map(ask, batches))
        return one / (time.perf_counter() - start)


def _batches(prepared: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (prepared[at : at + size] for at in range(0, len(prepared), size))


def apart(function: Callable[..., Answer], *given: Any) -> Answer:
    """What a function answers that runs in a process of its own."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(function, *given).result()
