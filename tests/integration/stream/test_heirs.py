"""A story whose teller is retracted: a copy that was only counted tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.rules import load
from service.settings import StreamSettings
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool

RULES = load(
    {
        "r.yaml": """
watchlists: [{id: jets, match: fighter jet, notify: [desk]}]
subscribers: [{id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}]
"""
    },
    lambda _: "whsec_" + "QUJD" * 8,
)
DEAL = (
    "Pakistan and Turkey signed a contract for a common fighter jet in Ankara on Monday. Ministers "
    "of both countries said that the first aircraft would fly within three years. Engineers from "
    "Islamabad will work beside those of the Turkish company, which leads the whole project."
)
REST = " The contract covers forty aircraft, with options for twenty more. No price was named."


async def read_all(redis: Redis, outbox: Outbox, decider: BatchDecider) -> list[str]:
    """Have every entry decided that waits, those too that are written meanwhile."""
    found: Any = True
    while found:
        found = await redis.xreadgroup(GROUP, "reader", {outbox.stream: ">"})
        for _, rows in found:
            await decider.process([Entry(id_, fields) for id_, fields in rows])
            await decider.finish()
    found = [await outbox.deliveries.get(one.id) for one in await outbox.deliveries.newest()]
    events = [json.loads(one.body) for one in reversed(found) if one]
    told = [f"{one['type']} {one['data']['article']['source']}" for one in events]
    return [each for each in told if not each.startswith("story.updated")]


async def test_the_fullest_counted_copy_alerts_when_the_teller_is_retracted(
    redis: Redis, stream_name: str
) -> None:
    """A planted copy hides nothing for good, and each further retraction finds the next heir."""
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    planted, short, full, last = (
        {"id": "1", "source": source, "title": "Fighter jet deal signed", "body": body}
        for source, body in (
            ("Planted", DEAL), ("Short", DEAL), ("Full", DEAL + REST), ("Last", DEAL),
        )
    )  # fmt: skip
    gone = {"title": "Tractor deal signed", "body": DEAL.replace("fighter jet", "tractor")}
    async with PagePool(1) as pages:
        decider = BatchDecider(
            outbox,
            StreamSettings(),
            rules=lambda: RULES,
            max_evidence=5,
            pages=pages,
        )
        await outbox.input_stream.publish([planted, short, full, last])
        told = await read_all(redis, outbox, decider)
        assert told == ["alert.created Planted"]
        await outbox.input_stream.publish([{**planted, **gone}])
        told = await read_all(redis, outbox, decider)
        assert told[1:] == ["alert.retracted Planted", "alert.created Full"]
        await outbox.input_stream.publish([{**full, **gone}])
        told = await read_all(redis, outbox, decider)
        assert told[3:] == ["alert.retracted Full", "alert.created Short"]
        await outbox.input_stream.publish([{**last, **gone}])
        assert await read_all(redis, outbox, decider) == told
    assert (await outbox.input_stream.lag()).pending == 0


async def test_copies_that_were_trimmed_are_told(redis: Redis, stream_name: str) -> None:
    """Somebody trims the stream to what is unread; nobody hears of the story from then on."""
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    first, copy = (
        {"id": "1", "source": source, "title": "Fighter jet deal signed", "body": DEAL}
        for source in ("Planted", "Full")
    )
    async with PagePool(1) as pages:
        decider = BatchDecider(
            outbox, StreamSettings(), rules=lambda: RULES, max_evidence=5, pages=pages
        )
        await outbox.input_stream.publish([first, copy])
        await read_all(redis, outbox, decider)
        (alert,) = [one.alert_id for one in await outbox.deliveries.newest()]
        story = await outbox.stories.find(alert)
        assert story
        assert [one.is_kept for one in story.copies] == [True, True]
        await redis.xtrim(stream_name, maxlen=0, approximate=False)
        gone = {"title": "Tractor deal signed", "body": DEAL.replace("fighter jet", "tractor")}
        await outbox.input_stream.publish([{**first, **gone}])
        with capture_logs() as logs:
            told = await read_all(redis, outbox, decider)
    assert told == ["alert.created Planted", "alert.retracted Planted"]
    assert [line["copies"] for line in logs if line["event"] == "story.copies_trimmed"] == [1]
    story = await outbox.stories.find(alert)
    assert story
    assert not any(one.is_kept for one in story.copies)


GONE = {"title": "Tractor deal signed", "body": DEAL.replace("fighter jet", "tractor")}
NEWER = {"title": "Fighter jet deal in doubt", "body": DEAL + REST}


@pytest.mark.parametrize("newer", [GONE, NEWER], ids=["gone", "corrected"])
@pytest.mark.parametrize("waits", [True, False], ids=["read after", "read before"])
async def test_an_heir_takes_no_newer_revision_back(
    redis: Redis, stream_name: str, newer: dict[str, str], *, waits: bool
) -> None:
    """A copy is written to the stream again, behind a correction of it that nobody has read yet.

    Another worker may also decide that correction after the copy.
    """
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    first, copy = (
        {"id": "1", "source": source, "title": "Fighter jet deal signed", "body": DEAL}
        for source in ("Planted", "Full")
    )
    async with PagePool(1) as pages:
        decider = BatchDecider(
            outbox, StreamSettings(), rules=lambda: RULES, max_evidence=5, pages=pages
        )
        await outbox.input_stream.publish([first, copy])
        assert await read_all(redis, outbox, decider) == ["alert.created Planted"]
        await outbox.input_stream.publish([{**first, **GONE}, {**copy, **newer}])
        found: Any = await redis.xreadgroup(GROUP, "reader", {outbox.stream: ">"})
        gone, corrected = [Entry(id_, fields) for id_, fields in found[0][1]]
        await decider.process([gone])
        if not waits:
            await decider.process([corrected])
        told = await read_all(redis, outbox, decider)
        if waits:
            await decider.process([corrected])
            told = await read_all(redis, outbox, decider)
    created = ["alert.created Full"] * (waits or newer is NEWER)
    later = ["alert.updated Full" if newer is NEWER else "alert.retracted Full"] * waits
    assert told == ["alert.created Planted", "alert.retracted Planted", *created, *later]
    assert (await outbox.input_stream.lag()).pending == 0


async def test_an_article_that_tells_another_story_gives_its_own_up(
    redis: Redis, stream_name: str
) -> None:
    """Its copies were counted for it: one of them tells the story, and the next is counted."""
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    planted, full, last = (
        {"id": "1", "source": source, "title": "Fighter jet deal signed", "body": DEAL}
        for source in ("Planted", "Full", "Last")
    )
    words = sorted(DEAL.split())  # the same words, told otherwise: the same article
    other = {"title": "Another fighter jet", "body": f"A fighter jet was seen. {' '.join(words)}"}
    async with PagePool(1) as pages:
        decider = BatchDecider(
            outbox, StreamSettings(), rules=lambda: RULES, max_evidence=5, pages=pages
        )
        await outbox.input_stream.publish([planted, full])
        assert await read_all(redis, outbox, decider) == ["alert.created Planted"]
        await outbox.input_stream.publish([{**planted, **other}])
        told = ["alert.created Planted", "alert.updated Planted", "alert.created Full"]
        assert await read_all(redis, outbox, decider) == told
        await outbox.input_stream.publish([{**planted, **other}, last])
        assert await read_all(redis, outbox, decider) == told


async def test_a_copy_in_the_batch_by_which_its_story_is_given_up_is_news(
    redis: Redis, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is decided when that is written, and it is no conflict: nothing is left pending."""
    monkeypatch.setattr("service.stream.decider.MAX_DECISIONS", 1)
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    planted, last, unlike = (
        {"id": source, "source": source, "title": "Fighter jet deal signed", "body": DEAL}
        for source in ("Planted", "Last", "Unlike")
    )
    words = sorted(DEAL.split())
    other = {"title": "Another fighter jet", "body": f"A fighter jet was seen. {' '.join(words)}"}
    unlike |= {"title": "A fighter jet lands", "body": "Nobody says whose."}
    async with PagePool(1) as pages:
        decider = BatchDecider(
            outbox, StreamSettings(), rules=lambda: RULES, max_evidence=5, pages=pages
        )
        await outbox.input_stream.publish([planted])
        assert await read_all(redis, outbox, decider) == ["alert.created Planted"]
        await outbox.input_stream.publish([{**planted, **other}, last, unlike])
        told = await read_all(redis, outbox, decider)
    assert told[:2] == ["alert.created Planted", "alert.updated Planted"]
    assert sorted(told[2:]) == ["alert.created Last", "alert.created Unlike"]
    assert (await outbox.input_stream.lag()).pending == 0
