"""Many at once: thousands that wait in one lane, listed, and one event to thousands."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from redis.asyncio import Redis

from benchmarks.delivery.desk import Desk, an_alert, commit, subscribers
from benchmarks.delivery.server_work import server_work
from benchmarks.delivery.speed import emptied
from benchmarks.table import Column, Table
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.http.transport import AiohttpTransport
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.store.outbox import Outbox
from service.views.delivery import newest_deliveries

WAITING = 10_000
RECEIVERS = 2_000
COMMANDS = (
    "deliveries list",
    f"deliveries list --limit {WAITING}",
    f"deliveries list --limit {WAITING} --json",
    "subscribers list",
)
RULES = """\
watchlists:
  - {id: jets, match: fighter jet, notify: [desk]}
subscribers:
  - {id: desk, email: {to: [desk@example.org], from: alerts@example.org}}
"""


@dataclass
class Took:
    """Seconds by the clock and of this process; what the server worked meanwhile."""

    clock: float = 0.0
    work: float = 0.0
    server: float = 0.0


@contextmanager
def taking() -> Iterator[Took]:
    """What passes within it."""
    took, begun, used = Took(), time.monotonic(), time.process_time()
    yield took
    took.clock, took.work = time.monotonic() - begun, time.process_time() - used


@contextmanager
def taking_of_commands() -> Iterator[Took]:
    """The same of the commands that end within it."""
    took, begun, used = Took(), time.monotonic(), _work_of_children()
    yield took
    took.clock, took.work = time.monotonic() - begun, _work_of_children() - used


def _work_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def one_lane(redis: Redis, url: str) -> dict[str, float]:
    """Seconds to list what waits in one lane; printed."""
    outbox = Outbox(redis, "waiting")
    await outbox.input_stream.ensure_group()
    for start in range(0, WAITING, 100):
        names = range(start, start + 100)
        await commit(outbox, redis, [an_alert(f"w-{n}", ["desk"]) for n in names])
    table = Table((Column(f"{WAITING:,} deliveries wait in one lane, s", 48, left=True), *_PARTS))
    table.head()
    before = await server_work(redis)
    with taking() as listed:
        found = await newest_deliveries([outbox], limit=WAITING)
    listed.server = (await server_work(redis) - before).seconds
    assert len(found) == WAITING
    table.row("read", *_row(listed))
    with tempfile.TemporaryDirectory() as place:
        for what in COMMANDS:
            before = await server_work(redis)
            with taking_of_commands() as took:
                await command(what.split(), url, Path(place))
            took.server = (await server_work(redis) - before).seconds
            table.row(f"tocsin {what}", *_row(took))
    print()
    return {"s of CPU, 10,000 in a lane listed": listed.work}


async def command(words: Sequence[str], url: str, place: Path) -> None:
    """Run `tocsin` with these words, whatever it prints."""
    rules = place / "rules.yaml"
    await asyncio.to_thread(rules.write_text, RULES, encoding="utf-8")
    environment = {
        "TOCSIN_REDIS_URL": url,
        "TOCSIN_RULES": str(rules),
        "TOCSIN_DATA_DIR": str(place),
        "TOCSIN_STREAMS": "waiting",
    }
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", *words),
        env=os.environ | environment,
        cwd=place,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await running.communicate()
    assert running.returncode == 0, said.decode()


async def one_event(desk: Desk, redis: Redis) -> dict[str, float]:
    """Seconds until one event is committed, sent to all its subscribers and recorded; printed."""
    everybody = subscribers(desk, RECEIVERS)
    outbox = Outbox(redis, "one-event")
    await outbox.input_stream.ensure_group()
    sender = WebhookSender(AiohttpTransport(allowed=[ip_network("127.0.0.0/8")]), version="0")
    worker = DeliveryWorker([outbox], lambda: everybody, sender, WorkerSettings("bench"))
    table = Table((Column(f"one event to {RECEIVERS:,} subscribers, s", 48, left=True), *_PARTS))
    table.head()
    works = []
    for what in ("the first of all: each opens a connection", "the second", "the third"):
        stop, before = asyncio.Event(), await server_work(redis)
        with taking() as took:
            await commit(outbox, redis, [an_alert(f"one-{what}".replace(" ", ""), [*everybody])])
            committed = (await server_work(redis) - before).seconds
            running = asyncio.create_task(worker.run(stop))
            await emptied(redis, "one-event")
        took.server = (await server_work(redis) - before).seconds
        stop.set()
        await running
        table.row(what, *_row(took), f"(server at the commit: {committed:.3f})")
        works.append(took.work)
    await sender.aclose()
    desk.arrived()
    print()
    return {"s of CPU, an event to 2,000": max(works)}


_PARTS = (Column("clock", 7), Column("CPU", 7), Column("server", 7))


def _row(took: Took) -> tuple[str, ...]:
    return tuple(f"{each:.2f}" for each in (took.clock, took.work, took.server))
