"""Articles a second of the match side: entries on the stream, until all are acknowledged.

One real `tocsin run --role match` a row, with the log at info; then the stages of the same way in
this process, and beside them the engine alone and a bare loop that reads, decodes and acknowledges.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from redis.asyncio import Redis

from benchmarks.corpus.corpus import NOTHING, corpus
from benchmarks.goals import Goal, told
from benchmarks.stream import further
from benchmarks.stream.processes import WARM, Entries, Run, whole
from benchmarks.stream.scene import Scene, distinct, entry, scene
from benchmarks.stream.stages import STAGES, Stages, staged
from benchmarks.table import Column, Table
from service.app.redis.clients import clients
from service.app.redis.embedded import embedded_server
from service.delivery.channels.registry import CHANNELS
from service.rules.rules import Rules, load
from service.rules.subscribers.subscriber import SubscriberReader
from service.telemetry import log


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


ALL_SCENES = ",".join(
    ["10000:0", "10000:0.26"]
    + [f"{size}:{matches}" for size in (1_000, 10_000, 100_000) for matches in (0.03, 3, 27)]
)


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
    parser.add_argument("--all", action="store_true", help="all rows, and what is beside them")
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
    if chosen.all:
        chosen.scenes = ALL_SCENES
    texts = distinct(news, WARM + chosen.articles)
    entries = [entry(n, article, chosen.html) for n, article in enumerate(texts)]
    table, goals, rate = Table(_COLUMNS), list[Goal](), 0.0
    found: list[tuple[Scene, Stages, Run | None]] = []
    print(f"{news.name}: {len(entries) - WARM:,} articles, {chosen.html:.0%} pages")
    table.head()
    for said in chosen.scenes.split(","):
        number, _, wanted = said.partition(":")
        drawn = scene(news, texts, int(number), float(wanted) if wanted else None)
        with tempfile.TemporaryDirectory() as place, embedded_server(Path(place)) as url:
            rules = Path(place, "rules", "rules.yaml")
            await asyncio.to_thread(rules.parent.mkdir)
            await asyncio.to_thread(rules.write_text, drawn.rules(), encoding="utf-8")
            async with clients(url) as client_of:
                redis = client_of("")  # one server has all keys
                run = None
                if not chosen.stages_only:
                    several = {"processes": chosen.processes, "streams": chosen.streams}
                    run = await whole(redis, url, rules.parent, entries, **several)
                if not found:
                    rate = await bare(redis, entries)
                stages = await _staged(redis, rules, entries)
                table.row(*_cells(drawn, run, stages, len(entries) - WARM))
                found.append((drawn, stages, run))
        goals += _goals(drawn, run, len(entries) - WARM) if run else []
    print(f"\na bare loop that reads, decodes and acknowledges: {rate:,.0f} entries/s of CPU\n")
    _print_stages(found, len(entries) - WARM)
    if chosen.all:
        goals += await further.measured(news, texts)
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


def _print_stages(found: Sequence[tuple[Scene, Stages, Run | None]], count: int) -> None:
    """The stages of each scene, µs of CPU an article, and what the process takes beside them."""
    heads = [f"{len(drawn.trees):,} × {drawn.matches:.2f}" for drawn, *_ in found]
    table = Table((Column("stage, µs an article", 22, left=True), *(Column(h, 16) for h in heads)))
    table.head()
    for name in (*STAGES, "server"):
        table.row(name, *(f"{stages.of(name):,.0f}" for _, stages, _ in found))
    sums = [sum(map(stages.of, STAGES)) for _, stages, _ in found]
    table.row("all but the server", *(f"{total:,.0f}" for total in sums))
    rest = [
        f"{1e6 * run.cpu / count - total:,.0f}" if run else ""
        for total, (*_, run) in zip(sums, found, strict=True)
    ]
    table.row("beside, in the process", *rest)


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
