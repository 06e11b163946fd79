"""Entries in a reader's hand stay there, however long they take; what it drops is taken up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from faststream.redis import RedisBroker
from redis.asyncio import Redis

from builders.alerts import eventually
from builders.rules import load
from harness.gate import Gate, asks_for
from service.rules.rules import Rules
from service.settings import StreamSettings
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.page_pool import PagePool
from service.stream.reader import ArticleReader

RULES = load({"r.yaml": "watchlists: [{id: jets, match: fighter jet}]"}, None)
SETTINGS = StreamSettings(reclaim_after=timedelta(seconds=3))
"""A reader reports its entries every second then."""
A_SECOND = 1_000
"""In ms."""


@asynccontextmanager
async def a_reader(
    outbox: Outbox, server_url: str, name: str, rules: Callable[[], Rules] = lambda: RULES
) -> AsyncIterator[ArticleReader]:
    """A reader at work."""
    broker = RedisBroker(server_url, apply_types=False)
    async with PagePool(1) as pages:
        decider = BatchDecider(outbox, SETTINGS, rules=rules, max_evidence=5, pages=pages)
        reader = ArticleReader(outbox, SETTINGS, decider, consumer=name)
        reader.subscribe(broker)
        await broker.connect()
        running = asyncio.create_task(reader.run())
        try:
            yield reader
        finally:
            await reader.stop()
            await running
            await broker.stop()


async def pending(redis: Redis, stream: str) -> list[tuple[str, int, int]]:
    """Of each pending entry: who has it, for how many ms, and how often it was delivered."""
    found: Any = await redis.xpending_range(stream, GROUP, "-", "+", 10)
    return [
        (one["consumer"].decode(), one["time_since_delivered"], one["times_delivered"])
        for one in found
    ]


async def let_time_pass(redis: Redis, stream: str, milliseconds: int) -> None:
    """Let the pending entries have been where they are for so long."""
    rows: Any = await redis.xpending_range(stream, GROUP, "-", "+", 10)
    for row in rows:
        await redis.xclaim(
            stream, GROUP, row["consumer"], 0, [row["message_id"]], idle=milliseconds, justid=True
        )


async def test_an_entry_in_hand_is_kept_from_others(
    redis: Redis, server_url: str, stream_name: str
) -> None:
    """As long as its reader lives, however long the decision takes; it does not count as a try."""
    go = asyncio.Event()
    async with Gate(server_url) as gate, Redis.from_url(gate.url) as behind:
        gate.watched, gate.before = asks_for("commit/commit"), [go.wait]
        outbox = Outbox(behind, stream_name)
        await outbox.input_stream.ensure_group()
        await redis.xadd(stream_name, {"title": "A fighter jet lands"})
        async with a_reader(outbox, server_url, "slow"):
            await eventually(lambda: gate.held == 1)
            for _ in range(2):
                await let_time_pass(redis, stream_name, A_SECOND)

                async def kept() -> bool:
                    ((_, milliseconds, _),) = await pending(redis, stream_name)
                    return milliseconds < A_SECOND

                await eventually(kept)
            ((consumer, _, deliveries),) = await pending(redis, stream_name)
            assert (consumer, deliveries) == ("slow", 1)
            go.set()

            async def done() -> bool:
                return await pending(redis, stream_name) == []

            await eventually(done)
        asked = [said for said in gate.requests if gate.watched in said]
        assert len(asked) == 1


async def test_a_reader_that_stops_finishes_what_takes_long(
    redis: Redis, redis_url: str, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page is in another process, and its batch is through: its entry would have to wait."""
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    await redis.xadd(stream_name, {"html": "<h1>A fighter jet lands</h1><p>In Ankara.</p>"})
    left: list[bool] = []
    async with a_reader(outbox, redis_url, "one") as reader:
        leave, stop = reader._group.leave, reader._subscriber.stop
        reads_nothing = asyncio.Event()

        async def noted_leave() -> None:
            left.append(reader._decider.reading)
            await leave()

        async def noted_stop() -> None:
            await stop()
            reads_nothing.set()

        monkeypatch.setattr(reader._group, "leave", noted_leave)
        monkeypatch.setattr(reader._subscriber, "stop", noted_stop)
        async with reader._decider._reader._pages._free:  # the page waits for its process
            await eventually(lambda: reader._decider.reading)
            stopping = asyncio.create_task(reader.stop())
            await asyncio.wait_for(reads_nothing.wait(), 10)
        await stopping
        assert await pending(redis, stream_name) == []
    assert {*left} == {False}  # it leaves the group when all is done


async def test_an_entry_that_a_reader_has_dropped_is_not_kept(
    redis: Redis, server_url: str, stream_name: str
) -> None:
    """Its decision failed by a defect: it is free for the next try, and counts once more."""
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    await redis.xadd(stream_name, {"title": "A fighter jet lands"})
    tries: list[int] = []

    def rules() -> Rules:
        tries.append(len(tries))
        if len(tries) == 1:
            raise ZeroDivisionError
        return RULES

    async with a_reader(outbox, server_url, "one", rules):
        await eventually(lambda: len(tries) == 1)
        await let_time_pass(redis, stream_name, A_SECOND)
        await eventually(lambda: len(tries) > 1)

        async def done() -> bool:
            return await pending(redis, stream_name) == []

        await eventually(done)
