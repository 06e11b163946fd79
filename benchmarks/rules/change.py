"""How soon a changed watchlist is in force, and what that costs, by how rules are put into files.

One watchlist is changed in a file in the middle; the line says what it took until it was in force:
CPU of the process that matches and of the server, seconds, what was sent to the server. It is
changed twice: *first* when all was compiled as a whole, *again* when a change is in force already.
Beside them what the server keeps of the rules, and a look at files that have not changed.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.corpus.corpus import corpus
from benchmarks.goals import Goal, told
from benchmarks.matching import memory
from benchmarks.rules.ready import SECRET, write
from benchmarks.rules.shared import no_report, not_told
from benchmarks.table import Column, Table
from service.app.redis.embedded import embedded_server
from service.delivery.channels.registry import CHANNELS
from service.rules.live.folder import WatchedFolder
from service.rules.live.rulebook import Rulebook
from service.rules.subscribers.subscriber import SubscriberReader
from service.store.outbox import Outbox
from service.telemetry import log

WATCHLISTS = (100_000,)
A_FILE = (10_000, 20)
"""Watchlists in each file: few large files, and many small ones."""
MOST_SECONDS = 1.0
"""Of CPU, of the process and of the server, until a changed watchlist is in force."""
EVERY = timedelta(seconds=0.2)
"""Between two looks at the files."""

COLUMNS = (
    Column("watchlists", 10),
    Column("files", 7),
    Column("changed", 8, left=True),
    Column("CPU s", 7),
    Column("server s", 8),
    Column("seconds", 8),
    Column("sent kB", 9),
    Column("kept MB", 8),
    Column("a look ms", 9),
    Column("peak MiB", 9),
)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent up to a moment."""

    cpu: float
    """Seconds of this process, without those of others that compile for it."""
    server: float
    seconds: float
    sent: int
    """Bytes that the server has read."""

    @classmethod
    async def now(cls, redis: Redis) -> Spent:
        """Up to now."""
        said: dict[str, Any] = await redis.info("everything")
        server = said["used_cpu_user"] + said["used_cpu_sys"]
        own = resource.getrusage(resource.RUSAGE_SELF)
        sent = int(said["total_net_input_bytes"])
        return cls(own.ru_utime + own.ru_stime, server, time.perf_counter(), sent)


@asynccontextmanager
async def opened(rules: Path, folder: Path) -> AsyncIterator[tuple[Rulebook, Redis]]:
    """Rules in force, and watched until the block ends; and the server that has them."""
    stop = asyncio.Event()
    with embedded_server(folder) as url:
        async with Redis.from_url(url) as redis:
            rulebook = Rulebook(
                rules,
                SubscriberReader(CHANNELS, lambda _: SECRET),
                Outbox(redis, "articles").rules,
                worker="change",
                every=EVERY,
                cache=folder,
                on_change=lambda _: None,
                on_replaced=not_told,
                on_faults=no_report,
            )
            await rulebook.open(stop)
            watching = asyncio.create_task(rulebook.watch(stop))
            try:
                yield rulebook, redis
            finally:
                stop.set()
                await watching


def edit(file: Path, word: str) -> None:
    """Give the watchlist in the middle of a file another name."""
    text = file.read_text(encoding="utf-8")
    at = text.index("    name: ", len(text) // 2 - 100)
    end = text.index("\n", at)
    file.write_text(f"{text[:at]}    name: {word}{text[end:]}", encoding="utf-8")


async def changed(rulebook: Rulebook, redis: Redis, file: Path, word: str) -> tuple[Spent, Spent]:
    """Change a watchlist; what was spent before, and when the change was in force."""
    before, begun = rulebook.current, await Spent.now(redis)
    edit(file, word)
    while rulebook.current is before:
        await asyncio.sleep(0.005)
    return begun, await Spent.now(redis)


def look(rules: Path) -> float:
    """Milliseconds of CPU of a look at files that have not changed."""
    watched = WatchedFolder(rules, timedelta(seconds=-1))
    content = watched.read_change()
    if content is None:
        raise AssertionError("the files are new")
    watched.accept(content)
    begun = time.process_time()
    watched.read_change()
    return 1000 * (time.process_time() - begun)


async def measure(
    rules: Path, folder: Path, files: Sequence[Path], table: Table, number: int
) -> Sequence[Goal]:
    """Print the lines of some rules; gives the goals."""
    reached = []
    async with opened(rules, folder) as (rulebook, redis):
        await asyncio.sleep(3)  # the times of files written just now are not trusted yet
        for name in ("first", "again"):
            before, after = await changed(rulebook, redis, files[len(files) // 2], name)
            kept = (await redis.info("memory"))["used_memory"]
            cpu, server = after.cpu - before.cpu, after.server - before.server
            table.row(
                f"{number:,}",
                f"{len(files):,}",
                name,
                f"{cpu:.2f}",
                f"{server:.2f}",
                f"{after.seconds - before.seconds:.2f}",
                f"{(after.sent - before.sent) / 1000:,.0f}",
                f"{kept / 1e6:,.1f}",
                f"{await asyncio.to_thread(look, rules):.0f}" if name == "first" else "",
                f"{memory.peak():,.0f}",
            )
            goal = f"CPU s until in force, {number:,} in {len(files):,} files, {name}"
            reached.append(Goal(goal, MOST_SECONDS, cpu + server, most=True))
    return reached


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table and the goals; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks change", description=__doc__)
    parser.add_argument("--watchlists", type=int, nargs="+", default=WATCHLISTS, metavar="N")
    parser.add_argument("--a-file", type=int, nargs="+", default=A_FILE, metavar="N")
    chosen = parser.parse_args(arguments)
    log.configure("console", "error", log.Mask())
    print(f"{corpus().name}; one watchlist changed, one subscriber\n")
    table = Table(COLUMNS)
    table.head()
    reached: list[Goal] = []
    for number in chosen.watchlists:
        for each in chosen.a_file:
            with tempfile.TemporaryDirectory() as place:
                rules = Path(place, "rules")
                write(rules, number, each)
                files = sorted(rules.glob("[0-9]*.yaml"))
                work = measure(rules, Path(place, "compiled"), files, table, number)
                reached += asyncio.run(work)
    return told(reached)
