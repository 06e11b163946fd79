"""A group that is gone says what was lost with it; consumers that ended leave it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from service.store.client import Store
from service.store.keys import DELIVERIES, GROUP, PROGRESS
from service.store.outbox import Outbox
from service.stream.group.consumer_group import ConsumerGroup
from service.stream.group.store_mark import StoreMark


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


async def restarted(outbox: Outbox, folder: Path) -> tuple[str, ...]:
    """What a service on this machine says of losses when it starts."""
    group = ConsumerGroup(outbox, "one", StoreMark(folder, "redis.example:6379/0", outbox.stream))
    await group.ensure()
    await group.ensure()
    return group.losses


async def test_a_store_that_was_emptied_while_nothing_ran_is_noticed(
    outbox: Outbox, redis: Redis, tmp_path: Path
) -> None:
    """At the next start, and then no more; publishers may have filled the stream meanwhile."""
    assert await restarted(outbox, tmp_path) == ()
    assert await restarted(outbox, tmp_path) == ()
    await redis.flushall()
    await redis.xadd(outbox.stream, {"title": "new"})
    (loss,) = await restarted(outbox, tmp_path)
    assert "was emptied, or is another one, since a service ran here last" in loss
    assert await restarted(outbox, tmp_path) == ()


async def test_what_is_told_while_it_runs_is_not_told_again(
    outbox: Outbox, redis: Redis, tmp_path: Path
) -> None:
    """The mark follows the store."""
    group = ConsumerGroup(outbox, "one", StoreMark(tmp_path, "redis", outbox.stream))
    await group.ensure()
    await group.lag()
    await redis.flushall()
    await group.ensure()
    assert len(group.losses) == 1
    again = ConsumerGroup(outbox, "two", StoreMark(tmp_path, "redis", outbox.stream))
    await again.ensure()
    assert again.losses == ()


async def test_records_that_were_deleted_beside_the_stream_are_missed(
    outbox: Outbox, redis: Redis, tmp_path: Path
) -> None:
    """Known without a disk: entries were read, and nothing says how far."""
    assert await restarted(outbox, tmp_path / "one") == ()
    await redis.xadd(outbox.stream, {"title": "new"})
    await redis.xreadgroup(GROUP, "one", {outbox.stream: ">"})
    await redis.delete(Store(redis, outbox.stream).key(PROGRESS))
    (loss,) = await restarted(outbox, tmp_path / "two")
    assert loss.startswith("somebody deleted what Tocsin keeps beside the stream")


async def test_a_group_that_an_operator_made_is_no_loss(
    outbox: Outbox, redis: Redis, tmp_path: Path
) -> None:
    """Before the first start, at the end of the stream."""
    await redis.xadd(outbox.stream, {"title": "old"})
    await redis.xgroup_create(outbox.stream, GROUP, "$")
    assert await restarted(outbox, tmp_path) == ()


async def test_a_disk_that_cannot_be_written_stops_nothing(outbox: Outbox, tmp_path: Path) -> None:
    """Then it is not noticed."""
    (tmp_path / "file").write_text("")
    assert await restarted(outbox, tmp_path / "file") == ()


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
    assert [one["name"] for one in await redis.xinfo_consumers(outbox.stream, GROUP)] == [b"two"]


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
    assert await outbox.input_stream.remove_consumers(timedelta(milliseconds=1), reader="two") == 0
    assert await names() == {b"one", b"two"}  # that got nothing, and asked
    await eventually(removed)
    await group.leave()
    assert await names() == {b"one"}
    entries: Any = await redis.xrange(outbox.stream)
    await redis.xack(outbox.stream, GROUP, entries[1][0])
    await group.leave()
    assert await names() == set()
    await redis.delete(outbox.stream)
    await group.leave()  # nothing is there to leave
