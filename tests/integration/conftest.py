"""What tests of one part and its server share."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio import Redis

from harness.commands import Shell, a_shell
from service.store.outbox import Outbox


@pytest.fixture
def outbox(redis: Redis, stream_name: str) -> Outbox:
    """An outbox with the usual retention."""
    return Outbox(redis, stream_name)


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, redis_url: str, stream_name: str
) -> Shell:
    """A terminal beside that outbox, in a folder with rules."""
    return a_shell(monkeypatch, tmp_path, redis_url, stream_name)
