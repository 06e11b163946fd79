"""The periodic jobs of a process: send held events, trim what is old, restart the embedded server.

Each runs until `stop`. An error that may pass is logged, and the job runs again at its next turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from service.alerts.alert import Event
from service.alerts.create import routed
from service.alerts.silence import silenced
from service.errors import ConfigError
from service.rules.rules import Rules
from service.store.client import STORE_ERRORS
from service.store.outbox import Outbox
from service.waits import every

SEND_HELD_EVERY = timedelta(seconds=5)
"""How often digests and throttle summaries are looked for: subscribers choose hours."""
TRIM_EVERY = timedelta(hours=1)
"""How often records that are past their retention are deleted."""
CHECK_SERVER_EVERY = timedelta(seconds=1)
"""How often the embedded server is checked; while it is away nothing is read or sent."""

log = structlog.get_logger(__name__)


async def send_held_events(
    outboxes: Iterable[Outbox],
    rules: Callable[[], Rules],
    stop: asyncio.Event,
    now: Callable[[], datetime],
) -> None:
    """Write digests and summaries as they become due; any number of processes may do it."""

    def failed(outbox: Outbox, error: Exception) -> None:
        log.warning("digest.failed", stream=outbox.stream, error=str(error))

    async with asyncio.TaskGroup() as tasks:
        for outbox in outboxes:
            send = partial(_send_due, outbox, rules, now)
            report = partial(failed, outbox)
            tasks.create_task(
                every(SEND_HELD_EVERY, stop, send, errors=STORE_ERRORS, failed=report)
            )


async def _send_due(
    outbox: Outbox, current_rules: Callable[[], Rules], now: Callable[[], datetime]
) -> None:
    rules = current_rules()
    silences = await outbox.silences.in_force(now())

    def routing(event: Event, severity: str) -> Event:
        about = event.data["watchlist"]
        heard = tuple(
            name
            for name in event.subscribers
            if not silenced(silences, about["id"], about.get("tags", ()), name)
        )
        return routed(replace(event, subscribers=heard), rules, severity, now())

    release = outbox.held_events.release
    while (sent := await release(at=now(), routing=routing, silences=silences)) is not None:
        if sent.events:
            log.info("digest.written", stream=outbox.stream, held=sent.bundle, events=sent.events)


async def trim(outboxes: Iterable[Outbox], stop: asyncio.Event) -> None:
    """Delete articles and dead letters that are past their retention."""

    def failed(outbox: Outbox, error: Exception) -> None:
        log.warning("store.trim_failed", stream=outbox.stream, error=str(error))

    async def trim_one(outbox: Outbox) -> None:
        trimmed = await outbox.input_stream.trim()
        log.debug("store.trimmed", articles=trimmed.articles, dead_letters=trimmed.dead_letters)

    async with asyncio.TaskGroup() as tasks:
        for outbox in outboxes:
            job, report = partial(trim_one, outbox), partial(failed, outbox)
            tasks.create_task(every(TRIM_EVERY, stop, job, errors=STORE_ERRORS, failed=report))


async def keep_server_running(restart: Callable[[], None], stop: asyncio.Event) -> None:
    """Restart the embedded server whenever it has ended; `restart` does nothing while it runs."""

    def failed(error: Exception) -> None:
        log.warning("embedded.restart_failed", error=str(error))

    job = partial(asyncio.to_thread, restart)
    await every(CHECK_SERVER_EVERY, stop, job, errors=(ConfigError, OSError), failed=failed)
