"""A worker over the data that an older one has left: nothing is lost, and nothing comes twice.

`store-version-1.json` is what a worker wrote whose data had no number yet (commit 55600eb), with
the rules below: each key by its type and value, bytes as Latin-1.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.alerts import eventually
from harness.receiver import SECRET, Receiver
from harness.service_process import PATIENCE
from service.app.process import Process
from service.app.redis.data_version import DATA_VERSION, refuse_newer
from service.app.wiring import wire
from service.settings import Environment, load
from service.store.keys import GROUP
from service.telemetry.log import Mask

OLDER = Path(__file__).parents[2] / "data" / "store-version-1.json"
STREAM = "articles"
STORY_WINDOW = timedelta(hours=72)
RULES = """
watchlists:
  - {id: jets, match: Pakistan AND Turkey AND fighter jet, notify: [desk, "off", evening]}
  - {id: ports, match: harbour AND strike, throttle: {max: 1, per: 1h}, notify: [desk]}
  - {id: hush, match: Pakistan AND submarine, notify: [desk]}
subscribers:
  - {id: desk, webhook: {url: "${DESK}", secret: "${SECRET}"}}
  - {id: "off", webhook: {url: "${OFF}", secret: "${SECRET}"}}
  - {id: evening, digest: {every: 1h}, webhook: {url: "${EVENING}", secret: "${SECRET}"}}
"""


async def put_back(redis: Redis) -> None:
    """The older data, at a time when all that waited is due."""
    kept: Mapping[str, Mapping[str, Any]] = json.loads(OLDER.read_text(encoding="utf-8"))
    for name, ((kind, value),) in ((name, [*each.items()]) for name, each in kept.items()):
        due = ":lane:" in name or name.endswith((":lanes", ":summaries"))
        await _PUT[kind](redis, name, value, 1 if due else None)
        if ":story" in name or ":near:" in name:
            await redis.pexpire(name, STORY_WINDOW)
    count = len(kept[STREAM]["stream"])
    await redis.xgroup_create(STREAM, GROUP, "$", entries_read=count)


async def _put_hash(redis: Any, name: str, value: Any, _due: int | None) -> None:
    await redis.hset(name, mapping={field: _bytes(text) for field, text in value.items()})


async def _put_zset(redis: Any, name: str, value: Any, due: int | None) -> None:
    await redis.zadd(name, {each: due or score for each, score in value.items()})


async def _put_string(redis: Any, name: str, value: Any, _due: int | None) -> None:
    await redis.set(name, _bytes(value))


async def _put_stream(redis: Any, name: str, value: Any, _due: int | None) -> None:
    for id_, fields in value:
        await redis.xadd(name, {field: _bytes(text) for field, text in fields.items()}, id=id_)


_PUT = {"hash": _put_hash, "zset": _put_zset, "string": _put_string, "stream": _put_stream}


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


@asynccontextmanager
async def at_work(folder: Path, redis_url: str, **receivers: Receiver) -> AsyncIterator[Process]:
    """A worker with all roles, and the rules of the older one."""
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    variables = {
        "TOCSIN_REDIS_URL": redis_url,
        "TOCSIN_STREAMS": STREAM,
        "TOCSIN_RULES": str(folder / "rules.yaml"),
        "TOCSIN_DATA_DIR": str(folder / "data"),
        "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8",
        "TOCSIN_KEEP_ALERTS_DAYS": "36500",
        "TOCSIN_KEEP_ARTICLES_DAYS": "36500",
    }
    secrets = {"SECRET": SECRET} | {name.upper(): one.url for name, one in receivers.items()}
    settings, stop = load(Environment(variables)), asyncio.Event()
    async with wire(settings, secrets.get, Mask(), redis_url, stop=stop) as process:
        working = asyncio.create_task(process.run())
        try:
            yield process
        finally:
            stop.set()
            await working


def told(receiver: Receiver) -> Counter[tuple[str, str]]:
    """What it was told: each type of event, and the article; of digests what they list."""
    found: Counter[tuple[str, str]] = Counter()
    for event in (json.loads(each.body) for each in receiver.requests):
        data = event["data"]
        for one in data.get("alerts", [data]):
            found[event["type"], one["article"]["id"]] += 1
    return found


async def publish(redis: Redis, id_: str, title: str, body: str, source: str = "gazette") -> None:
    """An article of the day after."""
    day = "2026-12-01T09:00:00Z"
    article = {"id": id_, "source": source, "title": title, "body": body, "published_at": day}
    await redis.xadd(STREAM, {"article": json.dumps(article)})


async def test_what_an_older_worker_left_is_sent_once(
    tmp_path: Path, redis: Redis, redis_url: str
) -> None:
    """What waits, digests, throttles, silences, stories, corrections and dead letters go on."""
    await put_back(redis)
    assert await refuse_newer(redis) is None
    entries: Any = await redis.xrange(STREAM)
    first = json.loads(entries[0][1][b"article"])

    async def nothing_left() -> bool:
        (group,) = await redis.xinfo_groups(STREAM)
        pending = await redis.zcard("tocsin:{articles}:deliveries:pending")
        return [group["lag"], group["pending"], pending] == [0, 0, 0]

    async with Receiver() as desk, Receiver() as off, Receiver() as evening:
        reached = {"desk": desk, "off": off, "evening": evening}
        with capture_logs() as logged:
            async with at_work(tmp_path, redis_url, **reached) as process:
                await eventually(lambda: len(told(evening)) >= 2, PATIENCE)
                await eventually(lambda: len(told(desk)) >= 2 and len(told(off)) >= 2, PATIENCE)
                assert await refuse_newer(redis) == DATA_VERSION
                await publish(redis, "copy", first["title"], first["body"], source="herald")
                await publish(redis, "second", "Pakistan, Turkey agree", "A fighter jet for both.")
                await publish(redis, "third", "Turkey calls Pakistan", "It is about a fighter jet.")
                await publish(redis, "hushed", "Pakistan waits", "The submarine is late.")
                await eventually(lambda: len(told(off)) >= 4, PATIENCE)
                await eventually(nothing_left, PATIENCE)
                outbox = process.outboxes[STREAM]
                assert len(await outbox.dead_letters.newest()) == 1
                assert await redis.zcard("tocsin:{articles}:held:d/evening") == 2
                assert await redis.hlen("tocsin:{articles}:silences") == 1
    new = {("alert.updated", "second"): 1, ("alert.created", "third"): 1}
    held = {("digest.created", each): 1 for each in ("strike-2", "strike-3")}
    assert told(desk) == held | new
    waiting = {("alert.created", each): 1 for each in ("first", "second")}
    assert told(off) == waiting | new
    assert told(evening) == {("digest.created", each): 1 for each in ("first", "second")}
    taken = [each for each in logged if each["event"] == "store.taken_over"]
    assert [(each["before"], each["data_version"]) for each in taken] == [(1, DATA_VERSION)]
