"""Deliveries a second beside bare clients, and what each costs the server.

The log is written at info, as a service does, to nowhere.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

import aiohttp
import httpx
import numpy as np
from redis.asyncio import Redis

from benchmarks.delivery.desk import SENTENCE, Desk, an_alert, commit, subscribers
from benchmarks.delivery.server_work import ServerWork, server_work
from benchmarks.table import Column, Table
from service.concurrency.processes import freeze_loaded_objects
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.http.transport import AiohttpTransport
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.store.outbox import Outbox

TOCSIN = "Tocsin, with its records in Redis"
STREAM = "speed"


@dataclass
class Rates:
    """What the rounds of one sender were."""

    by_clock: list[float] = field(default_factory=list)
    """How many a second."""
    by_work: list[float] = field(default_factory=list)
    """How many a second of the processor's time."""
    commands: list[float] = field(default_factory=list)
    """Of the server, for each delivery; those of scripts count."""
    server_us: list[float] = field(default_factory=list)
    """Of the server's processor, for each delivery."""

    def add_server_work(self, work: ServerWork, count: int) -> None:
        """What the server did for so many deliveries."""
        self.commands.append(work.commands / count)
        self.server_us.append(1e6 * work.seconds / count)


RatesOf = dict[str, Rates]
"""By sender."""


@contextmanager
def timed(rates: RatesOf, sender: str, count: int) -> Iterator[None]:
    """Adds how many a second this sender made of so many."""
    begun, used = time.monotonic(), time.process_time()
    yield
    took, work = time.monotonic() - begun, time.process_time() - used
    found = rates.setdefault(sender, Rates())
    found.by_clock.append(count / took)
    found.by_work.append(count / work)


async def speeds(desk: Desk, redis: Redis, count: int, rounds: int) -> dict[str, float]:
    """The figures that have goals: medians of rounds that take turns; all are printed."""
    everybody = subscribers(desk, 50)
    rates: RatesOf = {}
    sender = WebhookSender(AiohttpTransport(allowed=[ip_network("127.0.0.0/8")]), version="0")
    outbox = Outbox(redis, STREAM)
    await outbox.input_stream.ensure_group()
    freeze_loaded_objects()  # as the service does once it is ready
    for turn in range(rounds + 1):  # the first one is not counted
        rates = {} if turn == 1 else rates
        for start in range(0, count, 100):
            names = range(start, start + 100)
            await commit(outbox, redis, [an_alert(f"{turn}-{n}", [f"s{n % 50}"]) for n in names])
        stop = asyncio.Event()
        worker = DeliveryWorker([outbox], lambda: everybody, sender, WorkerSettings("bench"))
        before = await server_work(redis)
        with timed(rates, TOCSIN, count):
            running = asyncio.create_task(worker.run(stop))
            await emptied(redis, STREAM)
        rates[TOCSIN].add_server_work(await server_work(redis) - before, count)
        stop.set()
        await running
        await bare_clients(desk, rates, count)
        desk.arrived()
    await sender.aclose()
    return medians(rates)


async def emptied(redis: Redis, stream: str) -> None:
    """Wait until no delivery of the stream is pending."""
    while await redis.zcard(f"tocsin:{{{stream}}}:deliveries:pending"):
        await asyncio.sleep(
            0.05
        )  # more often, and the server would do little else on a busy machine


async def bare_clients(desk: Desk, rates: RatesOf, count: int) -> None:
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


def medians(rates: RatesOf) -> dict[str, float]:
    """The figures of the sender that has goals; those of all are printed."""
    columns = (Column("a second", 9), Column("of CPU", 9), Column("CPU ms", 7))
    server = (Column("commands", 9), Column("server µs", 9))
    table = Table((Column("sender", 34, left=True), *columns, *server))
    table.head()
    for name, each in rates.items():
        clock, work = float(np.median(each.by_clock)), float(np.median(each.by_work))
        row = [name, f"{clock:,.0f}", f"{work:,.0f}", f"{1000 / work:.2f}"]
        if each.commands:
            row += [f"{np.median(each.commands):.1f}", f"{np.median(each.server_us):.0f}"]
        table.row(*row)
    ours = rates[TOCSIN]
    return {
        "deliveries a second": float(np.median(ours.by_clock)),
        "deliveries a second of CPU": float(np.median(ours.by_work)),
        "server's µs, of a delivery": float(np.median(ours.server_us)),
    }
