"""Lanes: one subscriber's troubles are not another's, whoever delivers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from alerts import NOON, an_alert, commit_alerts, eventually
from service.alert import Event, rfc3339
from service.channels import Secret, Webhook
from service.delivery.notices import disabling, exhausted
from service.delivery.outcome import Again, Done, Failed, Next
from service.lanes import Leased, Plan, Settled, Settlement
from service.ledger import Attempt
from service.outbox import Outbox
from service.store import Store
from service.subscriber import Subscriber

MINUTE = timedelta(minutes=1)
REFUSED = Attempt("2026-11-23T12:00:01.000Z", "w", 500, 12, "answered 500", "oops")


@pytest.fixture
def outbox(redis: Redis, stream_name: str) -> Outbox:
    """An outbox that disables a subscriber after an hour of failures."""
    return Outbox(redis, stream_name, disable_after=timedelta(hours=1))


async def due(redis: Redis, outbox: Outbox, count: int, *subscribers: str, first: int = 0) -> None:
    """Have so many deliveries to each of these subscribers made."""
    alerts = (an_alert(f"a{n}", subscribers=subscribers) for n in range(first, first + count))
    await commit_alerts(redis, outbox, *alerts)


async def take(
    outbox: Outbox, limit: int = 100, plan: Plan | None = None, **options: Any
) -> list[Leased]:
    """Lease what may be sent now."""
    found: list[Leased] = []
    how = plan or Plan()
    while True:
        leased, again = await outbox.lanes.lease(
            limit - len(found), MINUTE, worker="w", at=NOON, plan=lambda _: how, **options
        )
        found += leased
        if again != 0.0 or len(found) == limit:
            return found


async def end(outbox: Outbox, leased: list[Leased], then: Next) -> list[Settled]:
    """Settle them all alike."""
    return await outbox.lanes.settle(
        [Settlement(one, REFUSED, then) for one in leased], at=rfc3339(NOON)
    )


async def proven(redis: Redis, outbox: Outbox, *subscribers: str) -> None:
    """Have each of them take one delivery, so that their lanes are doubtful no longer."""
    await due(redis, outbox, 1, *subscribers, first=1000)
    await end(outbox, await take(outbox), Done())


def per_lane(leased: list[Leased]) -> Counter[str]:
    """How many deliveries each subscriber has among them."""
    return Counter(one.subscriber for one in leased)


async def test_a_lane_has_so_many_out_at_a_time(redis: Redis, outbox: Outbox) -> None:
    """Four by default, and as soon as one is settled another may go."""
    await proven(redis, outbox, "desk")
    await due(redis, outbox, 10, "desk")
    leased = await take(outbox)
    assert len(leased) == 4
    assert await take(outbox) == []
    await end(outbox, leased[:1], Done())
    assert len(await take(outbox)) == 1


async def test_a_doubtful_lane_has_one_out(redis: Redis, outbox: Outbox) -> None:
    """Before its first success, and again after a failure."""
    await due(redis, outbox, 10, "desk")
    first = await take(outbox)
    assert len(first) == 1
    assert first[0].doubtful
    await end(outbox, first, Done())
    second = await take(outbox)
    assert len(second) == 4
    await end(outbox, second[:1], Again(3600))
    await end(outbox, second[1:], Again(3600))
    assert len(await take(outbox)) == 1


async def test_a_long_lane_leaves_room_for_a_short_one(redis: Redis, outbox: Outbox) -> None:
    """A worker with two slots takes one of each, not two of the one with a hundred waiting."""
    await proven(redis, outbox, "long", "short")
    await due(redis, outbox, 100, "long")
    await due(redis, outbox, 1, "short", first=500)
    assert per_lane(await take(outbox, 2)) == {"long": 1, "short": 1}


async def test_lanes_take_turns(redis: Redis, outbox: Outbox) -> None:
    """With one slot at a time, every lane has had its turn before any has a second."""
    names = [f"s{n}" for n in range(5)]
    await proven(redis, outbox, *names)
    await due(redis, outbox, 3, *names)
    served = [(await take(outbox, 1))[0].subscriber for _ in range(15)]
    for turn in range(3):
        assert sorted(served[5 * turn : 5 * turn + 5]) == names


async def test_doubtful_lanes_get_a_share_only(redis: Redis, outbox: Outbox) -> None:
    """A hundred receivers that hang leave the rest of a worker to those that answer."""
    await proven(redis, outbox, "good")
    names = [f"bad{n}" for n in range(20)]
    await due(redis, outbox, 1, *names)
    await due(redis, outbox, 3, "good", first=500)
    leased = await take(outbox, 10, doubtful=4)
    assert sum(one.doubtful for one in leased) == 4
    assert per_lane(leased)["good"] == 3


async def test_a_rate_is_kept(redis: Redis, outbox: Outbox) -> None:
    """One delivery, then none until the gap is over."""
    await proven(redis, outbox, "desk")
    await due(redis, outbox, 3, "desk")
    slow = Plan(gap=0.2)
    assert len(await take(outbox, plan=slow)) == 1
    _, again = await outbox.lanes.lease(9, MINUTE, worker="w", at=NOON, plan=lambda _: slow)
    assert again is not None
    assert 0 < again <= 0.2
    await eventually(_takes(outbox, slow))


def _takes(outbox: Outbox, plan: Plan) -> Callable[[], Any]:
    async def found() -> bool:
        return len(await take(outbox, plan=plan)) == 1

    return found


async def failing(redis: Redis, outbox: Outbox, times: int) -> list[Settled]:
    """Have so many attempts in a row fail; returns what came of them."""
    found = []
    for n in range(times):
        await due(redis, outbox, 1, "desk", first=n)
        found += await end(outbox, await take(outbox, 1), Again(3600))
    return found


async def test_five_failures_open_the_circuit(redis: Redis, outbox: Outbox) -> None:
    """Then nothing goes out until a probe a minute later, whatever is due."""
    await proven(redis, outbox, "desk")
    assert [one.lane for one in await failing(redis, outbox, 5)] == ["", "", "", "", "opened"]
    await due(redis, outbox, 5, "desk", first=50)
    leased, again = await outbox.lanes.lease(9, MINUTE, worker="w", at=NOON, plan=lambda _: Plan())
    assert leased == []
    assert again is None or 59 < again <= 60
    await probe_now(redis, outbox)
    assert len(await take(outbox)) == 1
    assert await take(outbox) == []


async def probe_now(redis: Redis, outbox: Outbox) -> None:
    """As if a minute had gone by."""
    store = Store(redis, outbox.stream)
    await redis.hset(f"{store.lane('desk')}:state", "probe", "1")
    await redis.zadd(store.lanes, {"desk": 1})


async def test_a_success_closes_the_circuit(redis: Redis, outbox: Outbox) -> None:
    """And the lane has four out at a time again."""
    await failing(redis, outbox, 5)
    await due(redis, outbox, 9, "desk", first=50)
    await probe_now(redis, outbox)
    (settled,) = await end(outbox, await take(outbox), Done())
    assert settled.lane == "closed"
    assert len(await take(outbox)) == 4


async def test_a_failed_probe_leaves_it_open(redis: Redis, outbox: Outbox) -> None:
    """The next one is a minute later."""
    await failing(redis, outbox, 5)
    await due(redis, outbox, 9, "desk", first=50)
    await probe_now(redis, outbox)
    (settled,) = await end(outbox, await take(outbox), Again(5))
    assert settled.lane == ""
    assert await take(outbox) == []


async def test_a_receiver_that_asks_for_rest_gets_it(redis: Redis, outbox: Outbox) -> None:
    """Retry-After holds for all of its deliveries, and for nobody else's."""
    await proven(redis, outbox, "desk", "other")
    await due(redis, outbox, 3, "desk", "other")
    leased = await take(outbox, 2)
    await end(outbox, [one for one in leased if one.subscriber == "desk"], Again(600, rest=600))
    assert per_lane(await take(outbox)) == {"other": 2}


async def test_a_subscriber_that_fails_for_too_long_is_disabled(
    redis: Redis, outbox: Outbox
) -> None:
    """From the first failure without a success since; what falls due then fails and is kept."""
    await failing(redis, outbox, 1)
    store = Store(redis, outbox.stream)
    hour_ago = str((await redis.time())[0] * 1000 - 3_600_001)
    await redis.hset(f"{store.lane('desk')}:state", "since", hour_ago)
    assert [one.lane for one in await failing(redis, outbox, 2)][-1] in ("disabled", "")
    assert await redis.hexists(store.disabled, "desk")
    await due(redis, outbox, 2, "desk", first=50)
    assert await take(outbox) == []
    failed = await outbox.ledger.deliveries(state="failed")
    assert "its subscriber is disabled: nothing was delivered for" in failed[0].note


async def test_what_an_operator_enables_is_served_again(redis: Redis, outbox: Outbox) -> None:
    """At once, and with no memory of what went wrong."""
    await failing(redis, outbox, 5)
    assert await outbox.lanes.disable("desk", "moving house", at=NOON)
    assert not await outbox.lanes.disable("desk", "again", at=NOON)
    assert await take(outbox) == []
    assert await outbox.lanes.enable("desk")
    await due(redis, outbox, 2, "desk", first=50)
    assert len(await take(outbox)) == 1


async def test_a_retry_that_somebody_asks_for_passes_the_circuit(
    redis: Redis, outbox: Outbox
) -> None:
    """Whoever asks knows that the receiver was mended."""
    await failing(redis, outbox, 5)
    (waiting, *_) = await outbox.ledger.deliveries(state="pending")
    assert await outbox.ledger.retry(waiting.id)
    assert [one.id for one in await take(outbox)] == [waiting.id]


EVERYBODY = {
    name: Subscriber(name, Webhook(Secret("https://x.example"), ()), reports=name == "watch")
    for name in ("desk", "watch")
}


async def test_a_failure_for_good_is_reported(redis: Redis, outbox: Outbox) -> None:
    """Whoever asked for reports gets one, as a delivery like any other; once."""
    await due(redis, outbox, 1, "desk")
    (leased,) = await take(outbox)
    settlement = Settlement(
        leased,
        REFUSED,
        Failed("answered 410"),
        exhausted(leased, REFUSED, EVERYBODY),
        disabling(leased, REFUSED, EVERYBODY),
    )
    await outbox.lanes.settle([settlement], at=rfc3339(NOON))
    await outbox.lanes.settle([settlement], at=rfc3339(NOON))
    reports = await take(outbox)
    assert [one.subscriber for one in reports] == ["watch"]
    await end(outbox, reports, Done())
    reports += await take(outbox)
    bodies = [json.loads(one.body) for one in reports]
    assert {body["type"] for body in bodies} == {"delivery.exhausted", "subscriber.disabled"}
    assert all("desk" in body["data"]["message"] for body in bodies)


async def test_a_report_is_not_reported(redis: Redis, outbox: Outbox) -> None:
    """Two receivers of reports could go on for ever."""
    await due(redis, outbox, 1, "desk")
    (leased,) = await take(outbox)
    told: list[Event | None] = [exhausted(leased, REFUSED, EVERYBODY)]
    await outbox.lanes.settle([Settlement(leased, REFUSED, Failed(), told[0])], at=rfc3339(NOON))
    (report,) = await take(outbox)
    others = EVERYBODY | {"second": Subscriber("second", EVERYBODY["desk"].channel, reports=True)}
    assert exhausted(report, REFUSED, others) is None
