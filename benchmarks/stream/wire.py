"""The wire: a million and a half watchlists, a hundred articles a second, from XADD to the webhook.

One `tocsin run` with all roles, and the server that ships. Each watchlist is three words that are
rare in the news; some are of words that the articles have, so that so many articles in a hundred
alert. Memory is that of the service with its processes and of the server, shared pages once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from redis.asyncio import Redis

from benchmarks.corpus.corpus import corpus
from benchmarks.delivery.desk import SECRET, Desk, desk
from benchmarks.goals import Goal, told
from benchmarks.stream.processes import cpu, family, memory
from benchmarks.stream.scene import distinct, entry
from benchmarks.stream.sizing import Load, sizes
from benchmarks.stream.stages import server_cpu
from benchmarks.table import Column, Table
from harness.own_server import free_port
from service.app.redis.clients import clients
from service.app.redis.embedded import embedded_server
from service.articles.article import Article

STREAM = "wire"
WARM = 300
A_FILE = 50_000
"""Watchlists."""
READY_SECONDS = 1_800


@dataclass
class Times:
    """When articles were added, and came to the receiver, by a clock that all processes share."""

    added: dict[str, float] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    alerting: set[str] = field(default_factory=set)
    """The articles that are to arrive."""

    def milliseconds(self, first: int) -> list[float]:
        """From the one to the other, of the articles from this one on that alerted."""
        return [
            1000 * (self.arrived[id_] - self.added[id_])
            for id_ in self.alerting
            if int(id_.rpartition("-")[2]) >= first
        ]


def rare_words(articles: Sequence[Article]) -> list[str]:
    """Words that few articles have, in the order of the alphabet."""
    counts: Counter[str] = Counter()
    for article in articles:
        counts.update({word for word in article.body.lower().split() if word.isalpha()})
    most = len(articles) // 200
    return sorted(word for word, count in counts.items() if count <= most and len(word) > 4)


def watchlists(words: Sequence[str], count: int) -> Iterator[str]:
    """So many, each of three rare words."""
    chance, most = np.random.default_rng(21), len(words) // 2 - 1
    firsts = chance.integers(0, len(words), count)
    steps = 1 + chance.integers(0, most, (count, 2))  # so that the three are different
    for number, (first, (one, other)) in enumerate(zip(firsts, steps, strict=True)):
        places = (first, (first + one) % len(words), (first + one + other) % len(words))
        three = " AND ".join(f'"{words[place]}"' for place in places)
        yield f"- {{id: w-{number}, match: {json.dumps(three)}, notify: [desk]}}\n"


def write_rules(folder: Path, words: Sequence[str], count: int, url: str) -> None:
    """The rules, and one watchlist that every article of the measured ones matches."""
    folder.mkdir()
    lines = watchlists(words, count)
    for number in range(0, count, A_FILE):
        some = "".join(line for line, _ in zip(lines, range(A_FILE), strict=False))
        Path(folder, f"{number}.yaml").write_text(f"watchlists:\n{some}", encoding="utf-8")
    hook = f"{{url: '{url}', secret: {SECRET}}}"
    Path(folder, "desk.yaml").write_text(
        "watchlists:\n- {id: jets, match: fighter jet, repeat: article, notify: [desk]}\n"
        f"subscribers:\n- {{id: desk, concurrency: 100, webhook: {hook}}}\n",
        encoding="utf-8",
    )


async def ready(port: int, service: asyncio.subprocess.Process) -> float:
    """Seconds until the service is ready. Raises SystemExit where it ends before."""
    begun = time.monotonic()
    async with httpx.AsyncClient() as client:
        while time.monotonic() - begun < READY_SECONDS and service.returncode is None:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).is_success:
                    return time.monotonic() - begun
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)
    raise SystemExit("the service was not ready")


@dataclass(frozen=True, slots=True)
class Feed:
    """What comes: some articles at a rate, a share of which alerts."""

    articles: Sequence[Article]
    rate: float
    alerts: float

    async def flow(self, redis: Redis, desk_: Desk) -> Times:
        """Add the articles, and await what they alert."""
        times, begun = Times(), time.monotonic()
        for number, article in enumerate(self.articles):
            fields: dict[Any, Any] = entry(number, article)
            if int((number + 1) * self.alerts) > int(number * self.alerts):
                fields["body"] += "\n\nA fighter jet landed."
                times.alerting.add(fields["id"])
            await asyncio.sleep(max(0.0, begun + number / self.rate - time.monotonic()))
            times.added[fields["id"]] = time.monotonic()
            await redis.xadd(STREAM, fields)
        while times.alerting - times.arrived.keys():
            await asyncio.sleep(0.2)
            times.arrived |= await asyncio.to_thread(desk_.arrived)
        return times


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run showed."""

    ready: float
    """Seconds from the start to the readiness of the service."""
    waits: Sequence[float]
    """Milliseconds from XADD to the receiver."""
    cores: float
    """Of the service, while articles came."""
    server_cores: float
    memory: float
    """MiB."""
    server_memory: float


def main(arguments: Sequence[str] = ()) -> int:
    """Print the figures; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks wire", description=__doc__)
    parser.add_argument("--watchlists", type=int, default=1_500_000, metavar="N")
    parser.add_argument("--rate", type=float, default=100.0, metavar="N", help="articles a second")
    parser.add_argument("--seconds", type=int, default=30, metavar="N")
    parser.add_argument("--alerts", type=float, default=0.25, metavar="N", help="an article")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, desk() as one:
        return asyncio.run(_measured(Path(folder), one, chosen))


async def _measured(folder: Path, desk_: Desk, chosen: argparse.Namespace) -> int:
    news, rules = corpus(), folder / "rules"
    articles = distinct(news, WARM + int(chosen.rate * chosen.seconds))
    words = rare_words(articles)
    await asyncio.to_thread(write_rules, rules, words, chosen.watchlists, desk_.url())
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{news.name}: {chosen.watchlists:,} watchlists, {chosen.rate:g} articles a second")
    print(
        f"for {chosen.seconds} s, {chosen.alerts:g} alerts each; load before {load}\n", flush=True
    )
    found = await _run(folder, desk_, Feed(articles, chosen.rate, chosen.alerts))
    expected = sizes(Load(chosen.rate, chosen.watchlists, chosen.alerts, 1.0))
    most, p99 = max(found.waits), float(np.percentile(found.waits, 99))
    print(f"ms from XADD to the receiver: median {np.median(found.waits):,.1f}, ", end="")
    print(f"p99 {p99:,.1f}, most {most:,.1f}")
    print(f"seconds to the first start: {found.ready:,.0f}")
    table = Table((Column("", 20, left=True), Column("measured", 9), Column("sizing.md", 9)))
    table.head()
    own = (expected.worker_bytes + expected.compile_bytes) / 2**20
    table.row("MiB of the service", f"{found.memory:,.0f}", f"{own:,.0f}")
    table.row("MiB of the server", f"{found.server_memory:,.0f}", "")
    cores = expected.match_cores + expected.batch_cores + expected.deliver_cores
    table.row("cores of the service", f"{found.cores:.2f}", f"{cores:.2f}")
    table.row("cores of the server", f"{found.server_cores:.2f}", f"{expected.server_cores:.2f}")
    memory = found.memory + found.server_memory
    return told(
        [
            Goal("ms from XADD to the webhook, p99", 50, p99, most=True),
            Goal("MiB, the service and the server", 4_096, memory, most=True),
        ]
    )


async def _run(folder: Path, desk_: Desk, feed: Feed) -> Figures:
    port = free_port()
    environment = os.environ | {
        "TOCSIN_RULES": str(folder / "rules"),
        "TOCSIN_DATA_DIR": str(folder / "data"),
        "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8",
        "TOCSIN_STREAMS": STREAM,
        "TOCSIN_PORT": str(port),
        "TOCSIN_LOG_FORMAT": "json",
    }
    command = (sys.executable, "-m", "service", "run")
    with embedded_server(folder / "store") as url, (folder / "log").open("wb") as lines:
        environment["TOCSIN_REDIS_URL"] = url
        service = await asyncio.create_subprocess_exec(*command, env=environment, stderr=lines)
        try:
            seconds = await ready(port, service)
            async with clients(url) as client_of:
                redis = client_of(STREAM)
                before, used, begun = await server_cpu(redis), cpu([service.pid]), time.monotonic()
                times = await feed.flow(redis, desk_)
                took, used = time.monotonic() - begun, cpu([service.pid]) - used
                served = await server_cpu(redis) - before
                info: Any = await redis.info("memory")
            own = memory(family(service.pid))
        finally:
            service.send_signal(signal.SIGTERM)
            await service.wait()
    store = info["used_memory_rss"] / 2**20
    return Figures(seconds, times.milliseconds(WARM), used / took, served / took, own, store)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
