"""Lanes: one subscriber's troubles are not another's, whoever delivers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from alerts import NOON, an_alert, commit_alerts, eventually
from service.alert import Event, rfc3339
from service.channels import Secret, Webhook
from service.delivery.notices import disabling, exhausted
from service.delivery.outcome import Again, Done, Failed, Next
from service.delivery.schedule import LONGEST_REST
from service.errors import StoreError
from service.lanes import Leased, Plan, Settled, Settlement
from service.ledger import Attempt
from service.outbox import Outbox
from service.store import Store
from service.subscriber import Subscriber

MINUTE = timedelta(minutes=1)
AGAIN = Again(3600)
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
    outbox: Outbox, limit: int = 100, plan: Plan | None = None, doubtful: int = 100
) -> list[Leased]:
    """Lease what may be sent now, at most so many, and so many of doubtful lanes."""
    found: list[Leased] = []
    how = plan or Plan()
    while True:
        leased, again = await outbox.lanes.lease(
            limit - len(found),
            MINUTE,
            worker="w",
            at=NOON,
            plan=lambda _: how,
            doubtful=doubtful - sum(one.doubtful for one in found),
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


async def failed_once(redis: Redis, outbox: Outbox, count: int) -> None:
    """Have so many lanes that are doubtful, each with a delivery that is due."""
    await due(redis, outbox, 1, *(f"bad{n}" for n in range(count)))
    leased: list[Leased] = []
    while len(leased) < count:
        leased += await take(outbox)
    await end(outbox, leased, Again(0))


async def test_doubtful_lanes_get_a_share_only(redis: Redis, outbox: Outbox) -> None:
    """A hundred receivers that hang leave the rest of a worker to those that answer."""
    await proven(redis, outbox, "good")
    await failed_once(redis, outbox, 20)
    await due(redis, outbox, 3, "good", first=500)
    leased = await take(outbox, 10, doubtful=4)
    assert sum(one.doubtful for one in leased) == 4
    assert per_lane(leased)["good"] == 3


async def test_where_slots_are_few_a_lane_has_one_out(redis: Redis, outbox: Outbox) -> None:
    """And comes again as soon as there are more, whatever has become of the one."""
    await proven(redis, outbox, "desk", "other")
    await due(redis, outbox, 4, "desk", "other")

    async def leased(*, alone: bool) -> list[Leased]:
        found, _ = await outbox.lanes.lease(
            100, MINUTE, worker="w", at=NOON, plan=lambda _: Plan(), alone=alone
        )
        return found

    assert per_lane(await leased(alone=True)) == {"desk": 1, "other": 1}
    assert await leased(alone=True) == []
    found: list[Leased] = []

    async def all_are_out() -> bool:
        found.extend(await leased(alone=False))
        return per_lane(found) == {"desk": 3, "other": 3}

    await eventually(all_are_out)


SLOW = replace(REFUSED, status=200, duration_ms=4_000, error="")


async def slow_once(redis: Redis, outbox: Outbox, *subscribers: str) -> None:
    """Have each of them take one delivery, after seconds."""
    await due(redis, outbox, 1, *subscribers, first=2000)
    leased = await take(outbox)
    assert len(leased) == len(subscribers)
    await outbox.lanes.settle([Settlement(one, SLOW, Done()) for one in leased], at=rfc3339(NOON))


async def test_slow_lanes_get_a_share_only(redis: Redis, outbox: Outbox) -> None:
    """Receivers that answer after seconds leave the rest of a worker to those that do at once."""
    await proven(redis, outbox, "good")
    slow = [f"slow{n}" for n in range(20)]
    await slow_once(redis, outbox, *slow)
    await due(redis, outbox, 4, *slow)
    await due(redis, outbox, 3, "good", first=500)
    leased = await take(outbox, 40, doubtful=10)
    assert Counter(one.doubtful for one in leased) == {True: 10, False: 3}
    assert per_lane(leased)["good"] == 3


async def test_a_slow_lane_keeps_its_concurrency_and_recovers(redis: Redis, outbox: Outbox) -> None:
    """While there is room it is served like any other; an answer in time, and it is one."""
    await slow_once(redis, outbox, "desk")
    assert (await outbox.ledger.lanes.of("desk")).standing() == "slow"
    await due(redis, outbox, 9, "desk")
    leased = await take(outbox)
    assert [one.doubtful for one in leased] == [True] * 4
    await end(outbox, leased, Done())
    assert (await outbox.ledger.lanes.of("desk")).standing() == "ok"
    assert [one.doubtful for one in await take(outbox)] == [False] * 4


async def test_a_lane_that_lets_a_delivery_wait_is_slow(redis: Redis, outbox: Outbox) -> None:
    """Its first answer need not have come for it to be held to the share."""
    await proven(redis, outbox, "desk")
    await due(redis, outbox, 2, "desk")
    (first,) = await take(outbox, 1)
    out = f"{Store(redis, outbox.stream).lane('desk')}:out"
    await redis.zincrby(out, -2_000, first.id)  # it was leased two seconds earlier
    (second,) = await take(outbox)
    assert (first.doubtful, second.doubtful) == (False, True)


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


async def failing(
    redis: Redis, outbox: Outbox, times: int, then: Next = AGAIN, *, first: int = 0
) -> list[Settled]:
    """Have so many attempts in a row fail; returns what came of them."""
    found = []
    for n in range(first, first + times):
        await due(redis, outbox, 1, "desk", first=n)
        found += await end(outbox, await take(outbox, 1), then)
    return found


async def hour_ago(redis: Redis, outbox: Outbox) -> None:
    """As if the first failure were more than an hour old."""
    since = (await redis.time())[0] * 1000 - 3_600_001
    await redis.hset(state(redis, outbox), "since", str(since))


def state(redis: Redis, outbox: Outbox, subscriber: str = "desk") -> str:
    """The key of what a lane remembers."""
    return f"{Store(redis, outbox.stream).lane(subscriber)}:state"


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
    await failing(redis, outbox, 4)
    store = Store(redis, outbox.stream)
    await hour_ago(redis, outbox)
    assert [one.lane for one in await failing(redis, outbox, 1, first=40)] == ["disabled"]
    assert await redis.hexists(store.disabled, "desk")
    await due(redis, outbox, 2, "desk", first=50)
    assert await take(outbox) == []
    failed = await outbox.ledger.deliveries(state="failed")
    assert "its subscriber is disabled: nothing was delivered for" in failed[0].note


async def test_two_failures_far_apart_disable_nobody(redis: Redis, outbox: Outbox) -> None:
    """A subscriber to which nothing was sent for days has not failed for days."""
    await failing(redis, outbox, 1)
    await hour_ago(redis, outbox)
    assert [one.lane for one in await failing(redis, outbox, 1, first=10)] == [""]
    assert not await redis.exists(Store(redis, outbox.stream).disabled)


async def test_a_message_that_is_refused_is_not_its_lanes_failure(
    redis: Redis, outbox: Outbox
) -> None:
    """What the receiver says of single messages neither opens its circuit nor disables it."""
    found = await failing(redis, outbox, 6, Failed(alone=True))
    assert [(one.counted, one.lane) for one in found] == [(True, "")] * 6
    assert await redis.hmget(state(redis, outbox), "failures", "since", "proven") == [None] * 3
    assert len(await outbox.ledger.deliveries(state="failed")) == 6
    await failing(redis, outbox, 4, first=10)
    await failing(redis, outbox, 1, Failed(alone=True), first=20)
    assert await redis.hget(state(redis, outbox), "failures") == b"4"


async def test_a_success_in_flight_leaves_a_subscriber_disabled(
    redis: Redis, outbox: Outbox
) -> None:
    """What was sent before says nothing against an operator's word, or another attempt's 410."""
    await proven(redis, outbox, "desk")
    await due(redis, outbox, 3, "desk")
    one, two, three = await take(outbox)
    await end(outbox, [one], Failed("answered 410"))
    assert [each.lane for each in await end(outbox, [two], Done())] == [""]
    assert await redis.hexists(Store(redis, outbox.stream).disabled, "desk")
    await outbox.lanes.enable("desk")
    await outbox.lanes.disable("desk", "moving house", at=NOON)
    await end(outbox, [three], Done())
    assert await redis.hexists(Store(redis, outbox.stream).disabled, "desk")


async def test_a_retry_lifts_the_mark_that_it_passed_and_no_later_one(
    redis: Redis, outbox: Outbox
) -> None:
    """It was asked for before the subscriber was disabled, and is under way then."""
    await due(redis, outbox, 1, "desk")
    await end(outbox, first := await take(outbox), Failed(alone=True))
    store = Store(redis, outbox.stream)
    assert await outbox.ledger.retry(first[0].id)
    again = await take(outbox)
    await outbox.lanes.disable("desk", "moving house", at=NOON)
    await end(outbox, again, Done())
    assert await redis.hexists(store.disabled, "desk")
    assert await outbox.ledger.retry(first[0].id)
    assert [one.lane for one in await end(outbox, await take(outbox), Done())] == ["closed"]
    assert not await redis.hexists(store.disabled, "desk")


async def test_a_rest_outlasts_anothers_success(redis: Redis, outbox: Outbox) -> None:
    """Of two attempts at a time one was told to wait, the other was taken."""
    await proven(redis, outbox, "desk")
    await due(redis, outbox, 5, "desk")
    busy, taken, *_ = await take(outbox)
    await end(outbox, [busy], Again(600, rest=600))
    await end(outbox, [taken], Done())
    assert await take(outbox) == []


@pytest.mark.parametrize(
    ("field", "longest"), [("rest", 3600), ("served", 0), ("probe", 60), ("next", 2)]
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
    if field != "served":
        await redis.zadd(Store(redis, outbox.stream).lanes, {"desk": 1})
    leased = await take(outbox, plan=Plan(gap=2))
    assert len(leased) == (field == "served")
    kept = float(await redis.hget(state(redis, outbox), field) or 0) / 1000
    assert kept <= now + longest + 5
    looked_at = await redis.zscore(Store(redis, outbox.stream).lanes, "desk")
    assert looked_at is not None
    assert looked_at / 1000 <= now + max(longest, 60) + 5


async def test_what_is_due_later_than_anything_can_be_is_due_now(
    redis: Redis, outbox: Outbox
) -> None:
    """After the server's clock was set back: at once, and in its order; what can be is left."""
    await proven(redis, outbox, "desk")
    await due(redis, outbox, 3, "desk")
    store = Store(redis, outbox.stream)
    ids: Any = await redis.zrange(store.lane("desk"), 0, -1)
    now = (await redis.time())[0] * 1000
    hour = 3_600_000
    times = dict(zip(ids, (now + 60 * hour, now + 40 * hour, now + 50 * hour), strict=True))
    await redis.zadd(store.lane("desk"), times)
    await redis.zadd(store.lanes, {"desk": now + 40 * hour})
    assert await take(outbox) == []
    await redis.zadd(store.lane("desk"), {ids[1]: now + 51 * hour})
    await redis.zadd(store.lanes, {"desk": now + 50 * hour})
    leased = await take(outbox)
    assert [one.id.encode() for one in leased] == [ids[2], ids[1], ids[0]]


async def test_what_seems_to_be_out_for_hours_is_not(redis: Redis, outbox: Outbox) -> None:
    """A lease that ends later than any can is brought near, so that it does not fill its lane."""
    await proven(redis, outbox, "desk")
    await due(redis, outbox, 8, "desk")
    store = Store(redis, outbox.stream)
    out = f"{store.lane('desk')}:out"
    now = (await redis.time())[0] * 1000
    await redis.zadd(out, {f"dlv_{n}": now + 36_000_000 for n in range(4)})
    assert await take(outbox) == []
    ends: Any = await redis.zrange(out, 0, -1, withscores=True)
    assert max(end for _, end in ends) < now + 90_000
    looked_at = await redis.zscore(store.lanes, "desk")
    assert looked_at is not None
    assert looked_at < now + 90_000


@pytest.mark.parametrize("part", ["", ":out", ":state"])
async def test_a_foreign_lane_holds_up_its_own_subscriber_only(
    redis: Redis, outbox: Outbox, part: str
) -> None:
    """Articles are committed, others get theirs, the log names the key; mended, it goes on."""
    await proven(redis, outbox, "other")
    store = Store(redis, outbox.stream)
    key = store.lane("desk") + part
    await redis.set(key, "foreign")
    await due(redis, outbox, 2, "desk", "other")
    with capture_logs() as logs:
        leased = await take(outbox)
    assert per_lane(leased) == {"other": 2}
    await end(outbox, leased, Done())
    assert [(one["event"], one["subscriber_id"], one["key"]) for one in logs] == [
        ("lane.unreadable", "desk", key)
    ]
    assert await redis.get(key) == b"foreign"
    assert await take(outbox) == []
    await redis.delete(key)
    await redis.zadd(store.lanes, {"desk": 1})  # a minute later
    (one,) = await take(outbox)
    await end(outbox, [one], Done())
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
    key = Store(redis, outbox.stream).lane("desk") + part
    await redis.delete(key)
    await redis.set(key, "foreign")
    with pytest.raises(StoreError, match=re.escape(repr(key)) + " holds a string"):
        await end(outbox, leased, Done())
    await redis.delete(key)
    (settled,) = await end(outbox, leased, Done())
    assert settled.counted


def test_the_longest_rest_is_the_same_everywhere() -> None:
    """The script's limit is the one by which the courier cuts what a receiver asks for."""
    script = files("service").joinpath("lua", "lanes.lua").read_text(encoding="utf-8")
    assert f"LONGEST_REST = {LONGEST_REST * 1000:.0f} " in script


async def test_doubtful_lanes_without_room_are_not_looked_at_all_the_time(
    redis: Redis, outbox: Outbox
) -> None:
    """The more there are, the later each is looked at again; and nobody is told to hurry."""
    await failed_once(redis, outbox, 400)
    pauses: list[float | None] = []
    while len(pauses) < 4:
        _, again = await outbox.lanes.lease(
            9, MINUTE, worker="w", at=NOON, plan=lambda _: Plan(), doubtful=0
        )
        pauses.append(again)
    assert pauses[0] == 0.0
    assert all(pauses[1:])
    seconds, microseconds = await redis.time()
    looked_at = await redis.zscore(Store(redis, outbox.stream).lanes, "bad0")
    assert looked_at is not None
    assert looked_at / 1000 - seconds - microseconds / 1e6 > 0.4


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
