"""From the settings to the outboxes: which Redis, over which client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection, parse_url
from redis.asyncio.sentinel import Sentinel
from redis.connection import HiredisRespSerializer
from redis.exceptions import RedisError

from service.app.redis.data_version import refuse_newer
from service.app.redis.embedded import embedded_server
from service.app.redis.server_risks import read_info, version_fault
from service.errors import ConfigError
from service.settings import Settings, StoreSettings
from service.settings.redis_url import sentinels
from service.store.client import CallCounter
from service.store.outbox import Outbox
from service.telemetry.spans import Recorder

MAX_IDLE_SECONDS = 30
"""How long a connection may idle before it is checked with a PING."""


@contextmanager
def redis_url(settings: StoreSettings) -> Iterator[str]:
    """The URL of the Redis to use; runs the embedded one for as long as the block lasts."""
    if settings.embedded:
        with embedded_server(settings.data_dir) as url:
            yield url
    else:
        yield settings.redis_url.reveal()


def store_name(settings: StoreSettings) -> str:
    """Where the data is, without a login: `redis.example:6379/0`, or the embedded one's folder."""
    if settings.embedded:
        return f"{settings.data_dir} (embedded)"
    return _shown(settings.redis_url.reveal())


def _shown(url: str) -> str:
    where = urlsplit(url)
    return where.path if where.scheme == "unix" else where.netloc.rpartition("@")[2] + where.path


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Redis]:
    """A client of the Redis at this URL, which may not answer yet."""
    watched = sentinels(url)
    if watched is None:
        async with Redis.from_url(url, health_check_interval=MAX_IDLE_SECONDS) as redis:
            yield _with_fast_packing(redis)
        return
    options: dict[str, Any] = {**parse_url(watched.one)}
    del options["host"]
    async with (
        Sentinel(watched.nodes) as asked,  # type: ignore[no-untyped-call]
        asked.master_for(
            watched.service, health_check_interval=MAX_IDLE_SECONDS, **options
        ) as redis,
    ):
        yield _with_fast_packing(redis)


def _with_fast_packing(redis: Redis) -> Redis:
    """The client, with commands packed by hiredis.

    redis-py's asynchronous connections read with hiredis and pack in Python. For a script with a
    hundred settlements or alerts, packing took longer than the server did.
    """
    pool = redis.connection_pool
    kind: type[AbstractConnection] = pool.connection_class
    pack = HiredisRespSerializer().pack
    pool.connection_class = type(
        kind.__name__, (kind,), {"pack_command": lambda _, *args: pack(*args)}
    )
    return redis


@asynccontextmanager
async def outboxes(
    settings: Settings,
    url: str,
    calls: CallCounter | None = None,
    spans: Recorder | None = None,
) -> AsyncIterator[dict[str, Outbox]]:
    """Each input stream's outbox, over one client; `calls` counts what is asked of Redis,
    `spans` records what is done.

    Raises ConfigError where no server answers, or one that is too old, or with data that is newer
    than this program.
    """
    async with connected(url) as redis:
        shown = _shown(url)
        try:
            # redis-py types ping for its synchronous client as well.
            await redis.ping()
            info = await read_info(redis)
        except (RedisError, OSError) as error:
            raise ConfigError(
                f"no Redis answers at {shown} ({error}); start it, or set TOCSIN_REDIS_URL "
                "(`embedded` runs the one that comes with Tocsin)"
            ) from error
        if fault := version_fault(info):
            raise ConfigError(f"the Redis at {shown} cannot be used: {fault}")
        await refuse_newer(redis)
        store = settings.store
        yield {
            stream: Outbox(
                redis,
                stream,
                keep_alerts=timedelta(days=store.keep_alerts_days),
                keep_articles=timedelta(days=store.keep_articles_days),
                story_window=timedelta(hours=settings.match.story_window_hours),
                similarity=settings.match.story_similarity,
                calls=calls,
                spans=spans,
            )
            for stream in settings.stream.streams
        }
