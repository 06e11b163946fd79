"""What waits for a subscriber that is gone goes to another, each event once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from builders.alerts import NOON, an_alert, commit_alerts, lease
from builders.deliveries import made
from builders.lanes import confirm, end, failing, take
from builders.leases import MINUTE
from builders.rules import SECRETS, load
from service.alerts.alert import Event, delivery_id
from service.alerts.routing import Route
from service.app.changed_rules import WaitingDeliveries
from service.rules.rules import Rules
from service.store.client import Store
from service.store.deliveries.moves.moves import Moved
from service.store.keys import ALERT
from service.store.lanes.verdict import Exhausted
from service.store.outbox import Outbox

EARLY = datetime(1970, 1, 2, tzinfo=UTC)
HOOK = 'webhook: {url: "https://%s.example/", secret: "${DESK_SECRET}"}'


def rules(*names: str) -> Rules:
    """Rules with these subscribers."""
    listed = "".join(f"  - {{id: {name}, {HOOK % name}}}\n" for name in names)
    found = load({"r.yaml": f"subscribers:\n{listed}"}, SECRETS.get)
    assert found.faults == ()
    return found


async def waiting_for(outbox: Outbox, subscriber: str) -> list[str]:
    """The ids of what waits in a lane, the first to be sent first."""
    found = await outbox.deliveries.newest(state="pending", limit=1000)
    mine = [one for one in found if one.subscriber == subscriber and one.due_at]
    return [one.id for one in sorted(mine, key=lambda one: one.due_at or NOON)]


async def test_what_waits_goes_to_another_and_begins_anew(redis: Redis, outbox: Outbox) -> None:
    """Under the ids that it had, in the same order: the receiver may have one of them already."""
    await confirm(redis, outbox, "night")
    await failing(redis, outbox, 1)
    await made(redis, outbox, "a7", "a8")
    before = await waiting_for(outbox, "desk")
    assert len(before) == 3
    assert await outbox.moves.move("desk", "night") == Moved(deliveries=3)
    assert set(await waiting_for(outbox, "night")) == set(before)
    leased = await take(outbox)
    assert {(one.subscriber, one.attempt, one.step) for one in leased} == {
        ("night", 2, 1),
        ("night", 1, 1),
    }
    assert (await outbox.lane_states.of("desk")).pending == 0
    assert "desk" not in await outbox.lane_states.names()


async def test_an_event_that_the_other_has_is_not_sent_twice(redis: Redis, outbox: Outbox) -> None:
    """Both were in `notify` for a while; the old one's delivery ends, and says why."""
    await commit_alerts(redis, outbox, an_alert("a1", subscribers=("desk", "night")))
    await made(redis, outbox, "a2")
    assert await outbox.moves.move("desk", "night") == Moved(deliveries=1, had=1)
    assert len(await waiting_for(outbox, "night")) == 2
    (ended,) = await outbox.deliveries.newest(state="failed")
    assert (ended.subscriber, ended.note) == ("desk", "night has a delivery of this event")


async def test_what_the_digest_of_the_other_holds_is_not_sent_beside_it(
    redis: Redis, outbox: Outbox
) -> None:
    """It comes once, with the digest."""
    alert = an_alert("a1", subscribers=("desk", "night"))
    created = replace(alert.created, routes={"night": Route(digest_due=NOON)})
    await commit_alerts(redis, outbox, replace(alert, created=created))
    assert await outbox.moves.move("desk", "night") == Moved(had=1)
    assert await waiting_for(outbox, "night") == []


async def test_what_is_being_sent_is_left_to_its_worker(redis: Redis, outbox: Outbox) -> None:
    """Or it would come twice."""
    await made(redis, outbox, "a1", "a2")
    (leased,) = await lease(outbox, 1, MINUTE, worker="w", at=NOON)
    assert await outbox.moves.move("desk", "night") == Moved(deliveries=1, left=1)
    await end(outbox, [leased], Exhausted())
    (failed,) = await outbox.deliveries.newest(state="failed")
    assert failed.subscriber == "desk"


async def test_what_has_failed_is_moved_if_asked(redis: Redis, outbox: Outbox) -> None:
    """The subscriber was disabled when it went."""
    await confirm(redis, outbox, "night")
    await failing(redis, outbox, 2, Exhausted())
    assert await outbox.moves.move("desk", "night") == Moved()
    assert await outbox.moves.move("desk", "night", failed=True) == Moved(deliveries=2)
    assert len(await take(outbox)) == 2
    assert await outbox.deliveries.newest(state="failed") == []


async def test_more_than_one_step_keeps_the_order(redis: Redis, outbox: Outbox) -> None:
    """A part at a time, so that no script holds up the server."""
    await made(redis, outbox, *(f"a{number}" for number in range(450)))
    before = await waiting_for(outbox, "desk")
    assert await outbox.moves.move("desk", "night") == Moved(deliveries=450)
    assert sorted(await waiting_for(outbox, "night")) == sorted(before)


async def test_what_a_digest_holds_goes_with_the_others(redis: Redis, outbox: Outbox) -> None:
    """Into the digest of the other; what both hold is told once, and is kept no longer for it."""
    due = Route(digest_due=EARLY)
    for article, names in (("a1", ("desk",)), ("a2", ("desk", "night"))):
        alert = an_alert(article, subscribers=names)
        routes = dict.fromkeys(names, due)
        await commit_alerts(
            redis, outbox, replace(alert, created=replace(alert.created, routes=routes))
        )
    assert (await outbox.lane_states.of("desk")).held == 2
    assert await outbox.moves.move("desk", "night") == Moved(held=2)
    sent = await outbox.held_events.release()
    assert sent is not None
    assert (sent.bundle, sent.events) == ("d/night", 2)
    assert await outbox.held_events.release() is None
    both = Store(redis, outbox.stream).key(ALERT, alert.created.id)
    assert await redis.pttl(both) > 0
    (one,) = await outbox.deliveries.newest()
    shown = await outbox.deliveries.get(one.id)
    assert shown is not None
    assert one.subscriber == "night"
    assert json.loads(shown.body)["data"]["count"] == 2


async def test_a_digest_waits_for_its_subscriber(redis: Redis, outbox: Outbox) -> None:
    """One that is in no rules gets none until it is back, or disabled; others do not wait."""
    for name in ("gone", "desk"):
        alert = an_alert(f"for-{name}", subscribers=(name,))
        routes = {name: Route(digest_due=EARLY)}
        await commit_alerts(
            redis, outbox, replace(alert, created=replace(alert.created, routes=routes))
        )
    known = {"desk"}
    sent = await outbox.held_events.release(known=known.__contains__)
    assert sent is not None
    assert sent.bundle == "d/desk"
    assert await outbox.held_events.release(known=known.__contains__) is None
    assert "gone" in await outbox.lane_states.names()
    await outbox.lanes.disable("gone", "it left", at=NOON)
    sent = await outbox.held_events.release(known=known.__contains__)
    assert sent is not None
    assert sent.bundle == "d/gone"


async def test_what_comes_later_for_one_that_was_moved_follows(
    redis: Redis, outbox: Outbox
) -> None:
    """Such as corrections of what it has heard; once it is in the rules again, it gets them."""
    waiting = WaitingDeliveries([outbox])
    await outbox.moves.keep("desk", "night")
    await made(redis, outbox, "a1")
    await waiting.follow_moves(rules("other"))
    assert await waiting_for(outbox, "night") == []
    await waiting.follow_moves(rules("night"))
    assert len(await waiting_for(outbox, "night")) == 1
    await made(redis, outbox, "a2")
    await waiting.follow_moves(rules("night", "desk"))
    assert len(await waiting_for(outbox, "desk")) == 1
    assert await outbox.moves.known() == {}


async def test_what_comes_for_one_that_was_moved_twice_follows_both_moves(
    redis: Redis, outbox: Outbox
) -> None:
    """Its heir is gone, too: a correction of what was heard would wait for ever."""
    await outbox.moves.keep("desk", "night")
    await outbox.moves.keep("night", "dawn")
    await made(redis, outbox, "a1")
    await WaitingDeliveries([outbox]).follow_moves(rules("dawn"))
    assert len(await waiting_for(outbox, "dawn")) == 1


async def test_a_move_back_makes_no_circle(outbox: Outbox) -> None:
    """The last word counts."""
    await outbox.moves.keep("desk", "night")
    await outbox.moves.keep("night", "desk")
    assert await outbox.moves.known() == {"night": "desk"}


async def test_an_event_that_is_written_again_does_not_go_back(outbox: Outbox) -> None:
    """What was moved belongs to the other one."""
    event = Event("rules.fault", "alr_1", {}, ("desk",))
    await outbox.rules.report_faults("one", event, at=NOON)
    await outbox.moves.move("desk", "night")
    await outbox.rules.report_faults("two", event, at=NOON)
    assert (await outbox.lane_states.of("desk")).pending == 0
    assert len(await waiting_for(outbox, "night")) == 1


async def test_its_rate_and_quiet_hours_are_those_of_the_other(
    redis: Redis, outbox: Outbox
) -> None:
    """What waited out the old one's hours is due: the worker asks for the new one's."""
    alert = an_alert("a1")
    later = Route(not_before=datetime.now(UTC) + timedelta(hours=1))
    await commit_alerts(
        redis, outbox, replace(alert, created=replace(alert.created, routes={"desk": later}))
    )
    assert await take(outbox) == []
    await outbox.moves.move("desk", "night")
    (leased,) = await take(outbox)
    assert leased.id == delivery_id(alert.created.id, "desk")
