"""A retraction in quiet hours: what waits of its alert is cancelled, as in a digest."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import a_request, at_once
from builders.rules import load
from service.settings import StreamSettings
from service.store.client import Store
from service.store.keys import ALERT, GROUP, LANE, LANES
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool

RULES = load(
    {
        "r.yaml": """
watchlists: [{id: jets, match: fighter jet, notify: [night, desk]}]
subscribers:
  - id: night
    quiet: {from: "00:00", to: "23:59", except: []}
    webhook: {url: "https://night.example/hook", secret: "${SECRET}"}
  - {id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}
"""
    },
    lambda _: "whsec_" + "QUJD" * 8,
)
JETS = {
    "id": "1",
    "source": "Planet",
    "title": "Fighter jet deal signed",
    "body": "Pakistan and Turkey signed a contract for a common fighter jet in Ankara on Monday. "
    "Ministers of both countries said that the first aircraft would fly within three years.",
}
CORRECTED = JETS | {"title": "Fighter jet deal nearly signed"}
GONE = {name: text.replace("ighter jet", "arm tractor") for name, text in JETS.items()}


@dataclass(frozen=True)
class Night:
    """A stream whose one article is corrected while `night` has quiet hours."""

    redis: Redis
    outbox: Outbox
    decider: BatchDecider

    async def reads(self, *articles: Mapping[str, str]) -> None:
        """Have each decided, one after the other."""
        for article in articles:
            await self.outbox.input_stream.publish([article])
            found: Any = await self.redis.xreadgroup(GROUP, "r", {self.outbox.stream: ">"})
            for _, rows in found:
                await self.decider.process([Entry(id_, fields) for id_, fields in rows])
                await self.decider.finish()

    async def waiting(self) -> dict[str, list[str]]:
        """The events that wait, by subscriber, the earliest first."""
        found: dict[str, list[str]] = {"night": [], "desk": []}
        for one in reversed(await self.outbox.deliveries.newest(state="pending")):
            shown = await self.outbox.deliveries.get(one.id)
            assert shown is not None
            found[one.subscriber].append(json.loads(shown.body)["type"])
        return found


@pytest.fixture
async def night(redis: Redis, stream_name: str) -> AsyncIterator[Night]:
    """A stream that is read."""
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    async with PagePool(1) as pages:
        settings = StreamSettings()
        decider = BatchDecider(outbox, settings, rules=lambda: RULES, max_evidence=5, pages=pages)
        yield Night(redis, outbox, decider)


async def test_who_has_heard_of_nothing_hears_of_nothing(night: Night) -> None:
    """The alert and its correction wait until morning, and are gone; others hear at once."""
    await night.reads(JETS, CORRECTED)
    told = ["alert.created", "alert.updated"]
    assert await night.waiting() == {"night": told, "desk": told}
    await night.reads(GONE)
    assert await night.waiting() == {"night": [], "desk": [*told, "alert.retracted"]}
    store = Store(night.redis, night.outbox.stream)
    assert await night.redis.zcard(store.key(LANE, "night")) == 0
    await night.redis.zadd(store.key(LANES), {"night": 1})  # its time has come
    for one in (await night.outbox.lanes.lease(a_request(10), at_once)).leased:
        assert await night.redis.hget(store.key(ALERT, one.alert_id), "open") == b"1"
    assert await night.redis.zrange(store.key(LANES), 0, -1) == [b"desk"]


async def test_who_has_heard_of_the_alert_hears_of_its_end(night: Night) -> None:
    """The correction that waits says nothing any more; somebody had the alert sent at night."""
    await night.reads(JETS)
    (created,) = [
        one for one in await night.outbox.deliveries.newest() if one.subscriber == "night"
    ]
    assert await night.outbox.deliveries.retry(created.id)
    await night.reads(CORRECTED, GONE)
    assert (await night.waiting())["night"] == ["alert.created", "alert.retracted"]


async def test_what_is_due_already_is_not_taken_back(night: Night) -> None:
    """A worker may have it in hand: quiet hours began, or were written, after it was due."""
    await night.reads(JETS)
    lane = Store(night.redis, night.outbox.stream).key(LANE, "night")
    members: Any = await night.redis.zrange(lane, 0, -1)
    await night.redis.zadd(lane, dict.fromkeys(members, 1))
    await night.reads(GONE)
    assert (await night.waiting())["night"] == ["alert.created", "alert.retracted"]


async def test_what_is_leased_meanwhile_is_not_taken_back(night: Night) -> None:
    """Quiet hours end just when the retraction is decided: it is decided again, and told."""
    await night.reads(JETS)
    (created,) = [
        one for one in await night.outbox.deliveries.newest() if one.subscriber == "night"
    ]
    outbox, cancelled = night.outbox, night.outbox.unsent.cancelled
    asked = asyncio.Event()

    async def then_it_is_sent(outcome: Any) -> Any:
        found = await cancelled(outcome)
        if not asked.is_set():
            asked.set()
            await outbox.deliveries.retry(created.id)
        return found

    outbox.unsent.cancelled = then_it_is_sent  # type: ignore[method-assign]
    await night.reads(GONE)
    assert asked.is_set()
    assert (await night.waiting())["night"] == ["alert.created", "alert.retracted"]
    assert (await outbox.input_stream.lag()).pending == 0


async def test_a_lane_of_another_kind_holds_up_no_retraction(night: Night) -> None:
    """Its own deliveries wait for that key to go; the entry is acknowledged."""
    await night.reads(JETS)
    lane = Store(night.redis, night.outbox.stream).key(LANE, "night")
    await night.redis.rename(lane, f"{lane}-elsewhere")
    await night.redis.set(lane, "somebody else's")
    await night.reads(GONE)
    assert (await night.outbox.input_stream.lag()).pending == 0
    await night.redis.rename(f"{lane}-elsewhere", lane)
    told = ["alert.created", "alert.retracted"]
    assert await night.waiting() == {"night": told, "desk": told}
