"""Tells, when its time has come, of what was held: digests, and what throttles kept back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from redis.exceptions import RedisError

from service.alert import Event
from service.alerting import routed
from service.errors import StoreError
from service.outbox import Outbox
from service.watchlist import Rules

LOOK_EVERY = 5.0
"""Seconds between two looks at whether anything is due; nobody counts that fine."""

log = structlog.get_logger(__name__)


async def tell_held(
    outboxes: Sequence[Outbox],
    rules: Callable[[], Rules],
    stop: asyncio.Event,
    now: Callable[[], datetime],
) -> None:
    """Write digests and summaries as they become due, until `stop`; any number of processes may."""
    while not stop.is_set():
        for outbox in outboxes:
            try:
                await _tell_due(outbox, rules(), now)
            except (RedisError, StoreError, OSError) as error:
                log.warning("digest.failed", stream=outbox.stream, error=str(error))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                await stop.wait()


async def _tell_due(outbox: Outbox, rules: Rules, now: Callable[[], datetime]) -> None:
    def routing(event: Event, severity: str) -> Event:
        return routed(event, rules, severity, now())

    while (released := await outbox.holding.release(at=now(), routing=routing)) is not None:
        pot, count = released
        if count:
            log.info("digest.made", stream=outbox.stream, held=pot, events=count)
