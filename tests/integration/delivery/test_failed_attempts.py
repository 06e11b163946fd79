"""Attempts that fail: each is on record and tried again, and the last one is kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.alerts import an_alert, commit_alerts, eventually
from builders.deliveries import ID, SOON, delivering, reached, show
from harness.receiver import Receiver, answer, reset
from service.alerts.alert import delivery_id
from service.delivery.outcome import Report, Retry
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
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


class Broken:
    """A channel with a bug."""

    timeout = timedelta(seconds=1)

    async def send(self, _s: Subscriber, _id: str, _body: bytes, _at: datetime) -> Report:
        """Fail as no channel should."""
        raise ZeroDivisionError("bug")

    async def aclose(self) -> None:
        """Nothing to close."""


async def test_a_bug_in_a_channel_ends_one_attempt_only(redis: Redis, outbox: Outbox) -> None:
    """It is recorded by the exception's name and tried again; the worker lives on."""
    await commit_alerts(redis, outbox, an_alert())
    stop = asyncio.Event()
    async with Receiver() as desk:
        known = {"desk": desk.subscriber()}
        worker = DeliveryWorker([outbox], lambda: known, Broken(), WorkerSettings("w", SOON))
        with capture_logs() as logs:
            running = asyncio.create_task(worker.run(stop))
            (failed,) = await reached(outbox, "failed")
            stop.set()
            await running
    reason = "ZeroDivisionError in Tocsin itself: see its log"
    assert [one.error for one in failed.attempts] == [reason] * 4
    assert [line["event"] for line in logs].count("delivery.error") == 4


class Mangled:
    """A channel whose library brings text that is none."""

    timeout = timedelta(seconds=1)

    async def send(self, _s: Subscriber, _id: str, _body: bytes, _at: datetime) -> Report:
        """Fail with half of a pair of surrogates."""
        return Report(Retry("no \udcff"), None, "answer \ud83d")

    async def aclose(self) -> None:
        """Nothing to close."""


async def test_an_error_that_is_no_text_is_recorded(redis: Redis, outbox: Outbox) -> None:
    """What cannot be encoded is replaced, and nothing else is lost of it."""
    await commit_alerts(redis, outbox, an_alert())
    stop = asyncio.Event()
    async with Receiver() as desk:
        known = {"desk": desk.subscriber()}
        worker = DeliveryWorker([outbox], lambda: known, Mangled(), WorkerSettings("w", ()))
        running = asyncio.create_task(worker.run(stop))
        (failed,) = await reached(outbox, "failed")
        stop.set()
        await running
    assert [(one.error, one.response) for one in failed.attempts] == [("no ?", "answer ?")]


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
    lease = Broken.timeout
    with pytest.raises(ValueError, match="ends before an attempt"):
        DeliveryWorker([outbox], dict, Broken(), WorkerSettings("w", lease=lease))
