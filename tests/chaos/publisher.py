"""Writes articles until the server says that it has them; what it said so of must arrive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from random import Random
from time import monotonic
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

KEPT_ON_DISK = ("WAITAOF", 1, 0, 3000)
"""Until this server has flushed the articles to its disk, which a kill then cannot take back."""
KEPT_BY_A_REPLICA = ("WAIT", 1, 3000)
"""Until one replica has them, which a failover to it then cannot take back."""


class Publisher:
    """What it wrote, and what of that must arrive: one article in four matches.

    Each batch goes to one of the streams, over the client of that stream.
    """

    def __init__(
        self, streams: Mapping[str, Redis], chance: Random, safe: tuple[Any, ...] | None = None
    ) -> None:
        self._streams = [*streams.items()]
        self._chance = chance
        self._safe = safe
        self.count = 0
        self.expected: dict[str, float] = {}
        """Articles that alert → when they were written, by the monotonic clock."""
        self.refusals = 0

    async def publish(self, articles: int, *, batch: int = 40, pause: float = 0.05) -> None:
        """Write so many, in batches of up to `batch`, with up to `pause` seconds between two."""
        last = self.count + articles
        while self.count < last:
            size = min(self._chance.randint(1, batch), last - self.count)
            written = [self._article(self.count + number) for number in range(size)]
            self.count += size
            when = monotonic()
            stream, redis = self._chance.choice(self._streams)
            while not await self._written(redis, stream, written):
                self.refusals += 1
                await asyncio.sleep(0.05)
            for article in written:
                if "jet" in article["body"]:
                    self.expected[article["id"]] = when
            await asyncio.sleep(self._chance.uniform(0, pause))

    async def _written(self, redis: Redis, stream: str, articles: list[dict[str, str]]) -> bool:
        """Whether the server has them; else some may be there, and are written once more."""
        try:
            async with redis.pipeline(transaction=False) as pipe:
                for article in articles:
                    pipe.xadd(stream, {"article": json.dumps(article)})
                if self._safe:
                    pipe.execute_command(*self._safe)
                *_, last = await pipe.execute()
        except (RedisError, OSError) as error:
            if "unknown command" in str(error):  # it never will: 7.0 has no WAITAOF
                raise
            return False
        if not self._safe:
            return True
        return bool(last[0] if isinstance(last, list) else last)

    def _article(self, number: int) -> dict[str, str]:
        matching = number % 4 == 0
        # Words of its own, or it would be a copy of the one before.
        words = " ".join(
            f"w{self._chance.randrange(10**9)}" for _ in range(self._chance.randrange(30, 80))
        )
        return {
            "id": f"article-{number}",
            "title": "Pakistan and Turkey agree" if matching else "Nothing happened",
            "body": ("They will build a fighter jet. " if matching else "It rained. ") + words,
        }
