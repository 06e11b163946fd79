"""One story, one alert: near-copies, corrections and throttles, from judged article to delivery."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from alerts import NOON, eventually, read_entries
from judged_stories import BUSY, JETS, OTHER, TEXT, only, report, take
from service.alert import rfc3339
from service.article import Article
from service.batch import Committed
from service.digesting import tell_held
from service.judging import Judged, decide
from service.outbox import Outbox
from service.silence import Silence
from service.store import Store
from service.watchlist import load


@pytest.fixture
async def outbox(redis: Redis, stream_name: str) -> Outbox:
    """The outbox of a stream that is empty but has its group."""
    found = Outbox(redis, stream_name)
    await found.ensure_group()
    return found


async def events(outbox: Outbox) -> list[dict[str, Any]]:
    """What subscribers get, the earliest first."""
    found = []
    for delivery in await outbox.ledger.deliveries():
        shown = await outbox.ledger.delivery(delivery.id)
        assert shown is not None
        found.append({"to": delivery.subscriber, **json.loads(shown.body)})
    return found[::-1]


async def test_a_copy_elsewhere_is_counted_not_sent(redis: Redis, outbox: Outbox) -> None:
    """The first article of a story alerts; its near-copy in another paper does not."""
    assert len((await take(redis, outbox, report("a"))).created) == 1
    copy = report("b", TEXT.replace("three officials", "officials"), title="Jets for Pakistan")
    made = await take(redis, outbox, copy)
    assert (made.created, len(made.counted), made.deliveries) == ((), 1, 0)
    (event,) = await events(outbox)
    story = event["data"]["story"]
    assert story["id"].startswith("sty_")
    assert (story["articles"], story["sources"]) == (1, ["Paper a"])


async def test_another_article_is_another_story(redis: Redis, outbox: Outbox) -> None:
    """What shares a watchlist and a few words is no copy."""
    made = await take(redis, outbox, report("a"), report("b", OTHER))
    assert len(made.created) == 2
    told = {event["data"]["story"]["id"] for event in await events(outbox)}
    assert len(told) == 2


async def test_copies_in_one_batch_make_one_alert(redis: Redis, outbox: Outbox) -> None:
    """Neither was known when the other was judged."""
    made = await take(redis, outbox, report("a"), report("b"), report("c", OTHER))
    assert (len(made.created), len(made.counted)) == (2, 1)


async def test_copies_at_two_workers_at_once_make_one_alert(redis: Redis, outbox: Outbox) -> None:
    """Ten workers, each with a copy, and all at the same time."""
    workers = [Outbox(redis, outbox.stream) for _ in range(10)]
    made = await asyncio.gather(
        *(take(redis, each, report(f"a{number}")) for number, each in enumerate(workers))
    )
    total = sum(made, start=Committed())
    # At ten sources a second event is due: whichever worker saw the tenth may have sent it.
    assert len(total.created) == 1
    assert len(total.counted) == 9
    assert len(await events(outbox)) == 1 + len(total.stories)


async def test_a_story_is_told_of_again_at_its_milestones(redis: Redis, outbox: Outbox) -> None:
    """Three sources make `story.updated`, once; the fourth makes nothing."""
    for name in "abcd":
        await take(redis, outbox, report(name))
    await take(redis, outbox, report("c"))
    first, second = await events(outbox)
    assert (first["type"], second["type"]) == ("alert.created", "story.updated")
    assert second["data"]["story"]["id"] == first["data"]["story"]["id"]
    assert second["data"]["story"]["sources"] == ["Paper a", "Paper b", "Paper c"]
    assert second["to"] == "desk"


async def test_one_source_is_no_milestone(redis: Redis, outbox: Outbox) -> None:
    """A paper that prints its own text again and again is one source."""
    for name in "abcd":
        await take(redis, outbox, report(name, source="Gazette"))
    assert len(await events(outbox)) == 1


async def test_repeat_article_alerts_each_copy(redis: Redis, outbox: Outbox) -> None:
    """`repeat: article` asks for every article."""
    made = await take(redis, outbox, report("a"), report("b"), rules=only("every"))
    assert (len(made.created), made.counted) == (2, ())


async def test_who_was_not_told_of_the_story_is_told_by_a_later_copy(
    redis: Redis, outbox: Outbox
) -> None:
    """A subscriber's filter kept the first copy back, and lets the second through."""
    rules = only("strict")
    made = await take(redis, outbox, report("a"), rules=rules)
    assert (len(made.created), made.deliveries) == (1, 0)
    made = await take(redis, outbox, report("b", title="Fighter jet, fighter jet"), rules=rules)
    assert (len(made.created), made.deliveries) == (1, 1)
    made = await take(redis, outbox, report("c", title="Fighter jet, fighter jet"), rules=rules)
    assert (made.created, len(made.counted)) == ((), 1)


async def test_the_same_batch_again_changes_nothing(outbox: Outbox) -> None:
    """A reader that died before its commit is followed by one that does the same."""
    article = report("a")
    known = Judged(b"", article, tuple(JETS.engine.match(article, max_evidence=5))).known
    for _ in range(3):
        (past,) = await outbox.relations.relate([known])
        assert past.story is not None
        assert (past.story.articles, past.story.sources) == (1, ("Paper a",))


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
    assert again == Committed()
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
    assert made == Committed()


async def test_after_a_retraction_another_copy_alerts(redis: Redis, outbox: Outbox) -> None:
    """The story has no alert then, so the next article of it makes one."""
    await take(redis, outbox, report("a"))
    await take(redis, outbox, report("a", TEXT.replace("fighter jet", "trainer")))
    made = await take(redis, outbox, report("b"))
    assert len(made.created) == 1


async def test_a_story_ends_with_its_window(redis: Redis, stream_name: str) -> None:
    """Then its copies are news again, and nothing of it is kept but its alerts."""
    outbox = Outbox(redis, stream_name, story_window=timedelta(milliseconds=50))
    await outbox.ensure_group()
    await take(redis, outbox, report("a"))

    async def forgotten() -> bool:
        kept = await redis.keys(f"tocsin:{{{stream_name}}}:*")
        return not any(word in key for key in kept for word in (b"story", b"near"))

    await eventually(forgotten)
    assert len((await take(redis, outbox, report("b"))).created) == 1


def siren(number: int, title: str = "A siren") -> Article:
    """One of many articles about sirens, none a copy of another."""
    return report(f"s{number}", f"Siren number {number} was heard.", title=title)


async def test_a_throttle_holds_and_then_summarises(redis: Redis, outbox: Outbox) -> None:
    """Beyond two alerts a second the rest waits, and comes in one message: nothing is dropped."""
    made = await take(redis, outbox, *map(siren, range(8)), siren(9, "Siren, siren"), rules=BUSY)
    assert (len(made.created), len(made.held), made.deliveries) == (2, 7, 2)
    assert await outbox.holding.release(at=NOON) is None

    workers = [Outbox(redis, outbox.stream) for _ in range(3)]  # after a restart, so to say

    async def released() -> bool:
        counts = await asyncio.gather(*(each.holding.release(at=NOON) for each in workers))
        told = sum(released[1] for released in counts if released)
        assert told in (0, 7)
        return told > 0

    await eventually(released)
    *_, summary = await events(outbox)
    data = summary["data"]
    assert summary["type"] == "digest.created"
    assert (data["reason"], data["count"], len(data["alerts"])) == ("throttle", 7, 5)
    assert data["watchlist"]["id"] == "busy"
    assert data["alerts"][0]["article"]["title"] == "Siren, siren"
    scores = [one["score"]["value"] for one in data["alerts"]]
    assert scores == sorted(scores, reverse=True)
    assert await outbox.holding.release(at=NOON) is None
    assert len(await events(outbox)) == 3


@pytest.mark.parametrize(("target", "told"), [("busy", 2), ("jets", 3)])
async def test_a_silence_that_began_meanwhile_holds_back_a_summary(
    redis: Redis, outbox: Outbox, target: str, told: int
) -> None:
    """What a throttle held is recorded, not sent; another watchlist's silence changes nothing."""
    await take(redis, outbox, *map(siren, range(6)), rules=BUSY)
    now = datetime.now(UTC)
    until = rfc3339(now + timedelta(hours=1))
    silence = Silence("sil_1", "watchlist", target, until, "a test of sirens", rfc3339(now))
    await outbox.silences.add(silence)
    summaries = Store(redis, outbox.stream).summaries

    async def due() -> bool:
        seconds, _ = await redis.time()
        return bool(await redis.zcount(summaries, "-inf", seconds * 1000))

    await eventually(due)
    stop = asyncio.Event()
    telling = asyncio.create_task(
        tell_held([outbox], lambda: BUSY, stop, lambda: datetime.now(UTC))
    )

    async def released() -> bool:
        return await redis.zcard(summaries) == 0

    await eventually(released)
    stop.set()
    await telling
    assert len(await outbox.ledger.deliveries()) == told


async def test_a_held_alert_is_corrected_in_place(redis: Redis, outbox: Outbox) -> None:
    """Nobody has heard of it, so nobody hears of its correction; the summary has the last text."""
    await take(redis, outbox, *map(siren, range(4)), rules=BUSY)
    corrected = report("s3", "Siren number 3 was heard twice.", title="Siren at sea")
    made = await take(redis, outbox, corrected, rules=BUSY)
    assert (made.updated, len(made.held)) == ((), 1)
    gone = report("s2", "A horn was heard.", title="A horn")
    assert (await take(redis, outbox, gone, rules=BUSY)).retracted == ()

    async def released() -> bool:
        return await outbox.holding.release(at=NOON) is not None

    await eventually(released)
    *_, summary = await events(outbox)
    assert [one["article"]["title"] for one in summary["data"]["alerts"]] == ["Siren at sea"]


async def test_a_throttle_begins_anew_after_its_span(redis: Redis, outbox: Outbox) -> None:
    """The next alerts are sent at once again."""
    await take(redis, outbox, *map(siren, range(3)), rules=BUSY)

    async def released() -> bool:
        return await outbox.holding.release(at=NOON) is not None

    await eventually(released)
    made = await take(redis, outbox, siren(4), rules=BUSY)
    assert (len(made.created), made.held) == (1, ())


# Corrections in every order ------------------------------------------------------------------

GONE = TEXT.replace("fighter jet", "trainer")
LONGER = TEXT + "\n\nMore follows."


async def kinds(outbox: Outbox) -> list[str]:
    """What was told, the earliest first, without the `alert.`."""
    return [event["type"].removeprefix("alert.") for event in await events(outbox)]


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
    await settle_entry(outbox, new, report("a"))
    late = await settle_entry(outbox, old, report("a", GONE))
    assert late.retracted == ()
    assert await kinds(outbox) == ["created"]


async def settle_entry(outbox: Outbox, entry: bytes, article: Article) -> Committed:
    """Judge and commit one entry."""
    one = Judged(entry, article, tuple(JETS.engine.match(article, max_evidence=5)))
    past = await outbox.relations.relate([one.known])
    return await outbox.commit(decide([one], past, JETS, at=NOON), at=NOON)


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


async def test_a_name_in_other_capitals_is_one_source(redis: Redis, outbox: Outbox) -> None:
    """Three spellings of one source are no milestone."""
    for number, name in enumerate(("Reuters", "REUTERS", "reuters")):
        await take(redis, outbox, report(f"a{number}", source=name))
    assert await kinds(outbox) == ["created"]


async def test_a_correction_beside_a_summary_is_in_it(redis: Redis, outbox: Outbox) -> None:
    """What is written was read before the correction, and so it is read again."""
    await take(redis, outbox, *map(siren, range(3)), rules=BUSY)
    store = Store(redis, outbox.stream)
    row: Any = None

    async def due() -> bool:
        nonlocal row
        row = await store.run("held", [store.summaries], [store.prefix])
        return bool(row)

    await eventually(due)
    corrected = report("s2", "Siren number 2 was heard twice.", title="A siren")
    await take(redis, outbox, corrected, rules=BUSY)
    again = await store.run("held", [store.summaries], [store.prefix])
    assert again[2] != row[2]
