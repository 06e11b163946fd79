"""Old articles and dead letters are cut, and never one that anybody has still to read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, read_entries
from service.store.client import Store
from service.store.commit.commit import DeadLetter
from service.store.input_stream.input_stream import Trimmed
from service.store.keys import DEAD_LETTERS, GROUP
from service.store.outbox import Outbox


async def test_trim_cuts_old_articles_that_everyone_has_read(redis: Redis, outbox: Outbox) -> None:
    """Articles older than their retention go, younger ones stay."""
    for old in ("1000-0", "1000-18446744073709551615", "2000-1"):
        await redis.xadd(outbox.stream, {"title": "old"}, id=old)
    await redis.xadd(outbox.stream, {"title": "young"})
    await redis.xreadgroup(GROUP, "one", {outbox.stream: ">"}, noack=True)
    assert await outbox.input_stream.trim() == Trimmed(3, 0)
    assert await redis.xlen(outbox.stream) == 1


@pytest.mark.parametrize("group", [GROUP, "somebody-else"])
async def test_trim_never_cuts_an_unread_or_pending_entry_of_any_group(
    redis: Redis, outbox: Outbox, group: str
) -> None:
    """However old, an entry stays until each group of the stream has read and finished it."""
    await redis.xgroup_create(outbox.stream, "somebody-else", id="0")
    ids = [f"1000-{n}" for n in (1, 2, 3, 9, 10, 11)]
    for entry in ids:
        await redis.xadd(outbox.stream, {"title": "old"}, id=entry)
    others = [one for one in (GROUP, "somebody-else") if one != group]
    for other in others:
        await redis.xreadgroup(other, "one", {outbox.stream: ">"}, noack=True)
    assert await outbox.input_stream.trim() == Trimmed(0, 0)  # all unread
    await redis.xreadgroup(group, "one", {outbox.stream: ">"}, count=4)
    assert await outbox.input_stream.trim() == Trimmed(0, 0)  # four pending, two unread
    await redis.xack(outbox.stream, group, *ids[:2])
    assert await outbox.input_stream.trim() == Trimmed(2, 0)  # up to the first pending
    await redis.xack(outbox.stream, group, *ids[2:4])
    assert await outbox.input_stream.trim() == Trimmed(2, 0)  # up to the first unread
    await redis.xreadgroup(group, "one", {outbox.stream: ">"}, noack=True)
    assert await outbox.input_stream.trim() == Trimmed(2, 0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("9-0", "10-0"),
        ("999-0", "1000-0"),
        ("999-10", "1000-9"),
        ("5-9", "5-10"),
        ("5-9007199254740992", "5-9007199254740993"),
        ("5-9999999999999999999", "5-18446744073709551615"),
    ],
)
@pytest.mark.parametrize("ours", ["first", "second"])
async def test_trim_compares_the_numbers_of_entries(
    redis: Redis, outbox: Outbox, first: str, second: str, ours: str
) -> None:
    """Of two entries that are waited for the earlier one limits the trim, whoever waits for it.

    Neither their texts, nor numbers as Lua has them, tell which one that is.
    """
    await redis.xgroup_create(outbox.stream, "somebody-else", id="0")
    for entry in ("1-0", first, second):
        await redis.xadd(outbox.stream, {"title": "old"}, id=entry)
    groups = (GROUP, "somebody-else") if ours == "first" else ("somebody-else", GROUP)
    for group in groups:  # the first two are read by both, and the last is unread
        await redis.xreadgroup(group, "one", {outbox.stream: ">"}, count=2)
    await redis.xack(outbox.stream, groups[0], "1-0")
    await redis.xack(outbox.stream, groups[1], "1-0", first)
    assert await outbox.input_stream.trim() == Trimmed(1, 0)
    assert await redis.xlen(outbox.stream) == 2


async def test_trim_without_a_group_cuts_nothing(redis: Redis, stream_name: str) -> None:
    """Before the service first started every article is unread."""
    outbox = Outbox(redis, stream_name)
    assert await outbox.input_stream.trim() == Trimmed(0, 0)
    await redis.xadd(stream_name, {"title": "old"}, id="1000-1")
    await redis.xgroup_create(stream_name, "somebody-else", id="$")
    assert await outbox.input_stream.trim() == Trimmed(0, 0)
    assert await redis.xlen(stream_name) == 1


async def test_trim_lets_old_dead_letters_go(redis: Redis, stream_name: str) -> None:
    """Dead letters are kept as long as alerts are, however short articles are kept."""
    brief = timedelta(milliseconds=1)
    outbox = Outbox(redis, stream_name, keep_alerts=timedelta(hours=1), keep_articles=brief)
    await outbox.input_stream.ensure_group()
    dead = Store(redis, stream_name).key(DEAD_LETTERS)
    await redis.xadd(dead, {"entry": "1-1"}, id="1000-1")
    (entry,) = await read_entries(redis, stream_name)
    await outbox.commit([], [DeadLetter(entry, {}, "bad")], at=NOON)
    before = await redis.time()
    while await redis.time() <= (before[0], before[1] + 2000):
        pass
    assert await outbox.input_stream.trim() == Trimmed(1, 1)
    assert [one.reason for one in await outbox.dead_letters.newest()] == ["bad"]
