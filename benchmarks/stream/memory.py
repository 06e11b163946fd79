"""Bytes of Redis that an article, a story, an alert, a delivery and a dead letter cost, by key.

Each article matches one watchlist, which notifies three subscribers; all deliveries are made at the
first attempt. Then some entries become dead letters. MEMORY USAGE tells of each key; what Redis
needs beside its keys is what is missing to `used_memory`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.corpus.corpus import corpus
from benchmarks.stream.scene import SECRET, distinct, entry, scene
from benchmarks.stream.stages import BATCH, staged
from benchmarks.table import Column, Table
from service.app.redis.clients import clients
from service.app.redis.embedded import embedded_server
from service.delivery.channels.registry import CHANNELS
from service.delivery.outcome import Delivered, Report
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.rules.rules import Rules, load
from service.rules.subscribers.subscriber import Subscriber, SubscriberReader
from service.store.commit.commit import DeadLetter
from service.store.keys import DELIVERIES, GROUP, KEYS, key_prefix
from service.store.outbox import Outbox
from service.telemetry import log

STREAM = "memory"
SUBSCRIBERS = ("desk", "phones", "evening")
PARTS = {
    "an article": (STREAM, STREAM),
    "a story": ("story:<story>", "story:", "story-of:", "near:"),
    "an alert": ("alert:<alert>", "alert:", "alerted:", "texts:"),
    "a delivery": ("delivery:<delivery>", "delivery:", "deliveries:", "lane:"),
    "a dead letter": ("dead", "dead"),
}
"""What is counted: the family that has one for each, and how the keys begin that it takes."""


@dataclass
class Family:
    """The keys of one pattern."""

    keys: int = 0
    """Of a stream: its entries."""
    bytes: int = 0


class Accepting:
    """A receiver that accepts all, without a network."""

    timeout = timedelta(seconds=1)

    async def send(
        self, _subscriber: Subscriber, _delivery_id: str, _body: bytes, _at: datetime
    ) -> Report:
        """An answer as webhooks give it."""
        return Report(Delivered(), 204)

    async def aclose(self) -> None:
        """Nothing is open."""


def rules_of(watchlists: str) -> Rules:
    """The watchlists, which notify all subscribers."""
    hook = f"webhook: {{url: 'https://desk.example/hook', secret: {SECRET}}}"
    head = watchlists.replace("[desk]", f"[{', '.join(SUBSCRIBERS)}]").partition("subscribers:")[0]
    text = head + "subscribers:\n" + "".join(f"- {{id: {id_}, {hook}}}\n" for id_ in SUBSCRIBERS)
    return load({"rules.yaml": text}, SubscriberReader(CHANNELS, None), None)


async def fill(redis: Redis, rules: Rules, entries: Sequence[dict[str, str]], dead: int) -> None:
    """Have the entries judged, what they alert delivered, and so many made dead letters."""
    await staged(redis, STREAM, rules, entries, 0)
    outbox, stop = Outbox(redis, STREAM), asyncio.Event()
    pending = key_prefix(STREAM) + DELIVERIES.fill("pending")
    worker = DeliveryWorker(
        [outbox], lambda: rules.subscribers, Accepting(), WorkerSettings("host-7-c0ffee")
    )
    working = asyncio.create_task(worker.run(stop))
    while await redis.zcard(pending):
        await asyncio.sleep(0.05)
    stop.set()
    await working
    for start in range(0, dead, BATCH):
        await outbox.input_stream.publish([dict(each) for each in entries[start : start + BATCH]])
        rows: Any = await redis.xreadgroup(GROUP, "bench", {STREAM: ">"}, count=BATCH)
        letters = [
            DeadLetter(id_, fields, "no text: neither title nor body", kind="no_text")
            for id_, fields in rows[0][1]
        ]
        await outbox.commit((), letters, at=datetime.now(UTC))


async def families(redis: Redis) -> dict[str, Family]:
    """What all keys take, by their patterns, and the stream itself."""
    found: defaultdict[str, Family] = defaultdict(Family)
    prefix = key_prefix(STREAM)
    async for key in redis.scan_iter(count=1000):
        name = key.decode().removeprefix(prefix)
        family = found[next((each.text for each in KEYS if each.matches(name)), name)]
        family.keys += await redis.xlen(key) if name in (STREAM, "dead") else 1
        family.bytes += await redis.memory_usage(key, samples=0) or 0
    return found


def show(found: dict[str, Family]) -> None:
    """Print a line for each thing, and below it one for each of its families."""
    table = Table(
        (Column("", 28, left=True), Column("keys", 7), Column("bytes each", 10), Column("bytes", 7))
    )
    table.head()
    for thing, (one, *beginnings) in PARTS.items():
        count = found[one].keys
        parts = {name: each for name, each in found.items() if name.startswith((*beginnings,))}
        total = sum(each.bytes for each in parts.values())
        table.row(thing, f"{count:,}", "", f"{total / count:,.0f}")
        for name, each in sorted(parts.items(), key=lambda part: -part[1].bytes):
            sizes = f"{each.bytes / each.keys:,.0f}", f"{each.bytes / count:,.1f}"
            table.row(f"  {name}", f"{each.keys:,}", *sizes)


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks store-memory", description=__doc__)
    parser.add_argument("--articles", type=int, default=2_000, metavar="N")
    parser.add_argument("--dead", type=int, default=200, metavar="N")
    chosen = parser.parse_args(arguments)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        log.configure("json", "critical", log.Mask(), nowhere)
        return asyncio.run(_measured(chosen.articles, chosen.dead))


async def _measured(articles: int, dead: int) -> int:
    news = corpus()
    texts = distinct(news, articles)
    entries = [entry(number, article) for number, article in enumerate(texts)]
    rules = rules_of(scene(news, texts, 1_000, 1.0).rules())
    with tempfile.TemporaryDirectory() as place, embedded_server(Path(place)) as url:
        async with clients(url) as client_of:
            redis = client_of("")  # one server has all keys
            empty = await used(redis)
            await fill(redis, rules, entries, dead)
            grown = await used(redis) - empty
            found = await families(redis)
    print(
        f"{news.name}: {articles:,} articles, {len(SUBSCRIBERS)} subscribers, {dead} dead letters"
    )
    show(found)
    told_of = sum(each.bytes for each in found.values())
    print(f"\nall keys: {told_of:,} bytes; the server has grown by {grown:,}")
    return 0


async def used(redis: Redis) -> int:
    """Bytes that the server has."""
    memory: Any = await redis.info("memory")
    return int(memory["used_memory"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
