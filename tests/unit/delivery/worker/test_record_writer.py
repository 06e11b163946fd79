"""The writer of records: none waits for another for ever, whatever becomes of that one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from redis.exceptions import ConnectionError as RedisAway
from structlog.testing import capture_logs

from builders.alerts import eventually
from service.delivery.channels.webhook.rules_block import Webhook
from service.delivery.outcome import Delivered, Report
from service.delivery.worker.record_writer import RecordWriter
from service.delivery.worker.redis_outage import RedisOutage
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.errors import StoreError
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber
from service.store.deliveries.delivery import Attempt
from service.store.lanes.lanes import Lanes
from service.store.lanes.leases import Leased, LeaseResult
from service.store.lanes.settlement import Settled, Settlement
from service.store.lanes.verdict import Completed
from service.store.outbox import Outbox

TAKEN = Settled(True, "")


class Redis:
    """Takes every record but those for which it has a fault, and none while it is away."""

    def __init__(self, **faults: Exception) -> None:
        self.faults = faults
        self.away = False
        self.takes = asyncio.Event()
        self.takes.set()
        self.one_by_one = False
        self.written: list[str] = []
        self.asked: list[list[str]] = []

    async def settle(self, settlements: Sequence[Settlement], *, at: datetime) -> list[Settled]:
        """Settle them all, or none."""
        assert at.tzinfo
        ids = [one.leased.id for one in settlements]
        self.asked.append(ids)
        await self.takes.wait()
        if self.one_by_one:
            self.takes.clear()
        if self.away:
            raise RedisAway("away")
        for id_ in ids:
            if id_ in self.faults:
                raise self.faults[id_]
        self.written += ids
        return [TAKEN] * len(ids)


def a_writer(redis: Redis, stop: asyncio.Event) -> RecordWriter:
    """A writer to that Redis."""
    lanes = cast("Lanes", cast("Any", redis))
    return RecordWriter(lanes, RedisOutage("s"), lambda: datetime.now(UTC), stop)


def settlement(id_: str) -> Settlement:
    """That a delivery arrived."""
    at = datetime.now(UTC)
    leased = Leased(id_, "alr_1", "desk", 1, 1, b"{}", "t", impaired=False, leased_at=at)
    return Settlement(leased, Attempt("2026-11-23T12:00:00.000Z", "w"), Completed())


class Recording:
    """Outcomes that are being recorded at the same time."""

    def __init__(self, redis: Redis, *ids: str) -> None:
        self.stop = asyncio.Event()
        self.writer = a_writer(redis, self.stop)
        self.tasks = {id_: self.record(id_) for id_ in ids}

    def record(self, id_: str) -> asyncio.Task[Settled | None]:
        """Begin to record one more."""
        return asyncio.create_task(self.writer.record(settlement(id_)))

    async def found(self, *ids: str) -> list[Settled | None]:
        """What came of these, before long."""
        async with asyncio.timeout(2):
            return list(await asyncio.gather(*(self.tasks[id_] for id_ in ids)))


async def test_what_cannot_be_written_at_all_is_given_up_and_told() -> None:
    """A fault of any kind ends its own record only."""
    redis = Redis(b=UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"))
    with capture_logs() as logs:
        recording = Recording(redis, "a", "b", "c")
        assert await recording.found("a", "b", "c") == [TAKEN, None, TAKEN]
    assert [one["event"] for one in logs] == ["delivery.record_failed"]
    assert sorted(redis.written) == ["a", "c"]


async def test_what_redis_refuses_is_tried_again_and_holds_up_nothing() -> None:
    """What comes later is written meanwhile; it is told once; and mended, it is written."""
    redis = Redis(b=StoreError("'k' holds a string"))
    with capture_logs() as logs:
        recording = Recording(redis, "a", "b", "c")
        assert await recording.found("a", "c") == [TAKEN, TAKEN]
        recording.tasks["d"] = recording.record("d")
        assert await recording.found("d") == [TAKEN]
        await eventually(lambda: redis.asked.count(["b"]) >= 3)
        assert not recording.tasks["b"].done()
        redis.faults.clear()
        assert await recording.found("b") == [TAKEN]
    assert [(one["event"], one.get("delivery_id")) for one in logs] == [
        ("delivery.record_refused", "b")
    ]


async def test_what_redis_refuses_to_the_end_is_told() -> None:
    """A worker that stops waits for nothing."""
    redis = Redis(b=StoreError("'k' holds a string"))
    with capture_logs() as logs:
        recording = Recording(redis, "b")
        await eventually(lambda: bool(redis.asked))
        recording.stop.set()
        assert await recording.found("b") == [None]
    assert [one["event"] for one in logs] == ["delivery.record_refused", "delivery.unrecorded"]


async def test_whoever_came_first_is_not_kept_by_others() -> None:
    """Its record is written, so it ends, while the next is being written already."""
    redis = Redis()
    redis.takes.clear()
    recording = Recording(redis, "a")
    await eventually(lambda: redis.asked == [["a"]])
    recording.tasks["b"] = recording.record("b")
    await asyncio.sleep(0)
    redis.one_by_one = True
    redis.takes.set()
    await eventually(lambda: len(redis.asked) == 2)
    assert await recording.found("a") == [TAKEN]
    redis.takes.set()
    assert await recording.found("b") == [TAKEN]


async def test_whoever_is_cancelled_takes_no_other_along() -> None:
    """The first asks for the writing, and all the others are written without it."""
    redis = Redis()
    redis.takes.clear()
    recording = Recording(redis, "a", "b")
    await eventually(lambda: bool(redis.asked))
    recording.tasks["c"] = recording.record("c")
    await asyncio.sleep(0)
    recording.tasks["a"].cancel()
    redis.takes.set()
    assert await recording.found("b", "c") == [TAKEN, TAKEN]


async def test_all_is_written_when_redis_is_back_and_all_is_written() -> None:
    """Not before; what Redis refuses by itself is asked for once more, and not waited for."""
    redis = Redis(b=StoreError("'k' holds a string"))
    recording = Recording(redis, "b")
    await eventually(lambda: bool(redis.asked))
    redis.away = True
    recording.tasks["a"] = recording.record("a")
    await asyncio.sleep(0)
    written = asyncio.create_task(recording.writer.written())
    await eventually(lambda: ["a"] in redis.asked)
    assert not written.done()
    redis.away = False
    async with asyncio.timeout(5):
        await written
    assert redis.written == ["a"]
    recording.stop.set()
    assert await recording.found("b") == [None]


async def test_nothing_goes_on_when_nobody_waits() -> None:
    """While Redis is away, a worker that was killed leaves no writing behind."""
    redis = Redis()
    redis.away = True
    recording = Recording(redis, "a")
    await eventually(lambda: bool(redis.asked))
    recording.tasks["a"].cancel()
    async with asyncio.timeout(5):
        await recording.writer.written()
    assert redis.written == []


class Returning:
    """An outbox that leases one delivery, takes no outcome twice, and keeps what it was asked."""

    stream = "s"

    def __init__(self) -> None:
        self.lanes = self
        self.asked: list[str] = []

    async def lease(self, *_: Any, **__: Any) -> LeaseResult:
        """One delivery, then none."""
        self.asked.append("lease")
        leased = (settlement("a").leased,) if len(self.asked) == 1 else ()
        return LeaseResult(leased, None)

    async def settle(self, settlements: Sequence[Settlement], *, at: datetime) -> list[Settled]:
        """Away at first."""
        assert at.tzinfo
        if self.asked.count("away") < 2:
            self.asked.append("away")
            raise RedisAway("away")
        self.asked.append("written")
        return [TAKEN for _ in settlements]

    async def wait(self, _: timedelta) -> None:
        """Not for long."""
        await asyncio.sleep(0.01)


class Sent:
    """A channel that sends everything."""

    timeout = timedelta(seconds=1)

    async def send(self, *_: Any) -> Report:
        """As if it had arrived."""
        return Report(Delivered(), 200)

    async def aclose(self) -> None:
        """Nothing to close."""


async def test_nothing_is_leased_before_what_was_sent_is_written() -> None:
    """Redis is back for leases first; the delivery's own may have run out meanwhile."""
    outbox, stop = Returning(), asyncio.Event()
    known = {"desk": Subscriber("desk", Webhook(Secret("https://x.example"), ()))}
    outboxes = [cast("Outbox", cast("Any", outbox))]
    worker = DeliveryWorker(outboxes, lambda: known, Sent(), WorkerSettings("w"))
    with capture_logs():
        running = asyncio.create_task(worker.run(stop))
        await eventually(lambda: "lease" in outbox.asked and "written" in outbox.asked[:-1])
        stop.set()
        await running
    begun = outbox.asked.index("away")
    assert outbox.asked[begun : begun + 4] == ["away", "away", "written", "lease"]
