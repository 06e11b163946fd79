"""An event for very many: its deliveries are written in portions, each once, whoever ends when."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError
from structlog.testing import capture_logs

from builders.alerts import NOON, AnAlert, Judged, an_alert, commit, decide, lease, read_entries
from builders.leases import ANSWERED, MINUTE
from service.alerts.alert import Event, delivery_id
from service.alerts.routing import Route
from service.store.client import Store
from service.store.commit import event_plan
from service.store.commit.event_plan import PORTION
from service.store.keys import ALERT, BELL, DELIVERIES, DELIVERY, KEYS, PORTIONED, PORTIONS
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Completed
from service.store.outbox import Outbox
from service.views.alerts.shares import Shares

LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
LATER_MS = 1000 * LATER.timestamp()
NAMES = tuple(f"s{number:03}" for number in range(2 * PORTION + 30))
DIGESTS = NAMES[5::10]
QUIET = NAMES[6::10]
AT_ONCE = {*NAMES} - {*DIGESTS, *QUIET}
TIMES = (b"created", b"last_start")
CALLS = 4
"""Of one alert for all of them: the commit, and three portions."""


class EndedError(Exception):
    """The process has ended."""


class Ends:
    """Ends the process when so many scripts have been answered, beside those that only read."""

    def __init__(self, after: int) -> None:
        self.left = after

    def answered(self, script: str, _seconds: float) -> None:
        """A script was answered."""
        self.left -= script in ("commit/commit", "commit/portion")
        if self.left == 0:
            raise EndedError

    def failed(self, error: Exception) -> None:
        """Nothing else fails here."""
        raise error


def alert_for_all(article: str = "a1", revision: str = "r1") -> AnAlert:
    """Of some subscribers the digest gets it, for some it is night."""
    alert = an_alert(article, revision=revision, subscribers=NAMES)
    routes = {name: Route(digest_due=LATER) for name in DIGESTS}
    routes |= {name: Route(not_before=LATER) for name in QUIET}
    return replace(alert, created=replace(alert.created, routes=routes))


async def sent(outbox: Outbox) -> list[str]:
    """Have all sent that may be, by one worker: to whom, each as often as it got it."""
    found: list[str] = []
    store, more = Store(outbox.redis, outbox.stream), True
    while more:
        leased = await lease(outbox, 1000, MINUTE, worker="w", at=NOON)
        found += [one.subscriber for one in leased]
        settled = [Settlement(one, ANSWERED, Completed()) for one in leased]
        await outbox.lanes.settle(settled, at=NOON)
        now = (await store.now()).timestamp() * 1000
        more = bool(leased) or await outbox.redis.zcount(store.key(PORTIONED), 0, now) > 0
    return found


async def unwritten(outbox: Outbox, alert: str) -> set[str]:
    """The subscribers for whom the alert is said to wait until its delivery is written."""
    (record,) = await outbox.alert_records.read([alert], NAMES)
    shares = (await Shares(outbox, NAMES).of([record]))[alert]
    return {one.subscriber for one in shares if "not written yet" in one.words}


async def content(redis: Redis, outbox: Outbox) -> dict[str, Any]:
    """All that is kept beside the stream, but for times of this moment."""
    store, typed = Store(redis, outbox.stream), cast("Any", redis)
    found: dict[str, Any] = {}
    async for raw in redis.scan_iter(f"{store.prefix}*"):
        name = raw.decode().removeprefix(store.prefix)
        (pattern,) = [each for each in KEYS if each.matches(name)]
        if pattern.type == "hash":
            fields = await typed.hgetall(raw)
            found[name] = {field: each for field, each in fields.items() if field not in TIMES}
        elif pattern.type == "zset":
            scored = await typed.zrange(raw, 0, -1, withscores=True)
            found[name] = {member: None if 1e9 < at < LATER_MS else at for member, at in scored}
        else:
            found[name] = await typed.lrange(raw, 0, -1)
        found[f"{name} lives"] = await redis.pttl(raw) > 0
    return found


async def test_portions_come_to_what_one_step_makes(
    redis: Redis, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deliveries, lanes, digests and the event's record are the same, and nothing else is left."""
    found = []
    for most in (PORTION, len(NAMES)):
        with monkeypatch.context() as patch:
            patch.setattr(event_plan, "PORTION", most)
            for revision in ("r1", "r2"):  # an update after the alert
                (entry,) = await read_entries(redis, outbox.stream)
                made = await commit(outbox, [Judged(entry, (alert_for_all(revision=revision),))])
                assert made.deliveries >= len(NAMES) - len(DIGESTS)
        found.append(await content(redis, outbox))
        await redis.flushall()
        await outbox.input_stream.ensure_group()
    for each in found:
        for key in [key for key in each if "alert:" in key and "lives" not in key]:
            each[key].pop(b"entry", None)
    assert found[0] == found[1]


@pytest.mark.parametrize("calls", range(1, CALLS + 1))
@pytest.mark.parametrize("again", [False, True])
async def test_whoever_ends_between_two_portions_is_replaced(
    redis: Redis, outbox: Outbox, calls: int, again: bool
) -> None:
    """A worker writes the rest: everybody gets one delivery, even if the entry is repeated."""
    (entry,) = await read_entries(redis, outbox.stream)
    store, alert = Store(redis, outbox.stream), alert_for_all()
    ending = Outbox(outbox.redis, outbox.stream, calls=Ends(calls))
    with pytest.raises(EndedError):
        await ending.commit(await decide(outbox, [Judged(entry, (alert,))]), at=NOON)
    if again:
        assert (await commit(outbox, [Judged(entry, (alert,))])).others == 1
        (newer,) = await read_entries(redis, outbox.stream)
        assert (await commit(outbox, [Judged(newer, (alert,))])).repeated == (alert.id,)
    assert sorted(await sent(outbox)) == sorted(AT_ONCE)
    assert await redis.zcard(store.key(DELIVERIES, "delivered")) == len(AT_ONCE)
    assert await redis.zcard(store.key(DELIVERIES, "pending")) == len(QUIET)
    assert await redis.hget(store.key(ALERT, alert.id), "open") == b"%d" % len(DIGESTS + QUIET)
    assert not await redis.exists(store.key(PORTIONED), store.key(PORTIONS, alert.id))


async def test_many_write_the_same_portions_once(redis: Redis, outbox: Outbox) -> None:
    """Workers that lease beside the one that commits write none twice, and lose none."""
    (entry,) = await read_entries(redis, outbox.stream)
    decided = await decide(outbox, [Judged(entry, (alert_for_all(),))])
    committed, found = await asyncio.gather(
        outbox.commit(decided, at=NOON), asyncio.gather(*(sent(outbox) for _ in range(4)))
    )
    assert committed.deliveries == len(NAMES)
    assert sorted([*chain(*found), *await sent(outbox)]) == sorted(AT_ONCE)


@pytest.mark.parametrize("forbidden", ["zadd", "hset", "hincrby", "zremrangebyrank", "rpush"])
async def test_a_portion_that_breaks_halfway_is_completed(
    redis_url: str, redis: Redis, outbox: Outbox, forbidden: str
) -> None:
    """The server refuses one command after others were done: the next call writes what is left."""
    (entry,) = await read_entries(redis, outbox.stream)
    ending = Outbox(redis, outbox.stream, calls=Ends(1))
    with pytest.raises(EndedError):
        await ending.commit(await decide(outbox, [Judged(entry, (alert_for_all(),))]), at=NOON)
    await redis.delete(Store(redis, outbox.stream).key(BELL))
    await redis.acl_setuser(
        "half", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", f"-{forbidden}"]
    )
    async with Redis.from_url(redis_url, username="half", password="pw") as half:
        with capture_logs() as logs:
            await Outbox(half, outbox.stream).portions.write()
    assert [one["event"] for one in logs] == ["delivery.not_written"]
    await redis.acl_deluser("half")
    assert sorted(await sent(outbox)) == sorted(AT_ONCE)
    store = Store(redis, outbox.stream)
    left = await redis.hget(store.key(ALERT, alert_for_all().id), "open")
    assert left == b"%d" % len(DIGESTS + QUIET)


@pytest.mark.parametrize("forbidden", ["zadd", "hset", "xack"])
async def test_a_commit_that_breaks_halfway_is_repeated_with_its_portions(
    redis_url: str, redis: Redis, outbox: Outbox, forbidden: str
) -> None:
    """What was kept of an event that is not finished is not sent, until the entry is repeated."""
    (entry,) = await read_entries(redis, outbox.stream)
    await redis.acl_setuser(
        "half", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", f"-{forbidden}"]
    )
    async with Redis.from_url(redis_url, username="half", password="pw") as half:
        with pytest.raises(ResponseError, match=r"ACL failure|can't run this command"):
            await commit(Outbox(half, outbox.stream), [Judged(entry, (alert_for_all(),))])
    await redis.acl_deluser("half")
    early = await sent(outbox)
    assert forbidden == "xack" or not early
    assert not await redis.exists(Store(redis, outbox.stream).key(PORTIONED))
    await commit(outbox, [Judged(entry, (alert_for_all(),))])
    assert sorted([*early, *await sent(outbox)]) == sorted(AT_ONCE)


async def test_a_foreign_key_holds_up_its_event_only(redis: Redis, outbox: Outbox) -> None:
    """The commit stands, the log names the key; other events go out, this one once it is gone."""
    first, second = await read_entries(redis, outbox.stream, 2)
    store, alert = Store(redis, outbox.stream), alert_for_all()
    foreign = store.key(DELIVERY, delivery_id(alert.id, NAMES[PORTION]))
    await redis.set(foreign, "somebody else's")
    with capture_logs() as logs:
        await commit(outbox, [Judged(first, (alert,))])
        await commit(outbox, [Judged(second, (alert_for_all("a2"),))])
    (said,) = logs
    assert said["event"] == "delivery.not_written"
    assert f"{foreign!r} holds a string" in said["error"]
    early = await sent(outbox)
    assert len(early) == len(AT_ONCE) + len(AT_ONCE & {*NAMES[:PORTION]})
    await redis.delete(foreign)
    assert await unwritten(outbox, alert.id) == {*NAMES[PORTION:]}
    await redis.zadd(store.key(PORTIONED), {alert.id: 1}, xx=True)
    assert sorted([*early, *await sent(outbox)]) == sorted([*AT_ONCE, *AT_ONCE])
    assert not await unwritten(outbox, alert.id)


async def test_a_report_to_very_many_goes_out(redis: Redis, outbox: Outbox) -> None:
    """Scripts other than the commit keep portions too; a worker writes them."""
    event = Event("rules.fault", "alr_9", {}, NAMES)
    assert await outbox.rules.report_faults("some", event, at=NOON)
    assert sorted(await sent(outbox)) == sorted(NAMES)
    assert not await redis.exists(Store(redis, outbox.stream).key(PORTIONED))
