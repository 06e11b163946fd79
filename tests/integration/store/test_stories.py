"""One story, one alert: copies are counted, and told of again at the story's milestones."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from builders.commits import Made
from builders.stories import (
    JETS,
    OTHER,
    RULES,
    TEXT,
    events,
    kinds,
    matched_article,
    only,
    report,
    take,
)
from service.store.client import Store
from service.store.keys import (
    ALERT,
    STORY,
    STORY_COPIES,
    STORY_OF,
    STORY_REACHED,
    STORY_SOURCES,
)
from service.store.outbox import Outbox
from service.store.stories.copies import MAX_LOOKED_AT
from service.stream.decisions import story_query

QUAKE = """\
An earthquake with a magnitude of {0}.1 struck {0}2 kilometres south of {1} at night, and a \
fighter jet of the air force looked for damage in the morning. The survey said that the quake was \
at a depth of 1{0} kilometres, and that nobody in {1} had been hurt. It was felt in other towns, \
where people ran into the streets and waited for an hour. The authorities did not warn of a \
tsunami."""


async def entry_ids(redis: Redis, outbox: Outbox) -> list[str]:
    """Of all entries of the stream."""
    found: Any = await redis.xrange(outbox.stream)
    return [entry.decode() for entry, _ in found]


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


async def test_what_is_kept_of_a_story_goes_with_it(redis: Redis, outbox: Outbox) -> None:
    """However late another copy joins, or others hear of it."""
    await take(redis, outbox, report("a"))
    (story,) = {event["data"]["story"]["id"] for event in await events(outbox)}
    store = Store(redis, outbox.stream)
    patterns = (STORY, STORY_REACHED, STORY_COPIES, STORY_SOURCES)
    keys = [store.key(pattern, story) for pattern in patterns]
    half = await redis.pttl(keys[0]) // 2
    for key in keys:
        assert await redis.pexpire(key, half)
    await take(redis, outbox, report("b"), rules=only("strict"))
    assert {event["data"]["story"]["id"] for event in await events(outbox)} == {story}
    of_articles = [key async for key in redis.scan_iter(store.key(STORY_OF, "*"))]
    assert len(of_articles) == 2
    left = [await redis.pttl(key) for key in (*keys, *of_articles)]
    assert sorted(each <= half for each in left) == [False, *[True] * 5]  # not of the first article


async def test_only_so_much_is_kept_of_a_story(redis: Redis, outbox: Outbox) -> None:
    """Of its sources more than any milestone needs, of its articles the first ones."""
    await take(redis, outbox, report("a"))
    (story,) = {event["data"]["story"]["id"] for event in await events(outbox)}
    store = Store(redis, outbox.stream)
    for pattern, most in ((STORY_SOURCES, 300), (STORY_COPIES, 50)):
        key = store.key(pattern, story)
        await redis.hset(key, mapping={f"x{number}": "x" for number in range(most - 1)})
        assert await redis.hlen(key) == most
    await take(redis, outbox, report("b"))
    assert await redis.hlen(store.key(STORY_SOURCES, story)) == 300
    assert await redis.hlen(store.key(STORY_COPIES, story)) == 50
    assert await redis.hget(store.key(STORY, story), "articles") == b"2"


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
    total = sum(made, start=Made())
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
    query = story_query(matched_article(b"1-1", report("a")), JETS)
    for _ in range(3):
        (read,) = await outbox.histories.read([query])
        story = read.history.story
        assert story is not None
        assert (story.articles, story.sources) == (1, ("Paper a",))


async def test_a_story_ends_with_its_window(redis: Redis, stream_name: str) -> None:
    """Then its copies are news again, and nothing of it is kept but its alerts."""
    outbox = Outbox(redis, stream_name, story_window=timedelta(milliseconds=50))
    await outbox.input_stream.ensure_group()
    await take(redis, outbox, report("a"))

    async def forgotten() -> bool:
        kept = await redis.keys(f"tocsin:{{{stream_name}}}:*")
        return not any(word in key for key in kept for word in (b"story", b"near"))

    await eventually(forgotten)
    assert len((await take(redis, outbox, report("b"))).created) == 1


async def test_other_events_in_the_same_words_alert_each(redis: Redis, outbox: Outbox) -> None:
    """In one batch as well as one after the other."""
    towns = ("Padang", "Cebu", "Bergen", "Oruro")
    reports = [
        report(town, QUAKE.format(number, town), title=f"Fighter jet helps after quake in {town}")
        for number, town in enumerate(towns, 4)
    ]
    made = await take(redis, outbox, *reports[:2])
    for one in reports[2:]:
        made += await take(redis, outbox, one)
    assert (len(made.created), made.counted) == (4, ())


async def test_a_story_can_be_looked_up(redis: Redis, outbox: Outbox) -> None:
    """By its own id or an alert's: what told it, and what was counted into it."""
    await take(redis, outbox, report("a", url="https://a.example/1"))
    await take(redis, outbox, report("b", TEXT.replace("three officials", "officials")))
    (event,) = await events(outbox)
    story, alert = event["data"]["story"]["id"], event["data"]["id"]
    found = await outbox.stories.find(story)
    assert found == await outbox.stories.find(alert)
    assert found is not None
    assert (found.id, found.articles, found.told_by) == (story, 2, {"jets": alert})
    assert [(each.article_id, each.url) for each in found.copies] == [
        ("a", "https://a.example/1"),
        ("b", ""),
    ]
    assert [each.entry_id for each in found.copies] == await entry_ids(redis, outbox)
    first, second = found.copies
    assert not first.why
    assert second.why.startswith("the same story: ")
    assert await outbox.stories.find("sty_unknown") is None
    assert await outbox.stories.find("alr_unknown") is None


async def test_few_words_that_a_source_says_again_alert_again(redis: Redis, outbox: Outbox) -> None:
    """By the time that it gives for them; without a time it may be a list that was read twice."""
    made = []
    for hour, source in ((9, "Status"), (9, "Gazette"), (12, "status"), (15, "Status")):
        at = f"2026-11-24T{hour:02}:00:00Z"
        brief = report(
            f"{hour} {source}", "Down.", title="Fighter jet", published_at=at, source=source
        )
        made.append(len((await take(redis, outbox, brief)).created))
    assert made == [1, 0, 1, 1]
    undated = [report(name, "Down again.", title="Fighter jet", source="Status") for name in "ab"]
    assert len((await take(redis, outbox, *undated)).created) == 1


async def test_a_correction_is_kept_with_its_story(redis: Redis, outbox: Outbox) -> None:
    """With its own stream entry; an article that leaves the story is no longer in its list."""
    await take(redis, outbox, report("a"), report("b"))
    await take(redis, outbox, report("b", TEXT + " Nobody was hurt."))
    (event,) = await events(outbox)
    story = event["data"]["story"]["id"]
    found = await outbox.stories.find(story)
    assert found is not None
    assert found.articles == 2
    assert found.copies[1].entry_id == (await entry_ids(redis, outbox))[-1]
    await take(redis, outbox, report("b", OTHER, title="Rain in Gilgit"))
    found = await outbox.stories.find(story)
    assert found is not None
    assert [each.article_id for each in found.copies] == ["a"]


async def test_a_story_of_another_version_is_left_alone(redis: Redis, outbox: Outbox) -> None:
    """Nothing is compared with it, and nothing fails: a copy alerts once more."""
    await take(redis, outbox, report("a"))
    (story,) = [key async for key in redis.scan_iter("*story:sty_*") if key.count(b":") == 3]
    await redis.hset(story, "record", b"\xff an unknown form")
    assert len((await take(redis, outbox, report("b"))).created) == 1
    assert len((await take(redis, outbox, report("c"))).counted) == 1
    await redis.hdel(story, "record")
    await redis.hset(story, "signature", b"\x02" * 448)  # as version 1 kept it
    assert len((await take(redis, outbox, report("a"))).created) == 0


async def test_the_window_counts_from_publication(redis: Redis, outbox: Outbox) -> None:
    """A text that was published four days before is other news, in whatever order they are read."""
    dates = ("2026-11-20T09:00:00Z", "2026-11-24T09:00:01Z", "2026-11-22T09:00:00Z")
    reports = [report(date, published_at=date) for date in dates]
    made = await take(redis, outbox, *reports)
    assert (len(made.created), len(made.counted)) == (2, 1)


async def test_a_name_in_other_capitals_is_one_source(redis: Redis, outbox: Outbox) -> None:
    """Three spellings of one source are no milestone."""
    for number, name in enumerate(("Reuters", "REUTERS", "reuters")):
        await take(redis, outbox, report(f"a{number}", source=name))
    assert await kinds(outbox) == ["created"]


async def test_a_history_that_takes_several_calls_says_the_same(
    redis: Redis, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a corrected article, its copy and another one, each matching several watchlists; and of
    one that matches none any more.
    """
    await take(redis, outbox, report("a"), report("c", OTHER), rules=RULES)
    corrected = report("a", TEXT.replace("4.5", "4.7"))
    articles = (corrected, report("b", TEXT), report("c", OTHER))
    matched = [matched_article(b"9-0", article, RULES) for article in articles]
    queries = [replace(story_query(one, RULES), watchlists=()) for one in matched[:1]]
    queries += [story_query(one, RULES) for one in matched]
    await outbox.histories.read(queries)  # the copy joins the story
    whole = await outbox.histories.read(queries)
    monkeypatch.setattr("service.store.stories.history_calls.MAX_ROWS", 1)
    divided = await outbox.histories.read(queries)
    for one, other in zip(whole, divided, strict=True):
        assert replace(other.history, now=one.history.now) == one.history
        assert set(other.version.guards) == set(one.version.guards)
        assert len(one.history.alerts) >= 2


async def test_the_first_copies_are_looked_at_by_their_numbers(
    redis: Redis, outbox: Outbox
) -> None:
    """As texts, entry 10 would come before entry 9."""
    key = Store(redis, outbox.stream).key(STORY_COPIES, "sty_1")
    for number in range(1, MAX_LOOKED_AT + 6):
        await redis.hset(key, f"copy{number}", json.dumps({"entry": f"{number}-0"}))
    ids, guard = await outbox.story_copies._entry_ids("sty_1", "copy2")
    assert ids == [f"{number}-0" for number in range(1, MAX_LOOKED_AT + 2) if number != 2]
    assert guard.found == (str(MAX_LOOKED_AT + 5),)


async def test_a_story_may_have_reached_thousands(redis: Redis, outbox: Outbox) -> None:
    """More than a script can pass on to one command: the alert can be corrected all the same."""
    await take(redis, outbox, report("a"), rules=only("jets"))
    (alert,) = [key async for key in redis.scan_iter(Store(redis, outbox.stream).key(ALERT, "*"))]
    names = " ".join(f"s{number}" for number in range(9_000))
    await redis.hset(alert, "subscribers", names)
    corrected = report("a", TEXT + "\n\nMore follows.")
    assert len((await take(redis, outbox, corrected, rules=only("jets"))).updated) == 1
