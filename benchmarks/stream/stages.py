"""What each stage of the way from a batch to its acknowledgement takes, in this process."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from service.articles.article import Article
from service.concurrency.processes import freeze_loaded_objects
from service.rules.rules import Rules
from service.settings import StreamSettings
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.decisions import MatchedArticle, decide_entries, story_query
from service.stream.entry import Entry
from service.stream.entry_reader import EntryReader, prepare
from service.stream.page_pool import PagePool
from service.stream.report import log_batch, log_totals

STAGES = ("read", "text", "match", "score", "history", "decide", "commit", "log")
BATCH = 100


class Stages:
    """Microseconds of CPU of each stage, an article; and of the server."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.articles = 0

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Adds what this process computes within the block."""
        begun = time.process_time()
        yield
        self.spent[stage] += time.process_time() - begun

    def of(self, stage: str) -> float:
        """Microseconds an article."""
        return 1e6 * self.spent[stage] / max(1, self.articles)


async def staged(
    redis: Redis, stream: str, rules: Rules, entries: Sequence[Mapping[str, str]], warm: int
) -> Stages:
    """The stages of all entries but the first `warm`, batch by batch as the service has them."""
    outbox = Outbox(redis, stream)
    await outbox.input_stream.ensure_group()
    prepare()
    rules.engine.prepare()
    stages, served = Stages(), 0.0
    async with PagePool(1) as pages:
        reader = EntryReader(pages, StreamSettings())
        entries = [one for one in entries if _is_read_here(reader, one)]
        for start in range(0, len(entries), BATCH):
            if start == warm:
                freeze_loaded_objects()
                stages = Stages()
                served = await server_cpu(redis)
            async with redis.pipeline(transaction=False) as pipe:
                for one in entries[start : start + BATCH]:
                    fields: Any = one
                    pipe.xadd(stream, fields)
                await pipe.execute()
            await _batch(redis, outbox, reader, rules, stages)
    stages.spent["server"] = await server_cpu(redis) - served
    return stages


def _is_read_here(reader: EntryReader, fields: Mapping[str, str]) -> bool:
    """Whether an entry is an article that is read in the event loop: long texts are not."""
    raw = {name.encode(): value.encode() for name, value in fields.items()}
    return isinstance(reader.read_here(Entry(b"0-0", raw))[0], Article)


async def _batch(
    redis: Redis, outbox: Outbox, reader: EntryReader, rules: Rules, stages: Stages
) -> None:
    at = datetime.now(UTC)
    with stages.timed("read"):
        rows: Any = await redis.xreadgroup(GROUP, "bench", {outbox.stream: ">"}, count=BATCH)
        entries = [Entry(id_, fields) for id_, fields in rows[0][1]]
    with stages.timed("text"):
        articles = [reader.read_here(entry)[0] for entry in entries]
    texts = [one for one in articles if isinstance(one, Article)]
    assert len(texts) == len(entries)
    with stages.timed("match"):
        numbers = rules.engine.matching_queries(texts)
    with stages.timed("score"):
        scored = rules.engine.score_batch(texts, numbers, max_evidence=5)
    matched = [
        MatchedArticle(entry.id, article, tuple(matches))
        for entry, article, matches in zip(entries, texts, scored, strict=True)
    ]
    with stages.timed("history"):
        queries = [story_query(one, rules) for one in matched]
        histories = await outbox.article_histories.read(queries)
    with stages.timed("decide"):
        decided = [*decide_entries(matched, histories, rules, at=at)]
    with stages.timed("commit"):
        committed = await outbox.commit(decided, at=at)
    with stages.timed("log"):
        log_batch(committed, ())
        log_totals(outbox.stream, committed)
    assert len(committed.done) == len(entries)
    stages.articles += len(entries)
    stages.spent["matches"] += sum(map(len, scored))


async def server_cpu(redis: Redis) -> float:
    """Seconds of CPU of the server's main thread."""
    info: Any = await redis.info("cpu")
    return float(info["used_cpu_user_main_thread"]) + float(info["used_cpu_sys_main_thread"])
