"""One attempt at one leased delivery: hold it back, or send it and say what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from service.alert import rfc3339
from service.delivery.outcome import (
    Again,
    Delivered,
    Done,
    Failed,
    GiveUp,
    Next,
    Outcome,
    Postponed,
    Report,
    Retry,
)
from service.delivery.schedule import next_delay
from service.ledger import Attempt
from service.outbox import Leased
from service.subscriber import Subscriber

UNCONFIGURED_PAUSE = 60.0
"""Seconds until a delivery to an unknown subscriber is looked at again: rules get mended."""
DISABLED_PAUSE = 3600.0
"""Seconds until a delivery to a disabled subscriber is looked at again."""

log = structlog.get_logger(__name__)


class Sender(Protocol):
    """A channel: makes one attempt and reports it. It does not retry by itself."""

    @property
    def timeout(self) -> float:
        """Seconds that an attempt takes at most."""

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt."""


class Courier:
    """Knows who the subscribers are, how to reach them, and when to try again.

    `subscribers` gives those of the rules in force; `worker` is the name in the record.
    """

    def __init__(
        self,
        subscribers: Callable[[], Mapping[str, Subscriber]],
        sender: Sender,
        *,
        worker: str,
        schedule: Sequence[float],
        now: Callable[[], datetime],
        jitter: Callable[[], float],
        spread: float,
    ) -> None:
        self._subscribers = subscribers
        self._sender = sender
        self._worker = worker
        self._schedule = tuple(schedule)
        self._now = now
        self._jitter = jitter
        self._spread = spread
        self._held: set[tuple[str, str]] = set()

    async def attempt(self, leased: Leased) -> tuple[Attempt, Next]:
        """Make the attempt, unless its subscriber cannot have it now. Never raises for a sender."""
        at, begun = self._now(), asyncio.get_running_loop().time()
        subscriber = self._subscribers().get(leased.subscriber)
        if subscriber is None or leased.disabled:
            return Attempt(rfc3339(at), self._worker), self._hold(leased)
        report = await self._send(subscriber, leased, at)
        attempt = Attempt(
            at=rfc3339(at),
            worker=self._worker,
            status=report.status,
            duration_ms=round((asyncio.get_running_loop().time() - begun) * 1000),
            error="" if isinstance(report.outcome, Delivered) else report.outcome.reason,
            response=report.response,
        )
        self._held = {held for held in self._held if held[0] != leased.subscriber}
        return attempt, self._then(leased, report.outcome)

    def _hold(self, leased: Leased) -> Postponed:
        if leased.disabled:
            held = Postponed(DISABLED_PAUSE, f"its subscriber is disabled: {leased.disabled}")
        else:
            held = Postponed(UNCONFIGURED_PAUSE, "its subscriber is not in the rules in force")
        # Once for each subscriber: thousands of deliveries may wait for the same one.
        if (leased.subscriber, held.reason) not in self._held:
            self._held.add((leased.subscriber, held.reason))
            log.warning("delivery.postponed", reason=held.reason, next_in=held.after)
        return held

    async def _send(self, subscriber: Subscriber, leased: Leased, at: datetime) -> Report:
        if leased.step > len(self._schedule) + 1:
            # Its workers ended each time, and this one shall not.
            return Report(GiveUp("not sent: every attempt was used, the last left no answer"))
        try:
            return await self._sender.send(subscriber, leased.id, leased.body, at)
        except Exception as error:
            # One delivery's fault is not another's, so it ends here and is recorded.
            log.exception("delivery.error")
            return Report(Retry(f"{type(error).__name__} in Tocsin itself: see its log"))

    def _then(self, leased: Leased, outcome: Outcome) -> Next:
        if isinstance(outcome, Delivered):
            return Done()
        delay = next_delay(
            leased.step,
            outcome,
            schedule=self._schedule,
            jitter=self._jitter(),
            spread=self._spread,
        )
        if delay is not None:
            return Again(delay)
        return Failed(outcome.reason if isinstance(outcome, GiveUp) and outcome.disable else "")
