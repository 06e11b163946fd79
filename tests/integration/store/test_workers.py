"""The processes of an installation: who runs, and how long work takes."""

from __future__ import annotations

import json
from datetime import timedelta

from redis.asyncio import Redis

from service.store.client import Store
from service.store.input_stream import workers
from service.store.input_stream.workers import WorkerNote
from service.store.keys import WORKERS
from service.store.outbox import Outbox

NOTE = WorkerNote(("deliver", "match"), "1.2.3", "2026-11-23T12:00:00Z", 4.5, 2.0)


async def test_a_process_is_alive_until_it_leaves(redis: Redis, outbox: Outbox) -> None:
    """It is told with all that it said, and when."""
    await outbox.workers.say("a", NOTE, {})
    await outbox.workers.say("b", NOTE, {})
    found = await outbox.workers.alive()
    assert [(one.name, one.note) for one in found] == [("a", NOTE), ("b", NOTE)]
    assert abs(found[0].seen.timestamp() - (await redis.time())[0]) <= 1
    await outbox.workers.leave("a")
    assert [one.name for one in await outbox.workers.alive()] == ["b"]


async def test_one_that_says_nothing_more_is_forgotten(redis: Redis, outbox: Outbox) -> None:
    """It was killed: it is not shown after a minute, and taken out when another says something."""
    assert timedelta(seconds=30) <= workers.ENDS_AFTER <= timedelta(minutes=2)
    key = Store(redis, outbox.stream).key(WORKERS)
    await outbox.workers.say("killed", NOTE, {})
    record = json.loads(await redis.hget(key, "killed") or b"")
    await redis.hset(key, "killed", json.dumps(record | {"seen": record["seen"] - 61_000}))
    assert [one.name for one in await outbox.workers.alive()] == []
    await redis.hset(key, "foreign", "{")
    await outbox.workers.say("alive", NOTE, {})
    assert await redis.hkeys(key) == [b"alive"]


async def test_what_was_measured_stays_when_nobody_runs(outbox: Outbox) -> None:
    """The last measure of each kind: how much is to do is asked when no worker is left."""
    assert await outbox.workers.pace() == {}
    await outbox.workers.say("a", NOTE, {"match": 0.0025, "deliver": 0.01})
    await outbox.workers.say("a", NOTE, {"match": 0.005})
    await outbox.workers.leave("a")
    assert await outbox.workers.pace() == {"match": 0.005, "deliver": 0.01}


async def test_a_newer_process_may_say_more(redis: Redis, outbox: Outbox) -> None:
    """While one version replaces the other, both are shown."""
    key = Store(redis, outbox.stream).key(WORKERS)
    await outbox.workers.say("newer", NOTE, {})
    record = json.loads(await redis.hget(key, "newer") or b"")
    said = json.dumps(json.loads(record["said"]) | {"mood": "good"})
    await redis.hset(key, "newer", json.dumps(record | {"said": said}))
    assert [one.note for one in await outbox.workers.alive()] == [NOTE]
