"""One attempt at one leased delivery: hold it back, or send it and say what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from service.alerts.alert import rfc3339
from service.delivery.outcome import Delivered, GiveUp, Report, Retry
from service.delivery.quiet_hours import quiet_wait
from service.delivery.schedule import LONGEST_REST, next_delay
from service.delivery.worker.failure_reports import disabling, exhausted
from service.rules.hours import Quiet
from service.rules.subscribers.subscriber import Subscriber
from service.store.deliveries.delivery import Attempt
from service.store.lanes.lanes import Leased, Plan, Settlement
from service.store.lanes.verdict import Again, Done, Failed, Next, Postponed

PAUSE = 60.0
"""Seconds until the lane of an unknown subscriber is looked at again."""
LATE = "its lease ended before it could be sent"
QUIET = "its subscriber's quiet hours"
UNKNOWN = "its subscriber is not in the rules in force"

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
        self._unknown: set[str] = set()

    def plan(self, name: str) -> Plan:
        """How a subscriber's lane is served. One that nobody knows waits: rules get mended."""
        subscriber = self._subscribers().get(name)
        if subscriber is not None:
            self._unknown.discard(name)
            return Plan(most=subscriber.concurrency, gap=subscriber.gap)
        if name not in self._unknown:  # once: it is asked every minute
            self._unknown.add(name)
            log.warning("lane.postponed", subscriber_id=name, reason=UNKNOWN, next_in=PAUSE)
        return Plan(off=PAUSE)

    async def attempt(self, leased: Leased, until: float) -> Settlement:
        """Make the attempt, and say what becomes of it. Never raises for a sender.

        `until` is when the lease ends, by the event loop's clock: a process that was stopped or
        starved meanwhile sends nothing, as another may have. In quiet hours it waits for their
        end, unless somebody asked for it to be sent.
        """
        at, begun = self._now(), asyncio.get_running_loop().time()
        subscriber = self._subscribers().get(leased.subscriber)
        if begun >= until:
            report = Report(Postponed(0.0, LATE))
        elif subscriber is None:
            report = Report(Postponed(PAUSE, UNKNOWN))
        elif not leased.forced and (wait := quiet_wait(subscriber.quiet, leased.body, at)):
            report = Report(Postponed(wait, QUIET))
        else:
            report = _encodable(await self._send(subscriber, leased, at))
        outcome = report.outcome
        if isinstance(outcome, Postponed):
            return Settlement(leased, Attempt(rfc3339(at), self._worker), outcome)
        attempt = Attempt(
            at=rfc3339(at),
            worker=self._worker,
            status=report.status,
            duration_ms=round((asyncio.get_running_loop().time() - begun) * 1000),
            error="" if isinstance(outcome, Delivered) else outcome.reason,
            response=report.response,
        )
        if isinstance(outcome, Delivered):
            return Settlement(leased, attempt, Done())
        everybody = self._subscribers()
        then = self._then(leased, outcome, subscriber.quiet if subscriber else None, at)
        gone = exhausted(leased, attempt, everybody) if isinstance(then, Failed) else None
        return Settlement(leased, attempt, then, gone, disabling(leased, attempt, everybody))

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

    def _then(
        self, leased: Leased, outcome: Retry | GiveUp, quiet: Quiet | None, at: datetime
    ) -> Next:
        delay = next_delay(
            leased.step,
            outcome,
            schedule=self._schedule,
            jitter=self._jitter(),
            spread=self._spread,
        )
        if delay is not None:
            rest = outcome.after if isinstance(outcome, Retry) else None
            delay += quiet_wait(quiet, leased.body, at + timedelta(seconds=delay))
            return Again(delay, min(rest or 0.0, LONGEST_REST))
        if isinstance(outcome, GiveUp):
            return Failed(outcome.reason) if outcome.disable else Failed(alone=True)
        return Failed()


def _encodable(report: Report) -> Report:
    """The report without lone surrogates, which a library may bring along and Redis cannot keep."""
    outcome = report.outcome
    if isinstance(outcome, Delivered):
        if not report.response:
            return report
    else:
        outcome = replace(outcome, reason=_text(outcome.reason))
    return replace(report, outcome=outcome, response=_text(report.response))


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
