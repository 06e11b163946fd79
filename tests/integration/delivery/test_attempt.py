"""One attempt: what is sent, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from builders import events
from builders.senders import webhook_sender
from harness.mail_server import MailReceiver, Mails
from harness.receiver import Receiver, answer
from service.cli.subscribers.test_message import AllRecipients
from service.delivery.channels.email.rules_block import Mail, Mailbox
from service.delivery.channels.email.sender import MailSender
from service.delivery.schedule import JITTER, RETRY_DELAYS
from service.delivery.senders import Sender
from service.delivery.worker.attempt import LEASE_ENDED, AttemptMaker
from service.rules.schema.hours import QuietHours
from service.rules.subscribers.subscriber import Subscriber
from service.store.deliveries.delivery import QUIET_HOURS
from service.store.lanes.leases import Leased
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Completed, Exhausted, Postponed, RetryLater, Verdict

NIGHT = QuietHours(time(22), time(7), ZoneInfo("Europe/London"), frozenset({"critical"}))
ALERT = b'{"type":"alert.created","data":{"watchlist":{"id":"jets","severity":"high"}}}'
NOON = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
LEASED = Leased("dlv_1", "alr_1", "desk", 1, 1, ALERT, "t", impaired=False, leased_at=NOON)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The desk's program."""
    async with Receiver() as found:
        yield found


async def attempt(
    desk: Subscriber, leased: Leased, *, left: float = 60.0, sender: Sender | None = None
) -> Settlement:
    """Of a worker whose clock is hours wrong; its lease ends in so many seconds."""
    used = sender or webhook_sender()
    maker = AttemptMaker(
        lambda: {"desk": desk},
        used,
        worker="w",
        delays=RETRY_DELAYS,
        now=lambda: NOON - timedelta(hours=9),
        draw=lambda: 0.5,
        jitter=JITTER,
    )
    try:
        return await maker.attempt(leased, asyncio.get_running_loop().time() + left)
    finally:
        await used.aclose()


@pytest.mark.parametrize(
    ("left", "verdict", "sent"),
    [
        (60.0, Completed(), ["dlv_1"]),
        (0.0, Postponed(timedelta(seconds=0.0), LEASE_ENDED), []),
        (-5.0, Postponed(timedelta(seconds=0.0), LEASE_ENDED), []),
    ],
)
async def test_nothing_is_sent_after_its_lease(
    receiver: Receiver, left: float, verdict: Verdict, sent: list[str]
) -> None:
    """A process that was stopped meanwhile leaves it to whoever took it; no attempt is used."""
    found = await attempt(receiver.subscriber(), LEASED, left=left)
    assert found.verdict == verdict
    assert receiver.ids == sent


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
    receiver: Receiver, leased: Leased, verdict: Verdict
) -> None:
    """A lane that was late, or a retry; but not what breaks through, nor what somebody asks for."""
    desk = replace(receiver.subscriber(), quiet=NIGHT)
    leased = replace(leased, leased_at=datetime.fromisoformat("2026-11-24T00:00:00+00:00"))
    assert (await attempt(desk, leased)).verdict == verdict
    assert receiver.ids == (["dlv_1"] if verdict == Completed() else [])


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
    receiver: Receiver, at: str, severity: bytes, step: int, after: float
) -> None:
    """Its delay is told as it is, so that `deliveries show` can say when it comes."""
    receiver.usual = answer(500)
    body, leased_at = ALERT.replace(b"high", severity), datetime.fromisoformat(at)
    leased = replace(LEASED, step=step, body=body, leased_at=leased_at)
    begun = asyncio.get_running_loop().time()
    found = await attempt(replace(receiver.subscriber(), quiet=NIGHT), leased)
    # The clock of Redis goes on while the attempt is made.
    took = timedelta(seconds=asyncio.get_running_loop().time() - begun)
    assert isinstance(found.verdict, RetryLater)
    assert timedelta(seconds=after) - took <= found.verdict.after <= timedelta(seconds=after)


async def test_what_some_recipients_have_does_not_count_against_the_lane() -> None:
    """It is tried again by the schedule; after the last attempt it has failed, for the others."""
    later = {"b@example.org": "451 come back later"}
    to = tuple(Mailbox(name, "example.org") for name in "ab")
    desk = Subscriber("desk", Mail(to, Mailbox("alerts", "example.org", "Tocsin")))
    for step, verdict in (
        (1, RetryLater(RETRY_DELAYS[0], partly=True)),
        (len(RETRY_DELAYS) + 1, Exhausted(refused=True)),
    ):
        async with MailReceiver(Mails(recipients=later)) as mail:
            sender = MailSender(mail.server(), AllRecipients())
            leased = replace(LEASED, step=step, body=events.created())
            found = await attempt(desk, leased, sender=sender)
        assert found.verdict == verdict
        assert found.attempt.error == "1 of 2 recipients gets it later: refused for now (451)"
