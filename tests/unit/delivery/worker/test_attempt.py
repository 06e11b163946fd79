"""One attempt: what is sent, and what is not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.delivery.channels.webhook.rules_block import Webhook
from service.delivery.outcome import Delivered, Outcome, Partly, Report, Retry
from service.delivery.schedule import JITTER, RETRY_DELAYS
from service.delivery.worker.attempt import LEASE_ENDED, AttemptMaker
from service.rules.schema.hours import QuietHours
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber
from service.store.deliveries.delivery import QUIET_HOURS
from service.store.lanes.leases import Leased
from service.store.lanes.verdict import Completed, Exhausted, Postponed, RetryLater, Verdict

DESK = Subscriber("desk", Webhook(Secret("https://desk.example/"), (Secret("s"),)))
NIGHT = QuietHours(time(22), time(7), ZoneInfo("Europe/London"), frozenset({"critical"}))
ALERT = b'{"type":"alert.created","data":{"watchlist":{"id":"jets","severity":"high"}}}'
NOON = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
LEASED = Leased("dlv_1", "alr_1", "desk", 1, 1, ALERT, "t", impaired=False, leased_at=NOON)


class Channel:
    """A channel with the same outcome for everything."""

    timeout = timedelta(seconds=1)

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.sent: list[str] = []

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Note that it was sent."""
        del subscriber, body, at
        self.sent.append(delivery_id)
        return Report(self.outcome, 204)

    async def aclose(self) -> None:
        """Nothing to close."""


def attempts(channel: Channel, desk: Subscriber = DESK) -> AttemptMaker:
    """What makes attempts, in a worker whose clock is hours wrong."""
    return AttemptMaker(
        lambda: {"desk": desk},
        channel,
        worker="w",
        delays=RETRY_DELAYS,
        now=lambda: NOON - timedelta(hours=9),
        draw=lambda: 0.5,
        jitter=JITTER,
    )


@pytest.mark.parametrize(
    ("left", "verdict", "sent"),
    [
        (60.0, Completed(), ["dlv_1"]),
        (0.0, Postponed(timedelta(seconds=0.0), LEASE_ENDED), []),
        (-5.0, Postponed(timedelta(seconds=0.0), LEASE_ENDED), []),
    ],
)
async def test_nothing_is_sent_after_its_lease(
    left: float, verdict: Verdict, sent: list[str]
) -> None:
    """A process that was stopped meanwhile leaves it to whoever took it; no attempt is used."""
    channel = Channel(Delivered())
    until = asyncio.get_running_loop().time() + left
    assert (await attempts(channel).attempt(LEASED, until)).verdict == verdict
    assert channel.sent == sent


@pytest.mark.parametrize(
    ("leased", "verdict"),
    [
        (LEASED, Postponed(timedelta(seconds=7 * 3600.0), QUIET_HOURS)),
        (replace(LEASED, attempt=3, step=3), Postponed(timedelta(seconds=7 * 3600.0), QUIET_HOURS)),
        (replace(LEASED, forced=True), Completed()),
        (replace(LEASED, body=ALERT.replace(b"high", b"critical")), Completed()),
    ],
)
async def test_what_falls_due_in_quiet_hours_waits_for_their_end(
    leased: Leased, verdict: Verdict
) -> None:
    """A lane that was late, or a retry; but not what breaks through, nor what somebody asks for."""
    channel = Channel(Delivered())
    maker = attempts(channel, replace(DESK, quiet=NIGHT))
    leased = replace(leased, leased_at=datetime.fromisoformat("2026-11-24T00:00:00+00:00"))
    until = asyncio.get_running_loop().time() + 60
    assert (await maker.attempt(leased, until)).verdict == verdict
    assert channel.sent == (["dlv_1"] if verdict == Completed() else [])


@pytest.mark.parametrize(
    ("at", "severity", "step", "after"),
    [
        ("2026-11-23T21:00:00+00:00", b"high", 2, 300.0),
        ("2026-11-23T21:58:00+00:00", b"high", 2, 9 * 3600 + 120.0),
        ("2026-11-23T21:58:00+00:00", b"critical", 2, 300.0),
        ("2026-11-23T06:57:00+00:00", b"critical", 2, 300.0),
    ],
)
async def test_a_retry_that_would_fall_into_quiet_hours_comes_at_their_end(
    at: str, severity: bytes, step: int, after: float
) -> None:
    """Its delay is told as it is, so that `deliveries show` can say when it comes."""
    maker = attempts(Channel(Retry("answered 500")), replace(DESK, quiet=NIGHT))
    body, leased_at = ALERT.replace(b"high", severity), datetime.fromisoformat(at)
    leased = replace(LEASED, step=step, body=body, leased_at=leased_at)
    until = asyncio.get_running_loop().time() + 60
    verdict = (await maker.attempt(leased, until)).verdict
    assert isinstance(verdict, RetryLater)
    # The clock of Redis goes on while the attempt is made.
    assert verdict.after == pytest.approx(timedelta(seconds=after), abs=timedelta(seconds=1))


async def test_what_some_recipients_have_does_not_count_against_the_lane() -> None:
    """It is tried again by the schedule; after the last attempt it has failed, for the others."""
    maker = attempts(Channel(Partly("1 of 2 recipients gets it later")))
    until = asyncio.get_running_loop().time() + 60
    for step, verdict in (
        (1, RetryLater(RETRY_DELAYS[0], partly=True)),
        (len(RETRY_DELAYS) + 1, Exhausted(refused=True)),
    ):
        settlement = await maker.attempt(replace(LEASED, step=step), until)
        assert settlement.verdict == verdict
        assert settlement.attempt.error == "1 of 2 recipients gets it later"
