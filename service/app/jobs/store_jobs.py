"""The periodic jobs of a process: send held events, trim what is old, try again what failed before,
restart the embedded server.

Each runs until `stop`. An error that may pass is logged, and the job runs again at its next turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

import structlog

from service.alerts.alert import Event
from service.alerts.recipients import routed
from service.app.changed_rules import WaitingDeliveries
from service.app.rules_report import RulesReport
from service.concurrency.waits import every
from service.errors import ConfigError
from service.rules.rules import Rules
from service.store.client import STORE_ERRORS
from service.store.outbox import Outbox
from service.telemetry import metrics

SEND_HELD_EVERY = timedelta(seconds=5)
"""How often digests and throttle summaries are looked for: subscribers choose hours."""
REACH_EVERY = timedelta(seconds=5)
"""How often what waits is tried again that changed rules did not reach, or that was moved."""
TRIM_EVERY = timedelta(hours=1)
"""How often records that are past their retention are deleted."""
CHECK_SERVER_EVERY = timedelta(seconds=1)
"""How often the embedded server is checked; while it is away nothing is read or sent."""

log = structlog.get_logger(__name__)


async def send_held_events(
    outboxes: Iterable[Outbox],
    rules: Callable[[], Rules],
    stop: asyncio.Event,
) -> None:
    """Write digests and summaries as they become due; any number of processes may do it."""

    def failed(outbox: Outbox, error: Exception) -> None:
        log.warning("digest.failed", stream=outbox.stream, error=str(error))

    async with asyncio.TaskGroup() as tasks:
        for outbox in outboxes:
            send = partial(_send_due, outbox, rules)
            report = partial(failed, outbox)
            tasks.create_task(
                every(SEND_HELD_EVERY, stop, send, errors=STORE_ERRORS, failed=report)
            )


async def _send_due(outbox: Outbox, current_rules: Callable[[], Rules]) -> None:
    rules = current_rules()
    in_force = await outbox.silences.in_force()

    def routing(event: Event, severity: str) -> Event:
        return routed(event, rules, severity, in_force.at)

    send = partial(
        outbox.held_events.release,
        routing=routing,
        silences=in_force.silences,
        known=rules.terms.__contains__,
    )
    while (sent := await send()) is not None:
        metrics.DIGESTS.inc(sent.written)
        metrics.SILENCED.inc(sent.silenced)
        about = {"stream": outbox.stream, "held": sent.bundle, "events": sent.events}
        if sent.written:
            log.info("digest.written", **about)
        elif sent.events:
            log.info("digest.left_out", **about)


async def reach_left(waiting: WaitingDeliveries, stop: asyncio.Event) -> None:
    """Have changed rules reach what they did not reach when they came into force."""
    await every(REACH_EVERY, stop, waiting.reach_left, errors=STORE_ERRORS, at_once=False)


async def send_report(report: RulesReport, stop: asyncio.Event) -> None:
    """Send the report about faulty rules that Redis did not take when they were read."""
    await every(REACH_EVERY, stop, report.send_left, errors=STORE_ERRORS, at_once=False)


async def follow_moves(
    waiting: WaitingDeliveries, rules: Callable[[], Rules], stop: asyncio.Event
) -> None:
    """Give what comes for subscribers that were moved to those who have their deliveries now."""

    async def follow() -> None:
        await waiting.follow_moves(rules())

    await every(REACH_EVERY, stop, follow, errors=STORE_ERRORS)


async def forget_receivers(
    waiting: WaitingDeliveries, rules: Callable[[], Rules], stop: asyncio.Event
) -> None:
    """Forget the receivers of subscribers that are gone."""

    async def forget() -> None:
        await waiting.forget_receivers(rules())

    await every(TRIM_EVERY, stop, forget, errors=STORE_ERRORS)


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
