"""Articles a second of the match side: entries on the stream, until all are acknowledged.

One real `tocsin run --role match` a row, with the log at info; then the stages of the same way in
this process, and beside them the engine alone and a bare loop that reads, decodes and acknowledges.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from redis.asyncio import Redis

from benchmarks.corpus.corpus import NOTHING, corpus
from benchmarks.goals import Goal, told
from benchmarks.stream.scene import Scene, distinct, entry, scene
from benchmarks.stream.stages import STAGES, Stages, server_cpu, staged
from benchmarks.table import Column, Table
from service.app.redis.embedded import embedded_server
from service.app.redis.outboxes import connected
from service.delivery.channels.registry import CHANNELS
from service.rules.rules import Rules, load
from service.rules.subscribers.subscriber import SubscriberReader
from service.telemetry import log

WARM = 300
"""Articles before the measured ones: a process remembers the words that it has seen."""
TICKS = os.sysconf("SC_CLK_TCK")

Entries = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took, seconds."""

    wall: float
    cpu: float
    server: float


async def whole(
    redis: Redis, url: str, rules: Path, entries: Entries, *, processes: int, streams: int
) -> Run:
    """The time from entries on the stream to all of them acknowledged."""
    names = [f"bench-{number}" for number in range(streams)]
    async with running(url, rules, names, processes) as pids:
        await add(redis, names, entries[:WARM])
        await acknowledged(redis, names)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        await add(redis, names, entries[WARM:])
        served, used, begun = await server_cpu(redis), cpu(pids), time.monotonic()
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        await acknowledged(redis, names)
        took = time.monotonic() - begun
        return Run(took, cpu(pids) - used, await server_cpu(redis) - served)


@asynccontextmanager
async def running(
    url: str, rules: Path, streams: Sequence[str], processes: int
) -> AsyncIterator[list[int]]:
    """Processes that match; their ids."""
    environment = os.environ | {
        "TOCSIN_REDIS_URL": url,
        "TOCSIN_RULES": str(rules),
        "TOCSIN_DATA_DIR": str(rules.parent / "data"),
        "TOCSIN_STREAMS": ",".join(streams),
        "TOCSIN_LOG_FORMAT": "json",
        "TOCSIN_LOG_LEVEL": "info",
    }
    command = [sys.executable, "-m", "service", "run", "--role", "match"]
    with (rules.parent / "log").open("wb") as lines:
        started = [
            await asyncio.create_subprocess_exec(*command, env=environment, stderr=lines)
            for _ in range(processes)
        ]
        try:
            yield [one.pid for one in started]
        finally:
            for one in started:
                one.send_signal(signal.SIGTERM)
                await one.wait()


async def add(redis: Redis, streams: Sequence[str], entries: Entries) -> None:
    """Write entries to the streams, in turn."""
    async with redis.pipeline(transaction=False) as pipe:
        for number, one in enumerate(entries):
            fields: Any = one
            pipe.xadd(streams[number % len(streams)], fields)
        await pipe.execute()


async def acknowledged(redis: Redis, streams: Sequence[str]) -> None:
    """Return when every entry is acknowledged."""
    while True:
        waiting = 0
        for stream in streams:
            groups = await redis.xinfo_groups(stream) if await redis.exists(stream) else []
            waiting += sum(one["pending"] + (one["lag"] or 0) for one in groups) + (not groups)
        if not waiting:
            return
        await asyncio.sleep(0.01)


def cpu(pids: Sequence[int]) -> float:
    """Seconds of CPU that the processes have taken, without their children."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in stats) / TICKS


async def bare(redis: Redis, entries: Entries) -> float:
    """Entries a second of CPU of a loop that reads, decodes JSON and acknowledges."""
    stream = "bare"
    await redis.xgroup_create(stream, "g", "0", mkstream=True)
    async with redis.pipeline(transaction=False) as pipe:
        for one in entries:
            pipe.xadd(stream, {"article": orjson.dumps(one)})
        await pipe.execute()
    begun = time.process_time()
    rows: Any = [None]
    while rows:
        rows = await redis.xreadgroup("g", "c", {stream: ">"}, count=100)
        ids = [id_ for _, got in rows for id_, one in got if orjson.loads(one[b"article"])]
        await redis.xack(stream, "g", *ids or ["0-0"])
    return len(entries) / (time.process_time() - begun)


def main(arguments: Sequence[str] = ()) -> int:
    """Print the tables; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks stream", description=__doc__)
    parser.add_argument(
        "--scenes",
        default="10000:0,10000:0.26,1000,10000",
        metavar="N[:MATCHES],…",
        help="watchlists, and how many of them match an article (default: what the corpus has)",
    )
    parser.add_argument("--articles", type=int, default=4_000, metavar="N")
    parser.add_argument("--processes", type=int, default=1, metavar="N")
    parser.add_argument("--streams", type=int, default=1, metavar="N")
    parser.add_argument("--html", type=float, default=0.0, metavar="SHARE", help="share of pages")
    parser.add_argument("--stages-only", action="store_true", help="run no process")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        log.configure("json", "info", log.Mask(), nowhere)
        return asyncio.run(_measured(parser.parse_args(arguments)))


_COLUMNS = (
    Column("watchlists", 10),
    Column("matches", 8),
    Column("articles/s", 10),
    Column("/s of CPU", 9),
    Column("matches/s", 9),
    Column("server µs", 9),
    Column("engine/s", 9),
)


async def _measured(chosen: argparse.Namespace) -> int:
    news = corpus()
    texts = distinct(news, WARM + chosen.articles)
    entries = [entry(n, article, chosen.html) for n, article in enumerate(texts)]
    table, goals, rate = Table(_COLUMNS), list[Goal](), 0.0
    found: list[tuple[Scene, Stages]] = []
    print(f"{news.name}: {len(entries) - WARM:,} articles, {chosen.html:.0%} pages")
    table.head()
    for said in chosen.scenes.split(","):
        number, _, wanted = said.partition(":")
        drawn = scene(news, texts, int(number), float(wanted) if wanted else None)
        with tempfile.TemporaryDirectory() as place, embedded_server(Path(place)) as url:
            rules = Path(place, "rules", "rules.yaml")
            await asyncio.to_thread(rules.parent.mkdir)
            await asyncio.to_thread(rules.write_text, drawn.rules(), encoding="utf-8")
            async with connected(url) as redis:
                run = None
                if not chosen.stages_only:
                    several = {"processes": chosen.processes, "streams": chosen.streams}
                    run = await whole(redis, url, rules.parent, entries, **several)
                if not found:
                    rate = await bare(redis, entries)
                stages = await _staged(redis, rules, entries)
                table.row(*_cells(drawn, run, stages, len(entries) - WARM))
                found.append((drawn, stages))
        goals += _goals(drawn, run, len(entries) - WARM) if run else []
    print(f"\na bare loop that reads, decodes and acknowledges: {rate:,.0f} entries/s of CPU\n")
    _print_stages(found)
    return told(goals)


async def _staged(redis: Redis, file: Path, entries: Entries) -> Stages:
    """The stages in this process, and what the engine alone takes for the same articles."""
    text = await asyncio.to_thread(file.read_text, encoding="utf-8")
    rules = load({"rules.yaml": text}, SubscriberReader(CHANNELS, None), None)
    plain = [one for one in entries if "html" not in one]
    stages = await staged(redis, "stages", rules, plain, WARM)
    stages.spent["alone"] = stages.articles / engine_alone(rules, plain)
    return stages


def _cells(drawn: Scene, run: Run | None, stages: Stages, count: int) -> list[str]:
    """One line of the table."""
    matches = stages.of("matches") / 1e6
    shown = ["", "", "", f"{stages.of('server'):,.0f}"]
    if run:
        by_cpu = count / run.cpu
        shown = [f"{count / run.wall:,.0f}", f"{by_cpu:,.0f}", f"{by_cpu * matches:,.0f}"]
        shown.append(f"{1e6 * run.server / count:,.0f}")
    return [f"{len(drawn.trees):,}", f"{matches:.2f}", *shown, f"{1e6 / stages.of('alone'):,.0f}"]


def engine_alone(rules: Rules, entries: Entries) -> float:
    """Articles a second of CPU that the engine matches, batches of 256."""
    articles = [
        replace(NOTHING, title=one["title"], lead=one["summary"], body=one["body"])
        for one in entries
    ]
    begun = time.process_time()
    for start in range(0, len(articles), 256):
        rules.engine.matching_queries(articles[start : start + 256])
    return len(articles) / (time.process_time() - begun)


def _print_stages(found: Sequence[tuple[Scene, Stages]]) -> None:
    """The stages of each scene, µs of CPU an article."""
    heads = [f"{len(drawn.trees):,} × {drawn.matches:.2f}" for drawn, _ in found]
    table = Table((Column("stage, µs an article", 22, left=True), *(Column(h, 16) for h in heads)))
    table.head()
    for name in (*STAGES, "server"):
        table.row(name, *(f"{stages.of(name):,.0f}" for _, stages in found))
    sums = (sum(map(stages.of, STAGES)) for _, stages in found)
    table.row("all but the server", *(f"{total:,.0f}" for total in sums))


def _goals(drawn: Scene, run: Run, articles: int) -> list[Goal]:
    """What 10,000 watchlists are to reach."""
    if len(drawn.trees) != 10_000:
        return []
    speed = articles / run.cpu
    if drawn.matches < 0.1:
        return [Goal("articles/s of CPU, next to no match", 5_000, speed)]
    if drawn.matches < 1:
        return [Goal("articles/s of CPU, 0.26 matches", 3_500, speed)]
    return [Goal("matches/s of CPU, 27 matches an article", 12_000, speed * drawn.matches)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
