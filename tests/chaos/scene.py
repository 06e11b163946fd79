"""A server, the service, a publisher and receivers; then a storm; then what came through it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from builders.alerts import eventually
from chaos.figures import Figures, compared
from chaos.kept import Kept
from chaos.publisher import Publisher
from chaos.witness import Witness
from harness.service_process import Place, settled

STREAM = "articles"


@dataclass
class Scene:
    """What a storm may rage against."""

    chance: Random
    place: Place
    streams: Mapping[str, Redis]
    """The input streams, with a client of each."""
    publisher: Publisher
    witnesses: Mapping[str, Witness]
    services: Sequence[Kept]
    begun: float = field(default_factory=monotonic)
    blows: int = 0
    recovery: float = 0.0

    @property
    def redis(self) -> Redis:
        """The client of the first stream."""
        return next(iter(self.streams.values()))

    async def reading(self) -> None:
        """Return once every service reads every stream."""
        for service in self.services:
            for stream in self.streams:
                await eventually(lambda at=service, name=stream: at.reads(name), 60)

    async def storm(
        self, articles: int, *gusts: Callable[[Scene], Awaitable[None]], **how: Any
    ) -> None:
        """Publish so many articles; meanwhile let each gust blow again and again."""
        publishing = asyncio.create_task(self.publisher.publish(articles, **how))

        async def blow(gust: Callable[[Scene], Awaitable[None]]) -> None:
            while not publishing.done():
                await gust(self)
                self.blows += 1

        async with asyncio.TaskGroup() as tasks:
            for gust in gusts:
                tasks.create_task(blow(gust))
        await publishing

    async def recovered(self, seconds: float = 300.0) -> None:
        """Return once everything is read and nothing waits to be delivered."""
        calm = monotonic()
        async with asyncio.timeout(seconds):
            while True:
                with contextlib.suppress(RedisError, OSError):
                    for stream, redis in self.streams.items():
                        await settled(redis, stream, seconds)
                    self.recovery = monotonic() - calm
                    return
                await asyncio.sleep(0.2)

    async def figures(self, scenario: str, seed: int) -> Figures:
        """What came of it; ends the services first, in order."""
        ends = 0
        for service in self.services:
            ends += len(service.ends) + (await service.stop() > 0)
        dead = 0
        for stream, redis in self.streams.items():
            dead += await redis.xlen(f"tocsin:{{{stream}}}:dead")
        return Figures(
            scenario,
            seed,
            self.publisher.count,
            **compared([*self.witnesses.values()], set(self.publisher.expected)),
            dead_letters=dead,
            refusals=self.publisher.refusals,
            blows=self.blows,
            ends=ends,
            recovery=self.recovery,
            seconds=monotonic() - self.begun,
        )


def rules_for(names: Sequence[str]) -> str:
    """One watchlist, whose alerts go to all of them."""
    subscribers = "".join(
        f'  - id: {name}\n    webhook: {{url: "${{{_name(name)}_URL}}", '
        f'secret: "${{{_name(name)}_SECRET}}"}}\n'
        for name in names
    )
    return (
        "watchlists:\n  - id: jets\n    match: Pakistan AND Turkey AND fighter jet\n"
        f"    notify: [{', '.join(names)}]\nsubscribers:\n{subscribers}"
    )


def _name(subscriber: str) -> str:
    return subscriber.upper().replace("-", "_")


@asynccontextmanager
async def scene(
    folder: Path,
    redis: Redis | Mapping[str, Redis],
    url: str,
    chance: Random,
    witnesses: Sequence[Witness],
    *,
    services: int = 1,
    safe: tuple[Any, ...] | None = None,
    more: Mapping[str, str] | None = None,
    own_rules: bool = False,
) -> AsyncIterator[Scene]:
    """All of it set up, the services started and kept running.

    `redis` is the client of the one stream, or those of several. `own_rules`: each service has a
    folder of its own, as on machines of their own.
    """
    streams = redis if isinstance(redis, Mapping) else {STREAM: redis}
    async with AsyncExitStack() as stack:
        for witness in witnesses:
            await stack.enter_async_context(witness)
        own: dict[str, str] = {"TOCSIN_BATCH_SIZE": "20", "TOCSIN_DRAIN_TIMEOUT": "10"}
        allowed = ",".join(f"{_name(witness.name)}_*" for witness in witnesses)
        own["TOCSIN_RULES_VARIABLES"] = allowed
        for witness in witnesses:
            own[f"{_name(witness.name)}_URL"] = witness.url
            own[f"{_name(witness.name)}_SECRET"] = witness.secret
        rules = rules_for([witness.name for witness in witnesses])
        own |= more or {}
        kept = []
        for number in range(services):
            name = f"service-{number}"
            where = folder / name if own_rules else folder
            where.mkdir(exist_ok=True)
            place = Place(where, url, ",".join(streams), witnesses[0], rules=rules, more=own)
            kept.append(await stack.enter_async_context(Kept(place, name)))
        publisher = Publisher(streams, chance, safe)
        yield Scene(chance, place, streams, publisher, {one.name: one for one in witnesses}, kept)
