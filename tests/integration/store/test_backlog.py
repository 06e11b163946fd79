"""What waits in a stream and in its lanes, as /metrics and `tocsin status` tell it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from builders.lanes import due
from service.store.client import Store
from service.store.deliveries import waiting
from service.store.deliveries.waiting import LANE_STATES, MAX_NAMED
from service.store.input_stream.backlog import StreamBacklog
from service.store.keys import DEAD_LETTERS, DISABLED, GROUP, LANE, LANE_STATE, LANES
from service.store.outbox import Outbox


async def test_what_is_finished_goes_by_numbers(redis: Redis, outbox: Outbox) -> None:
    """As texts, entry 10 would come before entry 9, which is not finished."""
    await outbox.input_stream.ensure_group()
    for entry_id in ("9-0", "10-0"):
        await redis.xadd(outbox.stream, {"title": "a"}, id=entry_id)
    await redis.xreadgroup(GROUP, "one", {outbox.stream: ">"})
    assert await outbox.entry_search.finished() == f"8-{2**64 - 1}"
    await redis.xack(outbox.stream, GROUP, "9-0")
    assert await outbox.entry_search.finished() == f"9-{2**64 - 1}"
    await redis.xack(outbox.stream, GROUP, "10-0")
    assert await outbox.entry_search.finished() == "10-0"


async def test_a_stream_that_nobody_has_read(redis: Redis, stream_name: str) -> None:
    """There may not even be a stream."""
    outbox = Outbox(redis, stream_name)
    found = await outbox.input_stream.backlog()
    assert (found.has_group, found.waiting, found.oldest, found.last_added) == (
        False,
        0,
        None,
        None,
    )
    await redis.xadd(outbox.stream, {"title": "a"}, id="60000-0")
    await redis.xadd(outbox.stream, {"title": "b"}, id="90000-0")
    found = await outbox.input_stream.backlog()
    assert (found.has_group, found.unread, found.waiting) == (False, 2, 2)
    assert found.oldest is not None
    assert found.oldest.timestamp() == 60
    assert found.lag == found.at - found.oldest


async def test_a_stream_that_nothing_was_ever_added_to(redis: Redis, outbox: Outbox) -> None:
    """Its newest id is 0-0, which is no time; one of half a second after 1970 is one."""
    found = await outbox.input_stream.backlog()
    assert (found.has_group, found.last_added, found.added) == (True, None, 0)
    await redis.xadd(outbox.stream, {"title": "a"}, id="500-0")
    found = await outbox.input_stream.backlog()
    assert found.last_added is not None
    assert found.last_added.timestamp() == 0.5


async def test_what_is_read_and_not_finished_waits_too(redis: Redis, outbox: Outbox) -> None:
    """A worker that died with entries in hand: the oldest of them is the lag of the stream."""
    await outbox.input_stream.ensure_group()
    for second in (60, 61, 62):
        await redis.xadd(outbox.stream, {"title": "a"}, id=f"{second}000-0")
    await redis.xreadgroup(GROUP, "dead", {outbox.stream: ">"}, count=2)
    found = await outbox.input_stream.backlog()
    assert (found.unread, found.pending, found.waiting) == (1, 2, 3)
    assert found.oldest is not None
    assert found.oldest.timestamp() == 60
    await redis.xack(outbox.stream, GROUP, "60000-0", "61000-0")
    found = await outbox.input_stream.backlog()
    assert found.oldest is not None
    assert (found.pending, found.oldest.timestamp()) == (0, 62)
    await redis.xreadgroup(GROUP, "alive", {outbox.stream: ">"})
    await redis.xack(outbox.stream, GROUP, "62000-0")
    await redis.xadd(Store(redis, outbox.stream).key(DEAD_LETTERS), {"reason": "no text"})
    found = await outbox.input_stream.backlog()
    assert (found.waiting, found.oldest, found.lag) == (0, None, timedelta(0))
    assert found.last_added is not None
    assert (found.last_added.timestamp(), found.dead_letters) == (62, 1)


async def test_only_what_could_be_sent_now_is_due(redis: Redis, outbox: Outbox) -> None:
    """More workers would not send what waits for its time, or for a receiver that is away."""
    await due(redis, outbox, 3, "desk")
    assert (await outbox.deliveries.waiting()).due == 3
    store = Store(redis, outbox.stream)
    found = await outbox.deliveries.waiting()
    assert found.oldest_due is not None
    assert found.oldest_due <= found.at
    later = (await redis.time())[0] * 1000 + 60_000
    await redis.zadd(store.key(LANES), {"desk": later})  # as while its circuit is open
    found = await outbox.deliveries.waiting()
    assert (found.due, found.oldest_due, found.pending) == (0, None, 3)
    assert found.busiest == (("desk", 3),)


@pytest.mark.parametrize("seed", range(3))
async def test_each_lane_is_in_the_state_that_it_is_listed_with(
    redis: Redis, outbox: Outbox, seed: int
) -> None:
    """The script counts what `LaneState.status` says of each lane, whatever is kept of it."""
    chance = random.Random(seed)
    store = Store(redis, outbox.stream)
    now = (await redis.time())[0] * 1000
    fields: dict[str, Callable[[], str]] = {
        "failures": lambda: chance.choice(["0", "3"]),
        "next_probe": lambda: str(now + 60_000),
        "paused_until": lambda: str(now + chance.choice([-60_000, 60_000])),
        "slow": lambda: "1",
        "confirmed": lambda: "1",
    }
    names = [f"s{number}" for number in range(40)]
    for name in names:
        await redis.zadd(store.key(LANES), {name: now})
        await redis.zadd(store.key(LANE, name), {f"d{each}": now for each in range(1, 3)})
        kept = {field: text() for field, text in fields.items() if chance.random() < 0.4}
        for field, text in kept.items():
            await redis.hset(store.key(LANE_STATE, name), field, text)
        if chance.random() < 0.2:
            await redis.hset(store.key(DISABLED), name, "{}")
    expected = [(await outbox.lane_states.of(name)).status() for name in names]
    found = await outbox.deliveries.waiting()
    assert found.lanes == {state: expected.count(state) for state in LANE_STATES}  # type: ignore[arg-type]
    assert len(found.busiest) == MAX_NAMED
    assert {size for _, size in found.busiest} == {2}


async def test_the_work_of_the_server_is_bounded(
    redis: Redis, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lanes beyond the thousand that are due first are a number; deliveries are counted all."""
    assert waiting.MAX_LANES <= 1_000
    monkeypatch.setattr(waiting, "MAX_LANES", 3)
    await due(redis, outbox, 1, *"abcde")
    await redis.hset(Store(redis, outbox.stream).key(DISABLED), "e", "{}")
    found = await outbox.deliveries.waiting()
    assert (found.lanes["beyond"], sum(found.lanes.values()), found.pending) == (2, 5, 5)


async def test_a_lane_that_cannot_be_read_hides_no_other(redis: Redis, outbox: Outbox) -> None:
    """Another program's key is in its place."""
    await due(redis, outbox, 2, "desk")
    store = Store(redis, outbox.stream)
    await redis.zadd(store.key(LANES), {"other": 1})
    await redis.set(store.key(LANE, "other"), "somebody else's")
    await redis.hset(store.key(DISABLED), "idle", "{}")
    found = await outbox.deliveries.waiting()
    assert (found.lanes["unreadable"], found.lanes["disabled"], found.due) == (1, 1, 2)


async def test_the_lane_that_has_waited_longest_counts(
    redis: Redis, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at first, and says since when deliveries are late; a disabled one never is."""
    await due(redis, outbox, 1, "early", "late", "off")
    lanes = Store(redis, outbox.stream).key(LANES)
    await redis.zadd(lanes, {"off": 1_000, "early": 2_000, "late": 3_000})
    await redis.hset(Store(redis, outbox.stream).key(DISABLED), "off", "{}")
    found = await outbox.deliveries.waiting()
    assert found.oldest_due is not None
    assert (found.due, found.oldest_due.timestamp()) == (2, 2)
    monkeypatch.setattr(waiting, "MAX_LANES", 2)
    assert {name for name, _ in (await outbox.deliveries.waiting()).busiest} == {"off", "early"}


async def test_those_are_named_for_whom_most_waits(
    redis: Redis, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the one with most."""
    monkeypatch.setattr(waiting, "MAX_NAMED", 2)
    await due(redis, outbox, 1, "a", "b", "c")
    await due(redis, outbox, 2, "b", first=10)
    await due(redis, outbox, 1, "c", first=20)
    assert (await outbox.deliveries.waiting()).busiest == (("b", 3), ("c", 2))


async def test_what_was_added_stays_added(redis: Redis, outbox: Outbox) -> None:
    """A rate of what comes in does not fall when old articles are trimmed."""
    before = (await outbox.input_stream.backlog()).added
    for _ in range(3):
        await redis.xadd(outbox.stream, {"title": "a"})
    await redis.xtrim(outbox.stream, maxlen=1, approximate=False)
    assert (await outbox.input_stream.backlog()).added == before + 3


@pytest.mark.parametrize(
    ("unread", "pending", "waiting_"), [(None, 0, 1), (0, 0, 1), (None, 2, 2), (3, 2, 5)]
)
def test_what_is_not_finished_waits_where_redis_does_not_say_how_much(
    unread: int | None, pending: int, waiting_: int
) -> None:
    """After a deletion it knows of the oldest entry alone: an autoscaler must not see 0."""
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    found = StreamBacklog(
        at=at, has_group=True, unread=unread, pending=pending, oldest=at, added=9,
        last_added=at, vanished=0, dead_letters=0,
    )  # fmt: skip
    assert found.waiting == waiting_
    assert replace(found, unread=0, pending=0, oldest=None).waiting == 0
