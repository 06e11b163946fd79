"""The clients of a Redis: one server, a primary that Sentinels watch, or a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection, SSLConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.connection import HiredisRespSerializer

from service.app.redis.cluster import Cluster, client_of_slot, options_of
from service.errors import ConfigError
from service.settings.redis_url import Address, address

MAX_IDLE_SECONDS = 30
"""How long a connection may idle before it is checked with a PING."""

SENTINEL_SECONDS = 1
"""How long a Sentinel may take to answer before the next one is asked."""
FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
"""Options of TLS that name files."""
ClientOf = Callable[[str], Redis]
"""The client for a key, and for all keys of its slot: on a cluster one for each, else the same."""


@asynccontextmanager
async def clients(url: str) -> AsyncIterator[ClientOf]:
    """The clients of the Redis at this URL, which may not answer yet.

    Raises ConfigError where a file of TLS that it names cannot be read.
    """
    where = address(url)
    _check_files(where)
    if not where.nodes:
        async with Redis.from_url(url, health_check_interval=MAX_IDLE_SECONDS) as redis:
            _pack_fast(redis)
            yield lambda _: redis
    elif where.service:
        async with _watched(where) as redis:
            yield lambda _: redis
    else:
        async with _sharded(where) as client_of:
            yield client_of


@asynccontextmanager
async def _watched(where: Address) -> AsyncIterator[Redis]:
    options = _options(where)
    options["db"] = int(where.one.partition("?")[0].rpartition("/")[2] or 0)
    ssl = issubclass(options.pop("connection_class", AbstractConnection), SSLConnection)
    # A Sentinel is reached as the primary is, but it has users of its own.
    asked = {
        "retry": Retry(NoBackoff(), 0),  # where one does not answer, the next one is asked
        "socket_timeout": SENTINEL_SECONDS,
        "socket_connect_timeout": SENTINEL_SECONDS,
        **{name: value for name, value in options.items() if name.startswith(("socket_", "ssl_"))},
    }
    async with (
        Sentinel(  # type: ignore[no-untyped-call]
            where.nodes, sentinel_kwargs={**asked, **where.sentinel_login, "ssl": ssl}
        ) as sentinels,
        sentinels.master_for(where.service, ssl=ssl, **options) as redis,
    ):
        yield _pack_fast(redis)


@asynccontextmanager
async def _sharded(where: Address) -> AsyncIterator[ClientOf]:
    cluster, found = Cluster(where.nodes, _options(where)), dict[str, Redis]()

    def client_of(key: str) -> Redis:
        if key not in found:
            found[key] = _pack_fast(client_of_slot(cluster, key, _options(where)))
        return found[key]

    try:
        yield client_of
    finally:
        await asyncio.gather(*(redis.aclose() for redis in found.values()))


def _check_files(where: Address) -> None:
    """Name a file that is not there: to redis-py it would be a server that does not answer."""
    options = _options(where)
    for name in FILES:
        if name in options:
            try:
                Path(options[name]).open("rb").close()
            except OSError as error:
                raise ConfigError(
                    f"TOCSIN_REDIS_URL: {name}={options[name]}: {error.strerror}"
                ) from error


def _options(where: Address) -> dict[str, Any]:
    return {"health_check_interval": MAX_IDLE_SECONDS, **options_of(where.one)}


def _pack_fast(redis: Redis) -> Redis:
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
