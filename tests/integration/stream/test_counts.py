"""What a batch adds to the counts of /metrics."""

from __future__ import annotations

import asyncio
from collections import Counter

from redis.asyncio import Redis

from builders.alerts import eventually
from builders.rules import load
from service.alerts.people.silence import Silence
from service.app.redis.call_counter import RedisCalls
from service.settings import StreamSettings
from service.store.client import Store
from service.store.keys import BELL, GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool
from service.telemetry import metrics

RULES = load(
    {
        "r.yaml": """
watchlists:
  - {id: jets, match: fighter jet, notify: [desk]}
  - {id: ships, match: frigate, notify: [desk]}
subscribers: [{id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}]
"""
    },
    lambda _: "whsec_" + "QUJD" * 8,
)
SILENCE = Silence(
    "sil_1", "watchlist", "ships", "2099-01-01T00:00:00Z", "drill", "2026-11-23T00:00:00Z"
)
COUNTS = {
    "articles": metrics.ARTICLES,
    "dead": metrics.DEAD_LETTERS,
    "alerts": metrics.ALERTS,
    "matches": {"": metrics.MATCHES},
    "silenced": {"": metrics.SILENCED},
}


def counts() -> dict[str, float]:
    """All that a batch may add to."""
    return {
        f"{name} {value}".strip(): child._value.get()
        for name, children in COUNTS.items()
        for value, child in children.items()
    }


async def added(redis: Redis, outbox: Outbox, *articles: dict[str, str]) -> dict[str, float]:
    """What deciding a batch of these entries adds."""
    await outbox.input_stream.ensure_group()
    ids = await outbox.input_stream.publish(articles)
    await redis.xreadgroup(GROUP, "reader", {outbox.stream: ">"})
    before = counts()
    async with PagePool(1) as pages:
        decider = BatchDecider(
            outbox,
            StreamSettings(),
            rules=lambda: RULES,
            max_evidence=5,
            pages=pages,
        )
        await decider.process(
            [
                Entry(id_.encode(), {name.encode(): text.encode() for name, text in fields.items()})
                for id_, fields in zip(ids, articles, strict=True)
            ]
        )
        await decider.finish()
    return {name: value - before[name] for name, value in counts().items() if value != before[name]}


async def test_each_entry_and_each_match_is_counted_once(redis: Redis, outbox: Outbox) -> None:
    """By what came of it; a silenced alert is made, and counted as silenced too."""
    await outbox.silences.add(SILENCE)
    found = await added(
        redis,
        outbox,
        {"id": "a", "title": "A fighter jet lands in Ankara"},
        {"id": "b", "title": "Cabbages are cheap again"},
        {"id": "c", "source": "nobody"},
        {"id": "d", "title": "A frigate enters the harbour"},
    )
    assert found == {
        "articles matched": 2,
        "articles unmatched": 1,
        "articles dead_lettered": 1,
        "dead no_text": 1,
        "matches": 2,
        "alerts created": 2,
        "silenced": 1,
    }
    corrected = await added(
        redis, outbox, {"id": "a", "title": "A fighter jet takes off in Ankara"}
    )
    assert corrected == {"articles matched": 1, "matches": 1, "alerts updated": 1}
    withdrawn = await added(
        redis,
        outbox,
        {"id": "e", "title": "Cabbages are dear again"},
        {"id": "a", "title": "A glider lands in Ankara"},
    )
    assert withdrawn == {"articles unmatched": 2, "alerts retracted": 1}
    slots = outbox.arrivals._slots.values()
    assert sum(slot.articles for slot in slots) == 6
    names = sum((Counter(slot.names) for slot in slots), Counter())
    assert names == {"w:jets": 1, "w:ships": 1}  # a correction is no new story


async def test_the_time_that_redis_is_away_is_no_part_of_a_commit(
    redis: Redis, outbox: Outbox
) -> None:
    """Each try is timed by itself: `/scale` goes by what an article takes."""
    commits, bell = metrics.STAGES["commit"]._count, Store(redis, outbox.stream).key(BELL)
    before = commits.get()
    await redis.set(bell, "somebody else's")
    adding = asyncio.create_task(added(redis, outbox, {"title": "A fighter jet lands"}))
    await eventually(lambda: commits.get() > before)
    await redis.delete(bell)
    assert (await adding)["alerts created"] == 1
    assert commits.get() >= before + 2


async def test_what_is_asked_of_redis_is_counted_and_what_fails(
    redis: Redis, stream_name: str
) -> None:
    """Each script by its name, with its time; a refusal by its kind."""
    outbox = Outbox(redis, stream_name, calls=RedisCalls())
    calls, refused = (
        metrics.REDIS_CALLS["input_stream/backlog"],
        metrics.REDIS_ERRORS["foreign_key"],
    )
    asked, failed = calls._count.get(), refused._value.get()
    await outbox.input_stream.backlog()
    assert calls._count.get() == asked + 1
    await redis.set(stream_name, "somebody else's")
    try:
        await outbox.input_stream.backlog()
    except Exception as error:  # noqa: BLE001 - what it raises is tested elsewhere
        assert "holds a string" in str(error)
    assert refused._value.get() == failed + 1
