"""Attempts that fail: each is on record and tried again, and the last one is kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.alerts import an_alert, commit_alerts, eventually
from builders.deliveries import ID, delivering, reached, show
from builders.senders import webhook_sender
from harness.receiver import LOOPBACK, Receiver, answer, reset
from harness.tcp_server import listening
from service.alerts.alert import delivery_id
from service.delivery.channels.email.rules_block import Mail, Mailbox
from service.delivery.channels.email.sender import MailSender
from service.delivery.channels.slack.rules_block import SlackBot, SlackHook
from service.delivery.channels.slack.sender import SlackSender
from service.delivery.http.transport import AiohttpTransport
from service.delivery.senders import MailServer
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber
from service.store.outbox import Outbox


async def test_a_failure_is_tried_again_under_the_same_id(redis: Redis, outbox: Outbox) -> None:
    """Every attempt is on record with what the receiver said, and each is signed anew."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver(answer(500, b"oops"), reset()) as desk:
        with capture_logs() as logs:
            async with delivering(outbox, desk.subscriber()):
                (delivered,) = await reached(outbox, "delivered")
    assert desk.ids == [ID, ID, ID]
    assert all(request.verifies() for request in desk.requests)
    assert [one.status for one in delivered.attempts] == [500, None, 204]
    assert [one.error for one in delivered.attempts] == [
        "answered 500",
        "the connection broke",
        "",
    ]
    assert delivered.attempts[0].response == "oops"
    told = [(line["event"], line.get("next_in")) for line in logs]
    assert told == [
        ("delivery.failed", 0.0),
        ("delivery.failed", 0.0),
        ("delivery.delivered", None),
    ]


async def test_after_the_last_attempt_it_is_failed_and_can_be_sent_again(
    redis: Redis, outbox: Outbox
) -> None:
    """Kept, listed, replayable: with a schedule of three there are four attempts."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver() as desk:
        desk.usual = answer(503)
        with capture_logs() as logs:
            async with delivering(outbox, desk.subscriber()):
                (failed,) = await reached(outbox, "failed")
                assert [one.status for one in failed.attempts] == [503] * 4
                assert failed.note == "answered 503"
                desk.usual = answer(200)
                assert await outbox.deliveries.retry(failed.id)
                (delivered,) = await reached(outbox, "delivered")
    assert [one.number for one in delivered.attempts] == [1, 2, 3, 4, 5]
    assert desk.ids == [ID] * 5
    assert [one["event"] for one in logs][3:] == ["delivery.exhausted", "delivery.delivered"]


async def test_retry_after_is_waited_for(redis: Redis, outbox: Outbox) -> None:
    """A busy receiver is left alone for as long as it asked."""
    await commit_alerts(redis, outbox, an_alert())
    busy = answer(429, retry_after="3600")
    async with Receiver(busy) as desk, delivering(outbox, desk.subscriber()):
        await eventually(lambda: _noted(outbox, "answered 429"))
    due = (await show(outbox)).due_at
    assert due is not None
    assert timedelta(minutes=59) < due - datetime.now(UTC) < timedelta(minutes=61)


async def _noted(outbox: Outbox, note: str) -> bool:
    return (await show(outbox)).note == note


async def test_gone_fails_and_disables_until_a_success(redis: Redis, outbox: Outbox) -> None:
    """After 410 later deliveries fail unsent and are kept; one that succeeds lifts the mark."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver(answer(410)) as desk:
        with capture_logs() as logs:
            async with delivering(outbox, desk.subscriber()):
                (failed,) = await reached(outbox, "failed")
                await commit_alerts(redis, outbox, an_alert("a2"))
                held = delivery_id(an_alert("a2").id, "desk")
                await eventually(lambda: _is_held(outbox, held))
                assert await outbox.deliveries.retry(failed.id)
                await reached(outbox, "delivered")
                await commit_alerts(redis, outbox, an_alert("a3"))
                await reached(outbox, "delivered", 2)
    assert (await show(outbox, held)).attempts == ()
    events = [line["event"] for line in logs]
    assert events[:2] == ["delivery.exhausted", "subscriber.disabled"]
    assert "lane.closed" in events
    assert desk.ids == [ID, ID, delivery_id(an_alert("a3").id, "desk")]


async def _is_held(outbox: Outbox, id_: str) -> bool:
    return (await show(outbox, id_)).note.startswith("its subscriber is disabled: answered 410")


async def test_an_unknown_subscribers_delivery_waits(redis: Redis, outbox: Outbox) -> None:
    """A fault in the rules loses nothing: no attempt is used, the reason stands, one log line."""
    await commit_alerts(redis, outbox, an_alert(), an_alert("a2"))
    with capture_logs() as logs:
        async with delivering(outbox):
            await eventually(lambda: bool(logs))
    assert (await show(outbox)).attempts == ()
    assert [line["event"] for line in logs] == ["lane.postponed"]
    async with Receiver() as desk, delivering(outbox, desk.subscriber()):
        assert await outbox.deliveries.retry(ID)
        await reached(outbox, "delivered", 2)


async def test_an_unusable_secret_is_a_reason_not_a_loss(redis: Redis, outbox: Outbox) -> None:
    """Nothing is sent unsigned; the attempt says what is wrong."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver() as desk:
        subscriber = desk.subscriber("desk", "whsec_***")
        async with delivering(outbox, subscriber, schedule=()):
            (failed,) = await reached(outbox, "failed")
    assert failed.attempts[0].error == (
        "secret 1 is not a signing secret (whsec_ and 24 to 64 bytes in base64)"
    )
    assert desk.requests == []


async def test_a_bug_in_a_channel_ends_one_attempt_only(redis: Redis, outbox: Outbox) -> None:
    """It is recorded by the exception's name and tried again; the worker lives on."""
    await commit_alerts(redis, outbox, an_alert())
    elsewhere = Subscriber("desk", SlackHook(Secret("https://slack.example/")))
    with capture_logs() as logs:
        # It sends webhooks, and is given what has none.
        async with delivering(outbox, elsewhere):
            (failed,) = await reached(outbox, "failed")
    reason = "TypeError in Tocsin itself: see its log"
    assert [one.error for one in failed.attempts] == [reason] * 4
    assert [line["event"] for line in logs].count("delivery.error") == 4


async def test_an_error_that_is_no_text_is_recorded(redis: Redis, outbox: Outbox) -> None:
    """What cannot be encoded is replaced, and nothing else is lost of it."""

    async def closed(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 ferm\xe9\r\n")  # Latin-1, of which the mail library makes no text

    await commit_alerts(redis, outbox, an_alert())
    desk = Mailbox("desk", "example.org")
    async with listening(closed) as port:
        sender = MailSender(MailServer("127.0.0.1", port, "none"), outbox.recipients)
        to = Subscriber("desk", Mail((desk,), desk))
        async with delivering(outbox, to, schedule=(), sender=sender):
            (failed,) = await reached(outbox, "failed")
    assert [(one.error, one.response) for one in failed.attempts] == [
        ("the mail server answered 554", "ferm?")
    ]


async def test_a_reason_that_is_no_text_is_recorded(redis: Redis, outbox: Outbox) -> None:
    """Half of a pair of surrogates, which JSON can say and Redis cannot keep."""
    await commit_alerts(redis, outbox, an_alert())
    said = rb'{"ok": false, "error": "no \udcff, \ud83d"}'
    async with Receiver(answer(200, said)) as slack:
        api = f"http://127.0.0.1:{slack.port}/"
        transport = AiohttpTransport(allowed=LOOPBACK)
        sender = SlackSender(transport, outbox.threads, version="1", api=api)
        bot = Subscriber("desk", SlackBot(Secret("xoxb-1"), "C0123"))
        async with delivering(outbox, bot, schedule=(), sender=sender):
            (failed,) = await reached(outbox, "failed")
    assert [one.error for one in failed.attempts] == ["Slack says no ?, ?"]


async def test_messages_that_are_refused_do_not_open_the_circuit(
    redis: Redis, outbox: Outbox
) -> None:
    """A receiver that will not have six messages is still there for the seventh."""
    await commit_alerts(redis, outbox, *(an_alert(f"a{n}") for n in range(7)))
    abort = answer(400, webhook_delivery="abort-message")
    async with Receiver(*[abort] * 6) as desk:
        with capture_logs() as logs:
            async with delivering(outbox, desk.subscriber()):
                await reached(outbox, "failed", 6)
                await reached(outbox, "delivered")
    assert "lane.opened" not in [line["event"] for line in logs]


async def test_a_lease_must_outlast_an_attempt(outbox: Outbox) -> None:
    """A lease that ends before an attempt does would send everything twice."""
    sender = webhook_sender(timeout=1.0)
    settings = WorkerSettings("w", lease=sender.timeout)
    with pytest.raises(ValueError, match="ends before an attempt"):
        DeliveryWorker([outbox], dict, sender, settings)
