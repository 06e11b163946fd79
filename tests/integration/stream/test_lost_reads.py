"""Entries whose answer was lost, told from those that are on their way or in hand."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis

from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.lost_reads import LostReads


async def given(redis: Redis, outbox: Outbox) -> list[bytes]:
    """A new entry that the server gave to this reader."""
    await redis.xadd(outbox.stream, {"title": "a"})
    found: Any = await redis.xreadgroup(GROUP, "one", {outbox.stream: ">"})
    return [id_ for _, rows in found for id_, _ in rows]


async def test_what_did_not_come_twice_is_lost(redis: Redis, stream_name: str) -> None:
    """An answer may be on its way when it is looked for first; what came is never lost."""
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    lost = LostReads(outbox.own_pending("one"))
    (late,), (missing,) = await given(redis, outbox), await given(redis, outbox)
    assert await lost.find() == []
    lost.meet([late])
    assert [one.id for one in await lost.find()] == [missing]


async def test_what_comes_while_it_is_looked_for_came(
    redis: Redis, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's list is older than that: else it would be decided by two at once."""
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    pending = outbox.own_pending("one")
    lost, deliveries = LostReads(pending), pending.deliveries

    async def older() -> dict[bytes, int]:
        found = await deliveries()
        lost.meet(await given(redis, outbox))
        return found

    with monkeypatch.context() as patched:
        patched.setattr(pending, "deliveries", older)
        assert await lost.find() == []
    assert [await lost.find() for _ in range(3)] == [[], [], []]
