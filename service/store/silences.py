"""One stream's silences, in Redis."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog

from service.alerts.alert import rfc3339
from service.alerts.silence import Silence
from service.store.client import Store
from service.store.keys import SILENCES

log = structlog.get_logger(__name__)


class Silences:
    """Those that are in force. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unreadable: set[str] = set()

    async def add(self, silence: Silence) -> None:
        """Put a silence into force, for every process at its next batch of articles."""
        async with self._store.guarded():
            await self._redis().hset(
                self._store.key(SILENCES), silence.id, json.dumps(asdict(silence))
            )

    async def remove(self, id_: str) -> bool:
        """End a silence; False when there is none of that id."""
        async with self._store.guarded():
            return bool(await self._redis().hdel(self._store.key(SILENCES), id_))

    async def in_force(self, at: datetime) -> list[Silence]:
        """Those that have not ended, the one that ends first being the first; drops the others.

        One that nobody can read silences nothing, and is told of once.
        """
        async with self._store.guarded():
            stored = await self._redis().hgetall(self._store.key(SILENCES))
            read = {id_.decode(errors="replace"): _read(text) for id_, text in stored.items()}
            found = [each for each in read.values() if each is not None]
            now = rfc3339(at)
            ended = [each.id for each in found if each.until <= now]
            if ended:
                await self._redis().hdel(self._store.key(SILENCES), *ended)
        self._tell({id_ for id_, each in read.items() if each is None})
        return sorted((each for each in found if each.until > now), key=lambda each: each.until)

    def _tell(self, unreadable: set[str]) -> None:
        for id_ in unreadable - self._unreadable:
            log.warning("silence.unreadable", stream=self._store.stream, silence_id=id_)
        self._unreadable = unreadable

    def _redis(self) -> Any:  # its replies are typed for both of redis-py's clients
        return self._store.redis


def _read(text: bytes) -> Silence | None:
    try:
        said = json.loads(text)
        return Silence(**said) if isinstance(said["until"], str) else None
    except (ValueError, TypeError, KeyError):
        return None
