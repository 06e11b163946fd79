"""Which set of rules is in force, as Redis keeps it for all workers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from service.errors import StoreError
from service.rules.in_force.state import (
    MAX_NAMES,
    RulesChange,
    RulesInForce,
    SetContent,
    WorkerRules,
)
from service.store.client import Store, to_milliseconds
from service.store.keys import RULES, RULES_CONTENT, RULES_OFFERS, RULES_PIECE, RULES_WORKERS
from service.store.outbox import Outbox
from service.store.rules.rules_record import KEPT_SETS, MAX_OFFERS, PastSet, RulesRecord

SAID = WorkerRules()
ADDED = RulesChange(added=("jets",))


@pytest.fixture
def record(outbox: Outbox) -> RulesRecord:
    """The record of a stream."""
    return outbox.rules


def a_set(number: int, **other: Any) -> RulesInForce:
    """One that is not in force yet."""
    name = str(number)
    made = RulesInForce(f"set-{name}", f"c{name}", f"o{name}", "d", 3, 1, "/rules", "one")
    return replace(made, **other)


def holding(*pieces: str) -> SetContent:
    """What a set with these pieces holds; each piece is its name."""
    return SetContent(b"head", pieces, str.encode)


async def held(record: RulesRecord, number: int) -> tuple[str, ...] | None:
    """The pieces of what Redis keeps of a set; None if that is not whole."""
    found = await record.content(a_set(number))
    if found is None:
        return None
    assert found.head == b"head"
    assert [found.piece(name) for name in found.pieces] == [*map(str.encode, found.pieces)]
    return found.pieces


async def newest(record: RulesRecord, worker: str, offer: str, *, fresh: bool = False) -> bool:
    """Whether a worker has the newest files."""
    return (await record.claim(worker, offer, SAID, fresh=fresh)).newest


async def test_the_files_that_came_last_are_the_newest(record: RulesRecord) -> None:
    """An old worker beside a new one follows it; it is restarted, and still does."""
    assert await newest(record, "old", "v1")
    assert await newest(record, "new", "v2")
    assert not await newest(record, "old", "v1")
    await record.leave("old")
    assert not await newest(record, "old again", "v1")
    assert await newest(record, "new", "v2")


async def test_who_followed_is_not_the_newest_in_an_emptied_redis(record: RulesRecord) -> None:
    """The worker with the newer files may be the first to look, and mostly is not the last."""
    follows = WorkerRules("follows")
    assert await newest(record, "new", "v2")
    assert not (await record.claim("old", "v1", follows, fresh=False)).newest
    assert await newest(record, "new", "v2")
    await record.leave("new")
    assert (await record.claim("old", "v1", follows, fresh=False)).newest
    assert (await record.claim("old", "v3", follows, fresh=True)).newest


async def test_files_that_no_worker_has_do_not_count(record: RulesRecord) -> None:
    """When the last worker with the new ones ends, the old ones are the newest again."""
    assert await newest(record, "old", "v1")
    assert await newest(record, "new", "v2")
    await record.leave("new")
    assert await newest(record, "old", "v1")


async def test_files_that_come_back_to_a_running_worker_are_new(record: RulesRecord) -> None:
    """Somebody took a change back."""
    assert await newest(record, "one", "v1")
    assert await newest(record, "two", "v2")
    assert await newest(record, "one", "v1", fresh=True)
    assert not await newest(record, "two", "v2")
    assert await newest(record, "two", "v2", fresh=True)
    assert not await newest(record, "one", "v1")


async def test_a_worker_that_is_silent_has_ended(
    record: RulesRecord, redis: Redis, outbox: Outbox
) -> None:
    """After a minute; also where a clock was set back, and where its record is no record."""
    key = Store(redis, outbox.stream).key(RULES_WORKERS)
    assert await newest(record, "new", "v2")
    (text,) = await _any(redis).hvals(key)
    now = to_milliseconds(await record.now())
    seen = text.partition(b'"seen":')[2].split(b",")[0].split(b"}")[0]
    # One more than a minute and a millisecond, as the time is rounded here and cut there.
    for at in (now - 60_002, now + 90_000):
        before = text.replace(seen, b"%d" % at)
        await _any(redis).hset(key, mapping={"new": before, "odd": b"[", "list": b"[1]"})
        assert await newest(record, "old", "v1", fresh=True)
        assert [one.name for one in await record.workers()] == ["old"]


async def test_a_worker_that_looks_seldom_lives_longer(
    record: RulesRecord, redis: Redis, outbox: Outbox
) -> None:
    """`TOCSIN_RELOAD_EVERY` may be minutes."""
    said = WorkerRules(looks_every=300.0)
    assert await newest(record, "old", "v1")
    assert (await record.claim("new", "v2", said, fresh=False)).newest
    key = Store(redis, outbox.stream).key(RULES_WORKERS)
    text: bytes = await _any(redis).hget(key, "new")
    # One more, as the time is rounded to milliseconds here and cut there.
    for silent, newest_again in ((1_400_000, False), (1_500_002, True)):
        seen = text.partition(b'"seen":')[2].split(b",")[0].split(b"}")[0]
        now = to_milliseconds(await record.now())
        before = text.replace(seen, b"%d" % (now - silent))
        await _any(redis).hset(key, "new", before)
        assert await newest(record, "old", "v1") is newest_again


async def test_few_offers_are_remembered(record: RulesRecord, redis: Redis, outbox: Outbox) -> None:
    """Somebody edits all day."""
    for number in range(MAX_OFFERS + 20):
        await newest(record, "one", f"v{number}", fresh=True)
    assert await _any(redis).hlen(Store(redis, outbox.stream).key(RULES_OFFERS)) <= MAX_OFFERS + 1


async def test_a_set_is_put_in_place_of_the_one_that_was_seen(record: RulesRecord) -> None:
    """Of two workers at once one is told that the other was faster."""
    assert (await record.claim("one", "o1", SAID, fresh=False)).in_force is None
    first = a_set(1, kept=("jets", "ü"), left_out=("tanks",))
    assert await record.put(first, holding("one"), ADDED, replaces=0)
    assert not await record.put(a_set(2), holding("two"), ADDED, replaces=0)
    found = await record.in_force()
    assert found is not None
    assert found.since is not None
    assert replace(found, since=None) == replace(first, version=1)
    names = tuple(f"w{number:03}" for number in range(MAX_NAMES + 1))
    change = RulesChange(("a", "b"), ("c",), names, ("desk",))
    before = await record.now()
    assert await record.put(a_set(2), holding("two"), change, replaces=1)
    second, last = await record.history()
    assert before - timedelta(milliseconds=1) < second.at <= await record.now()
    counts = {"added": 2, "removed": 1, "changed": MAX_NAMES + 1, "subscribers": 1}
    shown = replace(change, changed=names[:MAX_NAMES])
    assert second == PastSet("set-2", "c2", "d", 3, "one", second.at, shown, counts)
    assert (last.set_id, last.content, last.change) == ("set-1", "c1", ADDED)
    assert await record.history(1) == [second]


async def test_what_a_set_holds_is_kept_in_pieces(record: RulesRecord) -> None:
    """A piece that another set has is not asked for again."""
    asked: list[str] = []

    def piece(name: str) -> bytes:
        asked.append(name)
        return name.encode()

    assert await record.put(a_set(1), SetContent(b"head", ("a", "b"), piece), ADDED, replaces=0)
    assert await record.put(a_set(2), SetContent(b"head", ("a", "c"), piece), ADDED, replaces=1)
    assert asked == ["a", "b", "c"]
    assert [await held(record, number) for number in (1, 2, 3)] == [("a", "b"), ("a", "c"), None]


async def test_a_piece_that_is_gone_is_noticed(
    record: RulesRecord, redis: Redis, outbox: Outbox
) -> None:
    """A set with a hole in it is none, until it is put in force again."""
    assert await record.put(a_set(1), holding("a", "b"), ADDED, replaces=0)
    await redis.delete(Store(redis, outbox.stream).key(RULES_PIECE, "b"))
    assert await held(record, 1) is None
    assert await record.put(a_set(2), holding("a"), ADDED, replaces=1)
    assert await record.put(a_set(1), holding("a", "b"), ADDED, replaces=2)
    assert await held(record, 1) == ("a", "b")


async def test_what_version_1_of_the_data_wrote_is_read(
    record: RulesRecord, redis: Redis, outbox: Outbox
) -> None:
    """All in one text, in parts."""
    key = Store(redis, outbox.stream).key(RULES_CONTENT, "c1")
    await _any(redis).hset(key, mapping={"0": b"one", "1": b"two", "parts": "2"})
    found = await record.content(a_set(1))
    assert found is not None
    assert (found.head, found.pieces) == (b"onetwo", ())
    await _any(redis).hdel(key, "1")
    assert await record.content(a_set(1)) is None


async def test_the_last_sets_are_kept(record: RulesRecord, redis: Redis, outbox: Outbox) -> None:
    """One that comes back is kept, too; what no set has is deleted, or ends by itself."""
    store = Store(redis, outbox.stream)
    numbers = [*range(1, KEPT_SETS + 4), 1]
    for version, number in enumerate(numbers):
        content = holding("all", f"{number}", f"{number % 2}")
        assert await record.put(a_set(number), content, ADDED, replaces=version)
    there = {number for number in set(numbers) if await held(record, number)}
    assert there == {1, *range(5, KEPT_SETS + 4)}
    names = {name for number in there for name in (f"{number}", f"{number % 2}")} | {"all"}
    pieces = {key async for key in redis.scan_iter(store.key(RULES_PIECE, "*"))}
    assert pieces == {store.key(RULES_PIECE, name).encode() for name in names}
    assert {await redis.pttl(key) for key in pieces} == {-1}


async def test_pieces_of_a_set_that_does_not_come_into_force_end(
    record: RulesRecord, redis: Redis, outbox: Outbox
) -> None:
    """Another worker was faster, after the pieces had been written."""
    store = Store(redis, outbox.stream)

    async def overtaken() -> None:
        assert await record.put(a_set(2), holding("other"), ADDED, replaces=0)

    content = holding("mine")

    def slow(name: str) -> bytes:
        asyncio.run_coroutine_threadsafe(overtaken(), loop).result()
        return content.piece(name)

    loop = asyncio.get_running_loop()
    assert not await record.put(a_set(1), content._replace(piece=slow), ADDED, replaces=0)
    assert 0 < await redis.pttl(store.key(RULES_PIECE, "mine")) <= 3_600_000
    assert await redis.exists(store.key(RULES_CONTENT, "c1")) == 0


async def test_other_files_with_the_same_rules_are_no_new_set(record: RulesRecord) -> None:
    """A comment was added: the files are others, and nobody reads of it in the history."""
    assert await record.put(a_set(1), holding("one"), ADDED, replaces=0)
    before = await record.in_force()
    moved = a_set(1, offer="o2", content="c2")
    assert await record.put(moved, holding("two"), RulesChange(), replaces=1)
    after = await record.in_force()
    assert before is not None
    assert after is not None
    assert (after.since, after.offer, after.version) == (before.since, "o2", 2)
    assert len(await record.history()) == 1
    assert await held(record, 2) == ("two",)
    # The history names the first, and what changed since it can be asked for.
    for version, number in ((2, 3), (3, 4)):
        name = f"c{number}"
        again = a_set(1, offer=name, content=name)
        assert await record.put(again, holding("more"), RulesChange(), replaces=version)
    assert await record.put(a_set(5), holding("five"), ADDED, replaces=4)
    there = [await held(record, number) for number in range(1, 6)]
    assert there == [("one",), None, None, None, ("five",)]


async def test_what_is_accepted_holds_for_one_set(record: RulesRecord) -> None:
    """It is forgotten when a set comes into force."""
    assert await record.put(a_set(1), holding("one"), ADDED, replaces=0)
    await record.accept("o2")
    claim = await record.claim("one", "o2", SAID, fresh=False)
    assert claim.in_force is not None
    assert claim.in_force.accepted == "o2"
    assert await record.put(a_set(2), holding("two"), ADDED, replaces=1)
    found = await record.in_force()
    assert found is not None
    assert found.accepted == ""


async def test_another_programs_key_is_said_to_be(
    record: RulesRecord, redis: Redis, outbox: Outbox
) -> None:
    """In the words of an operator, not of a client."""
    await redis.set(Store(redis, outbox.stream).key(RULES), "mine")
    with pytest.raises(StoreError, match="which set of rules is in force"):
        await record.claim("one", "o1", SAID, fresh=False)
    with pytest.raises(StoreError, match="which set of rules is in force"):
        await record.in_force()


def _any(redis: Redis) -> Any:  # its replies are typed for both of redis-py's clients
    return redis
