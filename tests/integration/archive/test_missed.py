"""Every cause for which an article is missed, seeded in a real store: the right one is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, a_request, settle
from builders.leases import ANSWERED, REFUSED, RETRY_IN_AN_HOUR
from builders.rules import SECRETS, load
from harness.commands import Shell, wide
from service.alerts.alert import rfc3339
from service.alerts.people.silence import Silence
from service.archive.missed.answer import Answer, answer
from service.archive.missed.entries import find_article
from service.archive.missed.follow import Follower
from service.archive.missed.wanted import wanted_text
from service.settings import StreamSettings
from service.store.client import Store
from service.store.keys import GROUP
from service.store.lanes.allotment import LaneLimits
from service.store.lanes.verdict import Completed, Exhausted
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool

SEEDS = 5
"""Of each cause; with fifty it holds as well, and takes ten times as long."""
NAMES = ("now", "night", "daily", "muted", "picky", "off", "dead", "down")
TERMS = {
    "night": 'quiet: {from: "00:00", to: "23:59", except: []}, ',
    "daily": "digest: {every: 1d}, ",
    "picky": "min_score: 99.9, ",
}
HOOK = 'webhook: {url: "https://n.example/", secret: "${DESK_SECRET}"}'
YAML = "\n".join(
    [
        "watchlists:",
        f"  - {{id: jets, match: fighter jet AND runway, notify: [{', '.join(NAMES)}]}}",
        "  - {id: sport, match: glider, except: {cricket: cricket}, notify: [now]}",
        "  - {id: strict, match: zeppelin, threshold: 99, notify: [now]}",
        "  - {id: told, match: airship, notify: [now]}",
        "  - {id: busy, match: siren, repeat: article, throttle: {max: 1, per: 1h}, notify: [now]}",
        "subscribers:",
        *(f"  - {{id: {name}, {TERMS.get(name, '')}{HOOK}}}" for name in (*NAMES, "other")),
    ]
)
RULES = load({"rules.yaml": YAML}, SECRETS.get)
STORY = (
    "Officials in Quill said on Monday that the airship of number {n} would leave the harbour "
    "in spring. The first of them is to fly in three years, a person who knows the plans of "
    "number {n} said, and the price has not been settled by the two towns that pay for it."
)


def seeds(n: int) -> dict[str, list[dict[str, str]]]:
    """The articles of each cause, the one that is asked about last."""

    def one(kind: str, body: str, title: str = "News") -> dict[str, str]:
        return {"url": f"https://quill.example/{kind}/{n}", "title": f"{title} {n}", "body": body}

    alerted = one("plain", f"A fighter jet left the runway {n} times, a pilot said.")
    return {
        "dead_letter": [one("bad", "%PDF-1.7")],
        "wall": [{"url": f"https://quill.example/wall/{n}", "title": "Just a moment...",
                  "body": "Enable JavaScript and cookies to continue"}],
        "cut": [one("cut", f"The runway was mended {n} times.\n\nIt rained in Quill on Monday.\n\n"
                    "Also read: A fighter jet for the museum\n\nMore is to come, they said.")],
        "clause": [one("clause", f"A fighter jet flew over the town {n} times.")],
        "exception": [one("exception", f"A glider landed on the cricket field {n}.")],
        "threshold": [one("threshold", f"It rained. A zeppelin was seen {n} times.")],
        "story": [one("story-a", STORY.format(n=n)), one("story", STORY.format(n=n))],
        "throttle": [one("throttle", f"A siren was heard {n} times.", "Siren")],
        "alerted": [alerted],
    }  # fmt: skip


BY_SUBSCRIBER = {
    "now": "delivered", "night": "quiet_hours", "daily": "digest", "muted": "silence",
    "picky": "filter", "off": "lane", "dead": "attempts", "down": "lane", "other": "not_notified",
}  # fmt: skip
"""The cause for each subscriber of an article that has alerted."""
BY_WATCHLIST = {
    "cut": "jets", "clause": "jets", "exception": "sport", "threshold": "strict", "story": "told",
}  # fmt: skip


class Scene:
    """A stream on which articles were missed for every cause."""

    def __init__(self, redis: Redis, outbox: Outbox) -> None:
        self.redis = redis
        self.outbox = outbox
        self.follower = Follower({outbox.stream: outbox}, RULES, max_bytes=2**20)

    async def happens(self, count: int) -> None:
        """Articles are read, alerted, sent and refused."""
        outbox = self.outbox
        await outbox.input_stream.ensure_group()
        until = rfc3339(datetime.now(UTC) + timedelta(hours=2))
        at = rfc3339(datetime.now(UTC))
        await outbox.silences.add(Silence("sil_1", "subscriber", "muted", until, "x", at))
        siren = {"url": "https://quill.example/first", "title": "A siren", "body": "It was loud."}
        await outbox.input_stream.publish([siren])
        for n in range(count):
            await outbox.input_stream.publish([each for some in seeds(n).values() for each in some])
        async with PagePool(1) as pages:
            decider = BatchDecider(
                outbox, StreamSettings(), rules=lambda: RULES, max_evidence=5, pages=pages
            )
            found: Any = await self.redis.xreadgroup(GROUP, "r", {outbox.stream: ">"})
            for _, rows in found:
                for id_, fields in rows:
                    await decider.process([Entry(id_, fields)])
                    await decider.finish()
        await outbox.lanes.disable("off", "moving house", at=NOON)
        await self._sent()
        unread = [{"url": f"https://quill.example/unread/{n}", "title": "x"} for n in range(count)]
        await outbox.input_stream.publish(unread)

    async def _sent(self) -> None:
        limits = LaneLimits(max_in_flight=1000, max_in_flight_unconfirmed=1000)
        result = await self.outbox.lanes.lease(a_request(1000), lambda _: limits)
        for one in result.leased:
            match one.subscriber:
                case "dead":
                    await settle(self.outbox, one, REFUSED, Exhausted())
                case "down":
                    await settle(self.outbox, one, REFUSED, RETRY_IN_AN_HOUR)
                case _:
                    await settle(self.outbox, one, ANSWERED, Completed())

    async def asked(self, url: str, watchlist: str, subscriber: str | None = None) -> Answer:
        """What is said of an article."""
        trail = await self.follower.trail(wanted_text(url), watchlist, subscriber)
        return answer(trail)


@pytest.fixture
def scene(redis: Redis, outbox: Outbox) -> Scene:
    """A stream on which nothing has happened."""
    return Scene(redis, outbox)


async def test_the_cause_is_named(scene: Scene) -> None:
    """For the article, for a watchlist, and for each subscriber; each seeded several times."""
    await scene.happens(SEEDS)
    wrong: list[object] = []
    for n in range(SEEDS):
        for kind in ("never", "unread", "dead_letter", "wall"):
            path = {"dead_letter": "bad"}.get(kind, kind)
            told = await scene.asked(f"https://quill.example/{path}/{n}", "jets")
            if told.cause is None or told.cause.kind != kind:
                wrong.append((kind, told))
        for kind, watchlist in BY_WATCHLIST.items():
            told = await scene.asked(f"https://quill.example/{kind}/{n}", watchlist)
            (one,) = told.watchlists
            if told.cause or one.cause is None or one.cause.kind != kind:
                wrong.append((kind, told))
        (busy,) = (await scene.asked(f"https://quill.example/throttle/{n}", "busy")).watchlists
        wrong += [each for each in busy.subscribers if each.cause.kind != "throttle"]
        for name, kind in BY_SUBSCRIBER.items():
            told = await scene.asked(f"https://quill.example/plain/{n}", "jets", name)
            kinds = [each.cause.kind for each in told.watchlists[0].subscribers]
            if kinds != [kind]:
                wrong.append((name, kind, told))
    assert wrong == []


async def test_the_answer_says_what_to_look_at(scene: Scene, shell: Shell, tmp_path: Path) -> None:
    """The clause and what stands there instead, the cut, the alert of the story, times.

    An article is found by its URL with tracking, its entry, its alert, or a file with it.
    """
    await scene.happens(2)
    (tmp_path / "rules" / "rules.yaml").write_text(YAML, encoding="utf-8")
    for words, said in (
        ("never/1", "never came no entry and no dead letter"),
        ("bad/1", "dead letter 20"),
        ("wall/1", "a wall 20"),
        ("clause/1 --watchlist jets", "missing: runway"),
        ("clause/1", "2 more watchlists do not match; --watchlist ID says why"),
        ("cut/1", "cut as also-read, it would match: Also read: A fighter"),
        ("exception/1", "the exception cricket holds"),
        ("threshold/1", "its threshold is 99"),
        ("story/1", "was told by alr_"),
        ("plain/1", "off: its lane"),
        ("plain/1 --subscriber down", "after 1 attempt: answered 500"),
        ("plain/1 --subscriber muted", "muted by sil_1 until"),
        ("plain/1 --subscriber picky", "its min_score is 99.9"),
        ("throttle/1", "held by its watchlist's throttle until"),
    ):
        told = await shell.run("missed", *f"https://quill.example/{words}".split())
        assert told.code == 0, told.err
        assert wide(told.out) == []
        assert said in " ".join(told.out.split()), (words, told.out)
    listed = json.loads((await shell.run("alerts", "list", "--json")).out)
    plain = next(one for one in listed if one["url"] == "https://quill.example/plain/1")
    shares = {one["subscriber"]: one["words"] for one in plain["shares"]}
    assert shares["dead"].endswith(": answered 500")
    assert shares["off"].endswith(": its subscriber is disabled: moving house")
    url = "https://quill.example/plain/1"
    found = await scene.asked(url, "jets")
    alert = found.watchlists[0].alert
    assert found.entry
    assert alert
    file = tmp_path / "article.json"
    file.write_text(json.dumps(seeds(1)["alerted"][0]))
    answers = []
    for name in (f"{url}?utm_source=x", found.entry.id, alert.id, str(file)):
        told = await shell.run("missed", name, "--watchlist", "jets", "--json")
        assert told.code == 0, told.err
        answers.append(json.loads(told.out))
    assert answers[1:] == answers[:-1]
    assert answers[0]["entry"]["id"] == found.entry.id


async def test_a_name_that_nobody_has_is_a_wrong_call(shell: Shell) -> None:
    """With what may have been meant."""
    for words, hint in (
        ("x --watchlist jest", "did you mean jets?"),
        ("x --subscriber dsk", "did you mean desk?"),
    ):
        said = await shell.run("missed", *words.split())
        assert said.code == 2
        assert hint in " ".join(said.err.split())
    made = await shell.run("missed", "url_" + "0" * 32)
    assert made.code == 1
    assert "give the article's URL" in made.err


async def test_what_a_back_test_has_kept_is_found_without_looking_through_the_stream(
    shell: Shell, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is newer than the archive is looked through; the newest entry counts, and a lost one
    does not.
    """
    looked: list[str] = []
    run = Store.run

    async def noted(store: Store, name: str, args: Any) -> Any:
        if name == "input_stream/entry_search" and args[0] == 0:
            looked.append(args[4])
        return await run(store, name, args)

    monkeypatch.setattr(Store, "run", noted)
    url = "https://quill.example/a"
    (first, second) = await outbox.input_stream.publish(
        [{"url": f"{url}/?utm_source=x", "body": f"A jet landed {n} times."} for n in (1, 2)]
    )

    async def entry(of: str = url) -> str:
        said = await shell.run("missed", of, "--json")
        found = json.loads(said.out)["entry"]
        return found["id"] if found else ""

    assert (await entry(), looked.pop()) == (second, "-")
    assert (await shell.run("backtest")).code == 0
    assert (await entry(), looked.pop()) == (second, "0-0")  # nobody has read them
    await outbox.input_stream.ensure_group()
    await outbox.redis.xreadgroup(GROUP, "r", {outbox.stream: ">"})
    await outbox.redis.xack(outbox.stream, GROUP, first, second)
    assert (await entry(), looked.pop()) == (second, second)
    assert (await entry("https://quill.example/b"), looked.pop()) == ("", second)
    await outbox.redis.xdel(outbox.stream, second)
    assert (await entry("http://quill.example/a"), looked.pop()) == (first, second)
    (third,) = await outbox.input_stream.publish([{"url": url, "body": "It rained."}])
    assert (await entry(), looked.pop()) == (third, second)


async def test_what_is_not_finished_begins_with_the_first_that_is_unread_or_pending(
    redis: Redis, outbox: Outbox
) -> None:
    """Nothing is finished before there is a group."""
    search = outbox.entry_search
    assert await search.finished() == "0-0"
    for id_ in ("5-0", "5-1", "6-0", "7-0"):
        await redis.xadd(outbox.stream, {"title": "x"}, id=id_)
    assert await search.finished() == "0-0"
    await outbox.input_stream.ensure_group()
    assert await search.finished() == "0-0"
    await redis.xreadgroup(GROUP, "r", {outbox.stream: ">"}, count=3)
    assert await search.finished() == f"4-{2**64 - 1}"
    for id_, finished in (("5-0", "5-0"), ("6-0", "5-0"), ("5-1", "6-0")):
        await redis.xack(outbox.stream, GROUP, id_)
        assert await search.finished() == finished


async def test_of_several_streams_the_newest_entry_is_the_articles(
    redis: Redis, stream_name: str
) -> None:
    """By the time at which it was added: an id is a number, and no text."""
    outboxes = {name: Outbox(redis, name) for name in (stream_name, f"{stream_name}-b")}
    for (name, outbox), id_ in zip(outboxes.items(), ("9-0", "10-0"), strict=True):
        await outbox.input_stream.ensure_group()
        await redis.xadd(name, {"id": "a-7", "title": f"Jets {id_}"}, id=id_)
    for each in (outboxes, dict(reversed(outboxes.items()))):
        found = await find_article(each, wanted_text("a-7"), 10_000)
        assert found.entry is not None
        assert (found.entry.stream, found.entry.id) == (f"{stream_name}-b", "10-0")
