"""Lanes beside clocks that were set back and keys that are not ours: none is held up for long."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.lanes import confirm, due, end, failing, per_lane, probe_now, state, take
from service.errors import StoreError
from service.store.client import Store
from service.store.keys import DISABLED, LANE, LANE_OUT, LANES
from service.store.lanes.allotment import LaneLimits
from service.store.lanes.health import MAX_LANE_PAUSE, PROBE_EVERY
from service.store.lanes.verdict import Completed
from service.store.outbox import Outbox


@pytest.mark.parametrize(
    ("field", "longest"),
    [("paused_until", 3600), ("last_start", 0), ("next_probe", 60), ("next_start", 2)],
)
async def test_a_clock_that_was_set_back_holds_up_no_lane(
    redis: Redis, outbox: Outbox, field: str, longest: int
) -> None:
    """A time that lies further ahead than it ever could is brought near, once and for all."""
    await failing(redis, outbox, 5)
    await due(redis, outbox, 1, "desk", first=50)
    await probe_now(redis, outbox)
    now = (await redis.time())[0]
    await redis.hset(state(redis, outbox), field, str((now + 36_000) * 1000))
    await due(redis, outbox, 1, "desk", first=60)  # which looks at the lane
    if field != "last_start":
        await redis.zadd(Store(redis, outbox.stream).key(LANES), {"desk": 1})
    leased = await take(outbox, limits=LaneLimits(min_gap=timedelta(seconds=2)))
    assert len(leased) == (field == "last_start")
    kept = float(await redis.hget(state(redis, outbox), field) or 0) / 1000
    assert kept <= now + longest + 5
    looked_at = await redis.zscore(Store(redis, outbox.stream).key(LANES), "desk")
    assert looked_at is not None
    assert looked_at / 1000 <= now + max(longest, 60) + 5


async def test_what_is_due_later_than_anything_can_be_is_due_now(
    redis: Redis, outbox: Outbox
) -> None:
    """After the server's clock was set back: at once, and in its order; what can be is left."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 3, "desk")
    store = Store(redis, outbox.stream)
    ids: Any = await redis.zrange(store.key(LANE, "desk"), 0, -1)
    now = (await redis.time())[0] * 1000
    hour = 3_600_000
    times = dict(zip(ids, (now + 60 * hour, now + 40 * hour, now + 50 * hour), strict=True))
    await redis.zadd(store.key(LANE, "desk"), times)
    await redis.zadd(store.key(LANES), {"desk": now + 40 * hour})
    assert await take(outbox) == []
    await redis.zadd(store.key(LANE, "desk"), {ids[1]: now + 51 * hour})
    await redis.zadd(store.key(LANES), {"desk": now + 50 * hour})
    leased = await take(outbox)
    assert [one.id.encode() for one in leased] == [ids[2], ids[1], ids[0]]


async def test_what_seems_to_be_out_for_hours_is_not(redis: Redis, outbox: Outbox) -> None:
    """A lease that ends later than any can is brought near, so that it does not fill its lane."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 8, "desk")
    store = Store(redis, outbox.stream)
    out = store.key(LANE_OUT, "desk")
    now = (await redis.time())[0] * 1000
    await redis.zadd(out, {f"dlv_{n}": now + 36_000_000 for n in range(4)})
    assert await take(outbox) == []
    ends: Any = await redis.zrange(out, 0, -1, withscores=True)
    assert max(end for _, end in ends) < now + 90_000
    looked_at = await redis.zscore(store.key(LANES), "desk")
    assert looked_at is not None
    assert looked_at < now + 90_000


@pytest.mark.parametrize("part", ["", ":out", ":state"])
async def test_a_foreign_lane_holds_up_its_own_subscriber_only(
    redis: Redis, outbox: Outbox, part: str
) -> None:
    """Articles are committed, others get theirs, the log names the key; mended, it goes on."""
    await confirm(redis, outbox, "other")
    store = Store(redis, outbox.stream)
    key = store.key(LANE, "desk") + part
    await redis.set(key, "foreign")
    await due(redis, outbox, 2, "desk", "other")
    with capture_logs() as logs:
        leased = await take(outbox)
    assert per_lane(leased) == {"other": 2}
    await end(outbox, leased, Completed())
    assert [(one["event"], one["subscriber_id"], one["key"]) for one in logs] == [
        ("lane.unreadable", "desk", key)
    ]
    assert await redis.get(key) == b"foreign"
    assert await take(outbox) == []
    await redis.delete(key)
    await redis.zadd(store.key(LANES), {"desk": 1})  # a minute later
    (one,) = await take(outbox)
    await end(outbox, [one], Completed())
    (two,) = await take(outbox)
    assert {one.subscriber, two.subscriber} == {"desk"}
    assert one.id != two.id


@pytest.mark.parametrize("part", ["", ":out", ":state"])
async def test_a_verdict_on_a_foreign_lane_names_its_key(
    redis: Redis, outbox: Outbox, part: str
) -> None:
    """Whoever looks for the reason is told which key it is."""
    await due(redis, outbox, 1, "desk")
    leased = await take(outbox)
    key = Store(redis, outbox.stream).key(LANE, "desk") + part
    await redis.delete(key)
    await redis.set(key, "foreign")
    with pytest.raises(StoreError, match=re.escape(repr(key)) + " holds a string"):
        await end(outbox, leased, Completed())
    await redis.delete(key)
    (settled,) = await end(outbox, leased, Completed())
    assert settled.counted


async def test_a_mark_that_nobody_can_read_disables_its_subscriber_only(
    redis: Redis, outbox: Outbox
) -> None:
    """Somebody wrote it by hand: others are served, and no attempt of theirs is used up."""
    await redis.hset(Store(redis, outbox.stream).key(DISABLED), "desk", "moving house")
    await due(redis, outbox, 1, "desk", "energy")
    leased = await take(outbox)
    assert [(one.subscriber, one.attempt) for one in leased] == [("energy", 1)]
    (failed,) = await outbox.deliveries.newest(state="failed")
    assert failed.note == "its subscriber is disabled: moving house"
    lane = await outbox.lane_states.of("desk")
    assert (lane.disabled, lane.disabled_at) == ("moving house", None)


def test_scripts_have_the_limits_of_lanes() -> None:
    """The script corrects times by the limits that decide them."""
    script = files("service.store").joinpath("deliveries", "queue.lua").read_text(encoding="utf-8")
    assert f"MAX_PAUSE_MS = {MAX_LANE_PAUSE.total_seconds() * 1000:.0f} " in script
    assert f"PROBE_EVERY_MS = {PROBE_EVERY.total_seconds() * 1000:.0f} " in script
