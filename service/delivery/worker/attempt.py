"""One attempt at one leased delivery: put it off, or send it, and give the verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from service.alerts.alert import rfc3339
from service.delivery.outcome import Delivered, GiveUp, Partly, Report, Retry
from service.delivery.quiet_hours import wait_for_quiet_end
from service.delivery.schedule import next_delay
from service.delivery.senders import Claims, Sender
from service.delivery.worker.attempt_metrics import count_attempt
from service.delivery.worker.failure_reports import report_disabled, report_exhausted
from service.delivery.worker.told_text import told_text
from service.rules.schema.hours import QuietHours
from service.rules.subscribers.subscriber import Subscriber
from service.store.deliveries.delivery import QUIET_HOURS, Attempt
from service.store.lanes.allotment import LaneLimits
from service.store.lanes.health import MAX_LANE_PAUSE
from service.store.lanes.leases import Leased
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Completed, Exhausted, Postponed, RetryLater, Verdict

LEASE_ENDED = "its lease ended before it could be sent"
UNKNOWN_TELLER = "Redis does not say whether another stream sends it"
UNKNOWN_TELLER_PAUSE = timedelta(seconds=5)
UNKNOWN_SUBSCRIBER = "its subscriber is not in the rules in force"

log = structlog.get_logger(__name__)


class AttemptMaker:
    """Makes attempts: it knows the subscribers, how to send to them, and when to retry.

    `subscribers` gives those of the rules in force; `worker` is the name in the record; `draw`
    gives a random number in [0, 1) for the jitter.
    """

    def __init__(
        self,
        subscribers: Callable[[], Mapping[str, Subscriber]],
        sender: Sender,
        *,
        worker: str,
        delays: Sequence[timedelta],
        jitter: float,
        now: Callable[[], datetime],
        draw: Callable[[], float],
        claims: Claims | None = None,
    ) -> None:
        self._subscribers = subscribers
        self._sender = sender
        self._worker = worker
        self._delays = tuple(delays)
        self._jitter = jitter
        self._now = now
        self._draw = draw
        self._claims = claims
        self._logged_as_unknown: set[str] = set()

    def limits_of(self, name: str) -> LaneLimits:
        """The limits of a subscriber's lane. One that the rules do not have is left to others."""
        subscriber = self._subscribers().get(name)
        if subscriber is not None:
            self._logged_as_unknown.discard(name)
            return LaneLimits(max_in_flight=subscriber.concurrency, min_gap=subscriber.min_gap)
        if name not in self._logged_as_unknown:  # once: it is asked for at every look
            self._logged_as_unknown.add(name)
            log.warning("lane.postponed", subscriber_id=name, reason=UNKNOWN_SUBSCRIBER)
        return LaneLimits(unknown=True)

    async def attempt(self, leased: Leased, lease_ends: float, stream: str = "") -> Settlement:
        """Make the attempt and give the verdict. Never raises for a sender.

        What another than its `stream` sends is not sent, unless somebody asked for it.

        `lease_ends` is in seconds of the event loop's clock. A process that was stopped or starved
        until then sends nothing, because another worker may have sent it. In quiet hours, by the
        clock of Redis, the delivery waits for their end, unless somebody asked for it to be sent.
        """
        at, begun = self._now(), asyncio.get_running_loop().time()
        subscriber = self._subscribers().get(leased.subscriber)
        if begun >= lease_ends:
            report = Report(Postponed(timedelta(0), LEASE_ENDED))
        elif subscriber is None:
            report = Report(Postponed(timedelta(0), UNKNOWN_SUBSCRIBER))
        elif not leased.forced and (
            wait := wait_for_quiet_end(subscriber.quiet, leased.body, leased.leased_at)
        ):
            report = Report(Postponed(wait, QUIET_HOURS))
        elif (teller := await self._teller(leased, stream)) is None:
            report = Report(Postponed(UNKNOWN_TELLER_PAUSE, UNKNOWN_TELLER))
        elif teller != stream:
            said = f"not sent: stream {teller} has the same event, and sends it"
            attempt = Attempt(rfc3339(at), self._worker, duration_ms=0, response=said)
            return Settlement(leased, attempt, Completed(teller))
        else:
            report = _encodable(await self._send(subscriber, leased, at))
        outcome = report.outcome
        seconds = asyncio.get_running_loop().time() - begun
        count_attempt(leased, subscriber, outcome, begun=at, seconds=seconds)
        if isinstance(outcome, Postponed):
            return Settlement(leased, Attempt(rfc3339(at), self._worker), outcome)
        attempt = Attempt(
            at=rfc3339(at),
            worker=self._worker,
            status=report.status,
            duration_ms=round(seconds * 1000),
            error="" if isinstance(outcome, Delivered) else outcome.reason,
            response=report.response,
        )
        if isinstance(outcome, Delivered):
            return Settlement(leased, attempt, Completed())
        everybody = self._subscribers()
        took = timedelta(seconds=asyncio.get_running_loop().time() - begun)
        quiet = subscriber.quiet if subscriber else None
        verdict = self._verdict(leased, outcome, quiet, leased.leased_at + took)
        failed = isinstance(verdict, Exhausted)
        exhausted = report_exhausted(leased, attempt, everybody) if failed else None
        disabled = report_disabled(leased, attempt, everybody)
        return Settlement(leased, attempt, verdict, exhausted, disabled)

    async def _teller(self, leased: Leased, stream: str) -> str | None:
        """The stream that sends it; None where that cannot be found out now."""
        if self._claims is None or leased.forced:
            return stream
        return await self._claims.claim(leased.id, stream, told_text(leased.body))

    async def _send(self, subscriber: Subscriber, leased: Leased, at: datetime) -> Report:
        if leased.step > len(self._delays) + 1:
            # Each time the worker ended before it had an answer. This worker does not risk it.
            return Report(GiveUp("not sent: every attempt was used, the last left no answer"))
        try:
            return await self._sender.send(subscriber, leased.id, leased.body, at)
        except Exception as error:
            # The fault ends this attempt, is recorded with it, and stops no other delivery.
            log.exception("delivery.error")
            return Report(Retry(f"{type(error).__name__} in Tocsin itself: see its log"))

    def _verdict(
        self,
        leased: Leased,
        outcome: Retry | Partly | GiveUp,
        quiet: QuietHours | None,
        at: datetime,
    ) -> Verdict:
        delay = next_delay(
            leased.step, outcome, delays=self._delays, draw=self._draw(), jitter=self._jitter
        )
        if delay is not None:
            asked = outcome.after if isinstance(outcome, Retry) else None
            delay += wait_for_quiet_end(quiet, leased.body, at + delay)
            pause = min(asked or timedelta(0), MAX_LANE_PAUSE)
            return RetryLater(delay, pause, partly=isinstance(outcome, Partly))
        if isinstance(outcome, GiveUp):
            return Exhausted(outcome.reason) if outcome.disable else Exhausted(refused=True)
        return Exhausted(refused=isinstance(outcome, Partly))


def _encodable(report: Report) -> Report:
    """The report without lone surrogates: a library may produce them, Redis cannot keep them."""
    outcome = report.outcome
    if isinstance(outcome, Delivered):
        if not report.response:
            return report
    else:
        outcome = replace(outcome, reason=_without_surrogates(outcome.reason))
    return replace(report, outcome=outcome, response=_without_surrogates(report.response))


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
