"""From the settings to the outboxes: which Redis, over which client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from redis.exceptions import RedisError

from service.app.redis.clients import ClientOf, clients
from service.app.redis.data_version import refuse_newer
from service.app.redis.embedded import embedded_server
from service.app.redis.server_risks import read_info, version_fault
from service.errors import ConfigError
from service.settings import Settings, StoreSettings
from service.store.client import CallCounter
from service.store.keys.data import DATA
from service.store.outbox import Outbox
from service.telemetry.spans import Recorder


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


def _tls_advice(url: str, error: Exception) -> str:
    """What may be wrong where a server closes an encrypted connection without a word."""
    if not url.startswith("rediss") or "ssl_certfile" in url or "closed" not in str(error):
        return ""
    return ". If it wants a certificate of its clients, add ssl_certfile and ssl_keyfile to the URL"


def _shown(url: str) -> str:
    where = urlsplit(url)
    return where.path if where.scheme == "unix" else where.netloc.rpartition("@")[2] + where.path


@asynccontextmanager
async def outboxes(settings: Settings, url: str) -> AsyncIterator[dict[str, Outbox]]:
    """Each input stream's outbox. Raises what `checked` raises."""
    async with clients(url) as client_of:
        yield await checked(settings, url, client_of)


async def checked(
    settings: Settings,
    url: str,
    client_of: ClientOf,
    calls: CallCounter | None = None,
    spans: Recorder | None = None,
) -> dict[str, Outbox]:
    """Each input stream's outbox, over these clients of the Redis at this URL.

    `calls` counts what is asked of Redis, `spans` records what is done. Raises ConfigError where
    no server answers, or one that is too old, or with data that is newer than this program.
    """
    shown = _shown(url)
    data, streams = client_of(DATA), settings.stream.streams
    servers = dict.fromkeys((data, *map(client_of, streams)))
    try:
        # redis-py types ping for its synchronous client as well.
        await asyncio.gather(*(one.ping() for one in servers))
        told = await asyncio.gather(*map(read_info, servers))
    except (RedisError, OSError) as error:
        raise ConfigError(
            f"no Redis answers at {shown} ({error}); start it, or set TOCSIN_REDIS_URL "
            f"(`embedded` runs the one that comes with Tocsin){_tls_advice(url, error)}"
        ) from error
    if fault := next(filter(None, map(version_fault, told)), ""):
        raise ConfigError(f"the Redis at {shown} cannot be used: {fault}")
    await refuse_newer(data)
    store = settings.store
    return {
        stream: Outbox(
            client_of(stream),
            stream,
            keep_alerts=timedelta(days=store.keep_alerts_days),
            keep_articles=timedelta(days=store.keep_articles_days),
            story_window=timedelta(hours=settings.match.story_window_hours),
            similarity=settings.match.story_similarity,
            calls=calls,
            spans=spans,
        )
        for stream in streams
    }
