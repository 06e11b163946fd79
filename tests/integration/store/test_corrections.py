"""Articles that change: what their alerts said is corrected or taken back, in whatever order."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from builders.alerts import read_entries
from builders.commits import Made
from builders.rules import load
from builders.stories import (
    BUSY,
    OTHER,
    TEXT,
    events,
    kinds,
    only,
    report,
    settle_entries,
    take,
)
from service.store.keys import GROUP
from service.store.outbox import Outbox


async def test_a_corrected_article_says_what_changed(redis: Redis, outbox: Outbox) -> None:
    """The same id with another text is an update of the alert, with both versions."""
    await take(redis, outbox, report("a"))
    made = await take(redis, outbox, report("a", title="Turkey and Pakistan sign fighter jet deal"))
    assert (made.created, len(made.updated)) == ((), 1)
    first, second = await events(outbox)
    assert second["type"] == "alert.updated"
    assert second["data"]["alert_id"] == first["data"]["id"]
    changed = {one["field"]: (one["from"], one["to"]) for one in second["data"]["changes"]}
    assert changed["title"] == (
        "Turkey and Pakistan near a deal",
        "Turkey and Pakistan sign fighter jet deal",
    )
    assert changed["score"][0] < changed["score"][1]
    assert second["data"]["story"]["id"] == first["data"]["story"]["id"]


async def test_a_corrected_article_that_matches_no_more_is_retracted(
    redis: Redis, outbox: Outbox
) -> None:
    """Those who were told are told, once; and when it matches again, as an update."""
    corrected = TEXT.replace("fighter jet", "trainer")
    await take(redis, outbox, report("a"))
    made = await take(redis, outbox, report("a", corrected))
    assert len(made.retracted) == 1
    again = await take(redis, outbox, report("a", corrected))
    assert again == Made()
    assert (await take(redis, outbox, report("a", TEXT + "\n\nMore follows."))).created == ()
    kinds = [event["type"] for event in await events(outbox)]
    assert kinds == ["alert.created", "alert.retracted", "alert.updated"]
    _, retracted, _ = await events(outbox)
    assert retracted["to"] == "desk"
    changed = {one["field"]: one["to"] for one in retracted["data"]["changes"]}
    assert (changed["score"], changed["evidence"]) == (0, [])


async def test_a_watchlist_that_left_the_rules_retracts_nothing(
    redis: Redis, outbox: Outbox
) -> None:
    """It was the rules that changed, not the article."""
    await take(redis, outbox, report("a"))
    made = await take(redis, outbox, report("a", TEXT + "\n\nMore."), rules=BUSY)
    assert made == Made()


async def test_after_a_retraction_another_copy_alerts(redis: Redis, outbox: Outbox) -> None:
    """The story has no alert then, so the next article of it makes one."""
    await take(redis, outbox, report("a"))
    await take(redis, outbox, report("a", TEXT.replace("fighter jet", "trainer")))
    made = await take(redis, outbox, report("b"))
    assert len(made.created) == 1


GONE = TEXT.replace("fighter jet", "trainer")
LONGER = TEXT + "\n\nMore follows."


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([TEXT, LONGER, TEXT, LONGER], ["created", "updated", "updated", "updated"]),
        ([TEXT, LONGER, GONE, LONGER], ["created", "updated", "retracted", "updated"]),
        ([TEXT, GONE, TEXT, GONE], ["created", "retracted", "updated", "retracted"]),
        ([TEXT, GONE, GONE, TEXT], ["created", "retracted", "updated"]),
    ],
)
async def test_a_text_that_comes_back_is_told(
    redis: Redis, outbox: Outbox, texts: list[str], said: list[str]
) -> None:
    """The last that a subscriber hears is what the article says now."""
    for text in texts:
        await take(redis, outbox, report("a", text))
    assert await kinds(outbox) == said


async def test_what_comes_late_from_a_dead_reader_changes_nothing(
    redis: Redis, outbox: Outbox
) -> None:
    """An older revision that is decided after a newer one neither updates nor retracts."""
    old, new = await read_entries(redis, outbox.stream, 2)
    await settle_entries(outbox, [new], [report("a")])
    late = await settle_entries(outbox, [old], [report("a", GONE)])
    assert late.retracted == ()
    assert await kinds(outbox) == ["created"]


@pytest.mark.parametrize("ids", [("5-0", "5-1"), ("5-9", "6-0")])
async def test_what_matched_nothing_is_remembered_while_an_older_text_is_on_its_way(
    redis: Redis, outbox: Outbox, ids: tuple[str, str]
) -> None:
    """Also one of the same millisecond: it would alert, and nobody would take that back."""
    await outbox.input_stream.ensure_group()
    for each in ids:
        await redis.xadd(outbox.stream, {"title": "x"}, id=each)
    await redis.xreadgroup(GROUP, "one", {outbox.stream: ">"})
    old, new = (each.encode() for each in ids)
    await settle_entries(outbox, [new], [report("a", GONE)])
    await settle_entries(outbox, [old], [report("a")])
    assert await kinds(outbox) == []


async def test_a_page_that_gets_another_text_is_another_story(redis: Redis, outbox: Outbox) -> None:
    """A copy was counted; when its page tells something else, that is news."""
    await take(redis, outbox, report("a"), report("b"))
    made = await take(redis, outbox, report("b", OTHER))
    assert len(made.created) == 1


async def test_a_retraction_frees_those_it_had_reached(redis: Redis, outbox: Outbox) -> None:
    """Desk heard of the first copy, picky of the second: each is told by the next one if freed."""
    rules = only("strict", "jets")
    loud = "Fighter jet, fighter jet"
    await take(redis, outbox, report("a"), rules=rules)
    await take(redis, outbox, report("b", title=loud), rules=rules)
    await take(redis, outbox, report("b", GONE, title="Nothing"), rules=rules)
    made = await take(redis, outbox, report("c", title=loud), rules=rules)
    told = [event["to"] for event in await events(outbox) if event["type"] == "alert.created"]
    assert (len(made.created), sorted(told)) == (1, ["desk", "picky", "picky"])


async def test_a_correction_of_a_copy_goes_to_those_who_heard_of_it(
    redis: Redis, outbox: Outbox
) -> None:
    """Desk heard of the story by another article."""
    both = load(
        {
            "r.yaml": """
watchlists:
  - {id: jets, match: fighter jet, notify: [desk, picky]}
subscribers:
  - {id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}
  - {id: picky, min_score: 85, webhook: {url: "https://p.example/hook", secret: "${SECRET}"}}
"""
        },
        lambda _: "whsec_" + "QUJD" * 8,
    )
    loud = "Fighter jet, fighter jet"
    await take(redis, outbox, report("a"), rules=both)
    await take(redis, outbox, report("b", title=loud), rules=both)
    await take(redis, outbox, report("b", LONGER, title=loud), rules=both)
    told = [(event["to"], event["type"]) for event in await events(outbox)]
    assert told == [
        ("desk", "alert.created"),
        ("picky", "alert.created"),
        ("picky", "alert.updated"),
    ]
