"""What a Redis server has done since it started, as it counts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis


@dataclass(frozen=True, slots=True)
class ServerWork:
    """Commands, those of scripts too, and seconds of the processor that they took."""

    commands: int
    seconds: float

    def __sub__(self, earlier: ServerWork) -> ServerWork:
        return ServerWork(self.commands - earlier.commands, self.seconds - earlier.seconds)


async def server_work(redis: Redis) -> ServerWork:
    """What the server has done until now."""
    stats: Any = await redis.info("commandstats")
    cpu: Any = await redis.info("cpu")
    seconds = cpu["used_cpu_user_main_thread"] + cpu["used_cpu_sys_main_thread"]
    return ServerWork(sum(each["calls"] for each in stats.values()), float(seconds))
