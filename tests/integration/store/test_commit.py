"""The commit of a batch: alerts and deliveries, each once, whoever commits it and how often."""

from __future__ import annotations

import asyncio
import json

from redis.asyncio import Redis

from builders.alerts import NOON, an_alert, commit_alerts, keys_of, pending, read_entries
from service.alerts.alert import delivery_id
from service.store.client import Store
from service.store.commit.commit import STEP_BYTES, STEP_ENTRIES, Committed, DeadLetter, Decided
from service.store.keys import ALERT
from service.store.outbox import Outbox


async def test_a_match_becomes_an_alert_and_a_delivery_for_each_subscriber(
    redis: Redis, outbox: Outbox
) -> None:
    """One delivery per alert and subscriber stands in the outbox, and the entry is done."""
    (entry,) = await read_entries(redis, outbox.stream)
    alert = an_alert(subscribers=("desk", "energy"))
    made = await outbox.commit([Decided(entry, (alert,))], at=NOON)
    assert made == Committed(created=(alert.id,), deliveries=2)
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
    assert await outbox.commit([Decided(entry) for entry in entries], at=NOON) == Committed()
    assert await pending(redis, outbox.stream) == []
    assert await keys_of(redis, outbox.stream) == set()


async def test_an_alert_without_subscribers_is_recorded_only(redis: Redis, outbox: Outbox) -> None:
    """A watchlist that notifies nobody still knows what it found."""
    alert = an_alert(subscribers=())
    await commit_alerts(redis, outbox, alert)
    kept = {key for key in await keys_of(redis, outbox.stream) if not key.startswith("alerted:")}
    assert kept == {f"alert:{alert.id}"}
    assert await redis.pttl(Store(redis, outbox.stream).key(ALERT, alert.id)) > 0


async def test_the_same_commit_twice_is_one(redis: Redis, outbox: Outbox) -> None:
    """A caller that never heard the answer repeats the batch, and nothing is doubled."""
    good, bad = await read_entries(redis, outbox.stream, 2)
    batch = [Decided(good, (an_alert(),))], [DeadLetter(bad, {b"title": b"\xff"}, "not UTF-8")]
    assert (await outbox.commit(*batch, at=NOON)).deliveries == 1
    assert await outbox.commit(*batch, at=NOON) == Committed(others=2)
    assert len(await outbox.deliveries.newest()) == 1
    assert len(await outbox.dead_letters.newest()) == 1


async def test_the_same_article_again_sends_nothing(redis: Redis, outbox: Outbox) -> None:
    """An unchanged article in another entry is known by the alert it made."""
    await commit_alerts(redis, outbox, an_alert())
    (entry,) = await read_entries(redis, outbox.stream)
    again = an_alert(subscribers=("desk", "newcomer"))
    made = await outbox.commit([Decided(entry, (again,))], at=NOON)
    assert made == Committed(repeated=(an_alert().id,))
    assert len(await outbox.deliveries.newest()) == 1


async def test_the_same_article_twice_in_one_batch_is_one_alert(
    redis: Redis, outbox: Outbox
) -> None:
    """The second entry of a batch sees what the first one made."""
    first, second = await read_entries(redis, outbox.stream, 2)
    made = await outbox.commit(
        [Decided(first, (an_alert(),)), Decided(second, (an_alert(),))], at=NOON
    )
    assert made == Committed(created=(an_alert().id,), repeated=(an_alert().id,), deliveries=1)


async def test_a_changed_article_is_updated_once(redis: Redis, outbox: Outbox) -> None:
    """Another revision makes one `alert.updated` under an id of its own, and never a second."""
    await commit_alerts(redis, outbox, an_alert())
    changed = an_alert(revision="r2")
    made = []
    for _ in range(2):
        (entry,) = await read_entries(redis, outbox.stream)
        made.append(await outbox.commit([Decided(entry, (changed,))], at=NOON))
    assert made == [
        Committed(updated=(changed.updated.id,), deliveries=1),
        Committed(repeated=(changed.id,)),
    ]
    shown = await outbox.deliveries.get(delivery_id(changed.updated.id, "desk"))
    assert shown is not None
    event = json.loads(shown.body)
    assert (event["type"], event["data"]["id"]) == ("alert.updated", changed.updated.id)


async def test_a_revision_that_was_told_is_not_told_again(redis: Redis, outbox: Outbox) -> None:
    """An article that goes back and forth between two texts makes one update for each at most."""
    made = []
    for revision in ("r1", "r2", "r1", "r2", "r1"):
        (entry,) = await read_entries(redis, outbox.stream)
        alert = an_alert(revision=revision)
        made.append(await outbox.commit([Decided(entry, (alert,))], at=NOON))
    assert [one.deliveries for one in made] == [1, 1, 1, 0, 0]
    assert [len(one.created) for one in made] == [1, 0, 0, 0, 0]


async def test_two_workers_with_the_same_entries_make_one_alert_each(
    redis_url: str, redis: Redis, outbox: Outbox
) -> None:
    """Whoever commits first does the work; the other finds it done."""
    entries = await read_entries(redis, outbox.stream, 40)
    batch = [Decided(entry, (an_alert(f"a{n}"),)) for n, entry in enumerate(entries)]
    async with Redis.from_url(redis_url) as other:
        halves = await asyncio.gather(
            *(
                one.commit(batch[n : n + 8], at=NOON)
                for n in range(0, 40, 8)
                for one in (outbox, Outbox(other, outbox.stream))
            )
        )
    total = sum(halves, start=Committed())
    assert len(total.created) == len(set(total.created)) == 40
    assert (total.deliveries, total.others) == (40, 40)
    assert len(await outbox.deliveries.newest(limit=100)) == 40


async def test_two_workers_with_the_same_article_make_one_alert(
    redis_url: str, redis: Redis, outbox: Outbox
) -> None:
    """The same article in two entries, committed at once: one created, one repeated."""
    first, second = await read_entries(redis, outbox.stream, 2)
    async with Redis.from_url(redis_url) as other:
        made = await asyncio.gather(
            outbox.commit([Decided(first, (an_alert(),))], at=NOON),
            Outbox(other, outbox.stream).commit([Decided(second, (an_alert(),))], at=NOON),
        )
    assert sorted((len(one.created), len(one.repeated)) for one in made) == [(0, 1), (1, 0)]


async def test_a_batch_need_not_stand_together(redis: Redis, outbox: Outbox) -> None:
    """Others have what lies between; none of a batch's own is taken for theirs."""
    entries = await read_entries(redis, outbox.stream, 9)
    ours = [entries[8], entries[0], entries[4]]
    articles = [an_alert(f"a{number}") for number in range(3)]
    batch = [Decided(entry, (alert,)) for entry, alert in zip(ours, articles, strict=True)]
    made = await outbox.commit(batch, at=NOON)
    assert (len(made.created), made.others) == (3, 0)
    assert await pending(redis, outbox.stream) == [one for one in entries if one not in ours]


async def test_an_entry_finished_by_another_makes_nothing(redis: Redis, outbox: Outbox) -> None:
    """A slow worker whose entry was taken over does not bring an old revision back as an update."""
    slow, newer = await read_entries(redis, outbox.stream, 2)
    await outbox.commit([Decided(slow, (an_alert(revision="r1"),))], at=NOON)
    await outbox.commit([Decided(newer, (an_alert(revision="r2"),))], at=NOON)
    late = [Decided(slow, (an_alert(revision="r0"),))]
    assert await outbox.commit(late, [DeadLetter(slow, {}, "late")], at=NOON) == Committed(others=2)
    assert len(await outbox.deliveries.newest()) == 2
    assert await outbox.dead_letters.newest() == []


async def test_a_batch_beyond_one_step_is_committed_in_several(
    redis: Redis, outbox: Outbox
) -> None:
    """A thousand entries and more are no trouble, nor is an event as large as a step."""
    entries = await read_entries(redis, outbox.stream, STEP_ENTRIES + 3)
    large = an_alert("large", title="x" * STEP_BYTES)
    batch = [Decided(entries[0], (an_alert("small"),)), Decided(entries[1], (large,))]
    batch += [Decided(entry) for entry in entries[2:]]
    made = await outbox.commit(batch, at=NOON)
    assert made == Committed(created=(an_alert("small").id, large.id), deliveries=2)
    assert await pending(redis, outbox.stream) == []
