"""Two readers that have revisions of one article at the same moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import permutations, product
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.rules import load
from harness.gate import Gate, asks_for
from service.matching.words.dictionary import dictionaries
from service.rules.rules import Rules
from service.settings import StreamSettings
from service.store.client import Store
from service.store.keys import DECIDED, GROUP
from service.store.outbox import Outbox
from service.stream.decider import MAX_DECISIONS, BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool

YAML = """
watchlists: [{id: jets, match: fighter jet, notify: [desk]}]
subscribers: [{id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}]
"""
SECRET = "whsec_" + "QUJD" * 8
RULES = load({"r.yaml": YAML}, lambda _: SECRET)
FIRST = "A fighter jet lands in Ankara"
MENDED = "A fighter jet takes off in Ankara"
WITHDRAWN = "A glider lands in Ankara"
Way = tuple[Redis, Gate]
"""A client of Redis, and the gate that it goes through."""


@asynccontextmanager
async def a_way(server_url: str) -> AsyncIterator[Way]:
    """A way to Redis on which others are faster: before each commit, the next of `gate.before`."""
    async with Gate(server_url) as gate, Redis.from_url(gate.url) as behind:
        gate.watched = asks_for("commit/commit")
        yield behind, gate


@pytest.fixture
async def way(server_url: str) -> AsyncIterator[Way]:
    """One of these."""
    async with a_way(server_url) as found:
        yield found


def decider(outbox: Outbox, pages: PagePool, rules: Rules = RULES) -> BatchDecider:
    """One reader's."""
    return BatchDecider(outbox, StreamSettings(), rules=lambda: rules, max_evidence=5, pages=pages)


async def entries(redis: Redis, outbox: Outbox, *articles: dict[str, str]) -> list[Entry]:
    """Entries that were read and not decided."""
    await outbox.input_stream.ensure_group()
    ids = await outbox.input_stream.publish(articles)
    await redis.xreadgroup(GROUP, "reader", {outbox.stream: ">"})
    return [
        Entry(id_.encode(), {name.encode(): text.encode() for name, text in fields.items()})
        for id_, fields in zip(ids, articles, strict=True)
    ]


def revision(title: str) -> dict[str, str]:
    """One of the same article."""
    return {"id": "a", "title": title}


async def told(outbox: Outbox) -> list[dict[str, Any]]:
    """What the desk gets, the earliest first."""
    found = []
    for one in await outbox.deliveries.newest():
        delivery = await outbox.deliveries.get(one.id)
        assert delivery is not None
        found.append(json.loads(delivery.body))
    return found[::-1]


@pytest.mark.parametrize(
    ("title", "kind", "field"),
    [(MENDED, "alert.updated", "title"), (WITHDRAWN, "alert.retracted", "evidence")],
)
async def test_what_another_told_meanwhile_is_reckoned_with(
    redis: Redis, way: Way, stream_name: str, *, title: str, kind: str, field: str
) -> None:
    """Both asked for the article's past before either committed, and none was told of."""
    behind, gate = way
    outbox = Outbox(behind, stream_name)
    first, second = await entries(redis, outbox, revision(FIRST), revision(title))
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages)
        gate.before = [lambda: other.process([first])]
        await decider(outbox, pages).process([second])
    created, corrected = await told(outbox)
    assert (created["type"], corrected["type"]) == ("alert.created", kind)
    changed = {one["field"]: one for one in corrected["data"]["changes"]}
    assert changed["title"]["from"] == FIRST
    assert field in changed
    assert (await outbox.input_stream.lag()).pending == 0


async def test_an_older_revision_that_comes_second_tells_nothing(
    redis: Redis, way: Way, stream_name: str
) -> None:
    """Its reader was the slower one."""
    behind, gate = way
    outbox = Outbox(behind, stream_name)
    first, second = await entries(redis, outbox, revision(FIRST), revision(MENDED))
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages)
        gate.before = [lambda: other.process([second])]
        await decider(outbox, pages).process([first])
    (created,) = await told(outbox)
    assert created["data"]["article"]["title"] == MENDED
    assert (await outbox.input_stream.lag()).pending == 0


async def test_a_withdrawal_that_is_committed_first_leaves_no_alert(
    redis: Redis, way: Way, stream_name: str
) -> None:
    """It found nothing to retract, and the text that it replaced is still in another's hands."""
    behind, gate = way
    outbox = Outbox(behind, stream_name)
    first, second = await entries(redis, outbox, revision(FIRST), revision(WITHDRAWN))
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages)
        gate.before = [lambda: other.process([second])]
        with capture_logs() as logs:
            await decider(outbox, pages).process([first])
    assert await told(outbox) == []
    assert [line["article_id"] for line in logs if line["event"] == "article.superseded"] == ["a"]
    assert (await outbox.input_stream.lag()).pending == 0


async def test_a_text_that_came_back_is_not_retracted_by_one_between(
    redis: Redis, way: Way, stream_name: str
) -> None:
    """The last of three is as the first, so that nothing is written about it."""
    behind, gate = way
    outbox = Outbox(behind, stream_name)
    first, between, last = await entries(
        redis, outbox, revision(FIRST), revision(WITHDRAWN), revision(FIRST)
    )
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages)
        await other.process([first])
        gate.before = [lambda: other.process([last])]
        await decider(outbox, pages).process([between])
    (created,) = await told(outbox)
    assert created["type"] == "alert.created"
    assert (await outbox.input_stream.lag()).pending == 0


@pytest.mark.parametrize("order", [*permutations(range(3))])
async def test_in_whatever_order_three_revisions_are_committed_the_newest_is_told(
    redis: Redis, server_url: str, way: Way, *, stream_name: str, order: tuple[int, ...]
) -> None:
    """Three readers have asked for the article's past before any of them commits."""
    behind, gate = way
    async with PagePool(1) as pages, a_way(server_url) as (between, second_gate):
        for texts in product((FIRST, WITHDRAWN, MENDED), repeat=3):
            await redis.flushall()
            outbox = Outbox(behind, stream_name)
            read = await entries(redis, outbox, *map(revision, texts))
            one, two, three = (read[place] for place in order)
            middle = Outbox(between, outbox.stream)
            last, next_ = decider(Outbox(redis, outbox.stream), pages), decider(middle, pages)
            second_gate.before = [partial(last.process, [one])]
            gate.before = [partial(next_.process, [two])]
            await decider(outbox, pages).process([three])
            assert (await outbox.input_stream.lag()).pending == 0
            events = await told(outbox)
            assert len({event["data"]["id"] for event in events}) == len(events)
            newest = events[-1] if events else None
            if texts[-1] == WITHDRAWN:
                assert newest is None or newest["type"] == "alert.retracted"
            else:
                assert newest is not None
                assert newest["type"] in {"alert.created", "alert.updated"}
                assert newest["data"]["article"]["title"] == texts[-1]


@pytest.mark.parametrize("killed", ["before", "after"])
async def test_the_order_of_two_revisions_outlives_their_reader(
    redis: Redis, stream_name: str, killed: str
) -> None:
    """The first one's reader is killed around its commit; others take over what it left."""
    outbox = Outbox(redis, stream_name)
    first, second = await entries(redis, outbox, revision(FIRST), revision(WITHDRAWN))
    async with PagePool(1) as pages:
        ours = decider(outbox, pages)
        if killed == "after":
            await ours.process([first])
        await ours.process([second])
        # Articles come and go while the first one's entry is still pending.
        for number in range(3):
            await ours.process(await entries(redis, outbox, {"title": f"Weather, {number}"}))
        while claimed := await outbox.input_stream.claim_idle("another", timedelta(0)):
            await ours.process([Entry(claimed.entry_id, claimed.fields, claimed.deliveries)])
    kinds = [each["type"] for each in await told(outbox)]
    assert kinds == (["alert.created", "alert.retracted"] if killed == "after" else [])
    assert (await outbox.input_stream.lag()).pending == 0


async def test_what_was_decided_is_forgotten_when_nothing_older_is_pending(
    redis: Redis, stream_name: str
) -> None:
    """Of what matched nothing, nothing stays."""
    outbox = Outbox(redis, stream_name)
    old, *rest = await entries(redis, outbox, *({"title": f"Weather, {n}"} for n in range(9)))
    (last,) = await entries(redis, outbox, {"title": "Weather, at last"})
    async with PagePool(1) as pages:
        ours = decider(outbox, pages)
        await ours.process(rest)
        assert await redis.zcard(Store(redis, stream_name).key(DECIDED)) == len(rest)
        await ours.process([old])
        await ours.process([last])
    assert await redis.keys(f"tocsin:{{{stream_name}}}:*") == []


async def test_the_rest_of_a_batch_does_not_wait(redis: Redis, way: Way, stream_name: str) -> None:
    """Only what is stale is decided anew, and no dead letter is written twice."""
    behind, gate = way
    outbox = Outbox(behind, stream_name)
    first, *batch = await entries(
        redis,
        outbox,
        revision(FIRST),
        revision(MENDED),
        {"id": "b", "title": "Another fighter jet"},
        {"nothing": "of use"},
    )
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages)
        gate.before = [lambda: other.process([first])]
        with capture_logs() as logs:
            await decider(outbox, pages).process(batch)
    assert len(await told(outbox)) == 3
    assert len(await outbox.dead_letters.newest()) == 1
    assert [line["event"] for line in logs].count("article.matched") == 3
    assert (await outbox.input_stream.lag()).pending == 0


async def test_an_article_that_all_tell_of_stays_pending(
    redis: Redis, way: Way, stream_name: str
) -> None:
    """And is decided when there is peace."""
    behind, gate = way
    outbox = Outbox(behind, stream_name)
    *others, ours = await entries(
        redis, outbox, *(revision(f"{FIRST}, {n}") for n in range(MAX_DECISIONS + 1))
    )
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages)
        gate.before = [partial(other.process, [one]) for one in others]
        with capture_logs() as logs:
            await decider(outbox, pages).process([ours])
        assert [line for line in logs if line["event"] == "article.conflict"]
        assert (await outbox.input_stream.lag()).pending == 1
        await decider(outbox, pages).process([ours])
    assert (await outbox.input_stream.lag()).pending == 0
    assert len(await told(outbox)) == MAX_DECISIONS + 1


async def test_what_was_not_read_is_no_longer_in_hand(redis: Redis, stream_name: str) -> None:
    """A defect of ours, or a stop, ends a batch: nobody would take over what is in hand."""
    outbox = Outbox(redis, stream_name)
    batch = await entries(redis, outbox, revision(FIRST), revision(MENDED))

    def no_rules() -> Rules:
        raise ZeroDivisionError

    async with PagePool(1) as pages:
        ours = BatchDecider(outbox, StreamSettings(), rules=no_rules, max_evidence=5, pages=pages)
        with pytest.raises(ZeroDivisionError):
            await ours.process(batch)
    assert not ours.in_hand


async def test_many_bytes_that_take_long_hold_up_the_next_batch(
    redis: Redis, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a flood of pages would be in memory, whatever it is that reads them."""
    monkeypatch.setattr("service.stream.decider.MAX_SLOW_BYTES", 40)
    outbox = Outbox(redis, stream_name)
    page = {"html": "<h1>A fighter jet lands</h1><p>In Ankara.</p>"}
    batch = await entries(redis, outbox, page)
    async with PagePool(1) as pages:
        ours = decider(outbox, pages)
        async with pages._free:
            working = asyncio.create_task(ours.process(batch))
            await asyncio.wait_for(ours.progress.wait(), 10)
            for _ in range(5):  # turns in which it would return
                await asyncio.sleep(0)
            assert not working.done()
        await working
    assert len(await told(outbox)) == 1


async def test_the_first_article_of_a_language_holds_up_no_other(
    redis: Redis, stream_name: str
) -> None:
    """Its dictionary takes seconds; the next one of that language waits for nothing."""
    outbox = Outbox(redis, stream_name)
    rules = load({"r.yaml": YAML}, lambda _: "whsec_" + "QUJD" * 8)  # which knows no Malay yet
    malay = [{"title": "Jet pejuang mendarat", "language": "ms-MY", "id": f"m{n}"} for n in "12"]
    first, english, second = await entries(redis, outbox, malay[0], revision(FIRST), malay[1])
    rules.engine.prepare()
    dictionaries._FACTORY._kept.pop("ms", None)
    async with PagePool(1) as pages:
        ours = decider(outbox, pages, rules)
        with dictionaries._FACTORY._loading:  # as while it is read
            await ours.process([first, english])
            titles = [each["data"]["article"]["title"] for each in await told(outbox)]
            assert titles == [FIRST]
            assert ours.in_hand == {first.id}
        await ours.finish()
        await ours.process([second])
        assert not ours.in_hand
    assert (await outbox.input_stream.lag()).pending == 0


def test_what_another_language_loads_holds_up_no_question() -> None:
    """The event loop asks for each article whether its dictionary is at hand."""
    dictionaries.load_dictionary("ms")
    with dictionaries._FACTORY._loading:
        assert dictionaries.is_loaded("ms")
        assert not dictionaries.is_loaded("nn")


async def test_a_correction_of_another_text_under_the_id_is_seen_when_it_is_decided_again(
    redis: Redis, way: Way, stream_name: str
) -> None:
    """It matches nothing, and the text that it corrects alerted while it was first decided."""
    behind, gate = way
    outbox = Outbox(behind, stream_name)
    texts = [
        "Fishermen bring home the largest catch of cod since the war",
        f"{FIRST} after the summit of ministers from nine countries",
        f"{WITHDRAWN} after the summit of ministers from nine countries",
    ]
    known, first, second = await entries(redis, outbox, *map(revision, texts))
    rules = load({"r.yaml": YAML.replace("fighter jet,", "fighter jet OR cod,")}, lambda _: SECRET)
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages, rules)
        await other.process([known])
        gate.before = [lambda: other.process([first])]
        await decider(outbox, pages, rules).process([second])
    events = [(one["type"], one["data"]["article"]["title"]) for one in await told(outbox)]
    assert events == [
        ("alert.created", texts[0]),
        ("alert.created", texts[1]),
        ("alert.retracted", texts[2]),
    ]
