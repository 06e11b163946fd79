"""The last worker is killed, and an autoscaler that asks /scale starts another in time.

The times are those of deploy/kubernetes/overlays/production: it is asked every ten seconds, and
entries are taken over after thirty.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
import structlog
from redis.asyncio import Redis

from builders.alerts import eventually
from harness.receiver import Receiver
from harness.service_process import Place, Running, start
from service.store.keys import GROUP

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

POLLING_SECONDS = 10
ARTICLES = 2_000
log = structlog.get_logger()


async def test_no_article_waits_a_minute(tmp_path: Path, redis: Redis, redis_url: str) -> None:
    """Killed with entries in hand, with nobody left to match, and with more that came since."""
    async with Receiver() as receiver:
        place = Place(
            tmp_path, redis_url, "articles", receiver, more={"TOCSIN_RECLAIM_AFTER": "30"}
        )
        deliver = await start(place, "--role", "deliver")
        match = await start(place, "--role", "match")
        await eventually(lambda: match.said("stream.reading"), 60)
        await eventually(lambda: bool(address_of(deliver)), 60)
        os.kill(match.pid, signal.SIGSTOP)  # what it reads next it cannot finish
        for number in range(ARTICLES):
            await publish(redis, number)
        os.kill(match.pid, signal.SIGCONT)
        while not await pending(redis):
            pass  # a wait would miss it: a batch takes a moment
        await match.kill()
        begun = monotonic()
        in_hand = await pending(redis)
        await publish(redis, ARTICLES)
        replaced = None
        while await unfinished(redis):
            if replaced is None and await seconds_of_work(address_of(deliver)) > 0:
                replaced = await start(place, "--role", "match")
            await asyncio.sleep(POLLING_SECONDS if replaced is None else 0.2)
        waited = monotonic() - begun
        log.info("last worker", in_hand=in_hand, finished_after=round(waited))
        assert in_hand
        assert waited < 60
        for service in (deliver, replaced):
            if service is not None:
                await service.terminate()


async def publish(redis: Redis, number: int) -> None:
    """An article of its own."""
    article: dict[Any, Any] = {
        "id": f"a-{number}",
        "title": f"Pakistan and Turkey sign for fighter jet {number}",
        "body": f"The {number}th fighter jet of Turkey flew to Pakistan on day {number}.",
        "source": "Harbour Gazette",
    }
    await redis.xadd("articles", article)


async def pending(redis: Redis) -> int:
    """Entries that were read and are not finished."""
    return int((await redis.xpending("articles", GROUP))["pending"])


async def unfinished(redis: Redis) -> bool:
    """Whether an entry is unread or pending."""
    (group,) = await redis.xinfo_groups("articles")
    return bool(group["lag"] or group["pending"])


def address_of(service: Running) -> str:
    """Where it answers, as its log says; empty before it does."""
    found = re.search(r'"url":"([^"]+)"', "".join(service.log))
    return found[1] if found else ""


async def seconds_of_work(address: str) -> float:
    """What an autoscaler reads; 0 where the answer is not 200."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{address}/scale")
    return float(answer.json()["match"]["seconds"]) if answer.status_code == 200 else 0.0
