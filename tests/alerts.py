"""What tests of the outbox and of delivery start from."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from service.alert import Alert
from service.outbox import Decided, Outbox
from service.store import GROUP

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def an_alert(
    article: str = "a1",
    *,
    watchlist: str = "jets",
    revision: str = "r1",
    subscribers: tuple[str, ...] = ("desk",),
    title: str = "Türkiye, Pakistan to cement defence ties",
) -> Alert:
    """One watchlist's match of one article."""
    return Alert(
        id=f"alr_{watchlist}_{article}",
        update_id=f"alr_{watchlist}_{article}_{revision}",
        watchlist_id=watchlist,
        article_id=article,
        revision=revision,
        data={"watchlist": {"id": watchlist}, "article": {"id": article, "title": title}},
        subscribers=subscribers,
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


async def commit_alerts(redis: Redis, outbox: Outbox, *alerts: Alert) -> None:
    """Have one article read and judged to make these alerts."""
    await outbox.ensure_group()
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
