"""A hundred thousand hostile entries, pages and feeds between good ones: none of these is lost."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.hostile import Spoiler
from builders.rules import load
from service.articles.files.entries import Source, UnreadableError
from service.cli.input.limited_files import LimitedFiles
from service.concurrency.processes import freeze_loaded_objects
from service.rules.rules import Rules
from service.settings import StreamSettings
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.entry_reader import prepare
from service.stream.page_pool import PagePool

NUMBER = int(os.environ.get("FUZZ_ENTRIES", "100000"))
BATCH = 200
GOOD = 5
"""Good entries of a batch, and good items of a feed."""
MAX_PAUSE = 0.25
"""Seconds that the event loop may be held, by the clock and by the process's CPU: by the clock
alone, other programs hold it, too, and by CPU alone, threads that do not."""
RULES, ALL_FORMS = (
    load({"r.yaml": f"watchlists: [{{id: jets, match: {match}, repeat: article}}]"}, None)
    for match in ("'\"fighter jet\"'", "fighter jet")
)
"""Quoted, for the short form: else each language that chance comes upon is prepared for."""


@dataclass
class Tally:
    """What became of all."""

    entries: int = 0
    files: int = 0
    refused: int = 0
    dead: int = 0
    pause: float = 0.0
    lost: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)
    retracted: int = 0


@asynccontextmanager
async def watched(tally: Tally) -> AsyncIterator[None]:
    """Measures how long the event loop is held while the process works."""

    async def tick() -> None:
        while True:
            used, start = time.process_time(), time.perf_counter()
            await asyncio.sleep(0.001)
            taken = min(time.process_time() - used, time.perf_counter() - start)
            tally.pause = max(tally.pause, taken)

    ticking = asyncio.create_task(tick())
    try:
        yield
    finally:
        ticking.cancel()


def feed(spoiler: Spoiler, name: str) -> Source:
    """A feed of fifty items, some of them good."""
    items = [spoiler.item() for _ in range(50 - GOOD)]
    for number in range(GOOD):
        link = f"https://gazette.example/{name}-{number}"
        good = f"<item><title>A fighter jet, {name} {number}</title><link>{link}</link></item>"
        items.insert(number * 10, good)
    text = f"<rss version='2.0'><channel><title>G</title>{''.join(items)}</channel></rss>"
    return Source(f"{name}.xml", text.encode("utf-8", "replace"))


def files(
    spoiler: Spoiler, number: int, reader: LimitedFiles, tally: Tally
) -> Iterator[str | dict[str, str]]:
    """What a file of a feed holds, as `tocsin publish` reads it."""
    name = f"feed{number}"
    found = [*reader.entries(feed(spoiler, name))]
    tally.files += 1
    titles = {one.get("title") for one in found if isinstance(one, dict)}
    tally.lost += [f"{name} {n}" for n in range(GOOD) if f"A fighter jet, {name} {n}" not in titles]
    for one in found:
        if isinstance(one, UnreadableError):
            tally.refused += 1
            if "cannot be read (" in str(one):
                tally.tracebacks.append(str(one)[:200])
        else:
            yield one


async def batch(
    redis: Redis, outbox: Outbox, fields: list[dict[bytes, bytes]], number: int
) -> tuple[list[Entry], set[str]]:
    """The entries, with good ones between them, on the stream and given to us."""
    good = [f"good-{number}-{n}" for n in range(GOOD)]
    for n, id_ in enumerate(good):
        fields.insert(n * (len(fields) // GOOD), {b"id": id_.encode(), b"title": b"A fighter jet"})
    async with redis.pipeline(transaction=False) as pipe:
        for one in fields:
            pipe.xadd(outbox.stream, dict(one))  # type: ignore[arg-type]
        ids = await pipe.execute()
    await redis.xreadgroup(GROUP, "reader", {outbox.stream: ">"}, count=len(ids))
    await redis.xtrim(outbox.stream, maxlen=2 * BATCH, approximate=True)
    return [Entry(id_, one) for id_, one in zip(ids, fields, strict=True)], set(good)


async def storm(
    redis: Redis, stream: str, chance: Random, number: int, rules: Rules = RULES
) -> Tally:
    """Read and decide so many entries."""
    spoiler, tally, good, alerted = Spoiler(chance), Tally(), set[str](), set[str]()
    outbox = Outbox(redis, stream)
    await outbox.input_stream.ensure_group()
    prepare()
    rules.engine.prepare()
    async with PagePool(2) as pages:
        decider = BatchDecider(outbox, StreamSettings(), rules=lambda: rules, max_evidence=5,
                               pages=pages)  # fmt: skip
        with LimitedFiles() as reader:
            await decider.process((await batch(redis, outbox, [{b"title": b"Begin"}], -1))[0])
            while tally.entries < number:
                made = [spoiler.entry() for _ in range(BATCH - 60)]
                made += [{b"html": spoiler.page().encode("utf-8", "replace")} for _ in range(2)]
                read = await asyncio.to_thread(
                    lambda: [*files(spoiler, tally.files, reader, tally)]
                )
                made += [{n.encode(): v.encode() for n, v in one.items()} for one in read
                         if isinstance(one, dict)]  # fmt: skip
                entries, ids = await batch(redis, outbox, made, tally.entries)
                good |= ids
                with capture_logs() as logs:
                    async with watched(tally):
                        await decider.process(entries)
                        await decider.finish()
                tally.entries += len(entries)
                for line in logs:
                    if line["event"] == "article.matched":
                        alerted.add(line["article_id"])
                    tally.dead += line["event"] == "article.dead_lettered"
                    if line["event"] == "alert.retracted":
                        tally.retracted += len(line["alerts"])
                    if line["event"] in {"article.failed", "article.conflict"}:
                        tally.tracebacks.append(str(line)[:2_000])
        pending = (await outbox.input_stream.lag()).pending
    tally.lost += sorted(good - alerted) + ["pending"] * pending
    return tally


def judge(tally: Tally) -> None:
    """Print the figures, and fail unless all is as it must be."""
    print(f"\n{tally}")  # noqa: T201 - the figures are what this run is for
    assert not tally.tracebacks
    assert not tally.lost
    assert not tally.retracted
    assert tally.pause < MAX_PAUSE


@pytest.mark.chaos
@pytest.mark.timeout(3600)
async def test_a_hundred_thousand_hostile_entries(redis: Redis, stream_name: str) -> None:
    """FUZZ_ENTRIES of them; CHAOS_SEED makes the same ones again."""
    seed = int(os.environ.get("CHAOS_SEED", "0")) or Random().randrange(1, 2**32)
    print(f"\nCHAOS_SEED={seed}")  # noqa: T201
    prepare()
    ALL_FORMS.engine.prepare()
    freeze_loaded_objects()  # as the service does once it is ready
    judge(await storm(redis, stream_name, Random(seed), NUMBER, ALL_FORMS))


async def test_some_hostile_entries(redis: Redis, stream_name: str) -> None:
    """The short form of it."""
    judge(await storm(redis, stream_name, Random(16), 2 * BATCH))
