"""What a reload of the rules does to the batches that are being matched.

Batches of articles are matched again and again in a thread beside an event loop, as the service
does it. A batch's delay is how much longer it took than the median of the same batch when nothing
else ran; the loop's delay is how late a timer rings that should ring every millisecond.

A file of 10,000 watchlists is changed, which is in force first as it is by itself, and then merged
with the others, compiled by another process. Beside these stand: nothing else; another process that
only computes, because on few cores every neighbour slows down what runs; and all files compiled in
a thread of the process that matches, as it would be without layers and the other process.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from benchmarks.corpus.corpus import corpus
from benchmarks.goals import Goal, told
from benchmarks.rules.observation import Seen, usual_seconds, watched
from benchmarks.rules.ready import SECRET, write
from benchmarks.rules.shared import no_report, not_told, shared_rules
from benchmarks.table import Column, Table
from service.articles.article import Article
from service.delivery.channels.registry import CHANNELS
from service.matching.engine.layers import LayeredEngine
from service.rules.live.compiler import InlineLimits
from service.rules.live.processes.compile_child import NICENESS
from service.rules.live.rulebook import Rulebook
from service.rules.subscribers.subscriber import SubscriberReader
from service.telemetry import log

WATCHLISTS = 100_000
BATCHES = 20
ARTICLES = 20
"""Articles in each batch."""
SECONDS = 15.0
"""How long it is looked at what happens beside nothing, and beside a process that computes."""


async def reloaded(rulebook: Rulebook, rules: Path) -> None:
    """Change a file, and wait until the change is in force."""
    before = rulebook.current
    changed = rules / "00000.yaml"
    text = changed.read_text(encoding="utf-8")
    changed.write_text(text.replace("Watchlist", "A watchlist", 1), encoding="utf-8")
    while rulebook.current is before:
        await asyncio.sleep(0.05)


async def merged(rulebook: Rulebook) -> None:
    """Wait until what changed is compiled together with all that did not."""
    while isinstance(rulebook.current.engine, LayeredEngine):
        await asyncio.sleep(0.05)


async def computing(seconds: float) -> None:
    """Have another process compute."""
    process = multiprocessing.get_context("spawn").Process(target=_compute, daemon=True)
    process.start()
    await asyncio.sleep(seconds)
    process.kill()


def _compute() -> None:
    os.nice(NICENESS)
    while True:
        sum(range(1_000_000))


@asynccontextmanager
async def opened(rules: Path, folder: Path, *, limits: InlineLimits) -> AsyncIterator[Rulebook]:
    """Rules in force, and watched until the block ends; `limits`: what this process compiles."""
    stop = asyncio.Event()
    async with shared_rules(folder) as shared:
        rulebook = Rulebook(
            rules,
            SubscriberReader(CHANNELS, lambda _: SECRET),
            shared,
            worker="reload",
            every=timedelta(seconds=0.1),
            cache=folder,
            on_change=lambda _: None,
            on_replaced=not_told,
            on_faults=no_report,
            limits=limits,
        )
        await rulebook.open(stop)
        gc.collect()
        gc.freeze()  # as the service does
        watching = asyncio.create_task(rulebook.watch(stop))
        try:
            yield rulebook
        finally:
            stop.set()
            await watching


COLUMNS = (
    Column("beside it", 30, left=True),
    Column("seconds", 8),
    Column("batches", 8),
    Column("usual ms", 9),
    Column("delay ms", 9),
    Column("p99", 8),
    Column("most", 8),
    Column("loop p99", 9),
    Column("most", 8),
)


MOST = 50.0
"""Milliseconds that a reload may delay a batch."""
MOST_SECONDS = 1.0
"""Until a changed file is in force."""


async def measure(
    rules: Path, folder: Path, batches: Sequence[Sequence[Article]]
) -> Sequence[Goal]:
    """Print the table; gives the goals."""
    table = Table(COLUMNS)
    table.head()
    async with opened(rules, folder, limits=InlineLimits()) as rulebook:
        usual = await usual_seconds(rulebook, batches)
        lines: dict[str, Callable[[], Awaitable[None]]] = {
            "nothing": lambda: asyncio.sleep(SECONDS),
            "a process that computes": lambda: computing(SECONDS),
            "a changed file": lambda: reloaded(rulebook, rules),
            "its merge with the others": lambda: merged(rulebook),
            "a changed file, once more": lambda: reloaded(rulebook, rules),
            "its merge with the others, too": lambda: merged(rulebook),
        }
        reached = []
        for name, during in lines.items():
            seen = await watched(rulebook, batches, during())
            table.row(name, *_cells(seen, usual))
            if "file" in name or "merge" in name:
                worst = 1000 * seen.delays(usual)[-1]
                reached.append(
                    Goal(f"ms that a batch takes longer, {name}", MOST, worst, most=True)
                )
            if "file" in name:
                in_force = Goal(
                    f"seconds until it is in force, {name}", 1.0, seen.seconds, most=True
                )
                reached.append(in_force)
    async with opened(rules, folder, limits=InlineLimits(at_reload=1 << 40)) as rulebook:
        usual = await usual_seconds(rulebook, batches)
        seen = await watched(rulebook, batches, reloaded(rulebook, rules))
        table.row("all of it in the same process", *_cells(seen, usual))
    return reached


def _cells(seen: Seen, usual: Sequence[float]) -> Iterator[str]:
    delays, late = seen.delays(usual), sorted(seen.late)
    yield f"{seen.seconds:.1f}"
    yield f"{len(delays):,}"
    yield f"{1000 * median(usual):.1f}"
    for seconds in (median(delays), _p99(delays), delays[-1], _p99(late), late[-1]):
        yield f"{1000 * seconds:.1f}"


def _p99(values: Sequence[float]) -> float:
    return values[int(0.99 * (len(values) - 1))]


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table and the goals; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reload", description=__doc__)
    parser.add_argument("--watchlists", type=int, default=WATCHLISTS, metavar="N")
    chosen = parser.parse_args(arguments)
    news = corpus()
    articles = news.articles(BATCHES * ARTICLES)
    batches = [articles[at : at + ARTICLES] for at in range(0, len(articles), ARTICLES)]
    log.configure("console", "warning", log.Mask())
    print(f"{news.name}: {chosen.watchlists:,} watchlists, {ARTICLES} articles a batch\n")
    with tempfile.TemporaryDirectory() as place:
        rules = Path(place, "rules")
        write(rules, chosen.watchlists)
        return told(asyncio.run(measure(rules, Path(place, "compiled"), batches)))
