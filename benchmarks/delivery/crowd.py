"""How much those subscribers that hang delay the others, of thousands that one worker serves."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

from redis.asyncio import Redis

from benchmarks.delivery.desk import Desk, an_alert, commit, subscribers
from service.concurrency.processes import freeze_loaded_objects
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.http.transport import AiohttpTransport
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.store.outbox import Outbox


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
            self.sent |= dict.fromkeys((one.draft.article.id for one in alerts), time.monotonic())
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
    await outbox.input_stream.ensure_group()
    sender = WebhookSender(AiohttpTransport(allowed=[ip_network("127.0.0.0/8")]), version="0")
    worker = DeliveryWorker([outbox], lambda: everybody, sender, WorkerSettings("bench"))
    running = asyncio.create_task(worker.run(asyncio.Event()))
    freeze_loaded_objects()  # as the service does once it is ready
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
