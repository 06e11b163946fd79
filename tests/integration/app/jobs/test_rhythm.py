"""Who is quiet for longer than usual is reported by one of the processes, once."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from builders.event_schemas import faults as event_faults
from builders.rules import SECRETS, load
from harness.gate import Gate, asks_for
from service.alerts.rhythm.evaluation import Changes
from service.alerts.rhythm.head import Head
from service.alerts.rhythm.reading import Reading
from service.alerts.rhythm.seen_slots import SeenSlots
from service.alerts.rhythm.slots import SLOTS_A_DAY, SLOTS_A_WEEK, slot_of
from service.alerts.rhythm.source import SourceRhythm
from service.alerts.rhythm.watchlist import WatchlistRhythm
from service.app.jobs.rhythm import Rhythms, watchlist_digest
from service.errors import StoreError
from service.rules.rules import Rules
from service.store.client import Store, to_milliseconds
from service.store.input_stream.rhythm import arrivals as arrivals_module
from service.store.keys import ALERT, ARRIVALS, RHYTHM, RHYTHMS
from service.store.outbox import Outbox

RULES = load(
    {
        "r.yaml": """
watchlists:
  - {id: jets, name: Fighter jets, match: jet}
subscribers:
  - {id: ops, reports: true, webhook: {url: "https://o.example/", secret: "${DESK_SECRET}"}}
  - {id: desk, webhook: {url: "https://d.example/", secret: "${DESK_SECRET}"}}
"""
    },
    SECRETS.get,
)
WEEKS = 3


async def events(outbox: Outbox) -> list[dict[str, Any]]:
    """The events that were sent, the newest first."""
    redis: Any = outbox.redis
    store = Store(redis, outbox.stream)
    sent = await outbox.deliveries.newest(state="pending")
    assert {one.subscriber for one in sent} <= {"ops"}
    bodies = [await redis.hget(store.key(ALERT, one.alert_id), "body") for one in sent]
    found = [json.loads(body) for body in bodies]
    assert [event_faults(event) for event in found] == [[]] * len(found)
    return found


async def begin(outbox: Outbox) -> int:
    """Three weeks are known in which a source sent, and a watchlist had a story, each half hour.

    Returns the slot before which all is evaluated: four days ago they ended.
    """
    now = slot_of(to_milliseconds(await outbox.silences.now()))
    slot = now - 6
    first = slot - (WEEKS * SLOTS_A_WEEK + 4 * SLOTS_A_DAY)
    end = first + WEEKS * SLOTS_A_WEEK
    seen = SeenSlots(first, np.ones(slot - first, np.bool_))
    source = SourceRhythm.begun(first)
    digest = watchlist_digest(RULES, "jets") or ""
    days = tuple(
        (day, max(0.0, 10.0 * (day * SLOTS_A_DAY - first)))
        for day in range(first // SLOTS_A_DAY, slot // SLOTS_A_DAY + 1)
    )

    def reading(at: int) -> Reading:
        until = tuple(each for each in days if each[0] <= at // SLOTS_A_DAY)
        return Reading(at, 10.0 * (at - first + 1), until)

    watchlist = WatchlistRhythm.begun(digest, reading(first), 1)
    for at in range(first + 6, end, 6):
        source = source.arrived(at, seen, 1.0)
        watchlist = watchlist.arrived(reading(at), 1, 1.0)
    stream = {outbox.stream: seen}
    head = Head(slot, 10.0 * (slot - first), days, stream, stream)
    changes = Changes(head)
    source = SourceRhythm.unpacked(source.packed() + outbox.stream.encode())
    changes.states = {
        ("source", "asia.example"): source.packed(),
        ("watchlist", "jets"): watchlist.packed(),
    }
    changes.due = dict.fromkeys(changes.states, 0.0)
    assert await outbox.rhythms.put(changes, (), at=await outbox.silences.now())
    return slot


async def sent(
    outbox: Outbox, slot: int, source: str = "", watchlists: tuple[str, ...] = ()
) -> None:
    """An article came in a slot."""
    outbox.arrivals.add(slot * 300_000 + 7, source, watchlists)
    await outbox.arrivals.write()


async def evaluate(outbox: Outbox, processes: int = 1, rules: Rules = RULES) -> None:
    """So many processes evaluate at once."""
    each = [Rhythms({outbox.stream: outbox}, 1.0) for _ in range(processes)]
    await asyncio.gather(*(one.evaluate(rules, asyncio.Event()) for one in each))


async def test_who_is_quiet_is_reported_once_by_several_processes(outbox: Outbox) -> None:
    """And that it is over."""
    slot = await begin(outbox)
    await sent(outbox, slot)
    await evaluate(outbox, 3)
    await evaluate(outbox, 2)
    found = await events(outbox)
    assert sorted(event["type"] for event in found) == ["source.quiet", "watchlist.quiet"]
    assert {event["data"]["state"] for event in found} == {"quiet"}
    (watchlists,) = [event["data"]["watchlists"] for event in found if "watch" in event["type"]]
    assert (watchlists[0]["name"], watchlists[0]["usual_gap_articles"]) == ("Fighter jets", 60.0)
    quiet = await outbox.rhythms.quiet()
    assert {(one.kind, one.name) for one in quiet} == {
        ("source", "asia.example"),
        ("watchlist", "jets"),
    }
    assert await outbox.rhythms.quiet_counts() == {"stream": 0, "source": 1, "watchlist": 1}
    head = await outbox.rhythms.head()
    assert head is not None
    await rewind(outbox, head.slot - 2)
    await sent(outbox, head.slot - 2, "asia.example", ("jets",))
    await evaluate(outbox, 3)
    states = [event["data"]["state"] for event in await events(outbox)]
    assert sorted(states) == ["back", "back", "quiet", "quiet"]
    assert await outbox.rhythms.quiet() == []


async def slot_of_head(outbox: Outbox) -> int:
    """The next slot."""
    head = await outbox.rhythms.head()
    return head.slot if head else 0


async def rewind(outbox: Outbox, slot: int) -> None:
    """As if slots were not evaluated yet: no test can wait for five minutes."""
    redis: Any = outbox.redis
    await redis.hset(Store(redis, outbox.stream).key(RHYTHM), "slot", slot)


async def test_what_is_evaluated_is_deleted_and_what_is_not_ends(outbox: Outbox) -> None:
    """After two days."""
    slot = await begin(outbox)
    redis: Any = outbox.redis
    store = Store(redis, outbox.stream)
    await sent(outbox, slot, "asia.example", ("jets",))
    key = store.key(ARRIVALS, str(slot))
    lives = await redis.pttl(key)
    assert 0 < lives <= timedelta(days=2) / timedelta(milliseconds=1)
    counts = await outbox.arrivals.read(slot)
    assert (counts.articles, counts.sources, counts.stories) == (
        1,
        frozenset({"asia.example"}),
        {"jets": 1},
    )
    await evaluate(outbox)
    assert not await redis.exists(key)
    assert await events(outbox) == []


async def test_a_changed_watchlist_is_not_quiet(outbox: Outbox) -> None:
    """It starts anew, and what was known of it is gone."""
    slot = await begin(outbox)
    await sent(outbox, slot, "asia.example")
    other = load({"r.yaml": "watchlists: [{id: jets, match: tank}]"}, None)
    await evaluate(outbox, rules=other)
    redis: Any = outbox.redis
    left = await redis.hkeys(Store(redis, outbox.stream).key(RHYTHMS))
    assert sorted(left) == [b"source:asia.example", f"stream:{outbox.stream}".encode()]
    assert await events(outbox) == []


async def test_slots_wait_for_articles_that_are_not_read(outbox: Outbox) -> None:
    """A reader that is late makes no source quiet."""
    await begin(outbox)
    slot = await slot_of_head(outbox)
    redis: Any = outbox.redis
    old = to_milliseconds(await outbox.silences.now()) - 60 * 60_000
    await outbox.input_stream.ensure_group()
    await redis.xadd(outbox.stream, {"title": "late"}, id=f"{old}-0")
    await evaluate(outbox)
    assert await slot_of_head(outbox) == slot
    assert await events(outbox) == []


async def test_a_first_start_begins_now(outbox: Outbox) -> None:
    """Nothing is known of what came before."""
    await evaluate(outbox)
    assert await outbox.rhythms.head() is None  # the slot is not over


async def test_slots_of_which_nothing_is_kept_are_left_out(outbox: Outbox) -> None:
    """The service did not run for a week: that is no silence of anybody."""
    slot = await begin(outbox)
    await rewind(outbox, slot - SLOTS_A_WEEK)
    await evaluate(outbox)
    head = await outbox.rhythms.head()
    assert head is not None
    assert head.slot >= slot
    assert head.looked[outbox.stream].first > slot - 3 * SLOTS_A_DAY


async def test_what_could_not_be_written_is_written_later(
    outbox: Outbox, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program's key stood in its place; beyond the most names nothing is concluded."""
    store = Store(redis, outbox.stream)
    key = store.key(ARRIVALS, "7")
    await redis.set(key, "foreign")
    with pytest.raises(StoreError, match="what came in a slot"):
        await sent(outbox, 7, "a.example")
    await redis.delete(key)
    await sent(outbox, 7, "a.example")
    counts = await outbox.arrivals.read(7)
    assert (counts.articles, counts.whole) == (2, True)
    monkeypatch.setattr(arrivals_module, "MOST_NAMES", 3)
    for number in range(3):
        await sent(outbox, 7, f"{number}.example")
    counts = await outbox.arrivals.read(7)
    assert (counts.articles, counts.whole, len(counts.sources)) == (5, False, 2)
    for number in range(9):
        outbox.arrivals.add(8 * 300_000, f"{number}.example", ())
    await outbox.arrivals.write()
    assert not (await outbox.arrivals.read(8)).whole


async def test_what_was_written_without_an_answer_counts_once(
    redis: Redis, redis_url: str, stream_name: str
) -> None:
    """The connection breaks when the server has the request; what comes meanwhile counts, too."""
    async with Gate(redis_url) as gate, Redis.from_url(gate.url) as client:
        arrivals = Outbox(client, stream_name).arrivals
        arrivals.add(7 * 300_000, "a.example", ("jets",))
        gate.loses = asks_for("input_stream/rhythm/count")
        with pytest.raises(RedisError):
            await arrivals.write()
        gate.loses = b""
        arrivals.add(7 * 300_000, "b.example", ("jets",))
        await arrivals.write()
        await arrivals.write()
    assert gate.broken
    counts = await Outbox(redis, stream_name).arrivals.read(7)
    assert (counts.articles, counts.stories) == (2, {"jets": 2})
    assert counts.sources == {"a.example", "b.example"}
