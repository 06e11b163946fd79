"""What readers leave: it is claimed by others, kept while it is in hand, and counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, pending, read_entries
from service.errors import StoreError
from service.store.commit.commit import Decided
from service.store.input_stream.input_stream import ClaimedEntry
from service.store.keys import GROUP
from service.store.outbox import Outbox

HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture(params=[2, 3])
async def either_protocol(server_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Redis]:
    """A client that speaks the older or the newer protocol."""
    async with Redis.from_url(server_url, protocol=request.param) as client:
        await client.flushall()
        yield client


async def leave(redis: Redis, stream: str, entries: list[bytes]) -> None:
    """Let the reader of these entries have been gone for a minute."""
    ids: Any = entries
    await redis.xclaim(stream, GROUP, "gone", 0, ids, idle=60_000, justid=True)


async def test_idle_entries_are_claimed_one_at_a_time(redis: Redis, outbox: Outbox) -> None:
    """Each call takes over one entry, the oldest first, and says how often it was delivered."""
    entries = await read_entries(redis, outbox.stream, 2)
    assert await outbox.input_stream.claim_idle("heir", HALF_A_MINUTE) is None
    await leave(redis, outbox.stream, entries)
    claimed = [await outbox.input_stream.claim_idle("heir", HALF_A_MINUTE) for _ in range(3)]
    assert claimed == [
        ClaimedEntry(entries[0], {b"title": b"article 0"}, 2),
        ClaimedEntry(entries[1], {b"title": b"article 1"}, 2),
        None,
    ]


async def test_an_entry_in_hand_is_not_claimed(redis: Redis, outbox: Outbox) -> None:
    """What a reader keeps is not idle, and to keep it does not count as a delivery."""
    (entry,) = await read_entries(redis, outbox.stream)
    await leave(redis, outbox.stream, [entry])
    await outbox.input_stream.keep("slow", [entry])
    assert await outbox.input_stream.claim_idle("heir", HALF_A_MINUTE) is None
    await leave(redis, outbox.stream, [entry])
    claimed = await outbox.input_stream.claim_idle("heir", HALF_A_MINUTE)
    assert claimed is not None
    assert claimed.deliveries == 2


async def test_a_kept_entry_that_is_done_stays_done(redis: Redis, outbox: Outbox) -> None:
    """To keep an acknowledged entry does not make it pending again."""
    (entry,) = await read_entries(redis, outbox.stream)
    await outbox.commit([Decided(entry)], at=NOON)
    await outbox.input_stream.keep("one", [entry])
    await outbox.input_stream.keep("one", [])
    assert await pending(redis, outbox.stream) == []


async def test_deleted_entries_leave_the_pending_list(redis: Redis, outbox: Outbox) -> None:
    """An entry that was removed from the stream while pending holds nobody up."""
    gone, kept = await read_entries(redis, outbox.stream, 2)
    await redis.xdel(outbox.stream, gone)
    await leave(redis, outbox.stream, [gone, kept])
    claimed = await outbox.input_stream.claim_idle("heir", HALF_A_MINUTE)
    assert claimed is not None
    assert claimed.entry_id == kept
    assert await pending(redis, outbox.stream) == [kept]


async def test_lag_counts_what_is_unread_and_unfinished(
    either_protocol: Redis, stream_name: str
) -> None:
    """Unread entries, pending ones, and how long the oldest has been in hand."""
    outbox = Outbox(either_protocol, stream_name)
    await outbox.input_stream.ensure_group()
    await outbox.input_stream.ensure_group()
    await read_entries(either_protocol, stream_name, 2)
    for _ in range(3):
        await either_protocol.xadd(stream_name, {"title": "unread"})
    lag = await outbox.input_stream.lag()
    assert (lag.unread, lag.pending) == (3, 2)
    assert timedelta(0) <= lag.oldest_pending < timedelta(seconds=10)
    await leave(either_protocol, stream_name, await pending(either_protocol, stream_name))
    claimed = await outbox.input_stream.claim_idle("heir", HALF_A_MINUTE)
    assert claimed is not None
    assert claimed.fields == {b"title": b"article 0"}


async def test_entries_written_before_the_group_are_read(redis: Redis, stream_name: str) -> None:
    """The group begins at the stream's beginning."""
    await redis.xadd(stream_name, {"title": "early"})
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    assert (await outbox.input_stream.lag()).unread == 1


async def test_a_missing_group_is_told(redis: Redis, outbox: Outbox) -> None:
    """When somebody removes the group, the lag is not guessed."""
    await redis.xgroup_destroy(outbox.stream, GROUP)
    with pytest.raises(StoreError, match="has no group 'tocsin'"):
        await outbox.input_stream.lag()
