"""Tells, when its time has come, of what was held: digests, and what throttles kept back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from redis.exceptions import RedisError

from service.alerts.alert import Event
from service.alerts.create import routed
from service.alerts.silence import silenced
from service.errors import StoreError
from service.rules.rules import Rules
from service.store.outbox import Outbox

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
    silences = await outbox.silences.in_force(now())

    def routing(event: Event, severity: str) -> Event:
        about = event.data["watchlist"]
        heard = tuple(
            name
            for name in event.subscribers
            if not silenced(silences, about["id"], about.get("tags", ()), name)
        )
        return routed(replace(event, subscribers=heard), rules, severity, now())

    release = outbox.holding.release
    while (released := await release(at=now(), routing=routing, silences=silences)) is not None:
        pot, count = released
        if count:
            log.info("digest.made", stream=outbox.stream, held=pot, events=count)
