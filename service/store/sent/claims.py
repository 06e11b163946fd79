"""Which of several streams sends an event that more than one has: the same article was on both."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from redis.exceptions import RedisError

from service.errors import StoreError
from service.store.client import Store
from service.store.keys import CLAIM

KEPT = timedelta(days=7)
"""How long a claim holds: longer than any schedule of retries."""
PATIENCE = 1.0
"""Seconds that Redis may take."""

log = structlog.get_logger(__name__)


class DeliveryClaims:
    """Shared by all workers, in Redis, beside one stream. No method raises for what Redis does.

    A delivery has one id on all streams: that of its event and its subscriber. The id of an
    article's first alert says nothing of the text.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(self, delivery: str, stream: str, text: str) -> str | None:
        """Which stream sends it: this one, unless another was first. None: Redis does not say.

        `text` tells events with one id from each other.
        """
        redis: Any = self._store.redis  # its replies are typed for both of redis-py's clients
        key = self._store.key(CLAIM, delivery, text)
        try:
            async with asyncio.timeout(PATIENCE), self._store.guarded():
                first = await redis.set(key, stream, nx=True, get=True, ex=KEPT)
        except (RedisError, StoreError, OSError) as error:  # TimeoutError is an OSError
            log.warning("claim.unavailable", error=str(error) or "no answer")
            return None
        return stream if first is None else str(first.decode(errors="replace"))
