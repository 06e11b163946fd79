"""Deliveries that are settled in one batch: the same becomes of them as one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, an_alert, commit_alerts, lease
from builders.leases import ANSWERED, MINUTE, REFUSED, RETRY_IN_AN_HOUR
from service.alerts.alert import Event
from service.store.client import Store
from service.store.keys import BELL, DELIVERIES, LANE, LANES
from service.store.lanes.leases import Leased
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Completed, Exhausted, Postponed, Verdict
from service.store.outbox import Outbox

DESK, NIGHT, OPS = NAMES = ("desk", "night", "ops")
VERDICTS = (
    Completed(),
    RETRY_IN_AN_HOUR,
    Exhausted(),
    Exhausted(refused=True),
    Postponed(MINUTE, "?"),
)
PASSING = {"created", "entry", "failing_for", "failing_since", "last_failure", "last_start"}
PASSING |= {"last_success", "token"}
"""Fields that hold a time, or what a lease drew."""


def settlement(leased: Leased, verdict: Verdict, *told: str) -> Settlement:
    """A verdict on it, and a report of its failure to these."""
    attempt = ANSWERED if isinstance(verdict, Completed) else REFUSED
    data = {"delivery_id": leased.id}
    report = Event("delivery.exhausted", f"alr_of_{leased.id}", data, told)
    has_failed = isinstance(verdict, Exhausted) and told
    return Settlement(leased, attempt, verdict, report if has_failed else None)


async def kept(redis: Any, outbox: Outbox) -> dict[str, object]:
    """All that the server keeps, times aside: how many minutes lie ahead is told of lanes."""
    seconds, _ = await redis.time()
    store = Store(redis, outbox.stream)
    lanes = [store.key(LANE, name) for name in NAMES]
    found: dict[str, object] = {}
    for raw in await redis.keys(f"{store.prefix}*"):
        key, kind = raw.decode(), (await redis.type(raw)).decode()
        if kind == "hash":
            fields = {name.decode(): text for name, text in (await redis.hgetall(raw)).items()}
            value: object = {name: text for name, text in fields.items() if name not in PASSING}
            found[f"{key} held"] = "token" in fields
        elif kind == "zset":
            scored = dict(await redis.zrange(raw, 0, -1, withscores=True))
            ahead = {one: round((at / 1000 - seconds) / 60) for one, at in scored.items()}
            value = ahead if key in lanes else {*scored}
        else:
            value = (
                key if key == store.key(BELL) else await redis.scard(raw) if kind == "set" else ""
            )
        if key != store.key(BELL):  # each call rings once
            found[key] = value
            found[f"{key} ends"] = await redis.pttl(raw) > 0
    return found


async def settled(
    redis: Redis, outbox: Outbox, seed: int, *, together: bool
) -> tuple[list[object], dict[str, object]]:
    """What came of verdicts, several on each delivery, and what is kept then."""
    await redis.flushall()
    await outbox.input_stream.ensure_group()
    await commit_alerts(redis, outbox, *(an_alert(f"a{n}", subscribers=NAMES) for n in range(3)))
    leased = await lease(outbox, 100, MINUTE, worker="w", at=NOON)
    assert len(leased) == 9
    chance, given = Random(seed), []
    for name in NAMES:  # fewer than open a circuit: what closes it brings forward all that waits
        own = sorted((one for one in leased if one.subscriber == name), key=lambda one: one.id)
        for one in chance.choices(own, k=4):
            told = chance.choices(NAMES, k=chance.randrange(3))
            given.append(settlement(one, chance.choice(VERDICTS), *dict.fromkeys(told)))
    chance.shuffle(given)
    batches = [given] if together else [[one] for one in given]
    found: list[object] = []
    for batch in batches:
        found += await outbox.lanes.settle(batch, at=NOON)
    return found, await kept(redis, outbox)


@pytest.mark.parametrize("seed", range(12))
async def test_a_batch_is_settled_like_one_after_the_other(
    redis: Redis, outbox: Outbox, seed: int
) -> None:
    """Also where it has a delivery twice, or a report that enters one of its lanes."""
    together = await settled(redis, outbox, seed, together=True)
    assert together == await settled(redis, outbox, seed, together=False)


@pytest.mark.parametrize(
    ("verdicts", "counted", "state"),
    [
        ((Completed(), Completed()), [True, False], "delivered"),
        ((RETRY_IN_AN_HOUR, Completed()), [True, True], "delivered"),
        ((Completed(), RETRY_IN_AN_HOUR), [True, False], "delivered"),
        ((RETRY_IN_AN_HOUR, RETRY_IN_AN_HOUR), [True, False], "pending"),
        ((Exhausted(), Completed()), [True, True], "delivered"),
        ((Completed(), Exhausted()), [True, False], "delivered"),
    ],
)
async def test_a_delivery_twice_in_a_batch_ends_once(
    redis: Redis, outbox: Outbox, verdicts: Sequence[Verdict], counted: list[bool], state: str
) -> None:
    """The second verdict is given on what the first one made of it."""
    await commit_alerts(redis, outbox, an_alert())
    (leased,) = await lease(outbox, 1, MINUTE, worker="w", at=NOON)
    found = await outbox.lanes.settle([settlement(leased, one) for one in verdicts], at=NOON)
    assert [one.counted for one in found] == counted
    (delivery,) = await outbox.deliveries.newest()
    assert (delivery.state, delivery.due_at is None) == (state, state != "pending")


async def test_a_report_enters_a_lane_that_the_same_batch_empties(
    redis: Redis, outbox: Outbox
) -> None:
    """It is sent like any other: the lane stays among those that are looked at."""
    await commit_alerts(redis, outbox, an_alert(subscribers=(DESK, OPS)))
    leased = {one.subscriber: one for one in await lease(outbox, 9, MINUTE, worker="w", at=NOON)}
    batch = [settlement(leased[OPS], Completed()), settlement(leased[DESK], Exhausted(), DESK, OPS)]
    await outbox.lanes.settle(batch, at=NOON)
    store, client = Store(redis, outbox.stream), redis
    assert {*await client.zrange(store.key(LANES), 0, -1)} == {DESK.encode(), OPS.encode()}
    assert await client.zcard(store.key(DELIVERIES, "pending")) == 2
    reports = await lease(outbox, 9, MINUTE, worker="w", at=NOON)
    assert {(one.subscriber, one.alert_id) for one in reports} == {
        (name, f"alr_of_{leased[DESK].id}") for name in (DESK, OPS)
    }
