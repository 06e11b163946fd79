"""Records what came of attempts: those that end while one record is written go into the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from redis.exceptions import RedisError

from service.alert import rfc3339
from service.delivery.outage import Outage
from service.errors import StoreError
from service.lanes import Lanes, Settled, Settlement

MOST = 100
"""Attempts in one record, so that it never holds up the server for long."""

log = structlog.get_logger(__name__)


class Recorder:
    """Settles deliveries; while Redis is away it tries again: what was sent is not sent twice."""

    def __init__(self, lanes: Lanes, outage: Outage, now: Callable[[], datetime]) -> None:
        self._lanes = lanes
        self._outage = outage
        self._now = now
        self._waiting: list[tuple[Settlement, asyncio.Future[Settled | None]]] = []
        self._writing = False

    async def record(self, settlement: Settlement, stop: asyncio.Event) -> Settled | None:
        """Settle one delivery; None when Redis stayed away until `stop`."""
        done: asyncio.Future[Settled | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((settlement, done))
        if not self._writing:
            self._writing = True
            try:
                while self._waiting:
                    batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                    await self._write(batch, stop)
            finally:
                self._writing = False
        return await done

    async def _write(
        self, batch: list[tuple[Settlement, asyncio.Future[Settled | None]]], stop: asyncio.Event
    ) -> None:
        while True:
            try:
                settlements = [settlement for settlement, _ in batch]
                found = await self._lanes.settle(settlements, at=rfc3339(self._now()))
            except (RedisError, StoreError, OSError) as error:
                if isinstance(error, StoreError) and len(batch) > 1:  # one may spoil all
                    for one in batch:
                        await self._write([one], stop)
                    return
                pause = self._outage.failed(error)
                if stop.is_set():
                    log.error("delivery.unrecorded", error=str(error))
                    for _, done in batch:
                        done.set_result(None)
                    return
                await _unless(stop, pause)
            else:
                for (_, done), settled in zip(batch, found, strict=True):
                    done.set_result(settled)
                return


async def _unless(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but no longer than until `stop` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
