"""Dead letters: every byte of what could not be read is kept, shown, and can be read again."""

from __future__ import annotations

import asyncio
import sys

import pytest
from redis.asyncio import Redis

from builders.alerts import Judged, an_alert, commit, read_entries
from builders.commits import Made
from service.errors import StoreError
from service.store.commit.commit import DeadLetter
from service.store.dead_letters.dead_letters import MAX_FIELDS, pack_fields, unpack_fields
from service.store.outbox import Outbox
from service.views.dead_letter import newest_dead_letters


async def test_a_dead_letter_keeps_its_fields_byte_for_byte(redis: Redis, outbox: Outbox) -> None:
    """Raw fields that are named like the letter's own do not pass for them."""
    (entry,) = await read_entries(redis, outbox.stream)
    fields = {
        b"reason": b"forged",
        b"entry": b"0-0",
        b"fields": b"{}",
        b"\xff\x00": bytes(range(256)),
    }
    made = await commit(outbox, [], [DeadLetter(entry, fields, "not UTF-8", 3)])
    assert made == Made(dead=1)
    (listed,) = await outbox.dead_letters.newest()
    assert (listed.entry_id, listed.reason, listed.deliveries) == (entry.decode(), "not UTF-8", 3)
    assert listed.at == "2026-11-23T12:00:00.000Z"
    assert listed.size == sum(len(name) + len(value) for name, value in fields.items()) + 6 * 4
    shown = await outbox.dead_letters.get(listed.id)
    assert shown is not None
    assert shown.fields == fields


async def test_a_batch_with_a_huge_letter_is_committed(redis: Redis, outbox: Outbox) -> None:
    """Two hundred entries, one of 5 MB and one of ten thousand fields: each its own letter."""
    entries = await read_entries(redis, outbox.stream, 200)
    huge = {b"body": b"\xfe" * 5_000_000}
    many = {b"%d" % n: b"\xfd" for n in range(10_000)}
    letters = [DeadLetter(entries[0], huge, "too large"), DeadLetter(entries[1], many, "too many")]
    batch = [Judged(entry, (an_alert(f"a{n}"),)) for n, entry in enumerate(entries[2:])]
    made = await commit(outbox, batch, letters)
    assert (len(made.created), made.dead) == (198, 2)
    kept = [await outbox.dead_letters.get(one.id) for one in await outbox.dead_letters.newest()]
    assert [one.fields for one in kept if one] == [many, huge]


async def test_all_letters_are_listed_where_all_are_wanted(redis: Redis, outbox: Outbox) -> None:
    """`tocsin dead replay --all` replays those of this list."""
    entries = await read_entries(redis, outbox.stream, 60)
    await commit(outbox, [], [DeadLetter(each, {b"x": b"y"}, "no text") for each in entries])
    for limit, found in ((sys.maxsize, 60), (55, 55), (7, 7)):
        listed = await newest_dead_letters({outbox.stream: outbox}, limit)
        assert [one.entry for one in listed] == [each.decode() for each in entries[::-1]][:found]


@pytest.mark.parametrize("more", [0, 1])
def test_as_many_fields_as_one_command_writes_are_kept_one_by_one(more: int) -> None:
    """With one more they are packed; both are read as they were."""
    fields = {b"%d" % number: b"x" for number in range(MAX_FIELDS + more)}
    packed = pack_fields(fields)
    assert (len(packed) == 1) is bool(more)
    assert unpack_fields(packed) == fields


async def test_a_replayed_letter_is_read_again_and_gone(redis: Redis, outbox: Outbox) -> None:
    """Replay writes the raw fields to the stream and drops the letter; two at once replay once."""
    (entry,) = await read_entries(redis, outbox.stream)
    fields = {b"title": b"\xffTitle", b"reason": b"mine"}
    await commit(outbox, [], [DeadLetter(entry, fields, "not UTF-8")])
    (letter,) = await outbox.dead_letters.newest()
    replayed = await asyncio.gather(*(outbox.dead_letters.replay(letter.id) for _ in range(2)))
    (new,) = [one for one in replayed if one]
    assert await outbox.dead_letters.newest() == []
    assert await redis.xrange(outbox.stream, new, new) == [(new.encode(), fields)]


async def test_a_letter_with_too_many_fields_is_not_replayed(redis: Redis, outbox: Outbox) -> None:
    """One command cannot write them back: the error says what to do, and the letter stays."""
    (entry,) = await read_entries(redis, outbox.stream)
    many = {b"%d" % n: b"" for n in range(MAX_FIELDS + 1)}
    await commit(outbox, [], [DeadLetter(entry, many, "too many")])
    (letter,) = await outbox.dead_letters.newest()
    with pytest.raises(StoreError, match="publish the article again"):
        await outbox.dead_letters.replay(letter.id)
    assert len(await outbox.dead_letters.newest()) == 1


@pytest.mark.parametrize(
    "letter", ["1-1", "x", "", "-", "1", "(1-1", "1-1 ", f"{2**64}-0", f"0-{'9' * 5000}", "１-１"]
)
async def test_an_unknown_letter_is_none(outbox: Outbox, letter: str) -> None:
    """What is not there, or cannot be, is neither shown nor replayed."""
    assert await outbox.dead_letters.get(letter) is None
    assert await outbox.dead_letters.replay(letter) is None


async def test_dead_letters_are_listed_newest_first(redis: Redis, outbox: Outbox) -> None:
    """The limit leaves out the oldest."""
    entries = await read_entries(redis, outbox.stream, 3)
    letters = [DeadLetter(entry, {}, f"reason {n}") for n, entry in enumerate(entries)]
    await commit(outbox, [], letters)
    assert [one.reason for one in await outbox.dead_letters.newest(limit=2)] == [
        "reason 2",
        "reason 1",
    ]
