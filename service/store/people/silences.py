"""One stream's silences, in Redis."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog

from service.alerts.alert import rfc3339
from service.alerts.people.silence import Silence
from service.store.client import Store, from_milliseconds
from service.store.keys import SILENCES

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class InForce:
    """The silences of one moment; by the Redis server's clock, whatever those of workers say."""

    at: datetime
    silences: tuple[Silence, ...]
    """The one that ends first comes first."""


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

    async def in_force(self) -> InForce:
        """Those that have not ended; drops the others.

        One that nobody can read silences nothing, and is told of once.
        """
        async with self._store.guarded():
            async with self._redis().pipeline(transaction=False) as pipe:
                pipe.time()
                pipe.hgetall(self._store.key(SILENCES))
                (seconds, microseconds), stored = await pipe.execute()
            at = from_milliseconds(seconds * 1000 + microseconds / 1000)
            read = {id_.decode(errors="replace"): _read(text) for id_, text in stored.items()}
            found = [each for each in read.values() if each is not None]
            now = rfc3339(at)
            ended = [each.id for each in found if each.until <= now]
            if ended:
                await self._redis().hdel(self._store.key(SILENCES), *ended)
        self._tell({id_ for id_, each in read.items() if each is None})
        lasting = (each for each in found if each.until > now)
        return InForce(at, tuple(sorted(lasting, key=lambda each: each.until)))

    async def now(self) -> datetime:
        """The time by which they end: that of the Redis server's clock."""
        return await self._store.now()

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
