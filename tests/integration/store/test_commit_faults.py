"""Commits beside foreign keys, in full memory, or broken off halfway: a repeat completes each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, ResponseError

from builders.alerts import (
    NOON,
    Judged,
    an_alert,
    commit,
    commit_alerts,
    keys_of,
    lease,
    pending,
    read_entries,
)
from builders.commits import Made
from service.alerts.alert import delivery_id
from service.alerts.routing import Route
from service.errors import ConfigError, StoreError
from service.store.client import Store
from service.store.commit.commit import DeadLetter
from service.store.keys import ALERT, DELIVERY
from service.store.outbox import Outbox


@pytest.mark.parametrize(
    "key",
    [
        "lanes",
        "deliveries:pending",
        "dead",
        "bell",
        "decided",
        f"alert:{an_alert().id}",
        "delivery",
    ],
)
async def test_a_foreign_key_stops_the_commit_before_it_writes(
    redis: Redis, outbox: Outbox, key: str
) -> None:
    """The error names the key; nothing is written or acknowledged; the key stays as it was."""
    store = Store(redis, outbox.stream)
    foreign = store.prefix + key
    if key == "delivery":
        foreign = store.key(DELIVERY, delivery_id(an_alert().id, "desk"))
    await redis.set(foreign, "somebody else's")
    good, bad = await read_entries(redis, outbox.stream, 2)
    batch = [Judged(good, (an_alert(),))], [DeadLetter(bad, {b"x": b"y"}, "bad")]
    with pytest.raises(StoreError) as raised:
        await commit(outbox, *batch)
    assert f"{foreign!r} holds a string" in str(raised.value)
    assert "rename or delete it" in str(raised.value)
    assert await pending(redis, outbox.stream) == [good, bad]
    assert await keys_of(redis, outbox.stream) == {foreign.removeprefix(store.prefix)}
    assert await redis.get(foreign) == b"somebody else's"
    await redis.delete(foreign)
    assert await commit(outbox, *batch) == Made(created=(an_alert().id,), deliveries=1, dead=1)


async def test_a_stream_key_of_another_kind_is_named(redis: Redis, stream_name: str) -> None:
    """A list where the articles should be is told by every method that meets it."""
    await redis.rpush(stream_name, "not a stream")
    outbox = Outbox(redis, stream_name)
    calls = [
        outbox.input_stream.ensure_group(),
        commit(outbox, [Judged(b"1-1", (an_alert(),))]),
        outbox.input_stream.claim_idle("one", timedelta(seconds=1)),
        outbox.input_stream.keep("one", [b"1-1"]),
        outbox.input_stream.lag(),
        outbox.input_stream.trim(),
    ]
    for call in calls:
        with pytest.raises(StoreError, match=f"'{stream_name}' holds a list"):
            await call
    assert await redis.lrange(stream_name, 0, -1) == [b"not a stream"]


async def test_full_memory_stops_the_commit_and_a_repeat_completes_it(
    redis: Redis, outbox: Outbox
) -> None:
    """Out of memory nothing is acknowledged; when there is room again the same call does it all."""
    good, bad = await read_entries(redis, outbox.stream, 2)
    batch = [Judged(good, (an_alert(),))], [DeadLetter(bad, {b"x": b"y"}, "bad")]
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(OutOfMemoryError):
            await commit(outbox, *batch)
    finally:
        await redis.config_set("maxmemory", "0")
    assert await pending(redis, outbox.stream) == [good, bad]
    made = await commit(outbox, *batch)
    assert made == Made(created=(an_alert().id,), deliveries=1, dead=1)


@pytest.mark.parametrize("forbidden", ["zadd", "hset", "hincrby", "rpush", "xack", "pexpire"])
async def test_a_commit_that_breaks_halfway_is_completed_by_a_repeat(
    server_url: str, redis: Redis, outbox: Outbox, forbidden: str
) -> None:
    """Wherever a script is stopped, nothing is acknowledged, lost or sent under a second id.

    The server is made to refuse one command after others were done, by taking the right to it.
    """
    (entry,) = await read_entries(redis, outbox.stream)
    quiet = an_alert(watchlist="quiet", subscribers=("night",))
    routes = {"night": Route(not_before=datetime.now(UTC) + timedelta(hours=1))}
    quiet = replace(quiet, created=replace(quiet.created, routes=routes))
    at_once = an_alert(subscribers=("desk", "energy"))
    batch = [Judged(entry, (at_once, an_alert("a2", subscribers=()), quiet))]
    await redis.acl_setuser(
        "half", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", f"-{forbidden}"]
    )
    async with Redis.from_url(server_url, username="half", password="pw") as half:
        with pytest.raises(ResponseError, match=r"ACL failure|can't run this command"):
            await commit(Outbox(half, outbox.stream), batch)
    await redis.acl_deluser("half")
    assert await pending(redis, outbox.stream) == [entry]
    await commit(outbox, batch)
    assert await pending(redis, outbox.stream) == []
    found = await outbox.deliveries.newest()
    assert {one.id for one in found} == {
        delivery_id(an_alert().id, "desk"),
        delivery_id(an_alert().id, "energy"),
        delivery_id(quiet.id, "night"),
    }
    leased = await lease(outbox, 10, timedelta(seconds=60), worker="w", at=NOON)
    assert {one.id for one in leased} == {one.id for one in found if one.subscriber != "night"}
    assert all(one.body for one in leased)
    opened = await redis.hget(Store(redis, outbox.stream).key(ALERT, at_once.id), "open")
    assert opened == b"2"


async def test_a_flushed_script_cache_is_refilled(redis: Redis, outbox: Outbox) -> None:
    """A restarted server has lost the scripts; the outbox brings them along again."""
    await commit_alerts(redis, outbox, an_alert())
    await redis.script_flush()
    await commit_alerts(redis, outbox, an_alert("a2"))
    assert len(await outbox.deliveries.newest()) == 2


@pytest.mark.parametrize("name", ["", "{news}", "news}", "a{b"])
def test_a_stream_name_with_braces_is_refused(name: str) -> None:
    """Its keys would live in another slot of a cluster than the stream itself."""
    with pytest.raises(ConfigError, match="without braces"):
        Outbox(Redis(), name)
