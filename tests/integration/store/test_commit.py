"""The commit of a batch: alerts and deliveries, each once, whoever commits it and how often."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import (
    NOON,
    AnAlert,
    Judged,
    an_alert,
    commit,
    commit_alerts,
    decide,
    keys_of,
    pending,
    read_entries,
)
from builders.commits import Made
from service.alerts.alert import alert_id, delivery_id
from service.alerts.decision import Outcome, Retracted, RetractionDraft
from service.alerts.history import AlertHistory, SentAlert, StoryReach
from service.articles.identity import Identity
from service.errors import StoreError
from service.rules.schema import ThrottleSpec
from service.store.client import Store
from service.store.commit.commit import DeadLetter, Decided
from service.store.commit.steps import STEP_BYTES, STEP_COMMANDS, STEP_ENTRIES
from service.store.keys import ALERT, ALERTED, DELIVERY
from service.store.outbox import Outbox

STEP_ALERTS = STEP_COMMANDS // 4
"""New alerts of one step, each with one delivery."""


async def test_a_match_becomes_an_alert_and_a_delivery_for_each_subscriber(
    redis: Redis, outbox: Outbox
) -> None:
    """One delivery per alert and subscriber stands in the outbox, and the entry is done."""
    (entry,) = await read_entries(redis, outbox.stream)
    alert = an_alert(subscribers=("desk", "energy"))
    made = await commit(outbox, [Judged(entry, (alert,))])
    assert made == Made(created=(alert.id,), deliveries=2)
    assert await pending(redis, outbox.stream) == []
    found = {one.subscriber: one for one in await outbox.deliveries.newest()}
    assert found.keys() == {"desk", "energy"}
    assert found["desk"].id == delivery_id(alert.id, "desk")
    assert found["desk"].state == "pending"
    assert found["desk"].attempts == ()


async def test_the_event_says_what_it_is_and_when(redis: Redis, outbox: Outbox) -> None:
    """The body is the contract's event, with the id that the alert came to have."""
    await commit_alerts(redis, outbox, an_alert())
    (first,) = await outbox.deliveries.newest()
    shown = await outbox.deliveries.get(first.id)
    assert shown is not None
    event = json.loads(shown.body)
    assert (event["type"], event["timestamp"]) == ("alert.created", "2026-11-23T12:00:00.000Z")
    assert event["data"]["id"] == an_alert().id
    assert event["data"]["article"]["title"] == "Türkiye, Pakistan to cement defence ties"


async def test_entries_that_matched_nothing_leave_nothing(redis: Redis, outbox: Outbox) -> None:
    """An article without an alert is acknowledged, and no key remembers it."""
    entries = await read_entries(redis, outbox.stream, 3)
    assert await commit(outbox, [Judged(entry) for entry in entries]) == Made()
    assert await pending(redis, outbox.stream) == []
    assert await keys_of(redis, outbox.stream) == set()


async def test_an_alert_without_subscribers_is_recorded_only(redis: Redis, outbox: Outbox) -> None:
    """A watchlist that notifies nobody still knows what it found."""
    alert = an_alert(subscribers=())
    await commit_alerts(redis, outbox, alert)
    kept = {key for key in await keys_of(redis, outbox.stream) if not key.startswith("alerted:")}
    assert kept == {f"alert:{alert.id}", "alerts"}
    assert await redis.pttl(Store(redis, outbox.stream).key(ALERT, alert.id)) > 0


async def test_the_same_commit_twice_is_one(redis: Redis, outbox: Outbox) -> None:
    """A caller that never heard the answer repeats the batch, and nothing is doubled."""
    good, bad = await read_entries(redis, outbox.stream, 2)
    batch = [Judged(good, (an_alert(),))], [DeadLetter(bad, {b"title": b"\xff"}, "not UTF-8")]
    assert (await commit(outbox, *batch)).deliveries == 1
    assert await commit(outbox, *batch) == Made(others=2)
    assert len(await outbox.deliveries.newest()) == 1
    assert len(await outbox.dead_letters.newest()) == 1


async def test_the_same_article_again_sends_nothing(redis: Redis, outbox: Outbox) -> None:
    """An unchanged article in another entry is known by the alert it made."""
    await commit_alerts(redis, outbox, an_alert())
    (entry,) = await read_entries(redis, outbox.stream)
    again = an_alert(subscribers=("desk", "newcomer"))
    made = await commit(outbox, [Judged(entry, (again,))])
    assert made == Made(repeated=(an_alert().id,))
    assert len(await outbox.deliveries.newest()) == 1


async def test_the_same_article_twice_in_one_batch_is_one_alert(
    redis: Redis, outbox: Outbox
) -> None:
    """The second entry of a batch sees what the first one made."""
    first, second = await read_entries(redis, outbox.stream, 2)
    made = await commit(outbox, [Judged(first, (an_alert(),)), Judged(second, (an_alert(),))])
    assert made == Made(created=(an_alert().id,), repeated=(an_alert().id,), deliveries=1)


async def test_a_changed_article_is_updated_once(redis: Redis, outbox: Outbox) -> None:
    """Another revision makes one `alert.updated` under an id of its own, and never a second."""
    await commit_alerts(redis, outbox, an_alert())
    changed = an_alert(revision="r2")
    made = []
    for _ in range(2):
        (entry,) = await read_entries(redis, outbox.stream)
        made.append(await commit(outbox, [Judged(entry, (changed,))]))
    update = alert_id("updated", changed.id, "r2", changed.id)
    assert made == [Made(updated=(update,), deliveries=1), Made(repeated=(changed.id,))]
    shown = await outbox.deliveries.get(delivery_id(update, "desk"))
    assert shown is not None
    event = json.loads(shown.body)
    assert (event["type"], event["data"]["id"]) == ("alert.updated", update)


async def test_each_return_of_a_text_is_one_update(redis: Redis, outbox: Outbox) -> None:
    """An article that goes back and forth between two texts is created once."""
    made = []
    for revision in ("r1", "r2", "r1", "r2", "r1"):
        (entry,) = await read_entries(redis, outbox.stream)
        alert = an_alert(revision=revision)
        made.append(await commit(outbox, [Judged(entry, (alert,))]))
    assert [one.deliveries for one in made] == [1, 1, 1, 1, 1]
    assert [len(one.created) for one in made] == [1, 0, 0, 0, 0]
    assert [len(one.updated) for one in made] == [0, 1, 1, 1, 1]


async def test_two_workers_with_the_same_entries_make_one_alert_each(
    server_url: str, redis: Redis, outbox: Outbox
) -> None:
    """Whoever commits first does the work; the other finds it done."""
    entries = await read_entries(redis, outbox.stream, 40)
    batch = [Judged(entry, (an_alert(f"a{n}"),)) for n, entry in enumerate(entries)]
    async with Redis.from_url(server_url) as other:
        halves = await asyncio.gather(
            *(
                commit(one, batch[n : n + 8])
                for n in range(0, 40, 8)
                for one in (outbox, Outbox(other, outbox.stream))
            )
        )
    total = sum(halves, start=Made())
    assert len(total.created) == len(set(total.created)) == 40
    assert (total.deliveries, total.others) == (40, 40)
    assert len(await outbox.deliveries.newest(limit=100)) == 40


async def test_two_workers_with_the_same_article_make_one_alert(
    server_url: str, redis: Redis, outbox: Outbox
) -> None:
    """The same article in two entries, committed at once: one created, one repeated."""
    first, second = await read_entries(redis, outbox.stream, 2)
    async with Redis.from_url(server_url) as other:
        made = await asyncio.gather(
            commit(outbox, [Judged(first, (an_alert(),))]),
            commit(Outbox(other, outbox.stream), [Judged(second, (an_alert(),))]),
        )
    assert sorted((len(one.created), len(one.repeated)) for one in made) == [(0, 1), (1, 0)]


async def test_a_batch_need_not_stand_together(redis: Redis, outbox: Outbox) -> None:
    """Others have what lies between; none of a batch's own is taken for theirs."""
    entries = await read_entries(redis, outbox.stream, 9)
    ours = [entries[8], entries[0], entries[4]]
    articles = [an_alert(f"a{number}") for number in range(3)]
    batch = [Judged(entry, (alert,)) for entry, alert in zip(ours, articles, strict=True)]
    made = await commit(outbox, batch)
    assert (len(made.created), made.others) == (3, 0)
    assert await pending(redis, outbox.stream) == [one for one in entries if one not in ours]


async def test_an_entry_finished_by_another_makes_nothing(redis: Redis, outbox: Outbox) -> None:
    """A slow worker whose entry was taken over does not bring an old revision back as an update."""
    slow, newer = await read_entries(redis, outbox.stream, 2)
    await commit(outbox, [Judged(slow, (an_alert(revision="r1"),))])
    await commit(outbox, [Judged(newer, (an_alert(revision="r2"),))])
    late = [Judged(slow, (an_alert(revision="r0"),))]
    assert await commit(outbox, late, [DeadLetter(slow, {}, "late")]) == Made(others=2)
    assert len(await outbox.deliveries.newest()) == 2
    assert await outbox.dead_letters.newest() == []


async def test_a_batch_beyond_one_step_is_committed_in_several(
    redis: Redis, outbox: Outbox
) -> None:
    """A thousand entries and more are no trouble, nor is an event as large as a step."""
    entries = await read_entries(redis, outbox.stream, STEP_ENTRIES + 3)
    large = an_alert("large", title="x" * STEP_BYTES)
    batch = [Judged(entries[0], (an_alert("small"),)), Judged(entries[1], (large,))]
    batch += [Judged(entry) for entry in entries[2:]]
    made = await commit(outbox, batch)
    assert made == Made(created=(an_alert("small").id, large.id), deliveries=2)
    assert await pending(redis, outbox.stream) == []


def many_alerts(count: int, revision: str = "r1") -> tuple[AnAlert, ...]:
    """An article that matches so many watchlists."""
    return tuple(an_alert(watchlist=f"w{n}", revision=revision) for n in range(count))


async def test_an_entry_beyond_one_step_is_divided(redis: Redis, outbox: Outbox) -> None:
    """No call of the script takes longer for it; the last one acknowledges."""
    (entry,) = await read_entries(redis, outbox.stream)
    alerts = many_alerts(2 * STEP_ALERTS + 1)
    await redis.config_resetstat()
    made = await commit(outbox, [Judged(entry, alerts)])
    calls: Any = await redis.info("commandstats")
    assert calls["cmdstat_xack"]["calls"] == 1
    assert calls["cmdstat_xpending"]["calls"] >= 3
    assert made == Made(created=tuple(one.id for one in alerts), deliveries=len(alerts))
    assert await pending(redis, outbox.stream) == []
    assert await commit(outbox, [Judged(entry, alerts)]) == Made(others=1)


async def test_what_rests_on_a_decision_that_is_not_written_is_decided_again(
    redis: Redis, outbox: Outbox
) -> None:
    """The second was held because of the first, which another reader has changed meanwhile."""
    entries = await read_entries(redis, outbox.stream, 2)
    limit = ThrottleSpec(max=1, per="1h")
    alerts = [an_alert(each, throttle=limit) for each in ("a1", "a2")]
    judged = [Judged(entry, (alert,)) for entry, alert in zip(entries, alerts, strict=True)]
    decided = await decide(outbox, judged)
    store = Store(redis, outbox.stream)
    first = store.key(ALERT, alerts[0].id)
    alerted = store.key(ALERTED, alerts[0].article.digest)
    await redis.hset(first, "revision", "r0")
    await redis.hset(alerted, alerts[0].watchlist_id, alerts[0].id)
    committed = await outbox.commit(decided, at=NOON)
    assert {*committed.stale} == {*entries}
    await redis.delete(first, alerted)
    made = await commit(outbox, judged)
    assert (made.created, made.held) == ((alerts[0].id,), (alerts[1].id,))


async def test_a_divided_entry_that_is_overtaken_is_decided_again(
    redis: Redis, outbox: Outbox
) -> None:
    """Another reader alerts of it between two steps: no alert goes back to the older text."""
    slow, newer = await read_entries(redis, outbox.stream, 2)
    alerts = many_alerts(STEP_ALERTS + 1)
    foreign = Store(redis, outbox.stream).key(DELIVERY, delivery_id(alerts[-1].id, "desk"))
    await redis.set(foreign, "somebody else's")  # it stops the second step
    with pytest.raises(StoreError):
        await commit(outbox, [Judged(slow, alerts)])
    await redis.delete(foreign)
    assert await pending(redis, outbox.stream) == [slow, newer]
    made = await commit(outbox, [Judged(newer, many_alerts(STEP_ALERTS + 1, "r2"))])
    assert (len(made.updated), len(made.created)) == (STEP_ALERTS, 1)
    assert await commit(outbox, [Judged(slow, alerts)]) == Made(
        repeated=tuple(one.id for one in alerts)
    )
    assert await pending(redis, outbox.stream) == []


async def test_each_part_of_a_divided_entry_has_the_copies_read_again(
    redis: Redis, outbox: Outbox
) -> None:
    """A reader that ends after a part leaves nobody who knows what was retracted in it."""
    (entry,) = await read_entries(redis, outbox.stream)
    outcomes = tuple(a_retraction(f"w{number}") for number in range(STEP_ALERTS + 1))
    foreign = Store(redis, outbox.stream).key(ALERT, outcomes[-1].draft.alert_id)
    await redis.set(foreign, "somebody else's")  # it stops the second step
    decided = Decided(entry, outcomes, again=(("title", "copy"),))
    with pytest.raises(StoreError):
        await outbox.commit([decided], at=NOON)
    assert [fields for _, fields in await outbox.input_stream.entries_after(entry.decode())] == [
        {"title": "copy"}
    ]


def a_retraction(watchlist: str) -> Outcome:
    """The end of an alert that told a story."""
    article = Identity("", "a1")
    id_ = alert_id(watchlist, *article.parts)
    before = AlertHistory(SentAlert(id_, "r1", latest_id=id_), StoryReach(id_))
    after = AlertHistory(SentAlert(id_, "r2", latest_id=id_, retracted=True))
    draft = RetractionDraft(id_, watchlist, article, "r2", "1-0", "sty_1")
    return Outcome(draft, Retracted(()), None, before, after)
