"""A group that is gone says what was lost with it; consumers that ended leave it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from service.store.client import Store
from service.store.keys import DELIVERIES, GROUP
from service.store.outbox import Outbox
from service.stream.consumer_group import ConsumerGroup


@pytest.fixture
async def group(outbox: Outbox, redis: Redis) -> ConsumerGroup:
    """A group that is read: of four entries two are unread, one is unfinished."""
    group = ConsumerGroup(outbox, "one")
    await group.ensure()
    assert group.losses == ()
    for number in range(4):
        await redis.xadd(outbox.stream, {"title": f"{number}"})
    await redis.xreadgroup(GROUP, "one", {outbox.stream: ">"}, count=2)
    first: Any = await redis.xrange(outbox.stream, count=1)
    await redis.xack(outbox.stream, GROUP, first[0][0])
    await outbox.input_stream.count_vanished()
    await redis.zadd(Store(redis, outbox.stream).key(DELIVERIES, "pending"), {"d1": 1, "d2": 2})
    await group.lag()
    return group


async def _removes_group(redis: Redis, stream: str) -> None:
    await redis.xgroup_destroy(stream, GROUP)


async def _deletes_stream(redis: Redis, stream: str) -> None:
    await redis.delete(stream)


async def _empties(redis: Redis, stream: str) -> None:
    del stream
    await redis.flushall()


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (
            _removes_group,
            "somebody removed the group 'tocsin': all 4 entries of the stream are read",
        ),
        (
            _deletes_stream,
            "somebody deleted the stream: 2 unread and 1 unfinished entries are lost",
        ),
        (
            _empties,
            "somebody emptied Redis: 2 unread and 1 unfinished entries, 2 deliveries that waited, "
            "and all alerts and silences are lost",
        ),
    ],
)
async def test_what_was_lost_is_said(
    group: ConsumerGroup,
    redis: Redis,
    outbox: Outbox,
    does: Callable[[Redis, str], Awaitable[None]],
    said: str,
) -> None:
    """Once, and reading goes on."""
    await does(redis, outbox.stream)
    await group.ensure()
    (loss,) = group.losses
    assert said in loss
    await group.ensure()
    assert group.losses == (loss,)


async def test_a_process_that_starts_knows_that_a_group_was_there(
    group: ConsumerGroup, redis: Redis, outbox: Outbox
) -> None:
    """Somebody removed it while nothing ran."""
    del group
    await redis.xgroup_destroy(outbox.stream, GROUP)
    fresh = ConsumerGroup(outbox, "two")
    await fresh.ensure()
    assert len(fresh.losses) == 1


async def test_consumers_that_ended_leave(
    group: ConsumerGroup, redis: Redis, outbox: Outbox
) -> None:
    """Not one with an unfinished entry, nor one that reads; at its end a reader leaves itself."""
    await redis.xgroup_createconsumer(outbox.stream, GROUP, "dead")

    async def names() -> set[bytes]:
        return {one["name"] for one in await redis.xinfo_consumers(outbox.stream, GROUP)}

    await group.remove_ended()
    assert await names() == {b"one", b"dead"}

    async def removed() -> bool:
        return await outbox.input_stream.remove_consumers(timedelta(milliseconds=1)) == 1

    await eventually(removed)  # a millisecond after it came
    assert await names() == {b"one"}  # it has an entry
    await group.leave()
    assert await names() == {b"one"}
    entries: Any = await redis.xrange(outbox.stream)
    await redis.xack(outbox.stream, GROUP, entries[1][0])
    await group.leave()
    assert await names() == set()
    await redis.delete(outbox.stream)
    await group.leave()  # nothing is there to leave
