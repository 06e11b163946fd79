"""The service killed at random moments: what should have arrived is compared with what did."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from harness.receiver import Receiver
from harness.service_process import PATIENCE, Place, Running, settled, start


async def begun(service: Running, receiver: Receiver, more: int) -> None:
    """Until so many more webhooks arrived or no more come; a negative number: at once."""
    if more >= 0:
        target = len(receiver.requests) + more
        await eventually(lambda: service.said("stream.reading"), PATIENCE)
        with contextlib.suppress(TimeoutError):
            await eventually(lambda: len(receiver.requests) >= target, 5)


async def killed_again_and_again(
    folder: Path, redis: Redis, least_url: str, stream: str, *, articles: int, kills: int
) -> None:
    """Kill the service `kills` times during `articles` articles; one in four matches."""
    seed = int(os.environ.get("CHAOS_SEED", "0")) or random.randrange(1, 2**32)
    chance = random.Random(seed)
    expected = set()
    for number in range(articles):
        matching = number % 4 == 0
        article = {
            "id": f"article-{number}",
            "title": "Pakistan and Turkey agree" if matching else "Nothing happened",
            # Words of its own, or it would be a copy of the one before.
            "body": "They will build a fighter jet. "
            + " ".join(f"w{chance.randrange(10**9)}" for _ in range(chance.randrange(1, 50))),
        }
        if matching:
            expected.add(article["id"])
        await redis.xadd(stream, {"article": json.dumps(article)})
    moments = []
    async with Receiver() as receiver:
        place = Place(folder, least_url, stream, receiver, more={"TOCSIN_BATCH_SIZE": "20"})
        for _ in range(kills):
            service = await start(place)
            await begun(service, receiver, chance.randrange(-5, 2 * len(expected) // kills))
            await asyncio.sleep(chance.uniform(0, 0.1))
            moments.append(len(receiver.requests))
            await service.kill()
        service = await start(place)
        await eventually(lambda: service.said("stream.reading"), PATIENCE)
        await settled(redis, stream, 300)
        assert await service.terminate() == 0
        requests = list(receiver.requests)
    ids: dict[str, set[str]] = {}
    for request in requests:
        article_id = json.loads(request.body)["data"]["article"]["id"]
        ids.setdefault(article_id, set()).add(request.id)
    repeats = sum(count - 1 for count in Counter(request.id for request in requests).values())
    dead = await redis.xlen(f"tocsin:{{{stream}}}:dead")
    print(  # noqa: T201 - the figures are what this run is for
        f"\nseed {seed}: {articles} articles, {kills} kills (after {moments} webhooks): "
        f"{len(expected)} alerts expected, {len(ids)} arrived, {repeats} repeats under their "
        f"webhook-id, {dead} dead letters"
    )
    assert ids.keys() == expected
    assert all(len(webhook_ids) == 1 for webhook_ids in ids.values())
    assert all(request.verifies() for request in requests)
    assert dead == 0


@pytest.mark.timeout(240)  # five starts, which take their time where other tests run
async def test_killed_four_times(
    tmp_path: Path, redis: Redis, least_url: str, stream_name: str
) -> None:
    """The short form: nothing is lost, repeats keep their webhook-id."""
    await killed_again_and_again(tmp_path, redis, least_url, stream_name, articles=200, kills=4)


@pytest.mark.chaos
@pytest.mark.timeout(600)
async def test_killed_twenty_times(
    tmp_path: Path, redis: Redis, least_url: str, stream_name: str
) -> None:
    """Twenty kills during 2,000 articles."""
    await killed_again_and_again(tmp_path, redis, least_url, stream_name, articles=2_000, kills=20)
