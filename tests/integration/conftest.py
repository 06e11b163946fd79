"""What tests of one part and its server share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.least_rights import PASSWORD, make_user
from harness.commands import Shell, a_shell
from harness.redis_cluster import ON_CLUSTER
from service.store.outbox import Outbox


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
