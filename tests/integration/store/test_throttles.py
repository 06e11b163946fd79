"""Alerts that a throttle holds: all are told of in one summary, as they are by then."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from builders.stories import BUSY, events, report, take
from service.alerts.alert import rfc3339
from service.alerts.people.silence import Silence
from service.app.jobs.store_jobs import send_held_events
from service.articles.article import Article
from service.store.client import Store
from service.store.keys import BUNDLES
from service.store.outbox import Outbox
from service.telemetry import metrics


def siren(number: int, title: str = "A siren") -> Article:
    """One of many articles about sirens, none a copy of another."""
    return report(f"s{number}", f"Siren number {number} was heard.", title=title)


async def test_a_throttle_holds_and_then_summarises(redis: Redis, outbox: Outbox) -> None:
    """Beyond two alerts a second the rest waits, and comes in one message: nothing is dropped."""
    made = await take(redis, outbox, *map(siren, range(8)), siren(9, "Siren, siren"), rules=BUSY)
    assert (len(made.created), len(made.held), made.deliveries) == (2, 7, 2)
    assert await outbox.held_events.release() is None

    workers = [Outbox(redis, outbox.stream) for _ in range(3)]  # after a restart, so to say

    async def released() -> bool:
        counts = await asyncio.gather(*(each.held_events.release() for each in workers))
        told = sum(released.events for released in counts if released)
        assert told in (0, 7)
        return told > 0

    await eventually(released)
    *_, summary = await events(outbox)
    data = summary["data"]
    assert summary["type"] == "digest.created"
    assert (data["reason"], data["count"], len(data["alerts"])) == ("throttle", 7, 5)
    assert data["watchlist"]["id"] == "busy"
    assert data["alerts"][0]["article"]["title"] == "Siren, siren"
    scores = [one["score"]["value"] for one in data["alerts"]]
    assert scores == sorted(scores, reverse=True)
    assert await outbox.held_events.release() is None
    assert len(await events(outbox)) == 3


@pytest.mark.parametrize(("target", "told"), [("busy", 2), ("jets", 3)])
async def test_a_silence_that_began_meanwhile_holds_back_a_summary(
    redis: Redis, outbox: Outbox, target: str, told: int
) -> None:
    """What a throttle held is recorded, not sent; another watchlist's silence changes nothing."""
    await take(redis, outbox, *map(siren, range(6)), rules=BUSY)
    now = datetime.now(UTC)
    until = rfc3339(now + timedelta(hours=1))
    silence = Silence("sil_1", "watchlist", target, until, "a test of sirens", rfc3339(now))
    await outbox.silences.add(silence)
    summaries = Store(redis, outbox.stream).key(BUNDLES)

    async def due() -> bool:
        seconds, microseconds = await redis.time()
        now = seconds * 1000 + microseconds / 1000
        return bool(await redis.zcount(summaries, "-inf", now))

    await eventually(due)
    stop = asyncio.Event()
    before = counts()
    telling = asyncio.create_task(send_held_events([outbox], lambda: BUSY, stop))

    async def released() -> bool:
        return await redis.zcard(summaries) == 0

    await eventually(released)
    stop.set()
    await telling
    assert len(await outbox.deliveries.newest()) == told
    written, silenced = (after - then for after, then in zip(counts(), before, strict=True))
    assert (written, silenced) == (told - 2, 0 if told > 2 else 4)


def counts() -> tuple[float, float]:
    """Summaries that were written, and alerts that a silence kept from a subscriber."""
    return metrics.DIGESTS._value.get(), metrics.SILENCED._value.get()


async def test_only_what_a_throttle_holds_waits_for_its_summary(
    redis: Redis, outbox: Outbox
) -> None:
    """The others of the same watchlist were sent at once."""
    made = await take(redis, outbox, *map(siren, range(4)), rules=BUSY)
    waits = {}
    for id_ in (*made.created, *made.held):
        record = await outbox.alert_records.get(id_, ())
        assert record is not None
        waits[id_] = record.throttled_until is not None
    assert waits == dict.fromkeys(made.created, False) | dict.fromkeys(made.held, True)


async def test_a_held_alert_is_corrected_in_place(redis: Redis, outbox: Outbox) -> None:
    """Nobody has heard of it, so nobody hears of its correction; the summary has the last text."""
    await take(redis, outbox, *map(siren, range(4)), rules=BUSY)
    summaries = Store(redis, outbox.stream).key(BUNDLES)
    due: Any = await redis.zrange(summaries, 0, -1, withscores=True)
    corrected = report("s3", "Siren number 3 was heard twice.", title="Siren at sea")
    made = await take(redis, outbox, corrected, rules=BUSY)
    assert (made.updated, len(made.held)) == ((), 1)
    assert await redis.zrange(summaries, 0, -1, withscores=True) == due
    gone = report("s2", "A horn was heard.", title="A horn")
    assert (await take(redis, outbox, gone, rules=BUSY)).retracted == ()

    async def released() -> bool:
        return await outbox.held_events.release() is not None

    await eventually(released)
    *_, summary = await events(outbox)
    assert [one["article"]["title"] for one in summary["data"]["alerts"]] == ["Siren at sea"]


async def test_a_throttle_begins_anew_after_its_span(redis: Redis, outbox: Outbox) -> None:
    """The next alerts are sent at once again."""
    await take(redis, outbox, *map(siren, range(3)), rules=BUSY)

    async def released() -> bool:
        return await outbox.held_events.release() is not None

    await eventually(released)
    made = await take(redis, outbox, siren(4), rules=BUSY)
    assert (len(made.created), made.held) == (1, ())


async def test_a_correction_beside_a_summary_is_in_it(redis: Redis, outbox: Outbox) -> None:
    """What is written was read before the correction, and so it is read again."""
    await take(redis, outbox, *map(siren, range(3)), rules=BUSY)
    store = Store(redis, outbox.stream)
    row: Any = None

    async def due() -> bool:
        nonlocal row
        row = await store.run("held/due", ["[]"])
        return bool(row)

    await eventually(due)
    corrected = report("s2", "Siren number 2 was heard twice.", title="A siren")
    await take(redis, outbox, corrected, rules=BUSY)
    again = await store.run("held/due", ["[]"])
    assert again[2] != row[2]
