"""The outboxes that a command looks into or writes to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.app.redis.outboxes import outboxes, redis_url
from service.settings import Settings
from service.store.outbox import Outbox


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[dict[str, Outbox]]:
    """The outboxes, with the embedded server running where that is the one to use."""
    with redis_url(settings.store) as url:
        async with outboxes(settings, url) as found:
            yield found
