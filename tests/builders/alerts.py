"""What tests of the outbox and of delivery start from."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from service.alerts.alert import Alert, Event
from service.rules.schema import ThrottleSpec
from service.store.client import Store
from service.store.commit.commit import Decided
from service.store.deliveries.delivery import Attempt
from service.store.keys import GROUP
from service.store.lanes.allotment import LaneLimits, Slots
from service.store.lanes.leases import Leased, LeaseRequest
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Verdict
from service.store.outbox import Outbox

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def an_alert(
    article: str = "a1",
    *,
    watchlist: str = "jets",
    revision: str = "r1",
    subscribers: tuple[str, ...] = ("desk",),
    title: str = "Türkiye, Pakistan to cement defence ties",
    score: float = 50.0,
    story: str = "",
    milestone: int = 0,
    throttle: ThrottleSpec | None = None,
) -> Alert:
    """One watchlist's match of one article."""
    id_ = f"alr_{watchlist}_{article}"
    data = {
        "watchlist": {"id": watchlist, "severity": "high"},
        "score": {"value": score},
        "article": {"id": article, "title": title, "summary": ""},
        "evidence": [],
    }
    update = Event("alert.updated", f"{id_}_{revision}", {"alert_id": id_, **data}, subscribers)
    news = Event("story.updated", f"alr_{watchlist}_{story}_{milestone}", data, subscribers)
    return Alert(
        id=id_,
        watchlist_id=watchlist,
        article_id=article,
        revision=revision,
        score=score,
        created=Event("alert.created", id_, data, subscribers),
        updated=update,
        story_id=story,
        milestone=milestone,
        story_updated=news if milestone else None,
        throttle=throttle,
    )


async def read_entries(
    redis: Redis, stream: str, count: int = 1, *, consumer: str = "one"
) -> list[bytes]:
    """Write so many articles and have `consumer` read them: their ids, all pending."""
    for number in range(count):
        await redis.xadd(stream, {"title": f"article {number}"})
    read: Any = await redis.xreadgroup(GROUP, consumer, {stream: ">"}, count=count)
    batches = read.values() if isinstance(read, dict) else [entries for _, entries in read]
    flat = [entry for batch in batches for entry in batch]
    if flat and isinstance(flat[0], list):  # the newer protocol nests once more
        flat = [entry for batch in flat for entry in batch]
    return [entry[0] for entry in flat]


async def pending(redis: Redis, stream: str) -> list[bytes]:
    """The ids of the entries that are read and not acknowledged."""
    found: Any = await redis.xpending_range(stream, GROUP, "-", "+", 10_000)
    return [one["message_id"] for one in found]


async def keys_of(redis: Redis, stream: str) -> set[str]:
    """What Tocsin keeps beside the stream."""
    prefix = Store(redis, stream).prefix
    return {key.decode().removeprefix(prefix) async for key in redis.scan_iter(f"{prefix}*")}


async def commit_alerts(redis: Redis, outbox: Outbox, *alerts: Alert) -> None:
    """Have one article read and judged to make these alerts."""
    await outbox.input_stream.ensure_group()
    (entry,) = await read_entries(redis, outbox.stream)
    await outbox.commit([Decided(entry, alerts)], at=NOON)


async def eventually(
    holds: Callable[[], Awaitable[bool]] | Callable[[], bool], seconds: float = 10.0
) -> None:
    """Return as soon as it holds; fail when it does not within `seconds`."""
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


def at_once(_: str) -> LaneLimits:
    """A lane from which everything may be taken at once."""
    return LaneLimits(max_in_flight=1000, max_in_flight_unconfirmed=1000)


def a_request(
    limit: int,
    span: timedelta = timedelta(minutes=1),
    *,
    impaired: int | None = None,
    idle_lanes_only: bool = False,
    worker: str = "w",
    at: datetime = NOON,
) -> LeaseRequest:
    """A request for so many deliveries, and so many of them of lanes that are failing or slow."""
    slots = Slots(limit, limit if impaired is None else impaired, idle_lanes_only)
    return LeaseRequest(slots, span, worker, at)


async def lease(
    outbox: Outbox, limit: int, span: timedelta, *, worker: str, at: datetime
) -> list[Leased]:
    """Lease deliveries of lanes that hold nothing back."""
    request = a_request(limit, span, worker=worker, at=at)
    return [*(await outbox.lanes.lease(request, at_once)).leased]


async def settle(outbox: Outbox, leased: Leased, attempt: Attempt, verdict: Verdict) -> bool:
    """Settle one delivery; whether that counted."""
    (settled,) = await outbox.lanes.settle([Settlement(leased, attempt, verdict)], at=NOON)
    return settled.counted
