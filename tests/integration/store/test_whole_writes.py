"""Scripts write all, or nothing where a key is not ours; at the right time, and with one ring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from builders.alerts import NOON, an_alert, commit_alerts, lease, read_entries
from builders.leases import MINUTE, REFUSED
from service.alerts.alert import Event, delivery_id
from service.alerts.routing import Route
from service.errors import StoreError
from service.store.client import Store
from service.store.commit.commit import DeadLetter
from service.store.keys import ALERT, BELL, BUNDLES, DELIVERIES, DELIVERY, LANE
from service.store.lanes.leases import Leased
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Completed, Exhausted, RetryLater, Verdict
from service.store.outbox import Outbox

EARLY = datetime(1970, 1, 2, tzinfo=UTC)
FAR = datetime(2090, 1, 1, tzinfo=UTC)
FOREIGN = b"somebody else's"


@dataclass(frozen=True)
class Scene:
    """An outbox with records of all kinds, and what a worker has in hand of it."""

    outbox: Outbox
    leased: list[Leased]

    redis: Any  # its replies are typed for both of redis-py's clients
    """Its server, with every right: the outbox may have the least."""

    @property
    def store(self) -> Store:
        """Its keys."""
        return Store(self.outbox.redis, self.outbox.stream)


Work = Callable[[Scene], Awaitable[object]]


async def move(scene: Scene) -> object:
    """Deliveries in every state go to another subscriber."""
    store, args = scene.store, ["desk", "night", "60000"]
    for state in ("pending", "failed"):
        for id_ in await scene.redis.zrange(store.key(DELIVERIES, state), 0, -1):
            alert = await scene.redis.hget(store.key(DELIVERY, id_.decode()), "alert")
            args += [id_.decode(), delivery_id(alert.decode(), "night")]
    return await store.run("deliveries/moves/deliveries", args)


async def retry(scene: Scene) -> object:
    """What had failed is sent again."""
    (failed,) = await scene.redis.zrange(scene.store.key(DELIVERIES, "failed"), 0, -1)
    return await scene.outbox.deliveries.retry(failed.decode())


async def report(scene: Scene) -> object:
    """Faults of rules files are told."""
    event = Event("rules.fault", "alr_9", {}, ("desk", "night"))
    return await scene.outbox.rules.report_faults("some", event, at=NOON)


async def settle(scene: Scene) -> object:
    """Two attempts have ended, neither well."""
    verdicts: list[Verdict] = [Exhausted(), RetryLater(timedelta(hours=1))]
    ends = [Settlement(*both) for both in zip(scene.leased, [REFUSED] * 2, verdicts, strict=True)]
    return await scene.outbox.lanes.settle(ends, at=NOON)


async def replay(scene: Scene) -> object:
    """A dead letter goes back."""
    (letter,) = await scene.outbox.dead_letters.newest()
    return await scene.outbox.dead_letters.replay(letter.id)


WORKS: dict[str, Work] = {
    "move": move,
    "move digest": lambda on: on.store.run("deliveries/moves/digest", ["weekly", "daily"]),
    "forward": lambda on: on.outbox.moves.forward("later", tried=True),
    "retry": retry,
    "enable": lambda on: on.outbox.lanes.enable("off"),
    "disable": lambda on: on.outbox.lanes.disable("desk", "gone", at=NOON),
    "release": lambda on: on.outbox.held_events.release(),
    "report": report,
    "replay": replay,
    "settle": settle,
}
RINGS = {"move", "forward", "retry", "enable", "release", "report", "settle"}
"""These have something sent, so a worker that waits is woken."""


@pytest.fixture
async def scene(redis: Redis, outbox: Outbox) -> Scene:
    """Deliveries in all states, two digests, a disabled subscriber, and a dead letter."""
    store = Store(redis, outbox.stream)
    for name, to, route in (
        ("done", ("desk",), Route()),
        ("failed", ("desk",), Route()),
        ("one", ("desk",), Route()),
        ("two", ("desk",), Route()),
        ("both", ("desk", "night"), Route()),
        ("more", ("desk",), Route()),
        ("held", ("daily",), Route(digest_due=EARLY)),
        ("kept", ("weekly",), Route(digest_due=FAR)),
        ("quiet", ("later",), Route(not_before=FAR)),
        ("off", ("off",), Route()),
    ):
        alert = an_alert(name, subscribers=to)
        created = replace(alert.created, routes=dict.fromkeys(to, route))
        await commit_alerts(redis, outbox, replace(alert, created=created))
        if name in ("done", "failed"):
            (leased,) = await lease(outbox, 1, MINUTE, worker="w", at=NOON)
            verdict = Completed() if name == "done" else Exhausted()
            await outbox.lanes.settle([Settlement(leased, REFUSED, verdict)], at=NOON)
        if name == "two":
            in_hand = await lease(outbox, 2, MINUTE, worker="w", at=NOON)
    await outbox.lanes.disable("off", "gone", at=NOON)
    (entry,) = await read_entries(redis, outbox.stream)
    await outbox.commit([], [DeadLetter(entry, {b"title": b"x"}, "no text")], at=NOON)
    await redis.delete(store.key(BELL))
    return Scene(outbox, in_hand, redis)


async def snapshot(scene: Scene) -> dict[str, bytes]:
    """All that is kept, the stream included."""
    keys = sorted([key async for key in scene.redis.scan_iter()])
    async with scene.redis.pipeline() as pipe:
        for key in keys:
            pipe.dump(key)
        return dict(zip((key.decode() for key in keys), await pipe.execute(), strict=True))


async def restore(scene: Scene, kept: dict[str, bytes]) -> None:
    """Have just that again."""
    async with scene.redis.pipeline() as pipe:
        pipe.flushall()
        for key, dump in kept.items():
            pipe.restore(key, 0, dump)
        await pipe.execute()


@pytest.mark.parametrize("name", [*WORKS])
async def test_beside_a_foreign_key_all_is_written_or_nothing(scene: Scene, name: str) -> None:
    """Whichever key of all holds something else: that is never written over, either."""
    before = await snapshot(scene)
    await WORKS[name](scene)
    after = await snapshot(scene)
    refused = set()
    for key in sorted(before | after):
        await restore(scene, before)
        await scene.redis.set(key, FOREIGN)
        there = await snapshot(scene)
        try:
            await WORKS[name](scene)
        except (StoreError, ResponseError):
            found = await snapshot(scene)
            if name == "release":  # it is looked at again later, so that no other bundle waits
                found |= {scene.store.key(BUNDLES): there[scene.store.key(BUNDLES)]}
            assert found == there, key
            refused.add(key)
        assert await scene.redis.get(key) == FOREIGN, key
    assert refused


@pytest.mark.parametrize("name", [*WORKS])
async def test_a_worker_is_woken_once(scene: Scene, name: str) -> None:
    """Where there is something to send, and nobody has rung before."""
    bell, before = scene.store.key(BELL), await snapshot(scene)
    await WORKS[name](scene)
    assert await scene.redis.llen(bell) == (name in RINGS)
    await restore(scene, before)
    await scene.redis.rpush(bell, 1)
    await WORKS[name](scene)
    assert await scene.redis.lrange(bell, 0, -1) == [b"1"]


@pytest.mark.parametrize("name", ["move", "retry", "report", "settle", "release"])
async def test_what_changes_its_state_does_it_now(scene: Scene, name: str) -> None:
    """By the server's clock: lists of the newest, and retention, go by it."""
    places = [scene.store.key(DELIVERIES, each) for each in ("pending", "delivered", "failed")]
    before = {place: await scores(scene, place) for place in places}
    begun = await now(scene)
    await WORKS[name](scene)
    ended = await now(scene)
    changed = 0
    for place in places:
        for member, at in (await scores(scene, place)).items():
            if before[place].get(member) != at:
                assert floor(begun) <= at <= ended, place
                changed += 1
    assert changed


async def scores(scene: Scene, key: str) -> dict[bytes, float]:
    """The members of a sorted set."""
    return dict(await scene.redis.zrange(key, 0, -1, withscores=True))


async def now(scene: Scene) -> float:
    """In ms, by the server's clock."""
    seconds, microseconds = await scene.redis.time()
    return float(seconds * 1000 + microseconds / 1000)


async def test_what_is_moved_is_as_new_and_what_ends_is_kept_its_time(scene: Scene) -> None:
    """Field by field, of the deliveries and of their events."""
    store, redis = scene.store, scene.redis
    assert await move(scene) == [2, 1, 2]
    found = {
        id_: await redis.hgetall(store.key(DELIVERY, id_))
        for state in ("pending", "failed")
        for id_ in map(bytes.decode, await scores(scene, store.key(DELIVERIES, state)))
    }
    mine = {
        id_: {name.decode(): text.decode() for name, text in one.items()}
        for id_, one in found.items()
        if one[b"alert"].decode() in {an_alert(n).created.id for n in ("failed", "both", "more")}
    }
    by_alert = {(one["alert"], one["subscriber"]): (id_, one) for id_, one in mine.items()}
    for name, attempts in (("failed", "1"), ("more", "0")):
        event = an_alert(name).created.id
        id_, one = by_alert[event, "night"]
        assert (one["state"], one["base"], one["note"]) == ("pending", attempts, "")
        assert not {"token", "forced"} & {*one}
        assert await redis.pttl(store.key(DELIVERY, id_)) == -1
        assert await redis.pttl(store.key(ALERT, event)) == -1
        assert await redis.hget(store.key(ALERT, event), "open") == b"1"
    event = an_alert("both").created.id
    id_, one = by_alert[event, "desk"]
    assert (one["state"], one["note"]) == ("failed", "night has a delivery of this event")
    assert 0 < await redis.pttl(store.key(DELIVERY, id_)) <= 60_000
    assert await redis.hget(store.key(ALERT, event), "open") == b"1"
    assert await redis.pttl(store.key(ALERT, event)) == -1
    lane = await scores(scene, store.key(LANE, "night"))
    failed, more = (by_alert[an_alert(n).created.id, "night"][0] for n in ("failed", "more"))
    assert lane[more.encode()] < lane[failed.encode()] <= await now(scene) + 1
    # It has ended where nobody else waits for its event: then that is kept its time, too.
    await redis.hset(store.key(DELIVERY, id_), "state", "pending")
    await redis.zadd(store.key(DELIVERIES, "pending"), {id_: 1})
    args = ["desk", "night", "60000", id_, delivery_id(event, "night")]
    assert await store.run("deliveries/moves/deliveries", args) == [0, 1, 0]
    assert 0 < await redis.pttl(store.key(ALERT, event)) <= 60_000
