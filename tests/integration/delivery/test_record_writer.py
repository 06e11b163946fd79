"""The writer of records: none waits for another for ever, whatever becomes of that one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from structlog.testing import capture_logs

from builders.alerts import NOON, an_alert, commit_alerts, eventually, lease
from builders.deliveries import delivering, reached
from builders.leases import ANSWERED, MINUTE, RETRY_IN_AN_HOUR
from harness.gate import Gate, asks_for
from harness.receiver import Receiver, hang
from service.alerts.alert import delivery_id
from service.delivery.worker.record_writer import RecordWriter
from service.delivery.worker.redis_outage import RedisOutage
from service.store.client import Store
from service.store.keys import DELIVERY
from service.store.lanes.leases import Leased
from service.store.lanes.settlement import Settled, Settlement
from service.store.lanes.verdict import Completed
from service.store.outbox import Outbox

TAKEN = Settled(True, "")
NAMES = ("a", "b", "c", "d")
"""Subscribers, each with one delivery."""


class Refusals:
    """Counts the scripts that Redis refused."""

    def __init__(self) -> None:
        self.count = 0

    def answered(self, script: str, seconds: float) -> None:
        """One was not."""

    def failed(self, error: Exception) -> None:
        """One was."""
        self.count += isinstance(error, ResponseError)


class Recording:
    """Outcomes of leased deliveries, which a writer records behind a gate."""

    def __init__(self, redis: Redis, outbox: Outbox, gate: Gate, leased: Sequence[Leased]) -> None:
        self._redis, self._outbox = redis, outbox
        self._leased = {one.subscriber: one for one in leased}
        self.gate = gate
        self.refusals = Refusals()
        self.stop = asyncio.Event()
        behind = Redis.from_url(gate.url)
        self.client = behind
        lanes = Outbox(behind, outbox.stream, calls=self.refusals).lanes
        outage = RedisOutage(outbox.stream)
        self.writer = RecordWriter(lanes, outage, lambda: datetime.now(UTC), self.stop)
        self.tasks: dict[str, asyncio.Task[Settled | None]] = {}

    def begin(self, *names: str) -> None:
        """Begin to record that these have their deliveries."""
        for name in names:
            self._begin(Settlement(self._leased[name], ANSWERED, Completed()))

    def begin_failed(self, name: str, error: str) -> None:
        """Begin to record that an attempt failed."""
        attempt = replace(ANSWERED, error=error)
        self._begin(Settlement(self._leased[name], attempt, RETRY_IN_AN_HOUR))

    def _begin(self, settlement: Settlement) -> None:
        name = settlement.leased.subscriber
        self.tasks[name] = asyncio.create_task(self.writer.record(settlement))

    async def begin_behind(self, *names: str) -> None:
        """Have them wait in the queue while a request before them is held."""
        await eventually(lambda: self.gate.waiting > 0)
        self.begin(*names)
        await asyncio.sleep(0)

    async def found(self, *names: str) -> list[Settled | None]:
        """What came of these, before long."""
        async with asyncio.timeout(10):
            return list(await asyncio.gather(*(self.tasks[name] for name in names)))

    def behind(self) -> bool:
        """Whether the writer has not written since Redis went away."""
        return self.writer.behind

    async def written(self) -> str:
        """Whose deliveries are on record as delivered."""
        states = [(name, await self._state(name)) for name in NAMES]
        return "".join(name for name, state in states if state == b"delivered")

    async def _state(self, name: str) -> bytes | str | None:
        key = self._key(name)
        if await self._redis.type(key) != b"hash":
            key += ":aside"
        return await self._redis.hget(key, "state")

    async def damage(self, name: str) -> None:
        """Put a text where the delivery was, so that Redis refuses what is written there."""
        await self._redis.rename(self._key(name), self._key(name) + ":aside")
        await self._redis.set(self._key(name), "foreign")

    async def mend(self, name: str) -> None:
        """Put it back."""
        await self._redis.rename(self._key(name) + ":aside", self._key(name))

    def _key(self, name: str) -> str:
        return Store(self._redis, self._outbox.stream).key(DELIVERY, self.id(name))

    def id(self, name: str) -> str:
        """Of a subscriber's delivery."""
        return self._leased[name].id


@pytest.fixture
async def recording(redis: Redis, redis_url: str, outbox: Outbox) -> AsyncIterator[Recording]:
    """With a connection that is made, to a server that knows the script."""
    await commit_alerts(redis, outbox, an_alert(subscribers=(*NAMES, "first")))
    leased = await lease(outbox, 5, MINUTE, worker="w", at=NOON)
    async with Gate(redis_url) as gate:
        made = Recording(redis, outbox, gate, leased)
        async with made.client:
            made.begin("first")
            assert await made.found("first") == [TAKEN]
            yield made
            made.stop.set()
            await asyncio.gather(*made.tasks.values(), return_exceptions=True)


async def test_what_cannot_be_written_at_all_is_given_up_and_told(recording: Recording) -> None:
    """A fault of any kind ends its own record only."""
    with capture_logs() as logs:
        recording.begin("a")
        recording.begin_failed("b", "half a pair of surrogates: \ud83d")
        recording.begin("c")
        assert await recording.found("a", "b", "c") == [TAKEN, None, TAKEN]
    assert [one["event"] for one in logs] == ["delivery.record_failed"]
    assert await recording.written() == "ac"


async def test_what_redis_refuses_is_tried_again_and_holds_up_nothing(recording: Recording) -> None:
    """What comes later is written meanwhile; it is told once; and mended, it is written."""
    await recording.damage("b")
    with capture_logs() as logs:
        recording.begin("a", "b", "c")
        assert await recording.found("a", "c") == [TAKEN, TAKEN]
        recording.begin("d")
        assert await recording.found("d") == [TAKEN]
        refused = recording.refusals.count
        await eventually(lambda: recording.refusals.count >= refused + 2)
        assert not recording.tasks["b"].done()
        await recording.mend("b")
        assert await recording.found("b") == [TAKEN]
    assert await recording.written() == "abcd"
    assert [(one["event"], one.get("delivery_id")) for one in logs] == [
        ("delivery.record_refused", recording.id("b"))
    ]


async def test_what_redis_refuses_to_the_end_is_told(recording: Recording) -> None:
    """A worker that stops waits for nothing."""
    await recording.damage("b")
    with capture_logs() as logs:
        recording.begin("b")
        await eventually(lambda: bool(logs))
        recording.stop.set()
        assert await recording.found("b") == [None]
    assert [one["event"] for one in logs] == ["delivery.record_refused", "delivery.unrecorded"]


async def test_whoever_came_first_is_not_kept_by_others(recording: Recording) -> None:
    """Its record is written, so it ends, while the next is being written already."""
    recording.gate.shut()
    recording.begin("a")
    await recording.begin_behind("b")
    recording.gate.open(1)
    assert await recording.found("a") == [TAKEN]
    await eventually(lambda: recording.gate.waiting > 0)
    assert not recording.tasks["b"].done()
    recording.gate.open()
    assert await recording.found("b") == [TAKEN]


async def test_whoever_is_cancelled_takes_no_other_along(recording: Recording) -> None:
    """The first asks for the writing, and all the others are written without it."""
    recording.gate.shut()
    recording.begin("a", "b")
    await recording.begin_behind("c")
    recording.tasks["a"].cancel()
    recording.gate.open()
    assert await recording.found("b", "c") == [TAKEN, TAKEN]


async def test_all_is_written_when_redis_is_back_and_all_is_written(recording: Recording) -> None:
    """Not before; what Redis refuses by itself is asked for once more, and not waited for."""
    await recording.damage("b")
    recording.begin("b")
    await eventually(lambda: recording.refusals.count == 1)
    recording.gate.cut()
    recording.begin("a")
    await asyncio.sleep(0)
    written = asyncio.create_task(recording.writer.written())
    await eventually(lambda: recording.gate.refused > 0)
    assert not written.done()
    assert recording.behind()
    recording.gate.away = False
    async with asyncio.timeout(10):
        await written
    assert not recording.behind()
    assert await recording.written() == "a"
    recording.stop.set()
    assert await recording.found("b") == [None]


async def test_nothing_goes_on_when_nobody_waits(recording: Recording) -> None:
    """While Redis is away, a worker that was killed leaves no writing behind."""
    recording.gate.cut()
    recording.begin("a")
    await eventually(lambda: recording.gate.refused > 0)
    recording.tasks["a"].cancel()
    async with asyncio.timeout(10):
        await recording.writer.written()
    recording.gate.away = False
    assert await recording.written() == ""


async def test_nothing_is_leased_before_what_was_sent_is_written(
    redis: Redis, redis_url: str, outbox: Outbox
) -> None:
    """Redis is back for leases first; the delivery's own may have run out meanwhile."""
    await commit_alerts(redis, outbox, an_alert())
    settles, looks = asks_for("lanes/settle"), asks_for("lanes/due")
    async with (
        Receiver(hang()) as desk,
        Gate(redis_url) as gate,
        Redis.from_url(gate.url, retry=Retry(NoBackoff(), 0)) as behind,
        delivering(Outbox(behind, outbox.stream), desk.subscriber()),
    ):
        # No look at the lanes is under way: the worker was woken by what it had taken already, and
        # waits for work again.
        await eventually(lambda: sum(b"BLPOP" in said for said in gate.requests) == 2)
        await eventually(lambda: bool(desk.requests))
        gate.breaks = settles
        with capture_logs() as logs:
            desk.closing.set()
            await eventually(lambda: "outbox.unavailable" in {line["event"] for line in logs})
        begun, broken = len(gate.requests), gate.broken
        await commit_alerts(redis, outbox, an_alert("a2"))  # which wakes whoever waits for work
        await eventually(lambda: gate.broken == broken + 2)
        gate.breaks = b""
        await reached(outbox, "delivered", 2)
    order = [said for said in gate.requests[begun:] if settles in said or looks in said]
    assert [settles in said for said in order[:4]] == [True, True, True, False]
    assert desk.ids == [delivery_id(an_alert(each).id, "desk") for each in ("a1", "a2")]
