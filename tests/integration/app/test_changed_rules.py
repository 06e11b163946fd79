"""Changed rules reach what waits: hours, digests, rates, addresses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, AnAlert, a_request, an_alert, commit_alerts
from builders.lanes import confirm, due, failing, take
from builders.rules import SECRETS, load
from service.alerts.alert import delivery_id
from service.alerts.routing import Route
from service.app.changed_rules import WaitingDeliveries, changed_subscribers, moved_receivers
from service.errors import StoreError
from service.rules.rules import Rules
from service.rules.subscribers.receiver_mark import receiver_mark
from service.store.client import Store
from service.store.keys import BUNDLES, LANE, LANE_STATE, RECEIVERS
from service.store.lanes.allotment import LaneLimits
from service.store.outbox import Outbox

OTHER_SECRET = "whsec_" + "REVG" * 8
FAR = datetime(2090, 1, 1, tzinfo=UTC)
DESK = 'subscribers: [{id: desk, %swebhook: {url: "https://%s/", secret: "${DESK_SECRET}"}}]'


def rules(more: str = "", host: str = "d.example") -> Rules:
    """Rules with one subscriber."""
    found = load({"r.yaml": DESK % (more, host)}, SECRETS.get)
    assert found.faults == ()
    return found


def on_the_way(alert: AnAlert, route: Route) -> AnAlert:
    """The alert, which the desk does not get at once."""
    return replace(alert, created=replace(alert.created, routes={"desk": route}))


async def changed(outbox: Outbox, before: Rules | None, after: Rules, *terms_of: str) -> None:
    """These rules took the place of those."""
    await waiting_in(outbox).reach(before, after, terms_of)


def waiting_in(outbox: Outbox) -> WaitingDeliveries:
    """What waits in the outbox."""
    return WaitingDeliveries([outbox])


async def waits_for(redis: Redis, outbox: Outbox) -> list[timedelta]:
    """How long each delivery to the desk has still to wait."""
    seconds, microseconds = await redis.time()
    now = seconds + microseconds / 1_000_000
    key = Store(redis, outbox.stream).key(LANE, "desk")
    found: Any = await redis.zrange(key, 0, -1, withscores=True)
    return [timedelta(seconds=at / 1000 - now) for _, at in found]


@pytest.mark.parametrize(
    ("before", "after", "terms_of", "expected"),
    [
        (rules(), rules(), (), []),
        (rules(), rules(host="e.example"), (), [("desk", True)]),
        (rules("rate: 1/h, "), rules("rate: 2/h, "), (), [("desk", False)]),
        (rules("rate: 1/m, "), rules("rate: 1/h, "), (), []),
        (rules("digest: {every: 1h}, "), rules(), ("desk",), [("desk", False)]),
        (None, rules(), ("desk",), [("desk", False)]),
        (None, rules(), (), []),
    ],
)
def test_only_what_may_come_sooner_is_judged_again(
    before: Rules | None,
    after: Rules,
    terms_of: Collection[str],
    expected: list[tuple[str, bool]],
) -> None:
    """Or each reload would move everything."""
    found = changed_subscribers(before, after, terms_of)
    assert [(one.id, one.elsewhere) for one in found] == expected


async def test_what_waits_for_the_end_of_quiet_hours_comes_at_once(
    redis: Redis, outbox: Outbox
) -> None:
    """They were shortened or taken out; what was tried keeps its schedule."""
    await failing(redis, outbox, 1)
    alert = on_the_way(an_alert("a9"), Route(not_before=FAR))
    await commit_alerts(redis, outbox, alert)
    await changed(outbox, rules("quiet: {from: '00:00', to: '23:59'}, "), rules(), "desk")
    soon, retry = await waits_for(redis, outbox)
    assert soon < timedelta(minutes=1) < retry


async def test_those_who_were_not_reached_are_tried_again(redis: Redis, outbox: Outbox) -> None:
    """Redis was away at that moment: also where rules changed once more, by another address."""
    await failing(redis, outbox, 1)
    lane, waiting = Store(redis, outbox.stream).key(LANE, "desk"), waiting_in(outbox)
    kept: Any = await redis.dump(lane)
    await redis.set(lane, "not a lane")
    await waiting.reach(rules(), rules(host="e.example"), ())
    await waiting.reach(rules("rate: 1/h, ", "e.example"), rules("rate: 2/h, ", "e.example"), ())
    with pytest.raises(StoreError, match="holds a string"):
        await waiting.reach_left()
    await redis.restore(lane, 0, kept, replace=True)
    assert min(await waits_for(redis, outbox)) > timedelta(seconds=2)
    await waiting.reach_left()
    assert max(await waits_for(redis, outbox)) < timedelta(seconds=1)
    await redis.set(lane, "not a lane")
    await waiting.reach_left()  # nobody is left


async def test_who_changes_once_more_meanwhile_is_reached_once_more(
    redis: Redis, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New rules came while the old ones were carried out, and Redis did not take theirs."""
    await failing(redis, outbox, 1)
    lane, waiting = Store(redis, outbox.stream).key(LANE, "desk"), waiting_in(outbox)
    kept: Any = await redis.dump(lane)
    forward = outbox.moves.forward

    async def overtaken(id_: str, *, tried: bool) -> None:
        monkeypatch.undo()
        await forward(id_, tried=tried)
        await redis.set(lane, "not a lane")
        await waiting.reach(rules(host="e.example"), rules(host="f.example"), ())
        await redis.restore(lane, 0, kept, replace=True)

    monkeypatch.setattr(outbox.moves, "forward", overtaken)
    await waiting.reach(rules(), rules(host="e.example"), ())
    assert min(await waits_for(redis, outbox)) > timedelta(seconds=2)
    await waiting.reach_left()
    assert max(await waits_for(redis, outbox)) < timedelta(seconds=1)


async def test_a_long_lane_keeps_its_order(redis: Redis, outbox: Outbox) -> None:
    """A correction comes after its alert, however many wait between them."""
    key = Store(redis, outbox.stream).key(LANE, "desk")
    far = FAR.timestamp() * 1000
    names = [f"{(7919 * number) % 1201:04}" for number in range(1201)]
    await redis.zadd(key, {name: far + number for number, name in enumerate(names)})
    await outbox.moves.forward("desk", tried=False)
    found: Any = await redis.zrange(key, 0, -1, withscores=True)
    assert [name.decode() for name, _ in found] == names
    assert found[-1][1] < far


async def test_what_waits_for_less_comes_no_later(redis: Redis, outbox: Outbox) -> None:
    """More waits for these five seconds than may come within them."""
    key = Store(redis, outbox.stream).key(LANE, "desk")
    soon = (await redis.time())[0] * 1000 + 5_000
    await redis.zadd(key, {f"{number:04}": soon + number for number in range(150)})
    await outbox.moves.forward("desk", tried=False)
    found: Any = await redis.zrange(key, 0, -1, withscores=True)
    assert [name for name, at in found if at > soon + int(name)] == []
    assert [name for name, at in found if at < soon] != []


async def test_another_receiver_gets_what_waits_for_a_retry(redis: Redis, outbox: Outbox) -> None:
    """What is known of the old one says nothing of it: the circuit is closed, too."""
    await failing(redis, outbox, 5)
    assert min(await waits_for(redis, outbox)) > timedelta(minutes=10)
    await changed(outbox, rules(), rules(host="e.example"))
    assert max(await waits_for(redis, outbox)) < timedelta(minutes=1)
    assert (await outbox.lane_states.of("desk")).status() == "new"


async def test_a_faster_rate_does_not_wait_for_the_old_one(redis: Redis, outbox: Outbox) -> None:
    """The next start of an hourly subscriber was in an hour."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 2, "desk")
    assert len(await take(outbox, limits=LaneLimits(min_gap=timedelta(hours=1)))) == 1
    state = Store(redis, outbox.stream).key(LANE_STATE, "desk")
    assert await _any(redis).hget(state, "next_start")
    await changed(outbox, rules("rate: 1/h, "), rules())
    assert await _any(redis).hget(state, "next_start") is None
    assert len(await take(outbox)) == 1


async def test_a_digest_that_was_taken_out_is_sent(redis: Redis, outbox: Outbox) -> None:
    """And one that comes more often comes by its new times; never later than before."""
    alert = on_the_way(an_alert(), Route(digest_due=FAR))
    await commit_alerts(redis, outbox, alert)
    bundles = Store(redis, outbox.stream).key(BUNDLES)

    async def due_in() -> timedelta:
        score: Any = await redis.zscore(bundles, "d/desk")
        seconds, microseconds = await redis.time()
        return timedelta(seconds=score / 1000 - seconds - microseconds / 1_000_000)

    daily, hourly = (rules(f"digest: {{every: {each}}}, ") for each in ("1d", "1h"))
    await changed(outbox, daily, hourly, "desk")
    assert timedelta(0) < await due_in() <= timedelta(hours=1)
    before = await due_in()
    await changed(outbox, hourly, daily, "desk")
    assert await due_in() <= before
    await changed(outbox, daily, rules(), "desk")
    assert await due_in() <= timedelta(seconds=1)


async def test_many_that_wait_come_in_parts(redis: Redis, outbox: Outbox) -> None:
    """All of them; no script takes long."""
    alerts = (on_the_way(an_alert(f"a{n}"), Route(not_before=FAR)) for n in range(1203))
    await commit_alerts(redis, outbox, *alerts)
    await changed(outbox, None, rules(), "desk")
    assert max(await waits_for(redis, outbox)) < timedelta(minutes=2)


async def test_a_worker_leaves_the_lane_of_a_stranger_alone(redis: Redis, outbox: Outbox) -> None:
    """Another one may know its subscriber, and serves it at once."""
    await due(redis, outbox, 1, "stranger", "desk")
    known = LaneLimits()

    def limits_of(name: str) -> LaneLimits:
        return known if name == "desk" else LaneLimits(unknown=True)

    leased = []
    for _ in range(3):
        result = await outbox.lanes.lease(a_request(10), limits_of)
        leased += [one.subscriber for one in result.leased]
    assert leased == ["desk"]
    assert result.next_look is None or result.next_look > timedelta(seconds=10)
    other = Outbox(redis, outbox.stream)
    (one,) = (await other.lanes.lease(a_request(10), lambda _: known)).leased
    assert one.id == delivery_id(an_alert("a0").id, "stranger")


async def test_many_strangers_hold_up_nobody(redis: Redis, outbox: Outbox) -> None:
    """They have waited longest, and there are more of them than one look has lanes."""
    strangers = [f"s{number}" for number in range(250)]
    await due(redis, outbox, 1, *strangers)
    await due(redis, outbox, 1, "desk", first=1)

    def limits_of(name: str) -> LaneLimits:
        return LaneLimits(unknown=name != "desk")

    leased = []
    for _ in range(40):
        result = await outbox.lanes.lease(a_request(10), limits_of)
        leased += [one.subscriber for one in result.leased]
        if leased:
            break
    assert leased == ["desk"]


async def test_a_stranger_that_is_disabled_gets_its_deliveries_refused(
    redis: Redis, outbox: Outbox
) -> None:
    """So an operator can end what waits for a subscriber that was removed or renamed."""
    await due(redis, outbox, 3, "gone")
    await outbox.lanes.lease(a_request(10), lambda _: LaneLimits(unknown=True))
    await outbox.lanes.disable("gone", "renamed to desk", at=NOON)
    await outbox.lanes.lease(a_request(10), lambda _: LaneLimits(unknown=True))
    failed = await outbox.deliveries.newest(state="failed")
    assert [one.note for one in failed] == ["its subscriber is disabled: renamed to desk"] * 3


def _any(redis: Redis) -> Any:  # its replies are typed for both of redis-py's clients
    return redis


async def restarted(outbox: Outbox, after: Rules) -> None:
    """A worker begins with these rules: nobody was there to see what changed."""
    await waiting_in(outbox).reach(None, after, ())


@pytest.mark.parametrize(
    ("after", "sooner"),
    [
        (rules(), False),
        (rules(host="e.example"), True),
        (load({"r.yaml": DESK % ("", "d.example")}, lambda _: OTHER_SECRET), True),
        (rules("rate: 1/h, "), False),
    ],
    ids=["nothing", "address", "secret", "slower"],
)
async def test_what_changed_while_no_worker_ran_reaches_what_waits(
    redis: Redis, outbox: Outbox, after: Rules, *, sooner: bool
) -> None:
    """The receiver was repaired by a new address, and its alerts waited for hours all the same."""
    await restarted(outbox, rules())
    await failing(redis, outbox, 5)
    await restarted(outbox, after)
    assert (min(await waits_for(redis, outbox)) < timedelta(minutes=1)) is sooner
    mark = receiver_mark(after.subscribers["desk"])
    assert await outbox.receivers.known() == {"desk": str(mark)}  # it is seen once


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (rules("rate: 1/h, "), rules("rate: 2/h, "), [("desk", False)]),
        (rules("rate: 1/h, "), rules(), [("desk", False)]),
        (rules("rate: 2/h, "), rules("rate: 1/h, "), []),
        (rules("rate: 1/h, "), rules("rate: 1/h, "), []),
        (rules("rate: 1/h, "), rules("rate: 2/h, ", "e.example"), [("desk", True)]),
    ],
)
def test_a_faster_rate_is_found_by_what_redis_knows(
    before: Rules, after: Rules, expected: list[tuple[str, bool]]
) -> None:
    """As another address is; a subscriber that Redis does not know is new."""
    marks = [receiver_mark(each.subscribers["desk"]) for each in (before, after)]
    found = moved_receivers({"desk": str(marks[0])}, {"desk": marks[1], "new": marks[0]})
    assert [(one.id, one.elsewhere) for one in found] == expected


async def test_receivers_are_compared_when_redis_is_back(redis: Redis, outbox: Outbox) -> None:
    """It answered wrongly when the worker began."""
    await restarted(outbox, rules())
    await failing(redis, outbox, 5)
    key, waiting = Store(redis, outbox.stream).key(RECEIVERS), waiting_in(outbox)
    kept: Any = await redis.dump(key)
    await redis.set(key, "no marks")
    await waiting.reach(None, rules(host="e.example"), ())
    assert min(await waits_for(redis, outbox)) > timedelta(minutes=10)
    await redis.restore(key, 0, kept, replace=True)
    await waiting.reach_left()
    assert min(await waits_for(redis, outbox)) < timedelta(minutes=1)


@pytest.mark.parametrize(("host", "sooner"), [("d.example", False), ("e.example", True)])
async def test_who_was_taken_out_and_comes_back_elsewhere_gets_what_waits(
    redis: Redis, outbox: Outbox, host: str, *, sooner: bool
) -> None:
    """One worker saw both changes; neither of them says that the address is another one."""
    waiting, without = waiting_in(outbox), load({}, SECRETS.get)
    await waiting.reach(None, rules(), ())
    await failing(redis, outbox, 5)
    await waiting.reach(rules(), without, ())
    await waiting.forget_receivers(without)
    await waiting.reach(without, rules(host=host), ())
    assert (max(await waits_for(redis, outbox)) < timedelta(minutes=1)) is sooner


async def test_receivers_are_forgotten_once_nothing_waits_for_them(
    redis: Redis, outbox: Outbox
) -> None:
    """The subscriber is gone from the rules; other rules may name thousands over the years."""
    names = ["desk", "waits", "sent", *(f"gone{number}" for number in range(1500))]
    await outbox.receivers.keep(dict.fromkeys(names, "01ab 0"))
    await due(redis, outbox, 1, "waits")
    await due(redis, outbox, 1, "sent", first=1)
    await outbox.lanes.lease(a_request(10), lambda name: LaneLimits(unknown=name != "sent"))
    await waiting_in(outbox).forget_receivers(rules())
    assert sorted(await outbox.receivers.known()) == ["desk", "sent", "waits"]


async def test_what_is_kept_of_a_receiver_tells_no_secret(redis: Redis, outbox: Outbox) -> None:
    """Two bytes: a secret that is tried is as good as 65,535 others."""
    await restarted(outbox, rules("rate: 1/m, "))
    key = Store(redis, outbox.stream).key(RECEIVERS)
    found: Any = await redis.hgetall(key)
    assert list(found) == [b"desk"]
    digest, gap = found[b"desk"].split()
    assert len(bytes.fromhex(digest.decode())) == 2
    assert gap == b"60000"
