"""What is measured beside the table: two processes, pages, a percolator, memory, delay."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from redis.asyncio import Redis

from benchmarks.corpus.corpus import NOTHING, Corpus
from benchmarks.delivery.desk import Desk, desk
from benchmarks.goals import Goal
from benchmarks.matching.peers import Tantivy, in_forms
from benchmarks.stream.processes import WARM, Entries, acknowledged, add, running, whole
from benchmarks.stream.scene import Scene, entry, scene
from service.app.redis.clients import clients
from service.app.redis.embedded import embedded_server
from service.articles.article import Article

WATCHLISTS = 10_000
LONG_RUN = 20_000
"""Articles over which memory is looked at; each has an id of its own."""
ALERTS_A_SECOND, BESIDE = 100, 2_000
SECONDS = 10
WORD = "quillharbour"
"""No article has it but those that are to alert."""


async def measured(news: Corpus, texts: Sequence[Article]) -> list[Goal]:
    """Print all of it; what has a goal."""
    entries = [entry(number, article) for number, article in enumerate(texts)]
    pages = [entry(number, article, 0.1) for number, article in enumerate(texts)]
    few = scene(news, texts, WATCHLISTS, 0.26)
    count = len(entries) - WARM
    async with _placed(few.rules()) as (redis, url, rules):
        one = await whole(redis, url, rules, entries, processes=1, streams=1)
    async with _placed(few.rules()) as (redis, url, rules):
        two = await whole(redis, url, rules, entries, processes=2, streams=2)
    async with _placed(few.rules()) as (redis, url, rules):
        paged = await whole(redis, url, rules, pages, processes=1, streams=1)
    print(f"\n{WATCHLISTS:,} watchlists, 0.26 matches an article")
    for name, run in (("1 process", one), ("2 processes", two), ("10 % pages", paged)):
        print(f"  {name:12} {count / run.wall:8,.0f} articles/s {count / run.cpu:8,.0f}/s of CPU")
    async with _placed(few.rules()) as (redis, _, _):
        rate = await percolator(redis, few, entries)
        print(f"  {'percolator':12} {'':8} {rate:19,.0f}/s of CPU (tantivy in the same loop)")
    async with _placed(few.rules()) as (redis, url, rules):
        await memory(redis, url, rules, entries)
    goals = [Goal("times the articles/s with two processes and streams", 1.8, one.wall / two.wall)]
    for beside, bound in ((0, 40), (BESIDE, 60)):
        with desk() as receiver:
            async with _placed(_alerting(few, receiver)) as (redis, url, rules):
                p50, p99 = await delay(redis, url, rules, entries, receiver=receiver, beside=beside)
        print(f"  {ALERTS_A_SECOND} alerts/s, {beside:,} articles/s beside: XADD to receiver "
              f"p50 {p50:.1f} ms, p99 {p99:.1f} ms")  # fmt: skip
        said = f"ms from XADD to receiver, p99, {beside:,} articles/s beside"
        goals.append(Goal(said, bound, p99, most=True))
    return goals


@asynccontextmanager
async def _placed(rules: str) -> AsyncIterator[tuple[Redis, str, Path]]:
    """A server of its own, and a folder with these rules."""
    with tempfile.TemporaryDirectory() as place, embedded_server(Path(place)) as url:
        folder = Path(place, "rules")
        await asyncio.to_thread(folder.mkdir)
        await asyncio.to_thread((folder / "rules.yaml").write_text, rules, encoding="utf-8")
        async with clients(url) as client_of:
            redis = client_of("")  # one server has all keys
            yield redis, url, folder


def _alerting(few: Scene, receiver: Desk) -> str:
    """The same watchlists, unheard, and one that alerts the receiver."""
    unheard = few.rules().replace("notify: [desk]", "notify: []")
    unheard = unheard.replace("https://desk.example/hook", receiver.url())
    added = f"- {{id: asked, match: {WORD}, repeat: article, notify: [desk]}}\nsubscribers:"
    return unheard.replace("subscribers:", added, 1)


async def percolator(redis: Redis, few: Scene, entries: Entries) -> float:
    """Articles a second of CPU of a bare loop that asks tantivy, which writes nothing."""
    engine = Tantivy()
    engine.load([in_forms(tree) for tree in few.trees])
    await redis.xgroup_create("percolated", "g", "0", mkstream=True)
    async with redis.pipeline(transaction=False) as pipe:
        for one in entries:
            pipe.xadd("percolated", {"article": orjson.dumps(one)})
        await pipe.execute()
    begun = time.process_time()
    while rows := await _rows(redis):
        read = [orjson.loads(fields[b"article"]) for _, fields in rows]
        texts = [
            replace(NOTHING, title=one["title"], lead=one["summary"], body=one["body"])
            for one in read
        ]
        engine.match([engine.prepare(text) for text in texts])
        await redis.xack("percolated", "g", *(id_ for id_, _ in rows))
    return len(entries) / (time.process_time() - begun)


async def _rows(redis: Redis) -> Any:
    read: Any = await redis.xreadgroup("g", "c", {"percolated": ">"}, count=1_000)
    return read[0][1] if read else []


async def memory(redis: Redis, url: str, rules: Path, entries: Entries) -> None:
    """Print what the process holds while many articles come."""
    async with running(url, rules, ["bench-0"], 1) as (pid,):
        shown = []
        for start in range(0, LONG_RUN, len(entries)):
            renamed = [one | {"id": f"{one['id']}-{start}"} for one in map(dict, entries)]
            await add(redis, ["bench-0"], renamed)
            await acknowledged(redis, ["bench-0"])
            await redis.xtrim("bench-0", maxlen=0)
            shown.append(f"{start + len(entries):,}: {_resident(pid):,.0f}")
    print(f"  MiB of the process after so many articles: {'; '.join(shown)}")


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def delay(
    redis: Redis, url: str, rules: Path, entries: Entries, *, receiver: Desk, beside: int
) -> tuple[float, float]:
    """Milliseconds from XADD to the receiver, the median and the 99th of a hundred."""
    told = [dict(one) | {"body": f"{one['body']}\n\nThe {WORD} opened."} for one in entries]
    async with running(url, rules, ["bench-0"], 1, "match", "deliver"):
        await add(redis, ["bench-0"], entries[:WARM])
        await acknowledged(redis, ["bench-0"])
        sent: dict[str, float] = {}
        begun, ticks = time.monotonic(), SECONDS * ALERTS_A_SECOND
        for tick in range(ticks):
            others = entries[(tick * beside // ALERTS_A_SECOND) % len(entries) :]
            await add(redis, ["bench-0"], others[: beside // ALERTS_A_SECOND])
            name = f"asked-{tick}"
            await add(redis, ["bench-0"], [told[tick % len(told)] | {"id": name}])
            sent[name] = time.monotonic()
            await asyncio.sleep(max(0, begun + (tick + 1) / ALERTS_A_SECOND - time.monotonic()))
        await acknowledged(redis, ["bench-0"])
        await asyncio.sleep(2)
    arrived = receiver.arrived()
    waits = sorted(1e3 * (arrived[name] - at) for name, at in sent.items() if name in arrived)
    if len(waits) < len(sent):
        print(f"  {len(sent) - len(waits)} of {len(sent)} alerts had not come after two seconds")
    return waits[len(waits) // 2], waits[len(waits) * 99 // 100]
