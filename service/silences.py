"""One stream's silences, in Redis."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from service.alert import rfc3339
from service.silence import Silence
from service.store import Store


class Silences:
    """Those that are in force. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, silence: Silence) -> None:
        """Put a silence into force, for every process at its next batch of articles."""
        async with self._store.guarded():
            await self._redis().hset(self._store.silences, silence.id, json.dumps(asdict(silence)))

    async def remove(self, id_: str) -> bool:
        """End a silence; False when there is none of that id."""
        async with self._store.guarded():
            return bool(await self._redis().hdel(self._store.silences, id_))

    async def in_force(self, at: datetime) -> list[Silence]:
        """Those that have not ended, the one that ends first being the first; drops the others."""
        async with self._store.guarded():
            stored = await self._redis().hgetall(self._store.silences)
            found = [Silence(**json.loads(text)) for text in stored.values()]
            now = rfc3339(at)
            ended = [each.id for each in found if each.until <= now]
            if ended:
                await self._redis().hdel(self._store.silences, *ended)
        return sorted((each for each in found if each.until > now), key=lambda each: each.until)

    def _redis(self) -> Any:  # its replies are typed for both of redis-py's clients
        return self._store.redis
