"""The worker with a real Valkey and real receivers: everything arrives, whatever happens."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from redis.asyncio import Redis
from structlog.testing import capture_logs

from alerts import an_alert, commit_alerts, eventually, lease
from receiver import LOOPBACK, Receiver, answer, hang, reset
from service.alert import delivery_id
from service.delivery.outcome import Report, Retry
from service.delivery.webhook import WebhookSender
from service.delivery.worker import GRACE, DeliveryWorker
from service.embedded import embedded_server
from service.ledger import WORKER_ENDED, Delivery
from service.outbox import Outbox
from service.store import Store
from service.subscriber import Subscriber

ID = delivery_id(an_alert().id, "desk")
SOON = (0.02, 0.02, 0.02)
"""A schedule that a test can wait for; a tenth of the shortest real delay is too long."""
BRIEF = timedelta(seconds=0.5)


@pytest.fixture
def outbox(redis: Redis, stream_name: str) -> Outbox:
    """An outbox with the usual retention."""
    return Outbox(redis, stream_name)


@dataclass(frozen=True)
class Work:
    """A worker at work: `stop` asks it to end, to cancel its task is to kill it."""

    stop: asyncio.Event
    task: asyncio.Task[None]


@asynccontextmanager
async def delivering(
    outboxes: Outbox | Sequence[Outbox],
    *subscribers: Subscriber,
    schedule: Sequence[float] = SOON,
    lease: timedelta = timedelta(seconds=30),
    patience: float = 5.0,
    concurrency: int = 8,
    name: str = "w",
    grace: float = 0.0,
) -> AsyncIterator[Work]:
    """Run a worker for these subscribers; it is stopped, and has finished, at the end."""
    known = {subscriber.id: subscriber for subscriber in subscribers}
    sender = WebhookSender(version="1", allowed=LOOPBACK, timeout=patience)
    worker = DeliveryWorker(
        [outboxes] if isinstance(outboxes, Outbox) else outboxes,
        lambda: known,
        sender,
        name=name,
        schedule=schedule,
        lease=lease,
        concurrency=concurrency,
        jitter=lambda: 0.5,
        grace=grace,
    )
    stop = asyncio.Event()
    work = Work(stop, asyncio.create_task(worker.run(stop)))
    try:
        yield work
        stop.set()
        await asyncio.wait([work.task])
        if not work.task.cancelled():
            work.task.result()
    finally:
        work.task.cancel()
        await asyncio.gather(work.task, return_exceptions=True)
        await sender.aclose()


async def reached(outbox: Outbox, state: str, count: int = 1) -> Sequence[Delivery]:
    """Wait until so many deliveries are in this state: they are."""
    found: list[Delivery] = []

    async def holds() -> bool:
        found[:] = [one for one in await outbox.ledger.deliveries(limit=1000) if one.state == state]
        return len(found) == count

    await eventually(holds)
    return found


async def show(outbox: Outbox, id_: str = ID) -> Delivery:
    """The delivery as it is kept."""
    delivery = await outbox.ledger.delivery(id_)
    assert delivery is not None
    return delivery


# What should happen ------------------------------------------------------------------------


async def test_an_alert_arrives_once_and_signed(redis: Redis, outbox: Outbox) -> None:
    """One request, which the reference library verifies, under the delivery's id."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver() as desk, delivering(outbox, desk.subscriber()):
        (delivered,) = await reached(outbox, "delivered")
    (request,) = desk.requests
    assert request.verifies()
    assert request.id == delivered.id == ID
    assert json.loads(request.body)["data"]["id"] == an_alert().id
    (attempt,) = delivered.attempts
    assert (attempt.status, attempt.error, attempt.worker) == (204, "", "w")
    assert attempt.duration_ms is not None


async def test_an_alert_arrives_at_once(redis: Redis, outbox: Outbox) -> None:
    """The commit wakes an idle worker: nothing waits for a poll."""
    async with Receiver() as desk, delivering(outbox, desk.subscriber()):
        await eventually(lambda: _blocked(redis))
        begun = asyncio.get_running_loop().time()
        await commit_alerts(redis, outbox, an_alert())
        await eventually(lambda: bool(desk.requests))
        assert asyncio.get_running_loop().time() - begun < 1.0


async def _blocked(redis: Redis) -> bool:
    info: Mapping[str, int] = await redis.info("clients")
    return info["blocked_clients"] == 1


async def test_every_subscriber_gets_its_own(redis: Redis, outbox: Outbox) -> None:
    """One delivery per alert and subscriber, each under its own id."""
    alerts = [an_alert(f"a{n}", subscribers=("desk", "energy")) for n in range(4)]
    await commit_alerts(redis, outbox, *alerts)
    async with Receiver() as desk, Receiver() as energy:
        energy.usual = answer(500)
        async with delivering(outbox, desk.subscriber(), energy.subscriber("energy"), schedule=()):
            await reached(outbox, "delivered", 4)
            await reached(outbox, "failed", 4)
    assert sorted(desk.ids) == sorted(delivery_id(alert.id, "desk") for alert in alerts)
    assert sorted(energy.ids) == sorted(delivery_id(alert.id, "energy") for alert in alerts)


async def test_one_worker_serves_several_streams(redis: Redis) -> None:
    """Each input stream has an outbox of its own; one worker empties them all."""
    outboxes = [Outbox(redis, name) for name in ("news", "wires")]
    for outbox in outboxes:
        await commit_alerts(redis, outbox, an_alert(outbox.stream))
    async with Receiver() as desk, delivering(outboxes, desk.subscriber(), concurrency=1):
        for outbox in outboxes:
            await reached(outbox, "delivered")
    assert len(set(desk.ids)) == 2


async def test_concurrency_is_bounded(redis: Redis, outbox: Outbox) -> None:
    """No more are leased than can be sent at once; the rest stay for other workers."""
    await commit_alerts(redis, outbox, *(an_alert(f"a{n}") for n in range(6)))
    async with Receiver() as desk:
        desk.usual = hang()
        async with delivering(outbox, desk.subscriber(), concurrency=2):
            await eventually(lambda: len(desk.requests) == 2)
            begun = [one for one in await outbox.ledger.deliveries() if one.attempts]
            assert len(begun) == 2
            desk.closing.set()
            await reached(outbox, "delivered", 6)


async def test_receivers_that_hang_at_once_leave_room_for_others(
    redis: Redis, outbox: Outbox
) -> None:
    """Those behind one load balancer, all known to answer well, have more waiting than fits."""
    async with Receiver() as balancer, Receiver() as desk:
        behind = [replace(balancer.subscriber(name), concurrency=8) for name in ("a", "b", "c")]
        names = tuple(one.id for one in behind)
        async with delivering(outbox, desk.subscriber(), *behind, concurrency=16, patience=25):
            await commit_alerts(redis, outbox, an_alert("first", subscribers=names))
            await reached(outbox, "delivered", 3)
            balancer.usual = hang()
            many = [an_alert(f"many{n}", subscribers=names) for n in range(8)]
            await commit_alerts(redis, outbox, *many)
            # Three quarters of the slots by their concurrency, the last of them one to a lane.
            await eventually(lambda: len(balancer.requests) == 3 + 12)
            await commit_alerts(redis, outbox, an_alert())
            await eventually(lambda: desk.ids == [ID])
            assert len(balancer.requests) == 3 + 12
            balancer.closing.set()
            await reached(outbox, "delivered", 3 + 24 + 1)
    assert len(balancer.ids) == len(set(balancer.ids)) == 27


async def test_two_workers_send_each_delivery_once(
    redis_url: str, redis: Redis, outbox: Outbox
) -> None:
    """Work is shared, not doubled."""
    alerts = [an_alert(f"a{n}") for n in range(60)]
    async with (
        Receiver() as desk,
        Redis.from_url(redis_url) as other,
        delivering(outbox, desk.subscriber(), name="one"),
        delivering(Outbox(other, outbox.stream), desk.subscriber(), name="two"),
    ):
        await commit_alerts(redis, outbox, *alerts)
        delivered = await reached(outbox, "delivered", 60)
    assert len(desk.ids) == len(set(desk.ids)) == 60
    assert {len(one.attempts) for one in delivered} == {1}


# What goes wrong ---------------------------------------------------------------------------


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


async def test_log_lines_name_the_delivery(redis: Redis, outbox: Outbox) -> None:
    """Each fact carries the ids of delivery, alert and subscriber, the attempt, and its figures."""
    await commit_alerts(redis, outbox, an_alert())
    merge = structlog.contextvars.merge_contextvars
    async with Receiver() as desk:
        with capture_logs(processors=[merge]) as logs:
            async with delivering(outbox, desk.subscriber()):
                await reached(outbox, "delivered")
    (line,) = [one for one in logs if one["event"] == "delivery.delivered"]
    assert line["delivery_id"] == ID
    assert line["alert_id"] == an_alert().id
    assert (line["subscriber_id"], line["attempt"], line["status"]) == ("desk", 1, 204)
    assert line["duration_ms"] >= 0


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
                assert await outbox.ledger.retry(failed.id)
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
                assert await outbox.ledger.retry(failed.id)
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
        assert await outbox.ledger.retry(ID)
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

    timeout = 1.0

    async def send(self, _s: Subscriber, _id: str, _body: bytes, _at: datetime) -> Report:
        """Fail as no channel should."""
        raise ZeroDivisionError("bug")


async def test_a_bug_in_a_channel_ends_one_attempt_only(redis: Redis, outbox: Outbox) -> None:
    """It is recorded by the exception's name and tried again; the worker lives on."""
    await commit_alerts(redis, outbox, an_alert())
    stop = asyncio.Event()
    async with Receiver() as desk:
        known = {"desk": desk.subscriber()}
        worker = DeliveryWorker([outbox], lambda: known, Broken(), name="w", schedule=SOON)
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

    timeout = 1.0

    async def send(self, _s: Subscriber, _id: str, _body: bytes, _at: datetime) -> Report:
        """Fail with half of a pair of surrogates."""
        return Report(Retry("no \udcff"), None, "answer \ud83d")


async def test_an_error_that_is_no_text_is_recorded(redis: Redis, outbox: Outbox) -> None:
    """What cannot be encoded is replaced, and nothing else is lost of it."""
    await commit_alerts(redis, outbox, an_alert())
    stop = asyncio.Event()
    async with Receiver() as desk:
        known = {"desk": desk.subscriber()}
        worker = DeliveryWorker([outbox], lambda: known, Mangled(), name="w", schedule=())
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
    assert "lane.opened" not in events(logs)


# Who ends --------------------------------------------------------------------------------


async def test_a_killed_workers_delivery_is_taken_up_by_another(
    redis_url: str, redis: Redis, outbox: Outbox
) -> None:
    """Its lease runs out, and the same id is sent again; the record tells of both."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver(hang()) as desk, Redis.from_url(redis_url) as other:
        async with delivering(
            outbox, desk.subscriber(), lease=BRIEF, patience=0.4, name="dead"
        ) as work:
            await eventually(lambda: bool(desk.requests))
            work.task.cancel()
        heir = Outbox(other, outbox.stream)
        async with delivering(heir, desk.subscriber(), name="heir"):
            (delivered,) = await reached(outbox, "delivered")
    assert desk.ids == [ID, ID]
    first, second = delivered.attempts
    assert (first.worker, first.error, first.status) == ("dead", WORKER_ENDED, None)
    assert (second.worker, second.status) == ("heir", 204)


async def test_a_delivery_that_ends_every_worker_is_not_sent_for_ever(
    redis: Redis, outbox: Outbox
) -> None:
    """When each attempt of the schedule was begun and none answered, it is failed unsent."""
    await commit_alerts(redis, outbox, an_alert())
    for _ in range(4):
        async with asyncio.timeout(5):
            while not await lease(
                outbox, 1, timedelta(milliseconds=1), worker="dead", at=datetime.now(UTC)
            ):
                await asyncio.sleep(0)
    async with Receiver() as desk, delivering(outbox, desk.subscriber()):
        (failed,) = await reached(outbox, "failed")
    assert [one.error for one in failed.attempts][:4] == [WORKER_ENDED] * 4
    assert failed.attempts[4].error.startswith("not sent: every attempt was used")
    assert desk.requests == []


async def test_a_stopping_worker_finishes_what_is_in_flight(redis: Redis, outbox: Outbox) -> None:
    """It takes nothing new, and what was begun is recorded before it ends."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver(hang()) as desk, delivering(outbox, desk.subscriber()) as work:
        await eventually(lambda: bool(desk.requests))
        work.stop.set()
        await commit_alerts(redis, outbox, an_alert("a2"))
        desk.closing.set()
    assert (await show(outbox)).state == "delivered"
    assert (await show(outbox, delivery_id(an_alert("a2").id, "desk"))).attempts == ()


async def test_an_idle_worker_stops_at_once(outbox: Outbox) -> None:
    """Waiting for work does not hold up the end."""
    async with asyncio.timeout(1.5):
        async with delivering(outbox) as work:
            await asyncio.sleep(0)
            work.stop.set()


async def test_a_key_of_another_kind_is_told_once_and_waited_out(
    redis: Redis, outbox: Outbox
) -> None:
    """The worker neither ends nor floods the log; when the key is mended it goes on."""
    due = Store(redis, outbox.stream).lanes
    await redis.set(due, "foreign")
    async with Receiver() as desk:
        with capture_logs() as logs:
            async with delivering(outbox, desk.subscriber()):
                await eventually(lambda: bool(logs))
                await redis.delete(due)
                await commit_alerts(redis, outbox, an_alert())
                await reached(outbox, "delivered")
    assert [one["event"] for one in logs if one["event"].startswith("outbox.")] == [
        "outbox.unavailable",
        "outbox.available",
    ]
    assert f"{due!r} holds a string" in logs[0]["error"]


async def test_a_restarted_server_is_waited_out(tmp_path: Path, stream_name: str) -> None:
    """While Redis is away an answer is kept and then recorded: nothing is lost or sent twice."""
    with embedded_server(tmp_path) as url, capture_logs() as logs:
        async with Redis.from_url(url) as redis, Receiver(hang()) as desk:
            outbox = Outbox(redis, stream_name)
            await commit_alerts(redis, outbox, an_alert())
            async with delivering(outbox, desk.subscriber()):
                await eventually(lambda: bool(desk.requests))
                await redis.shutdown()
                desk.closing.set()
                await eventually(lambda: "outbox.unavailable" in events(logs))
                with embedded_server(tmp_path):
                    (delivered,) = await reached(outbox, "delivered")
    assert desk.ids == [ID]
    assert [one.status for one in delivered.attempts] == [200]
    assert events(logs).count("outbox.unavailable") == 1


async def test_what_was_sent_is_written_before_its_lease_makes_it_due(
    tmp_path: Path, stream_name: str
) -> None:
    """After an outage longer than a lease, the answer comes first; then what is due."""
    with embedded_server(tmp_path) as url:
        async with Redis.from_url(url) as redis, Receiver(hang()) as desk:
            outbox = Outbox(redis, stream_name)
            await commit_alerts(redis, outbox, an_alert())
            async with delivering(outbox, desk.subscriber(), lease=BRIEF, patience=0.4):
                await eventually(lambda: bool(desk.requests))
                over = await lease_over(redis, outbox)
                await redis.shutdown()
                desk.closing.set()
                await eventually(over)
                with embedded_server(tmp_path):
                    (delivered,) = await reached(outbox, "delivered")
    assert desk.ids == [ID]
    assert [one.status for one in delivered.attempts] == [200]


async def lease_over(redis: Redis, outbox: Outbox) -> Callable[[], bool]:
    """Whether the desk's only lease has ended, by the clock that it has in common with a server."""
    ends = await redis.zscore(f"{Store(redis, outbox.stream).lane('desk')}:out", ID)
    return lambda: ends is not None and time.time() * 1000 > ends


async def test_what_was_sent_is_left_to_its_worker_by_one_that_starts(
    tmp_path: Path, stream_name: str
) -> None:
    """One that starts as Redis comes back knows of no outage, and is the first to find it."""
    with embedded_server(tmp_path) as url, capture_logs() as logs:
        async with (
            Redis.from_url(url) as redis,
            Redis.from_url(url) as other,
            Receiver(hang()) as desk,
        ):
            outbox, heir = Outbox(redis, stream_name), Outbox(other, stream_name)
            await commit_alerts(redis, outbox, an_alert())
            async with delivering(outbox, desk.subscriber(), lease=BRIEF, patience=0.4):
                await eventually(lambda: bool(desk.requests))
                over = await lease_over(redis, outbox)
                await redis.shutdown()
                desk.closing.set()
                await eventually(lambda: over() and "outbox.unavailable" in events(logs))
                with embedded_server(tmp_path):
                    async with delivering(heir, desk.subscriber(), name="heir", grace=GRACE):
                        # What nobody held it takes at once.
                        await commit_alerts(other, heir, an_alert("a2"))
                        await reached(heir, "delivered", 2)
    assert sorted(desk.ids) == sorted([ID, delivery_id(an_alert("a2").id, "desk")])


async def test_after_a_long_outage_others_write_before_anything_is_leased(
    tmp_path: Path, stream_name: str
) -> None:
    """What one worker has sent and not written is not sent by another that was back sooner."""
    with embedded_server(tmp_path) as url, capture_logs() as logs:
        async with (
            Redis.from_url(url) as redis,
            Redis.from_url(url) as other,
            Receiver(hang()) as desk,
        ):
            outbox, heir = Outbox(redis, stream_name), Outbox(other, stream_name)
            await commit_alerts(redis, outbox, an_alert())
            one = delivering(outbox, desk.subscriber(), lease=BRIEF, patience=0.4, name="one")
            two = delivering(heir, desk.subscriber(), lease=BRIEF, patience=0.4, name="two")
            async with one, two:
                await eventually(lambda: bool(desk.requests))
                over = await lease_over(redis, outbox)
                await redis.shutdown()
                desk.closing.set()
                await eventually(lambda: events(logs).count("outbox.unavailable") == 2)
                await eventually(over)
                with embedded_server(tmp_path):
                    (delivered,) = await reached(outbox, "delivered")
    assert desk.ids == [ID]
    assert [one.status for one in delivered.attempts] == [200]


def events(logs: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the log tells, in order."""
    return [line["event"] for line in logs]


async def test_a_lease_must_outlast_an_attempt(outbox: Outbox) -> None:
    """A lease that ends before an attempt does would send everything twice."""
    with pytest.raises(ValueError, match="ends before an attempt"):
        DeliveryWorker([outbox], dict, Broken(), name="w", lease=timedelta(seconds=Broken.timeout))


async def test_a_moved_subscriber_is_reached_at_its_new_address(
    redis: Redis, outbox: Outbox
) -> None:
    """The rules in force at the attempt count, not those at the match."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver() as old, Receiver() as new:
        known = {"desk": old.subscriber()}
        known["desk"] = replace(known["desk"], channel=new.subscriber().channel)
        async with delivering(outbox, *known.values()):
            await reached(outbox, "delivered")
    assert (old.ids, new.ids) == ([], [ID])
