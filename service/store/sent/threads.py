"""Which message began a story's thread, for channels that can answer to one of their messages."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog
from redis.exceptions import RedisError

from service.errors import StoreError
from service.store.client import Store
from service.store.keys import THREAD

KEPT = timedelta(days=7)
"""How long a story's first message is known: the news of a story is over long before."""
PATIENCE = 1.0
"""Seconds that Redis may take; a thread is a convenience, and no delivery waits for it."""

log = structlog.get_logger(__name__)


class StoryThreads:
    """Shared by all workers, in Redis. Where Redis does not answer, a message begins a thread.

    No method raises for what Redis does.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, subscriber: str, story: str) -> str | None:
        """The mark of the first message, None when there is none."""
        found: Any = await self._asked(lambda: self._store.redis.get(self._key(subscriber, story)))
        return found.decode(errors="replace") if found else None

    async def put(self, subscriber: str, story: str, mark: str) -> None:
        """Remember the first message; one that is known already stays the first."""
        key = self._key(subscriber, story)
        await self._asked(lambda: self._store.redis.set(key, mark, nx=True, ex=KEPT))

    async def drop(self, subscriber: str, story: str) -> None:
        """Forget the first message: it is gone, and the next one is the first."""
        await self._asked(lambda: self._store.redis.delete(self._key(subscriber, story)))

    def _key(self, subscriber: str, story: str) -> str:
        # A digest, because a story's id comes out of an event and could be of any length.
        digest = hashlib.blake2b(story.encode(), digest_size=16).hexdigest()
        return self._store.key(THREAD, subscriber, digest)

    async def _asked(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        try:
            async with asyncio.timeout(PATIENCE), self._store.guarded():
                return await ask()
        except (RedisError, StoreError, OSError) as error:  # TimeoutError is an OSError
            log.warning("thread.unavailable", error=str(error) or "no answer")
            return None
