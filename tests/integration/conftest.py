"""What tests of one part and its server share."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from service.outbox import Outbox


@pytest.fixture
def outbox(redis: Redis, stream_name: str) -> Outbox:
    """An outbox with the usual retention."""
    return Outbox(redis, stream_name)
