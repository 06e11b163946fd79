"""From the settings to the outboxes: which Redis, over which client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.exceptions import RedisError

from service.embedded import embedded_server
from service.errors import ConfigError
from service.outbox import Outbox
from service.settings import Settings, StoreSettings


@contextmanager
def redis_url(settings: StoreSettings) -> Iterator[str]:
    """The URL of the Redis to use; runs the embedded one for as long as the block lasts."""
    if settings.embedded:
        with embedded_server(settings.data_dir) as url:
            yield url
    else:
        yield settings.redis_url.reveal()


@asynccontextmanager
async def outboxes(settings: Settings, url: str) -> AsyncIterator[dict[str, Outbox]]:
    """Each input stream's outbox, over one client. Raises ConfigError when nobody answers."""
    redis = Redis.from_url(url, health_check_interval=30)
    try:
        try:
            # redis-py types ping for its synchronous client as well.
            await redis.ping()
        except (RedisError, OSError) as error:
            where = urlsplit(url)
            shown = where.path if where.scheme == "unix" else where.netloc.rpartition("@")[2]
            raise ConfigError(
                f"no Redis answers at {shown} ({error}); start it, or set TOCSIN_REDIS_URL "
                "(`embedded` runs the one that comes with Tocsin)"
            ) from error
        store = settings.store
        yield {
            stream: Outbox(
                redis,
                stream,
                keep_alerts=timedelta(days=store.keep_alerts_days),
                keep_articles=timedelta(days=store.keep_articles_days),
            )
            for stream in settings.stream.streams
        }
    finally:
        await redis.aclose()
