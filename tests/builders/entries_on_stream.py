"""Matching articles, and how a test puts them on a stream for a running service."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

MATCHING = {"title": "Pakistan and Turkey agree on a fighter jet", "body": "They signed in Ankara."}


def a_story(number: int) -> dict[str, str]:
    """A matching article that is no copy of another one."""
    id_ = f"good-{number}"
    return {
        **MATCHING,
        "id": id_,
        "url": f"https://news.example/{number}",
        "body": f"Nr. {number}.",
    }


async def add(redis: Redis, stream: str, fields: Any) -> None:
    """Write one entry, as any XADD would."""
    await redis.xadd(stream, fields)
