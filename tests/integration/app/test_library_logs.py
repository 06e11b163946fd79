"""The logs of the libraries that we run: in our format, with their context."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from faststream.redis import StreamSub
from redis.asyncio import Redis

from service.app.redis.broker import broker

SCRIPT = """
import asyncio, sys
import structlog
from faststream.redis import RedisBroker
from service.telemetry.log import Mask, configure

async def main():
    configure("json", "info", Mask())
    broker = RedisBroker(sys.argv[1], logger=structlog.get_logger("faststream"))
    done = asyncio.Event()

    @broker.subscriber("greetings")
    async def greeted(name: str):
        done.set()
        raise ValueError("no such name")

    async with broker:
        await broker.start()
        await broker.publish("World", "greetings")
        await done.wait()
        await broker.stop()

asyncio.run(main())
"""


def test_faststreams_lines_are_events_of_ours(redis_url: str) -> None:
    """Every line on stderr is JSON, stdout stays empty, and the channel is a field of its own."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, redis_url],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    events = [json.loads(line) for line in done.stderr.splitlines()]
    received = [event for event in events if event["event"] == "Received"]
    assert [event["channel"] for event in received] == ["greetings"]
    (failed,) = [event for event in events if "exception" in event]
    assert failed["level"] == "error"
    assert failed["exception"][0]["exc_value"] == "no such name"


async def test_a_lost_group_asks_nobody_to_restart(
    redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """FastStream stops reading; readers of ours make the group anew, and say what is lost."""
    one = broker(redis, timedelta(seconds=1))

    async def read(batch: list[object]) -> None:
        del batch

    subscriber = one.subscriber(stream=StreamSub("news", group="g", consumer="c"))
    subscriber(read)
    with caplog.at_level(logging.DEBUG):
        await one.start()
        await redis.xgroup_destroy("news", "g")
        await redis.xadd("news", {"a": "1"})
        async with asyncio.timeout(10):
            while subscriber.running:
                await asyncio.sleep(0.02)
        logging.getLogger("faststream").critical("another fault")
        await one.stop()
    told = [one.getMessage() for one in caplog.records if one.levelno == logging.CRITICAL]
    assert told == ["another fault"]
