"""What tests of the outbox share."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from service.store.outbox import Outbox


@pytest.fixture
async def outbox(least: Redis, stream_name: str) -> Outbox:
    """The outbox of a stream that nothing was read from yet."""
    outbox = Outbox(least, stream_name)
    await outbox.input_stream.ensure_group()
    return outbox
