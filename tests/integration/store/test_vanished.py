"""Entries that somebody trims or deletes before they were finished: each is counted once."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from builders.alerts import NOON, pending, read_entries
from service.store.commit.commit import Decided
from service.store.input_stream.input_stream import Vanished
from service.store.keys import GROUP
from service.store.outbox import Outbox


async def write(redis: Redis, stream: str, count: int, **options: Any) -> list[str]:
    """The ids of so many new entries."""
    ids = [await redis.xadd(stream, {"title": "news"}, **options) for _ in range(count)]
    return [str(id_, "ascii") if isinstance(id_, bytes) else str(id_) for id_ in ids]


async def read_on(redis: Redis, outbox: Outbox) -> None:
    """Have everything read and finished that waits."""
    while await redis.xreadgroup(GROUP, "one", {outbox.stream: ">"}, count=100):
        pass
    if ids := await pending(redis, outbox.stream):
        await outbox.commit([Decided(id_) for id_ in ids], at=NOON)


async def test_what_is_trimmed_while_nobody_reads_is_counted_once(
    redis: Redis, outbox: Outbox
) -> None:
    """With the ids around it; what arrives and is read besides changes nothing."""
    stream = outbox.input_stream
    await read_entries(redis, outbox.stream, 2)
    assert await stream.count_vanished() is None
    await read_on(redis, outbox)
    *_, last = await write(redis, outbox.stream, 1)
    await read_on(redis, outbox)
    assert await stream.count_vanished() is None
    ids = await write(redis, outbox.stream, 10, maxlen=4, approximate=False)
    assert await stream.count_vanished() == Vanished(6, last, ids[6])
    await read_on(redis, outbox)
    assert await stream.count_vanished() is None
    assert await stream.vanished() == 6


async def test_it_is_counted_when_readers_were_faster_than_the_count(
    redis: Redis, outbox: Outbox
) -> None:
    """They have read beyond the gap, and the server's own lag may have lost count of it."""
    stream = outbox.input_stream
    *_, last = await write(redis, outbox.stream, 3)
    assert await stream.count_vanished() is None
    await read_on(redis, outbox)
    await stream.count_vanished()
    ids = await write(redis, outbox.stream, 5)
    await redis.xtrim(outbox.stream, maxlen=1, approximate=False)
    await read_on(redis, outbox)
    assert await stream.count_vanished() == Vanished(4, last, ids[4])
    ids = await write(redis, outbox.stream, 5)
    await redis.xdel(outbox.stream, ids[1], ids[2])
    await read_on(redis, outbox)
    found = await stream.count_vanished()
    assert found is not None
    assert found.count == 2
    assert await stream.count_vanished() is None


async def test_a_stream_that_is_emptied_is_counted(redis: Redis, outbox: Outbox) -> None:
    """Nothing is left that could be read, and the watchdog sees that nothing waits."""
    await outbox.input_stream.count_vanished()
    ids = await write(redis, outbox.stream, 3)
    assert (await outbox.input_stream.lag()).waits
    await redis.xtrim(outbox.stream, maxlen=0, approximate=False)
    lag = await outbox.input_stream.lag()
    assert (lag.waits, lag.unread) == (False, 0)
    assert await outbox.input_stream.count_vanished() == Vanished(3, "0-0", ids[2])


async def test_what_is_deleted_in_its_readers_hand_is_counted_if_nobody_finishes_it(
    redis: Redis, outbox: Outbox
) -> None:
    """A reader that has it finishes it; one that died does not."""
    stream = outbox.input_stream
    await stream.count_vanished()
    held, lost = await read_entries(redis, outbox.stream, 2)
    assert await stream.count_vanished() is None
    await redis.xdel(outbox.stream, held, lost)
    await outbox.commit([Decided(held)], at=NOON)
    assert await stream.count_vanished() is None
    await redis.xclaim(outbox.stream, GROUP, "heir", 0, [lost])
    found = await stream.count_vanished()
    assert found is not None
    assert found.count == 1


async def test_entries_that_are_read_again_begin_a_new_count(redis: Redis, outbox: Outbox) -> None:
    """An operator set the group back; nothing has vanished."""
    stream = outbox.input_stream
    await stream.count_vanished()
    await write(redis, outbox.stream, 4)
    await read_on(redis, outbox)
    assert await stream.count_vanished() is None
    await redis.xgroup_setid(outbox.stream, GROUP, "0")
    await read_on(redis, outbox)
    assert await stream.count_vanished() is None
    await write(redis, outbox.stream, 2)
    await redis.xtrim(outbox.stream, maxlen=1, approximate=False)
    found = await stream.count_vanished()
    assert found is not None
    assert found.count == 1


async def test_what_vanished_before_the_first_start_is_not_known(
    redis: Redis, stream_name: str
) -> None:
    """A stream that is older than the group may have been trimmed for years."""
    await write(redis, stream_name, 9, maxlen=2, approximate=False)
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    assert await outbox.input_stream.count_vanished() is None
    await read_on(redis, outbox)
    assert await outbox.input_stream.count_vanished() is None
    assert await outbox.input_stream.vanished() == 0
