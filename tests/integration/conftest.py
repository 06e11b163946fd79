"""What tests of one part and its server share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.least_rights import PASSWORD, make_user
from harness.commands import Shell, a_shell
from harness.redis_cluster import ON_CLUSTER
from service.app.redis.cluster import Cluster
from service.store.outbox import Outbox


@pytest.fixture
async def server_url(redis_url: str, stream_name: str) -> str:
    """The URL of the one server that has the test's stream, also on a cluster."""
    if not ON_CLUSTER:
        return redis_url
    named = redis_url.removeprefix("redis+cluster://").split(",")
    nodes = [(host, int(port)) for host, _, port in (one.rpartition(":") for one in named)]
    host, port = await Cluster(nodes, {}).primary_of(stream_name)
    return f"redis://{host}:{port}/0"


@pytest.fixture
async def least_url(redis: Redis, redis_url: str) -> str:
    """The URL of the server for the user with the least rights, as the documents have it."""
    if ON_CLUSTER:
        return redis_url
    await make_user(redis)
    return f"{redis_url}?username=tocsin&password={PASSWORD}"


@pytest.fixture
async def least(redis: Redis, least_url: str) -> AsyncIterator[Redis]:
    """A client of that user."""
    if ON_CLUSTER:
        yield redis
    else:
        async with Redis.from_url(least_url) as client:
            yield client


@pytest.fixture
def outbox(least: Redis, stream_name: str) -> Outbox:
    """An outbox with the usual retention."""
    return Outbox(least, stream_name)


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, least_url: str, stream_name: str
) -> Shell:
    """A terminal beside that outbox, in a folder with rules."""
    return a_shell(monkeypatch, tmp_path, least_url, stream_name)
