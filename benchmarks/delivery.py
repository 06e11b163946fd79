"""Deliveries: how many a second beside bare clients, how soon after XADD, and how much those
that hang delay the others.

The receiver is a process of its own, and so is the server; the sender has one core at most, being
one thread of Python.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import httpx
import numpy as np
from redis.asyncio import Redis

from benchmarks.table import Column, Table
from service import log
from service.alert import Alert, Event
from service.batch import Decided
from service.channels import Secret, Webhook
from service.connection import connected
from service.delivery.webhook import WebhookSender
from service.delivery.worker import DeliveryWorker
from service.embedded import embedded_server
from service.outbox import Outbox
from service.store import GROUP
from service.subscriber import Subscriber

SECRET = "whsec_" + "QUJD" * 8
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SENTENCE = "Pakistan and Turkey are in the last round of talks over a shared production line. "
GOALS = {"deliveries a second": 1_500, "ms, median from XADD": 25, "ms, p99 from XADD": 150}


@dataclass
class Desk:
    """The receiver's process."""

    process: subprocess.Popen[str]
    port: int

    def arrived(self) -> dict[str, float]:
        """What came since the last call: by id, when it came first."""
        pipe, out = self.process.stdin, self.process.stdout
        assert pipe is not None
        assert out is not None
        pipe.write("\n")
        pipe.flush()
        found: dict[str, float] = {}
        for _ in range(int(out.readline())):
            name, at = out.readline().split()
            found.setdefault(name, float(at))
        return found

    def turn(self) -> None:
        """From now on it answers `turn` no more."""
        assert self.process.stdin is not None
        self.process.stdin.write("turn\n")
        self.process.stdin.flush()

    def url(self, path: str = "hook") -> str:
        """An address that it answers at; it never answers `hang`."""
        return f"http://127.0.0.1:{self.port}/{path}"


@contextmanager
def desk() -> Iterator[Desk]:
    """A receiver for a while."""
    command = [sys.executable, "-m", "benchmarks.receiver"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Desk(process, int(process.stdout.readline()))
        finally:
            process.kill()


def an_alert(name: str, subscribers: Sequence[str]) -> Alert:
    """An alert of an ordinary size: 1.5 kB."""
    data = {
        "watchlist": {"id": "jets", "name": "Jets", "severity": "high", "tags": []},
        "score": {"value": 87.4},
        "article": {"id": name, "title": SENTENCE, "summary": SENTENCE * 8},
        "evidence": [{"term": "jet", "sentence": SENTENCE}] * 4,
    }
    event = Event("alert.created", f"alr_{name}", data, tuple(subscribers))
    later = Event("alert.updated", f"alr_{name}_2", data, tuple(subscribers))
    return Alert(f"alr_{name}", "jets", name, "r", 87.4, event, later)


async def commit(outbox: Outbox, redis: Redis, alerts: Sequence[Alert]) -> None:
    """Commit each alert as an article of its own."""
    await outbox.publish([{"title": each.article_id} for each in alerts])
    read = await redis.xreadgroup(GROUP, "bench", {outbox.stream: ">"}, count=len(alerts))
    entries = [entry for _, batch in _pairs(read) for entry, _ in batch]
    decided = [Decided(e, (alert,)) for e, alert in zip(entries, alerts, strict=True)]
    await outbox.commit(decided, at=NOW)


def _pairs(read: object) -> list[tuple[bytes, list[tuple[bytes, object]]]]:
    if isinstance(read, dict):
        return [(name, batches[0]) for name, batches in read.items()]
    assert isinstance(read, list)
    return read


def subscribers(desk: Desk, number: int, path: str = "hook") -> dict[str, Subscriber]:
    """So many, of which the first tenth has this path."""
    found = {}
    for n in range(number):
        url = Secret(desk.url(path if n < number // 10 else "hook"))
        found[f"s{n}"] = Subscriber(f"s{n}", Webhook(url, (Secret(SECRET),)))
    return found


@contextmanager
def timed(rates: list[tuple[float, float]], count: int) -> Iterator[None]:
    """Adds how many a second there were, by the clock and by the processor's time."""
    begun, used = time.monotonic(), time.process_time()
    yield
    took, work = time.monotonic() - begun, time.process_time() - used
    rates.append((count / took, count / work))


async def bare(post: Callable[[], Awaitable[object]], count: int, at_once: int) -> None:
    """So many requests by a bare client."""
    left = iter(range(count))

    async def some() -> None:
        for _ in left:
            await post()

    await asyncio.gather(*(some() for _ in range(at_once)))


async def speeds(desk: Desk, redis: Redis, count: int, rounds: int) -> dict[str, float]:
    """Deliveries a second of each, the median of rounds that take turns; printed."""
    everybody = subscribers(desk, 50)
    body = json.dumps({"text": SENTENCE * 18}).encode()
    found: dict[str, list[tuple[float, float]]] = {}
    sender = WebhookSender(version="0", allowed=[ip_network("127.0.0.0/8")])
    outbox = Outbox(redis, "speed")
    await outbox.ensure_group()
    for turn in range(rounds + 1):  # the first one is not counted
        found = {} if turn == 1 else found
        for start in range(0, count, 100):
            names = range(start, start + 100)
            await commit(outbox, redis, [an_alert(f"{turn}-{n}", [f"s{n % 50}"]) for n in names])
        stop = asyncio.Event()
        worker = DeliveryWorker([outbox], lambda: everybody, sender, name="bench")
        with timed(found.setdefault("Tocsin, with its records in Redis", []), count):
            running = asyncio.create_task(worker.run(stop))
            while await redis.zcard("tocsin:{speed}:deliveries:pending"):
                await asyncio.sleep(0.01)
        stop.set()
        await running
        async with aiohttp.ClientSession() as session:

            async def by_aiohttp(session: aiohttp.ClientSession = session) -> None:
                async with session.post(desk.url(), data=body) as answer:
                    await answer.read()

            with timed(found.setdefault("aiohttp alone", []), count):
                await bare(by_aiohttp, count, 50)
        async with httpx.AsyncClient() as client:

            async def by_httpx(client: httpx.AsyncClient = client) -> None:
                await client.post(desk.url(), content=body)

            with timed(found.setdefault("httpx alone, 4 connections", []), count // 4):
                await bare(by_httpx, count // 4, 4)
        desk.arrived()
    await sender.aclose()
    table = Table((Column("sender", 36, left=True), Column("a second", 9), Column("CPU ms", 7)))
    table.head()
    medians = {}
    for name, rates in found.items():
        by_clock, by_work = (float(np.median(each)) for each in zip(*rates, strict=True))
        medians[name] = by_clock
        table.row(name, f"{by_clock:,.0f}", f"{1000 / by_work:.2f}")
    return medians


RULES = """\
watchlists:
  - {id: jets, match: fighter jet, repeat: article, notify: [desk]}
subscribers:
  - {id: desk, concurrency: 100, webhook: {url: "${URL}", secret: "${SECRET}"}}
"""


async def latency(desk: Desk, redis: Redis, url: str, seconds: int) -> list[float]:
    """Milliseconds from XADD to the receiver, at 100 alerts a second through the whole service."""
    with tempfile.TemporaryDirectory() as place:
        rules = Path(place, "rules.yaml")
        await asyncio.to_thread(rules.write_text, RULES, encoding="utf-8")
        environment = {
            "TOCSIN_REDIS_URL": url,
            "TOCSIN_RULES": str(rules),
            "TOCSIN_DATA_DIR": place,
            "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8",
            "TOCSIN_STREAMS": "latency",
            "TOCSIN_PORT": "0",
            "TOCSIN_LOG_LEVEL": "warning",
            "URL": desk.url(),
            "SECRET": SECRET,
        }
        service = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service", "run", env=os.environ | environment, cwd=place
        )
        try:
            return await _latencies(desk, redis, seconds)
        finally:
            service.send_signal(signal.SIGTERM)
            await service.wait()


async def _latencies(desk: Desk, redis: Redis, seconds: int) -> list[float]:
    sent: dict[str, float] = {}
    arrived: dict[str, float] = {}
    warm, total = 300, 300 + 100 * seconds
    begun = time.monotonic()
    for number in range(total):
        if number == warm:  # from here on it counts
            while len(arrived) < warm:
                await asyncio.sleep(0.1)
                arrived |= await asyncio.to_thread(desk.arrived)
            begun = time.monotonic() - number / 100
        await asyncio.sleep(max(0.0, begun + number / 100 - time.monotonic()))
        text = f"A fighter jet landed at field {number}. {SENTENCE * 20}"
        sent[str(number)] = time.monotonic()
        await redis.xadd("latency", {"id": str(number), "title": f"Jet {number}", "body": text})
    while len(arrived) < total:
        await asyncio.sleep(0.2)
        arrived |= await asyncio.to_thread(desk.arrived)
    return [1000 * (arrived[str(n)] - sent[str(n)]) for n in range(warm, total)]


@dataclass
class Crowd:
    """Subscribers of whom one in ten may hang, and the worker that serves them all."""

    redis: Redis
    outbox: Outbox
    names: Sequence[str]
    chance: random.Random
    sent: dict[str, float] = field(default_factory=dict)
    """By article, of those that never hang: when it was written."""
    count: int = 0

    @property
    def tenth(self) -> Sequence[str]:
        """Those that may hang."""
        return self.names[: len(self.names) // 10]

    async def tell(self, groups: Sequence[Sequence[str]], *, counts: bool) -> None:
        """Alerts for these at once."""
        alerts = [an_alert(f"{self.count + n}", names) for n, names in enumerate(groups)]
        self.count += len(alerts)
        if counts:
            self.sent |= dict.fromkeys((one.article_id for one in alerts), time.monotonic())
        await commit(self.outbox, self.redis, alerts)

    async def steadily(self, seconds: int) -> None:
        """So many alerts a second: 200 for those that answer, half a tenth of the rest for it."""
        good = self.names[len(self.tenth) :]
        begun = time.monotonic()
        for tick in range(10 * seconds):
            await asyncio.sleep(max(0.0, begun + tick / 10 - time.monotonic()))
            await self.tell([[name] for name in self.chance.sample(good, 20)], counts=True)
            others = self.chance.sample(self.tenth, len(self.names) // 200)
            await self.tell([[name] for name in others], counts=False)


@asynccontextmanager
async def crowd(desk: Desk, redis: Redis, number: int, path: str) -> AsyncIterator[Crowd]:
    """So many subscribers, of whom a tenth have this path; the worker has its usual slots."""
    everybody = subscribers(desk, number, path)
    outbox = Outbox(redis, f"crowd-{path}-{time.monotonic_ns()}")
    await outbox.ensure_group()
    sender = WebhookSender(version="0", allowed=[ip_network("127.0.0.0/8")])
    worker = DeliveryWorker([outbox], lambda: everybody, sender, name="bench")
    running = asyncio.create_task(worker.run(asyncio.Event()))
    gc.collect()
    gc.freeze()  # as the service does once it is ready
    try:
        yield Crowd(redis, outbox, list(everybody), random.Random(1))
    finally:
        running.cancel()
        await asyncio.wait([running])
        await sender.aclose()
        gc.unfreeze()


async def took(desk: Desk, sent: dict[str, float]) -> list[float]:
    """Milliseconds from XADD to the receiver for each of these."""
    arrived: dict[str, float] = {}
    while not sent.keys() <= arrived.keys():
        await asyncio.sleep(0.1)
        arrived |= await asyncio.to_thread(desk.arrived)
    return [1000 * (arrived[name] - at) for name, at in sent.items()]


async def beside(desk: Desk, redis: Redis, path: str, number: int, seconds: int) -> list[float]:
    """Milliseconds from XADD to receiver for nine tenths, while the others hang or answer.

    The others get as much in either case, more than all the rest together.
    """
    async with crowd(desk, redis, number, path) as some:
        await some.steadily(seconds)
        return await took(desk, some.sent)


async def turning(
    desk: Desk, redis: Redis, number: int, seconds: int, *, hang: bool
) -> list[float]:
    """The same while all the others get four alerts at once, and from then on hang or answer."""
    async with crowd(desk, redis, number, "turn") as some:
        for start in range(0, len(some.tenth), 50):  # each is known to answer
            await some.tell([[name] for name in some.tenth[start : start + 50]], counts=False)
        await some.steadily(3)
        await took(desk, some.sent)
        some.sent.clear()
        if hang:
            desk.turn()
        for _ in range(4):
            await some.tell([some.tenth], counts=False)
        await some.steadily(seconds)
        return await took(desk, some.sent)


def main(arguments: Sequence[str] = ()) -> int:
    """Print the tables; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks delivery", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=4_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--seconds", type=int, default=20, metavar="N")
    parser.add_argument("--subscribers", type=int, default=5_000, metavar="N")
    chosen = parser.parse_args(arguments)
    log.configure("console", "critical", log.Mask())
    measured = asyncio.run(_measured(chosen))
    print()
    table = Table((Column("goal", 30, left=True), Column("", 8), Column("measured", 9)))
    table.head()
    missed = False
    for name, goal in GOALS.items():
        good = measured[name] >= goal if "second" in name else measured[name] <= goal
        missed = missed or not good
        table.row(name, f"{goal:,}", f"{measured[name]:,.0f}", "met" if good else "MISSED")
    return int(missed)


async def _measured(chosen: argparse.Namespace) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place, embedded_server(Path(place)) as url, desk() as one:
        async with connected(url) as redis:
            rates = await speeds(one, redis, chosen.deliveries, chosen.rounds)
            print()
            table = Table((Column("from XADD to the receiver, ms", 44, left=True), *_PARTS))
            table.head()
            found = await latency(one, redis, url, chosen.seconds)
            table.row("100 alerts a second, the whole service", *_spread(found))
            number = chosen.subscribers
            for path, hanging in (("hook", 0), ("hang", number // 10)):
                times = await beside(one, redis, path, number, chosen.seconds)
                table.row(f"{number:,} subscribers, {hanging:,} of them hang", *_spread(times))
            for hang, what in ((False, "get four at once"), (True, "hang at once with four")):
                times = await turning(one, redis, number, chosen.seconds, hang=hang)
                table.row(f"{number:,} subscribers, {number // 10:,} {what}", *_spread(times))
    return {
        "deliveries a second": rates["Tocsin, with its records in Redis"],
        "ms, median from XADD": float(np.percentile(found, 50)),
        "ms, p99 from XADD": float(np.percentile(found, 99)),
    }


_PARTS = (Column("median", 8), Column("p99", 8), Column("most", 8))


def _spread(times: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"{float(np.percentile(times, part)):,.1f}" for part in (50, 99, 100))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
