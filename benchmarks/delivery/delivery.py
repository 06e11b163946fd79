"""Deliveries: how many a second beside bare clients, how soon after XADD, and how much those
that hang delay the others.

The receiver is a process of its own, and so is the server; the sender has one core at most, being
one thread of Python.
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
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import httpx
import numpy as np
from redis.asyncio import Redis

from benchmarks.delivery.crowd import beside, turning
from benchmarks.delivery.desk import SECRET, SENTENCE, Desk, an_alert, commit, desk, subscribers
from benchmarks.table import Column, Table
from service.app.redis.clients import clients
from service.app.redis.embedded import embedded_server
from service.concurrency.processes import freeze_loaded_objects
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.http.transport import AiohttpTransport
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.store.outbox import Outbox
from service.telemetry import log

GOALS = {"deliveries a second": 1_500, "ms, median from XADD": 25, "ms, p99 from XADD": 150}


Rates = dict[str, list[tuple[float, float]]]
"""By sender: of each round, how many a second by the clock and by the processor's time."""


@contextmanager
def timed(rates: Rates, sender: str, count: int) -> Iterator[None]:
    """Adds how many a second this sender made of so many."""
    begun, used = time.monotonic(), time.process_time()
    yield
    took, work = time.monotonic() - begun, time.process_time() - used
    rates.setdefault(sender, []).append((count / took, count / work))


async def speeds(desk: Desk, redis: Redis, count: int, rounds: int) -> dict[str, float]:
    """Deliveries a second of each, the median of rounds that take turns; printed."""
    everybody = subscribers(desk, 50)
    rates: Rates = {}
    sender = WebhookSender(AiohttpTransport(allowed=[ip_network("127.0.0.0/8")]), version="0")
    outbox = Outbox(redis, "speed")
    await outbox.input_stream.ensure_group()
    freeze_loaded_objects()  # as the service does once it is ready
    for turn in range(rounds + 1):  # the first one is not counted
        rates = {} if turn == 1 else rates
        for start in range(0, count, 100):
            names = range(start, start + 100)
            await commit(outbox, redis, [an_alert(f"{turn}-{n}", [f"s{n % 50}"]) for n in names])
        stop = asyncio.Event()
        worker = DeliveryWorker([outbox], lambda: everybody, sender, WorkerSettings("bench"))
        with timed(rates, "Tocsin, with its records in Redis", count):
            running = asyncio.create_task(worker.run(stop))
            while await redis.zcard("tocsin:{speed}:deliveries:pending"):
                await asyncio.sleep(0.01)
        stop.set()
        await running
        await bare_clients(desk, rates, count)
        desk.arrived()
    await sender.aclose()
    return medians(rates)


async def bare_clients(desk: Desk, rates: Rates, count: int) -> None:
    """The same by clients that keep no records, at what each of them does best."""
    body = json.dumps({"text": SENTENCE * 18}).encode()
    async with aiohttp.ClientSession() as session:

        async def by_aiohttp() -> None:
            async with session.post(desk.url(), data=body) as answer:
                await answer.read()

        with timed(rates, "aiohttp alone", count):
            await bare(by_aiohttp, count, 50)
    async with httpx.AsyncClient() as client:

        async def by_httpx() -> None:
            await client.post(desk.url(), content=body)

        with timed(rates, "httpx alone, 4 connections", count // 4):
            await bare(by_httpx, count // 4, 4)


async def bare(post: Callable[[], Awaitable[object]], count: int, at_once: int) -> None:
    """So many requests by a bare client."""
    left = iter(range(count))

    async def some() -> None:
        for _ in left:
            await post()

    await asyncio.gather(*(some() for _ in range(at_once)))


def medians(rates: Rates) -> dict[str, float]:
    """How many a second each sender makes; printed, with the processor's time for one."""
    table = Table((Column("sender", 36, left=True), Column("a second", 9), Column("CPU ms", 7)))
    table.head()
    found = {}
    for name, each in rates.items():
        by_clock, by_work = (float(np.median(rate)) for rate in zip(*each, strict=True))
        found[name] = by_clock
        table.row(name, f"{by_clock:,.0f}", f"{1000 / by_work:.2f}")
    return found


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
            "TOCSIN_RULES_VARIABLES": "URL,SECRET",
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
        async with clients(url) as client_of:
            redis = client_of("")  # one server has all keys
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
