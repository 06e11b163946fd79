"""Whether a Redis server keeps what Tocsin stores in it: its version and three of its settings.

And whether its clock says what ours does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

MIN_VERSION = 7, 0
"""The first with flags of scripts: `allow-oom` records what was sent when memory is full."""

EVICTING = "maxmemory, and maxmemory-policy noeviction, or it deletes alerts and deliveries then"
"""What to set where a server would begin to delete with a limit."""
MAX_CLOCK_DIFFERENCE = timedelta(seconds=30)
"""Beyond it, times in different logs mislead; receivers refuse signatures that are five minutes
old."""


def clock_difference(server: datetime, own: datetime) -> str:
    """By how much the two clocks differ, a sentence; empty: by no more than they may."""
    seconds = round((own - server).total_seconds())
    if abs(seconds) <= MAX_CLOCK_DIFFERENCE.total_seconds():
        return ""
    direction = "ahead of" if seconds > 0 else "behind"
    return (
        f"this machine's clock is {abs(seconds)} s {direction} that of Redis. Silences, quiet "
        "hours and digests go by the clock of Redis, signatures by this machine's: set both by NTP"
    )


async def read_info(redis: Redis) -> Mapping[str, Any]:
    """What the server says of itself; empty where this user may not ask.

    Raises redis-py's other errors.
    """
    try:
        return await redis.info("everything")
    except ResponseError:  # a user without the right, or a service that has no INFO
        return {}


def version_fault(info: Mapping[str, Any]) -> str:
    """What is wrong with the server's version; empty: nothing, or it does not tell."""
    version = str(info.get("redis_version", ""))
    if version and _numbers(version) < MIN_VERSION:
        least = ".".join(map(str, MIN_VERSION))
        return f"it is Redis {version}, and Tocsin needs Redis {least} or newer, or Valkey"
    return ""


def loss_risks(*servers: Mapping[str, Any], embedded: bool) -> tuple[str, ...]:
    """The settings by which one of the servers may lose what it has accepted, a sentence each.

    What they do not tell is no risk. An embedded server may use the memory that there is.
    """
    found = (risk for info in servers for risk in _risks(info, embedded=embedded))
    return tuple(dict.fromkeys(found))


def _risks(info: Mapping[str, Any], *, embedded: bool) -> Iterator[str]:
    policy, limit = str(info.get("maxmemory_policy", "")), info.get("maxmemory")
    if policy not in ("", "noeviction") and limit:
        yield (
            f"Redis deletes alerts and deliveries when its memory is full (maxmemory-policy "
            f"{policy}): set maxmemory-policy noeviction"
        )
    if info.get("aof_enabled") == 0:
        yield (
            "Redis has no append-only file: when it ends, it loses what came after its last "
            "snapshot. Set appendonly yes"
        )
    if limit == 0 and not embedded:
        what = "maxmemory" if policy in ("", "noeviction") else EVICTING
        yield (
            "Redis has no limit of memory: when the machine has none left, Redis is killed. "
            f"Set {what}"
        )


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:2]
    return tuple(int(part) if part.isdecimal() else 0 for part in parts)
