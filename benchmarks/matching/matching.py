"""The table of `make bench`: this engine, its peers and the floor, side by side in one run."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from statistics import fmean, median, quantiles

from benchmarks.corpus.corpus import Numbers, corpus
from benchmarks.goals import Goal, told
from benchmarks.matching.contestants import CONTESTANTS
from benchmarks.matching.process import Loaded, Round, Running, running
from benchmarks.table import Column, Table

ROUNDS = 3
SIZES = (1_000, 10_000, 100_000)
PLAIN, OURS, FLOOR = "plain evaluator", "this engine", "floor"


@dataclass(frozen=True, slots=True)
class Result:
    """All rounds of one contestant at one number of queries."""

    loaded: Loaded
    rounds: tuple[Round, ...]

    @property
    def speed(self) -> float:
        """Articles a second, the median of the rounds."""
        return median(each.speed for each in self.rounds)

    @property
    def found(self) -> Numbers:
        """For each article the numbers of the queries that hold."""
        return self.rounds[-1].found

    @property
    def matches(self) -> float:
        """Matches an article."""
        return fmean(len(numbers) for numbers in self.found)

    def latency(self, percent: int) -> float:
        """The percentile, over all rounds, of the seconds that one article takes."""
        every = [seconds for each in self.rounds for seconds in each.latencies]
        return quantiles(every, n=100)[percent - 1] if len(every) > 1 else every[0]


def sample(name: str, queries: int, most: int | None) -> int | None:
    """How many articles a contestant is given: the plain evaluator few, as it takes so long."""
    few = {PLAIN: max(4, 200_000 // queries), "tantivy": 2_048}.get(name)
    return min(filter(None, (few, most)), default=None)


def measure(
    queries: int, names: Sequence[str], most: int | None
) -> tuple[dict[str, Result], float]:
    """The results of the contestants with so many queries, and this engine's gain by two threads.

    All are loaded first, then each passes over the articles in turn, round by round.
    """
    with ExitStack() as stack:
        each: dict[str, Running] = {
            name: stack.enter_context(running(name, queries, sample(name, queries, most)))
            for name in names
        }
        loaded = {name: one.load() for name, one in each.items()}
        rounds: dict[str, list[Round]] = {name: [] for name in names}
        gains = []
        for _ in range(ROUNDS):
            for name, one in each.items():
                rounds[name].append(one.round())
            gains.append(each[OURS].two_threads())
        results = {name: Result(loaded[name], tuple(rounds[name])) for name in names}
        return results, median(gains)


COLUMNS = (
    Column("queries", 8),
    Column("engine", 16, left=True),
    Column("articles/s", 11),
    Column("cold", 8),
    Column("p50 ms", 9),
    Column("p99 ms", 9),
    Column("load s", 8),
    Column("peak MiB", 9),
    Column("matches", 9),
)


def row(queries: int, name: str, result: Result) -> tuple[str, ...]:
    """A line of the table."""
    return (
        f"{queries:,}",
        name,
        f"{result.speed:,.0f}" if result.speed >= 100 else f"{result.speed:,.1f}",
        f"{result.loaded.cold:,.0f}",
        f"{1000 * result.latency(50):,.3f}",
        f"{1000 * result.latency(99):,.3f}",
        f"{result.loaded.seconds:,.2f}",
        f"{result.loaded.peak:,.0f}",
        "" if name == FLOOR else f"{result.matches:,.1f}",
    )


def goals(all_results: dict[int, dict[str, Result]], gains: dict[int, float]) -> list[Goal]:
    """The goals that this run can say something of."""
    found = []
    for queries, least in ((10_000, 0.4), (100_000, 0.15)):
        if queries in all_results and FLOOR in all_results[queries]:
            results = all_results[queries]
            ratio = results[OURS].speed / results[FLOOR].speed
            found.append(Goal(f"of the floor's speed at {queries:,} queries", least, ratio))
    largest = 100_000
    results = all_results.get(largest, {})
    for name, least in (("mokaccino", 60.0), ("tantivy", 10.0)):
        if name in results:
            ratio = results[OURS].speed / results[name].speed
            found.append(Goal(f"times {name}'s speed at {largest:,} queries", least, ratio))
    for queries, results in all_results.items():
        ratio = results[OURS].loaded.cold / results[OURS].speed
        found.append(Goal(f"of its warm speed in a first pass, {queries:,} queries", 1 / 3, ratio))
    for queries, gain in gains.items():
        found.append(Goal(f"times one thread's speed with two, {queries:,} queries", 1.7, gain))
    return found


def agreement(results: dict[str, Result]) -> str:
    """Whether the plain evaluator found the same on the articles that it was given."""
    plain = results[PLAIN].found
    same = plain == results[OURS].found[: len(plain)]
    return f"{len(plain)} articles: {'the same matches' if same else 'OTHER MATCHES'}"


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table and the goals; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks matching", description=__doc__)
    parser.add_argument("--queries", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--articles", type=int, metavar="N", help="only the first so many")
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    chosen = parser.parse_args(arguments)
    names = [name for name in CONTESTANTS if name in {*chosen.only, OURS}]

    print(heading(names, chosen.articles))
    table = Table(COLUMNS)
    table.head()
    all_results: dict[int, dict[str, Result]] = {}
    gains: dict[int, float] = {}
    for queries in chosen.queries:
        all_results[queries], gains[queries] = measure(queries, names, chosen.articles)
        for name, result in all_results[queries].items():
            table.row(*row(queries, name, result))
    print(NOTES)
    for queries, results in all_results.items():
        if PLAIN in results:
            print(f"  {queries:,} queries against the plain evaluator, {agreement(results)}")
    return told(goals(all_results, gains))


def heading(names: Sequence[str], most: int | None) -> str:
    """What was measured, and on what."""
    peers = ", ".join(f"{name} {_version(name)}" for name in names if _version(name))
    news = corpus()
    return (
        f"{news.name}: {len(news.articles(most)):,} articles; one thread; median of {ROUNDS} "
        f"interleaved rounds\nPython {platform.python_version()}, numba {_version('numba')}"
        f"{', ' + peers if peers else ''}; {platform.machine()}, {platform.system()}\n"
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


NOTES = """
cold: articles a second when seen for the first time. peak: memory at most beyond articles and
queries as read. tantivy works on 2,048 articles at a time: an article waits for its whole batch.
The plain evaluator is given few articles (at least 4), each against all queries.
"""
