"""The worker while Redis is away or unusable: nothing is lost, and nothing is sent twice."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.alerts import an_alert, commit_alerts, eventually
from builders.deliveries import BRIEF, ID, delivering, reached
from harness.receiver import Receiver, hang
from service.alerts.alert import delivery_id
from service.app.redis.embedded import embedded_server
from service.delivery.worker.outbox_worker import RECORDING_GRACE
from service.store.client import Store
from service.store.keys import LANE_OUT, LANES
from service.store.outbox import Outbox


@dataclass(frozen=True)
class Outage:
    """A server that goes and comes back, one alert in its outbox, a desk that answers late."""

    folder: Path
    redis: Redis
    outbox: Outbox
    heirs_redis: Redis
    heir: Outbox
    """The same outbox by another connection."""
    desk: Receiver

    async def begins(self) -> Callable[[], bool]:
        """Once the desk has the request the server goes, and only then the desk answers.

        Returns whether the delivery's lease is over.
        """
        await eventually(lambda: bool(self.desk.requests))
        over = await lease_over(self.redis, self.outbox)
        await self.redis.shutdown()
        self.desk.closing.set()
        return over

    def is_over(self) -> AbstractContextManager[str]:
        """The server is back, with what it had."""
        return embedded_server(self.folder)


@pytest.fixture
async def outage(tmp_path: Path, stream_name: str) -> AsyncIterator[Outage]:
    """An outage to come, of a server that no other test uses."""
    with embedded_server(tmp_path) as url:
        async with (
            Redis.from_url(url) as redis,
            Redis.from_url(url) as other,
            Receiver(hang()) as desk,
        ):
            outbox, heir = Outbox(redis, stream_name), Outbox(other, stream_name)
            await commit_alerts(redis, outbox, an_alert())
            yield Outage(tmp_path, redis, outbox, other, heir, desk)


async def lease_over(redis: Redis, outbox: Outbox) -> Callable[[], bool]:
    """Whether the desk's only lease has ended, by the clock that it has in common with a server."""
    ends = await redis.zscore(Store(redis, outbox.stream).key(LANE_OUT, "desk"), ID)
    return lambda: ends is not None and time.time() * 1000 > ends


def events(logs: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the log tells, in order."""
    return [line["event"] for line in logs]


async def test_a_restarted_server_is_waited_out(outage: Outage) -> None:
    """While Redis is away an answer is kept and then recorded: nothing is lost or sent twice."""
    with capture_logs() as logs:
        async with delivering(outage.outbox, outage.desk.subscriber()):
            await outage.begins()
            await eventually(lambda: "outbox.unavailable" in events(logs))
            with outage.is_over():
                (delivered,) = await reached(outage.outbox, "delivered")
    assert outage.desk.ids == [ID]
    assert [one.status for one in delivered.attempts] == [200]
    assert events(logs).count("outbox.unavailable") == 1


async def test_what_was_sent_is_written_before_its_lease_makes_it_due(outage: Outage) -> None:
    """After an outage longer than a lease, the answer comes first; then what is due."""
    async with delivering(outage.outbox, outage.desk.subscriber(), lease=BRIEF, patience=0.4):
        await eventually(await outage.begins())
        with outage.is_over():
            (delivered,) = await reached(outage.outbox, "delivered")
    assert outage.desk.ids == [ID]
    assert [one.status for one in delivered.attempts] == [200]


async def test_what_was_sent_is_left_to_its_worker_by_one_that_starts(outage: Outage) -> None:
    """One that starts as Redis comes back knows of no outage, and is the first to find it."""
    desk, heir = outage.desk, outage.heir
    with capture_logs() as logs:
        async with delivering(outage.outbox, desk.subscriber(), lease=BRIEF, patience=0.4):
            over = await outage.begins()
            await eventually(lambda: over() and "outbox.unavailable" in events(logs))
            with outage.is_over():
                async with delivering(heir, desk.subscriber(), name="heir", grace=RECORDING_GRACE):
                    # What nobody held it takes at once.
                    await commit_alerts(outage.heirs_redis, heir, an_alert("a2"))
                    await reached(heir, "delivered", 2)
    assert sorted(desk.ids) == sorted([ID, delivery_id(an_alert("a2").id, "desk")])


async def test_after_a_long_outage_others_write_before_anything_is_leased(outage: Outage) -> None:
    """What one worker has sent and not written is not sent by another that was back sooner."""
    desk = outage.desk
    # Long enough that the lease ends after the server is gone, also on a busy machine.
    times: dict[str, Any] = {"lease": timedelta(seconds=2.5), "patience": 2.4}
    one = delivering(outage.outbox, desk.subscriber(), **times, name="one")
    two = delivering(outage.heir, desk.subscriber(), **times, name="two")
    with capture_logs() as logs:
        async with one, two:
            over = await outage.begins()
            await eventually(lambda: events(logs).count("outbox.unavailable") == 2)
            await eventually(over)
            with outage.is_over():
                (delivered,) = await reached(outage.outbox, "delivered")
    assert desk.ids == [ID]
    assert [one.status for one in delivered.attempts] == [200]


async def test_a_key_of_another_kind_is_told_once_and_waited_out(
    redis: Redis, outbox: Outbox
) -> None:
    """The worker neither ends nor floods the log; when the key is mended it goes on."""
    due = Store(redis, outbox.stream).key(LANES)
    await redis.set(due, "foreign")
    async with Receiver() as desk:
        with capture_logs() as logs:
            async with delivering(outbox, desk.subscriber()):
                await eventually(lambda: bool(logs))
                await redis.delete(due)
                await commit_alerts(redis, outbox, an_alert())
                await reached(outbox, "delivered")
    assert [one for one in events(logs) if one.startswith("outbox.")] == [
        "outbox.unavailable",
        "outbox.available",
    ]
    assert f"{due!r} holds a string" in logs[0]["error"]
