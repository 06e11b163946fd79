"""The commit of a batch: alerts, deliveries and dead letters, each once, whatever happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, ResponseError

from alerts import NOON, an_alert, commit_alerts, lease, read_entries
from service.alert import delivery_id
from service.batch import STEP_BYTES, STEP_ENTRIES
from service.errors import ConfigError, StoreError
from service.ledger import MOST_FIELDS
from service.outbox import Claimed, Committed, DeadLetter, Decided, Outbox
from service.store import GROUP, Store

DESK = "desk"
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
async def outbox(redis: Redis, stream_name: str) -> Outbox:
    """The outbox of a stream that nothing was read from yet."""
    outbox = Outbox(redis, stream_name)
    await outbox.ensure_group()
    return outbox


@pytest.fixture(params=[2, 3])
async def either_protocol(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Redis]:
    """A client that speaks the older or the newer protocol."""
    async with Redis.from_url(redis_url, protocol=request.param) as client:
        await client.flushall()
        yield client


async def pending(redis: Redis, stream: str) -> list[bytes]:
    """The ids of the entries that are read and not acknowledged."""
    found: Any = await redis.xpending_range(stream, GROUP, "-", "+", 10_000)
    return [one["message_id"] for one in found]


async def leave(redis: Redis, stream: str, entries: list[bytes]) -> None:
    """Let the reader of these entries have been gone for a minute."""
    ids: Any = entries
    await redis.xclaim(stream, GROUP, "gone", 0, ids, idle=60_000, justid=True)


async def keys_of(redis: Redis, stream: str) -> set[str]:
    """What Tocsin keeps beside the stream."""
    prefix = Store(redis, stream).prefix
    return {key.decode().removeprefix(prefix) async for key in redis.scan_iter(f"{prefix}*")}


# Alerts ------------------------------------------------------------------------------------


async def test_a_match_becomes_an_alert_and_a_delivery_for_each_subscriber(
    redis: Redis, outbox: Outbox
) -> None:
    """One delivery per alert and subscriber stands in the outbox, and the entry is done."""
    (entry,) = await read_entries(redis, outbox.stream)
    alert = an_alert(subscribers=("desk", "energy"))
    made = await outbox.commit([Decided(entry, (alert,))], at=NOON)
    assert made == Committed(created=(alert.id,), deliveries=2)
    assert await pending(redis, outbox.stream) == []
    found = {one.subscriber: one for one in await outbox.ledger.deliveries()}
    assert found.keys() == {"desk", "energy"}
    assert found["desk"].id == delivery_id(alert.id, "desk")
    assert found["desk"].state == "pending"
    assert found["desk"].attempts == ()


async def test_the_event_says_what_it_is_and_when(redis: Redis, outbox: Outbox) -> None:
    """The body is the contract's event, with the id that the alert came to have."""
    await commit_alerts(redis, outbox, an_alert())
    (first,) = await outbox.ledger.deliveries()
    shown = await outbox.ledger.delivery(first.id)
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
    assert await redis.pttl(Store(redis, outbox.stream).alert(alert.id)) > 0


async def test_the_same_commit_twice_is_one(redis: Redis, outbox: Outbox) -> None:
    """A caller that never heard the answer repeats the batch, and nothing is doubled."""
    good, bad = await read_entries(redis, outbox.stream, 2)
    batch = [Decided(good, (an_alert(),))], [DeadLetter(bad, {b"title": b"\xff"}, "not UTF-8")]
    assert (await outbox.commit(*batch, at=NOON)).deliveries == 1
    assert await outbox.commit(*batch, at=NOON) == Committed(others=2)
    assert len(await outbox.ledger.deliveries()) == 1
    assert len(await outbox.ledger.dead()) == 1


async def test_the_same_article_again_sends_nothing(redis: Redis, outbox: Outbox) -> None:
    """An unchanged article in another entry is known by the alert it made."""
    await commit_alerts(redis, outbox, an_alert())
    (entry,) = await read_entries(redis, outbox.stream)
    again = an_alert(subscribers=("desk", "newcomer"))
    made = await outbox.commit([Decided(entry, (again,))], at=NOON)
    assert made == Committed(repeated=(an_alert().id,))
    assert len(await outbox.ledger.deliveries()) == 1


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
    shown = await outbox.ledger.delivery(delivery_id(changed.updated.id, DESK))
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
    assert len(await outbox.ledger.deliveries(limit=100)) == 40


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


async def test_an_entry_finished_by_another_makes_nothing(redis: Redis, outbox: Outbox) -> None:
    """A slow worker whose entry was taken over does not bring an old revision back as an update."""
    slow, newer = await read_entries(redis, outbox.stream, 2)
    await outbox.commit([Decided(slow, (an_alert(revision="r1"),))], at=NOON)
    await outbox.commit([Decided(newer, (an_alert(revision="r2"),))], at=NOON)
    late = [Decided(slow, (an_alert(revision="r0"),))]
    assert await outbox.commit(late, [DeadLetter(slow, {}, "late")], at=NOON) == Committed(others=2)
    assert len(await outbox.ledger.deliveries()) == 2
    assert await outbox.ledger.dead() == []


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


# Faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["lanes", "deliveries:pending", "dead", "bell", "alert:alr_jets_a1", "delivery"]
)
async def test_a_foreign_key_stops_the_commit_before_it_writes(
    redis: Redis, outbox: Outbox, key: str
) -> None:
    """The error names the key; nothing is written or acknowledged; the key stays as it was."""
    store = Store(redis, outbox.stream)
    foreign = store.prefix + key
    if key == "delivery":
        foreign = store.delivery(delivery_id(an_alert().id, DESK))
    await redis.set(foreign, "somebody else's")
    good, bad = await read_entries(redis, outbox.stream, 2)
    batch = [Decided(good, (an_alert(),))], [DeadLetter(bad, {b"x": b"y"}, "bad")]
    with pytest.raises(StoreError) as raised:
        await outbox.commit(*batch, at=NOON)
    assert f"{foreign!r} holds a string" in str(raised.value)
    assert "rename or delete it" in str(raised.value)
    assert await pending(redis, outbox.stream) == [good, bad]
    assert await keys_of(redis, outbox.stream) == {foreign.removeprefix(store.prefix)}
    assert await redis.get(foreign) == b"somebody else's"
    await redis.delete(foreign)
    assert await outbox.commit(*batch, at=NOON) == Committed(
        created=(an_alert().id,), deliveries=1, dead=1
    )


async def test_a_stream_key_of_another_kind_is_named(redis: Redis, stream_name: str) -> None:
    """A list where the articles should be is told by every method that meets it."""
    await redis.rpush(stream_name, "not a stream")
    outbox = Outbox(redis, stream_name)
    calls = [
        outbox.ensure_group(),
        outbox.commit([Decided(b"1-1", (an_alert(),))], at=NOON),
        outbox.claim_idle("one", timedelta(seconds=1)),
        outbox.keep("one", [b"1-1"]),
        outbox.lag(),
        outbox.trim(),
    ]
    for call in calls:
        with pytest.raises(StoreError, match=f"'{stream_name}' holds a list"):
            await call
    assert await redis.lrange(stream_name, 0, -1) == [b"not a stream"]


async def test_full_memory_stops_the_commit_and_a_repeat_completes_it(
    redis: Redis, outbox: Outbox
) -> None:
    """Out of memory nothing is acknowledged; when there is room again the same call does it all."""
    good, bad = await read_entries(redis, outbox.stream, 2)
    batch = [Decided(good, (an_alert(),))], [DeadLetter(bad, {b"x": b"y"}, "bad")]
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(OutOfMemoryError):
            await outbox.commit(*batch, at=NOON)
    finally:
        await redis.config_set("maxmemory", "0")
    assert await pending(redis, outbox.stream) == [good, bad]
    made = await outbox.commit(*batch, at=NOON)
    assert made == Committed(created=(an_alert().id,), deliveries=1, dead=1)


@pytest.mark.parametrize("forbidden", ["zadd", "hset", "hincrby", "rpush", "xack", "pexpire"])
async def test_a_commit_that_breaks_halfway_is_completed_by_a_repeat(
    redis_url: str, redis: Redis, outbox: Outbox, forbidden: str
) -> None:
    """Wherever a script is stopped, nothing is acknowledged, lost or sent under a second id.

    The server is made to refuse one command after others were done, by taking the right to it.
    """
    (entry,) = await read_entries(redis, outbox.stream)
    batch = [
        Decided(entry, (an_alert(subscribers=("desk", "energy")), an_alert("a2", subscribers=())))
    ]
    await redis.acl_setuser(
        "half", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", f"-{forbidden}"]
    )
    async with Redis.from_url(redis_url, username="half", password="pw") as half:
        with pytest.raises(ResponseError, match=r"ACL failure|can't run this command"):
            await Outbox(half, outbox.stream).commit(batch, at=NOON)
    await redis.acl_deluser("half")
    assert await pending(redis, outbox.stream) == [entry]
    await outbox.commit(batch, at=NOON)
    assert await pending(redis, outbox.stream) == []
    found = await outbox.ledger.deliveries()
    assert {one.id for one in found} == {
        delivery_id(an_alert().id, "desk"),
        delivery_id(an_alert().id, "energy"),
    }
    leased = await lease(outbox, 10, timedelta(seconds=60), worker="w", at=NOON)
    assert {one.id for one in leased} == {one.id for one in found}
    assert all(one.body for one in leased)


async def test_a_flushed_script_cache_is_refilled(redis: Redis, outbox: Outbox) -> None:
    """A restarted server has lost the scripts; the outbox brings them along again."""
    await commit_alerts(redis, outbox, an_alert())
    await redis.script_flush()
    await commit_alerts(redis, outbox, an_alert("a2"))
    assert len(await outbox.ledger.deliveries()) == 2


@pytest.mark.parametrize("name", ["", "{news}", "news}", "a{b"])
def test_a_stream_name_with_braces_is_refused(name: str) -> None:
    """Its keys would live in another slot of a cluster than the stream itself."""
    with pytest.raises(ConfigError, match="without braces"):
        Outbox(Redis(), name)


# Dead letters ------------------------------------------------------------------------------


async def test_a_dead_letter_keeps_its_fields_byte_for_byte(redis: Redis, outbox: Outbox) -> None:
    """Raw fields that are named like the letter's own do not pass for them."""
    (entry,) = await read_entries(redis, outbox.stream)
    fields = {
        b"reason": b"forged",
        b"entry": b"0-0",
        b"fields": b"{}",
        b"\xff\x00": bytes(range(256)),
    }
    made = await outbox.commit([], [DeadLetter(entry, fields, "not UTF-8", 3)], at=NOON)
    assert made == Committed(dead=1)
    (listed,) = await outbox.ledger.dead()
    assert (listed.entry_id, listed.reason, listed.deliveries) == (entry.decode(), "not UTF-8", 3)
    assert listed.at == "2026-11-23T12:00:00.000Z"
    assert listed.size == sum(len(name) + len(value) for name, value in fields.items()) + 6 * 4
    shown = await outbox.ledger.dead_letter(listed.id)
    assert shown is not None
    assert shown.fields == fields


async def test_a_batch_with_a_huge_letter_is_committed(redis: Redis, outbox: Outbox) -> None:
    """Two hundred entries, one of 5 MB and one of ten thousand fields: each its own letter."""
    entries = await read_entries(redis, outbox.stream, 200)
    huge = {b"body": b"\xfe" * 5_000_000}
    many = {b"%d" % n: b"\xfd" for n in range(10_000)}
    letters = [DeadLetter(entries[0], huge, "too large"), DeadLetter(entries[1], many, "too many")]
    batch = [Decided(entry, (an_alert(f"a{n}"),)) for n, entry in enumerate(entries[2:])]
    made = await outbox.commit(batch, letters, at=NOON)
    assert (len(made.created), made.dead) == (198, 2)
    kept = [await outbox.ledger.dead_letter(one.id) for one in await outbox.ledger.dead()]
    assert [one.fields for one in kept if one] == [many, huge]


async def test_a_replayed_letter_is_read_again_and_gone(redis: Redis, outbox: Outbox) -> None:
    """Replay writes the raw fields to the stream and drops the letter; two at once replay once."""
    (entry,) = await read_entries(redis, outbox.stream)
    fields = {b"title": b"\xffTitle", b"reason": b"mine"}
    await outbox.commit([], [DeadLetter(entry, fields, "not UTF-8")], at=NOON)
    (letter,) = await outbox.ledger.dead()
    replayed = await asyncio.gather(*(outbox.ledger.replay(letter.id) for _ in range(2)))
    (new,) = [one for one in replayed if one]
    assert await outbox.ledger.dead() == []
    assert await redis.xrange(outbox.stream, new, new) == [(new.encode(), fields)]


async def test_a_letter_with_too_many_fields_is_not_replayed(redis: Redis, outbox: Outbox) -> None:
    """One command cannot write them back: the error says what to do, and the letter stays."""
    (entry,) = await read_entries(redis, outbox.stream)
    many = {b"%d" % n: b"" for n in range(MOST_FIELDS + 1)}
    await outbox.commit([], [DeadLetter(entry, many, "too many")], at=NOON)
    (letter,) = await outbox.ledger.dead()
    with pytest.raises(StoreError, match="publish the article anew"):
        await outbox.ledger.replay(letter.id)
    assert len(await outbox.ledger.dead()) == 1


async def test_an_unknown_letter_is_none(outbox: Outbox) -> None:
    """What is not there is neither shown nor replayed."""
    assert await outbox.ledger.dead_letter("1-1") is None
    assert await outbox.ledger.replay("1-1") is None


async def test_dead_letters_are_listed_newest_first(redis: Redis, outbox: Outbox) -> None:
    """The limit leaves out the oldest."""
    entries = await read_entries(redis, outbox.stream, 3)
    letters = [DeadLetter(entry, {}, f"reason {n}") for n, entry in enumerate(entries)]
    await outbox.commit([], letters, at=NOON)
    assert [one.reason for one in await outbox.ledger.dead(limit=2)] == ["reason 2", "reason 1"]


# What readers leave ------------------------------------------------------------------------


async def test_idle_entries_are_claimed_one_at_a_time(redis: Redis, outbox: Outbox) -> None:
    """Each call takes over one entry, the oldest first, and says how often it was delivered."""
    entries = await read_entries(redis, outbox.stream, 2)
    assert await outbox.claim_idle("heir", HALF_A_MINUTE) is None
    await leave(redis, outbox.stream, entries)
    claimed = [await outbox.claim_idle("heir", HALF_A_MINUTE) for _ in range(3)]
    assert claimed == [
        Claimed(entries[0], {b"title": b"article 0"}, 2),
        Claimed(entries[1], {b"title": b"article 1"}, 2),
        None,
    ]


async def test_an_entry_in_hand_is_not_claimed(redis: Redis, outbox: Outbox) -> None:
    """What a reader keeps is not idle, and to keep it does not count as a delivery."""
    (entry,) = await read_entries(redis, outbox.stream)
    await leave(redis, outbox.stream, [entry])
    await outbox.keep("slow", [entry])
    assert await outbox.claim_idle("heir", HALF_A_MINUTE) is None
    await leave(redis, outbox.stream, [entry])
    claimed = await outbox.claim_idle("heir", HALF_A_MINUTE)
    assert claimed is not None
    assert claimed.deliveries == 2


async def test_a_kept_entry_that_is_done_stays_done(redis: Redis, outbox: Outbox) -> None:
    """To keep an acknowledged entry does not make it pending again."""
    (entry,) = await read_entries(redis, outbox.stream)
    await outbox.commit([Decided(entry)], at=NOON)
    await outbox.keep("one", [entry])
    await outbox.keep("one", [])
    assert await pending(redis, outbox.stream) == []


async def test_deleted_entries_leave_the_pending_list(redis: Redis, outbox: Outbox) -> None:
    """An entry that was removed from the stream while pending holds nobody up."""
    gone, kept = await read_entries(redis, outbox.stream, 2)
    await redis.xdel(outbox.stream, gone)
    await leave(redis, outbox.stream, [gone, kept])
    claimed = await outbox.claim_idle("heir", HALF_A_MINUTE)
    assert claimed is not None
    assert claimed.entry_id == kept
    assert await pending(redis, outbox.stream) == [kept]


async def test_lag_counts_what_is_unread_and_unfinished(either_protocol: Redis) -> None:
    """Unread entries, pending ones, and how long the oldest has been in hand."""
    outbox = Outbox(either_protocol, "articles")
    await outbox.ensure_group()
    await outbox.ensure_group()
    await read_entries(either_protocol, "articles", 2)
    for _ in range(3):
        await either_protocol.xadd("articles", {"title": "unread"})
    lag = await outbox.lag()
    assert (lag.unread, lag.pending) == (3, 2)
    assert 0 <= lag.oldest_pending < 10
    await leave(either_protocol, "articles", await pending(either_protocol, "articles"))
    claimed = await outbox.claim_idle("heir", HALF_A_MINUTE)
    assert claimed is not None
    assert claimed.fields == {b"title": b"article 0"}


async def test_entries_written_before_the_group_are_read(redis: Redis, stream_name: str) -> None:
    """The group begins at the stream's beginning."""
    await redis.xadd(stream_name, {"title": "early"})
    outbox = Outbox(redis, stream_name)
    await outbox.ensure_group()
    assert (await outbox.lag()).unread == 1


async def test_a_missing_group_is_told(redis: Redis, outbox: Outbox) -> None:
    """When somebody removes the group, the lag is not guessed."""
    await redis.xgroup_destroy(outbox.stream, GROUP)
    with pytest.raises(StoreError, match="has no group 'tocsin'"):
        await outbox.lag()


# Retention ---------------------------------------------------------------------------------


async def test_trim_cuts_old_articles_that_everyone_has_read(redis: Redis, outbox: Outbox) -> None:
    """Articles older than their retention go, younger ones stay."""
    for old in ("1000-0", "1000-18446744073709551615", "2000-1"):
        await redis.xadd(outbox.stream, {"title": "old"}, id=old)
    await redis.xadd(outbox.stream, {"title": "young"})
    await redis.xreadgroup(GROUP, "one", {outbox.stream: ">"}, noack=True)
    assert await outbox.trim() == (3, 0)
    assert await redis.xlen(outbox.stream) == 1


@pytest.mark.parametrize("group", [GROUP, "somebody-else"])
async def test_trim_never_cuts_an_unread_or_pending_entry_of_any_group(
    redis: Redis, outbox: Outbox, group: str
) -> None:
    """However old, an entry stays until each group of the stream has read and finished it."""
    await redis.xgroup_create(outbox.stream, "somebody-else", id="0")
    ids = [f"1000-{n}" for n in (1, 2, 3, 9, 10, 11)]
    for entry in ids:
        await redis.xadd(outbox.stream, {"title": "old"}, id=entry)
    others = [one for one in (GROUP, "somebody-else") if one != group]
    for other in others:
        await redis.xreadgroup(other, "one", {outbox.stream: ">"}, noack=True)
    assert await outbox.trim() == (0, 0)  # all unread
    await redis.xreadgroup(group, "one", {outbox.stream: ">"}, count=4)
    assert await outbox.trim() == (0, 0)  # four pending, two unread
    await redis.xack(outbox.stream, group, *ids[:2])
    assert await outbox.trim() == (2, 0)  # up to the first pending
    await redis.xack(outbox.stream, group, *ids[2:4])
    assert await outbox.trim() == (2, 0)  # up to the first unread
    await redis.xreadgroup(group, "one", {outbox.stream: ">"}, noack=True)
    assert await outbox.trim() == (2, 0)


async def test_trim_without_a_group_cuts_nothing(redis: Redis, stream_name: str) -> None:
    """Before the service first started every article is unread."""
    outbox = Outbox(redis, stream_name)
    assert await outbox.trim() == (0, 0)
    await redis.xadd(stream_name, {"title": "old"}, id="1000-1")
    await redis.xgroup_create(stream_name, "somebody-else", id="$")
    assert await outbox.trim() == (0, 0)
    assert await redis.xlen(stream_name) == 1


async def test_trim_lets_old_dead_letters_go(redis: Redis, stream_name: str) -> None:
    """Dead letters are kept as long as alerts are."""
    outbox = Outbox(redis, stream_name, keep_alerts=timedelta(hours=1))
    await outbox.ensure_group()
    dead = Store(redis, stream_name).dead
    await redis.xadd(dead, {"entry": "1-1"}, id="1000-1")
    (entry,) = await read_entries(redis, stream_name)
    await outbox.commit([], [DeadLetter(entry, {}, "bad")], at=NOON)
    assert await outbox.trim() == (0, 1)
    assert [one.reason for one in await outbox.ledger.dead()] == ["bad"]
