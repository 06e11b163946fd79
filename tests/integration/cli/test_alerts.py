"""`tocsin alerts`: who has heard of an alert, what holds it back, lists, tables and sums."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.rules import SECRETS, load
from harness.commands import Shell, wide
from harness.terminal import free_port
from service.alerts.alert import rfc3339
from service.alerts.people.silence import Silence
from service.settings import StreamSettings
from service.store.client import Store
from service.store.deliveries.search import DeliveryFilter
from service.store.keys import ALERTS, GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool

YAML = """
watchlists:
  - {id: jets, match: fighter jet, notify: [now, night, daily, muted, picky]}
  - {id: busy, match: siren, notify: [now], throttle: {max: 1, per: 1h}}
subscribers:
  - {id: now, webhook: {url: "https://n.example/", secret: "${DESK_SECRET}"}}
  - id: night
    quiet: {from: "00:00", to: "23:59", except: []}
    webhook: {url: "https://q.example/", secret: "${DESK_SECRET}"}
  - {id: daily, digest: {every: 1d}, webhook: {url: "https://d.example/", secret: "${DESK_SECRET}"}}
  - {id: muted, webhook: {url: "https://m.example/", secret: "${DESK_SECRET}"}}
  - {id: picky, min_score: 99, webhook: {url: "https://p.example/", secret: "${DESK_SECRET}"}}
"""
RULES = load({"rules.yaml": YAML}, SECRETS.get)
JETS = {"id": "1", "title": "A deal is signed", "body": "It is about one fighter jet of many."}
SILENCE_ENDS = rfc3339(datetime.now(UTC) + timedelta(hours=2))


class Reader:
    """Has articles decided, and alerts shown."""

    def __init__(self, redis: Redis, outbox: Outbox, decider: BatchDecider, shell: Shell) -> None:
        self._redis = redis
        self._outbox = outbox
        self._decider = decider
        self._shell = shell

    async def reads(self, *articles: dict[str, str]) -> list[str]:
        """The ids of the alerts that these have made, by watchlist and article."""
        await self._outbox.input_stream.publish(articles)
        found: Any = await self._redis.xreadgroup(GROUP, "r", {self._outbox.stream: ">"})
        for _, rows in found:
            await self._decider.process([Entry(id_, fields) for id_, fields in rows])
            await self._decider.finish()
        keys = [key.decode() async for key in self._redis.scan_iter("*:alert:*")]
        return sorted(key.rpartition(":")[2] for key in keys)

    async def listed(self, *options: str) -> list[dict[str, Any]]:
        """The alerts that a list has, as programs see them; for people it is not too wide."""
        said = await self._shell.run("alerts", "list", "--json", *options)
        assert said.code == 0, said.err
        text = (await self._shell.run("alerts", "list", *options)).out
        assert wide(text) == []
        found: list[dict[str, Any]] = json.loads(said.out)
        return found

    async def exported(self, *options: str) -> list[dict[str, str]]:
        """The rows of a table."""
        said = await self._shell.run("alerts", "export", *options)
        assert said.code == 0, said.err
        return [*csv.DictReader(io.StringIO(said.out))]

    async def shown(self, id_: str) -> tuple[dict[str, Any], str]:
        """The alert as programs and as people see it."""
        said = await self._shell.run("alerts", "show", id_, "--json")
        assert said.code == 0, said.err
        text = (await self._shell.run("alerts", "show", id_)).out
        assert wide(text) == []
        found: dict[str, Any] = json.loads(said.out)
        return found, " ".join(text.split())


@pytest.fixture
async def reader(
    redis: Redis, outbox: Outbox, shell: Shell, tmp_path: Path
) -> AsyncIterator[Reader]:
    """A stream that is read while one subscriber is muted."""
    (tmp_path / "rules" / "rules.yaml").write_text(YAML, encoding="utf-8")
    await outbox.input_stream.ensure_group()
    at = rfc3339(datetime.now(UTC))
    await outbox.silences.add(
        Silence("sil_1", "subscriber", "muted", SILENCE_ENDS, "moving house", at)
    )
    async with PagePool(1) as pages:
        settings = StreamSettings()
        decider = BatchDecider(outbox, settings, rules=lambda: RULES, max_evidence=5, pages=pages)
        yield Reader(redis, outbox, decider, shell)


async def test_what_holds_an_alert_back_is_shown(reader: Reader, outbox: Outbox) -> None:
    """For each subscriber: what, why, and until when; also for one whom filters leave out."""
    (alert,) = await reader.reads(JETS)
    found, text = await reader.shown(alert)
    shares = {one["subscriber"]: one for one in found["shares"]}
    assert {name: one["state"] for name, one in shares.items()} == {
        "now": "waits", "night": "waits", "daily": "digest", "muted": "muted",
        "picky": "left_out",
    }  # fmt: skip
    assert shares["picky"]["words"] == "not told: its min_score is 99, this scores 66.7"
    assert "is `tocsin run` running?" in shares["now"]["words"]
    for name in ("night", "daily"):
        assert re.fullmatch(r"\d{4}-.*Z", shares[name]["until"])
        assert shares[name]["until"] in shares[name]["words"]
    assert shares["night"]["words"].startswith("waits: its subscriber's quiet hours, until ")
    assert shares["daily"]["words"].startswith("in its digest, due ")
    assert shares["muted"]["words"] == f"muted by sil_1 until {SILENCE_ENDS}: moving house"
    assert "muted: muted by sil_1 until" in text
    assert found["headline"] == "A deal is signed"
    for delivery in await outbox.deliveries.newest():  # by the id of any of its deliveries, too
        assert (await reader.shown(delivery.id))[0] == found


async def test_what_a_throttle_holds_is_shown(reader: Reader) -> None:
    """With the time of its summary."""
    sirens = [
        {"id": str(n), "title": f"Siren {n}", "body": f"Siren number {n} was heard."}
        for n in range(2)
    ]
    states = []
    for alert in await reader.reads(*sirens):
        found, _ = await reader.shown(alert)
        (share,) = found["shares"]
        states.append(share["state"])
        if share["state"] == "throttle":
            assert share["words"] == f"held by its watchlist's throttle until {share['until']}"
    assert sorted(states) == ["throttle", "waits"]


async def test_a_correction_is_shown_with_its_alert(reader: Reader) -> None:
    """By the id of either; what was cancelled in quiet hours is not there any more."""
    (alert,) = await reader.reads(JETS)
    await reader.reads(JETS | {"title": "A deal is nearly signed"})
    ids = await reader.reads(JETS | {"title": "No deal", "body": "It was about a farm tractor."})
    found, text = await reader.shown(alert)
    assert [one["event"] for one in found["shares"] if one["subscriber"] == "now"] == [
        "alert.created", "alert.updated", "alert.retracted",
    ]  # fmt: skip
    assert [one["event"] for one in found["shares"] if one["subscriber"] == "muted"] == [
        "alert.created", "alert.updated",
    ]  # fmt: skip
    assert not [one for one in found["shares"] if one["subscriber"] == "night"]
    assert found["retracted"]
    assert "its article no longer matches after a correction" in text
    assert len(ids) == 3
    for id_ in ids:
        assert (await reader.shown(id_))[0] == found


SIREN = {
    "id": "s1", "title": "=HYPERLINK(1) A siren, and a fighter jet", "source": "Quill Wire",
    "body": "It was heard.", "published_at": "2026-11-23T09:00:00Z",
}  # fmt: skip


async def test_a_list_says_who_got_each_alert_and_who_did_not(reader: Reader) -> None:
    """The newest first, each with its headline, its score, and a reason for each subscriber."""
    await reader.reads(JETS)
    await reader.reads(SIREN)
    found = await reader.listed()
    assert [(one["watchlist"], one["headline"]) for one in found[:2]] == [
        (name, SIREN["title"]) for name in (found[0]["watchlist"], found[1]["watchlist"])
    ]
    assert [one["headline"] for one in found] == [SIREN["title"]] * 2 + [JETS["title"]]
    jets = found[-1]
    states = {one["subscriber"]: one["state"] for one in jets["shares"]}
    assert states == {
        "now": "waits", "night": "waits", "daily": "digest", "muted": "muted", "picky": "left_out",
    }  # fmt: skip
    details, _ = await reader.shown(jets["id"])
    assert details["shares"] == jets["shares"]
    assert jets["score"] == details["event"]["data"]["score"]["value"] == 66.7
    assert (await reader.listed("--limit", "1"))[0]["headline"] == SIREN["title"]


async def test_alerts_are_listed_by_what_is_asked_for(
    reader: Reader, shell: Shell, outbox: Outbox, redis: Redis
) -> None:
    """Each option leaves out what does not fit; what cannot be is a wrong call."""
    await reader.reads(JETS)
    await reader.reads(SIREN)
    every = {one["id"]: one for one in await reader.listed()}
    old = next(id_ for id_, one in every.items() if not one["source"])
    past = (datetime.now(UTC) - timedelta(hours=2)).timestamp() * 1000
    await redis.zadd(Store(redis, outbox.stream).key(ALERTS), {old: round(past)})
    story = next(one["story"] for one in every.values() if one["source"])
    cases: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
        ("--watchlist busy", lambda one: one["watchlist"] == "busy"),
        ("--subscriber muted", lambda one: one["watchlist"] == "jets"),
        ("--source quill\u00a0wire", lambda one: one["source"]),
        (f"--story {story}", lambda one: one["story"] == story),
        ("--min-score 70", lambda one: one["score"] >= 70),
        ("--max-score 70", lambda one: one["score"] <= 70),
        ("--since 1h", lambda one: one["id"] != old),
        ("--until 1h", lambda one: one["id"] == old),
        ("--since 3h --until 3m", lambda one: one["id"] == old),
        (
            "--watchlist jets --source quill\u00a0wire",
            lambda one: one["source"] and one["watchlist"] == "jets",
        ),
    ]
    for options, fits in cases:
        words = [each.replace("\u00a0", " ") for each in options.split(" ")]
        expected = {id_ for id_, one in every.items() if fits(one)}
        assert {one["id"] for one in await reader.listed(*words)} == expected, options
        assert {row["alert"] for row in await reader.exported(*words)} == expected, options
    for wrong, hint in (
        ("--watchlist jest", "did you mean jets?"),
        ("--subscriber nwo", "did you mean now?"),
        ("--by dya", "did you mean day?"),
        ("--story alr_1", "sty_"),
        ("--since 1h --until 2h", "earlier"),
    ):
        for command in ("list", "export"):
            said = await shell.run("alerts", command, *wrong.split())
            assert said.code == 2, (command, wrong)
            assert hint in " ".join(said.err.split()), (command, wrong)


async def test_alerts_become_a_table_for_spreadsheets(reader: Reader, shell: Shell) -> None:
    """Who got each, and who did not; a headline that looks like a formula is a text."""
    await reader.reads(JETS)
    await reader.reads(SIREN)
    rows = await reader.exported()
    assert [one["headline"] for one in rows] == ["'" + SIREN["title"]] * 2 + [JETS["title"]]
    assert [one["source"] for one in rows] == ["Quill Wire"] * 2 + [""]
    assert rows[-1]["received"] == ""
    others = rows[-1]["not_received"].split(" | ")
    assert {one.partition(":")[0] for one in others} == {"now", "night", "daily", "muted", "picky"}
    said = await shell.run("alerts", "export", "--json")
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert lines == await reader.listed()


async def test_alerts_are_counted_by_day_and_watchlist(reader: Reader, shell: Shell) -> None:
    """For reports; one that was retracted counts as such, too."""
    await reader.reads(JETS)
    await reader.reads(SIREN)
    await reader.reads(JETS | {"title": "No deal", "body": "It was about a farm tractor."})
    today = rfc3339(datetime.now(UTC))[:10]
    rows = await reader.exported("--by", "day,watchlist")
    counts = [(one["day"], one["watchlist"], one["alerts"], one["retracted"]) for one in rows]
    assert counts == [(today, "busy", "1", "0"), (today, "jets", "2", "1")]
    assert rows[1]["highest"] == "80.0"
    assert rows[1]["mean"] == "73.3"
    found = await reader.listed("--by", "watchlist")
    assert [one["group"] for one in found] == [{"watchlist": "busy"}, {"watchlist": "jets"}]
    said = await shell.run("alerts", "export", "--by", "watchlist", "--json")
    assert [json.loads(line) for line in said.out.splitlines()] == found


async def test_what_a_digest_held_is_shown(reader: Reader, outbox: Outbox, redis: Redis) -> None:
    """By the id of its delivery; the alert says that it was sent in one."""
    (alert,) = await reader.reads(JETS)
    await redis.zadd(f"tocsin:{{{outbox.stream}}}:summaries", {"d/daily": 1})
    await outbox.held_events.release()
    (digest,) = await outbox.deliveries.newest(only=DeliveryFilter("daily"))
    found, text = await reader.shown(digest.id)
    assert [(one["id"], one["title"]) for one in found["held"]] == [(alert, JETS["title"])]
    assert f"held 1 {JETS['title']} jets {alert}" in text
    details, _ = await reader.shown(alert)
    assert [one["state"] for one in details["shares"] if one["subscriber"] == "daily"] == [
        "bundled"
    ]


async def test_an_explanation_compares_the_score_with_earlier_ones(
    reader: Reader, shell: Shell, tmp_path: Path
) -> None:
    """For people and for programs; nothing is said of a watchlist that never alerted."""
    article = tmp_path / "article.json"
    article.write_text(json.dumps({**JETS, "title": "A fighter jet for all"}), encoding="utf-8")
    ask = ("explain", str(article), "--watchlist", "jets")
    assert "higher than" not in (await shell.run(*ask)).out
    texts = [f"Number {n}: {JETS['body']} More of it: {'rain ' * n}" for n in range(3)]
    await reader.reads(*({**JETS, "id": f"x{n}", "body": text} for n, text in enumerate(texts)))
    await reader.reads({"id": "top", "title": "Fighter jet", "body": "A fighter jet." * 9})
    said = await shell.run(*ask)
    assert said.err == ""
    assert wide(said.out) == []
    assert re.search(r"higher than 3 of its last 4 alerts \(75 %\)", said.out)
    (found,) = json.loads((await shell.run(*ask, "--json")).out)["watchlists"]
    assert found["rank"] == {"lower": 3, "alerts": 4, "percentile": 75}


async def test_an_alert_is_explained_by_the_rules_of_today(
    reader: Reader, shell: Shell, redis: Redis, outbox: Outbox, tmp_path: Path
) -> None:
    """What was sent, the article as the stream has it, and to whom it would go; so for a URL."""
    url = "https://quill.example/jets"
    (alert,) = await reader.reads({**JETS, "url": url})
    said = await shell.run("explain", alert)
    assert (said.code, wide(said.out)) == (0, [])
    assert f"{alert} of jets, made " in said.out
    assert "■ jets matched" in said.out
    assert re.search(r"picky +not: its min_score is 99, this scores 66.7\n", said.out)
    assert re.search(r"night +at once, but not from 00:00 to 23:59 UTC\n", said.out)
    assert re.search(r"daily +in a digest every 1d\n", said.out)
    found = json.loads((await shell.run("explain", alert, "--json")).out)
    assert found["alert"]["data"]["id"] == alert
    (watchlist,) = [one for one in found["watchlists"] if one["id"] == "jets"]
    assert [one["sending"] for one in watchlist["notify"]] == [
        *("at once", "at once", "digest", "at once", "not"),
    ]
    assert "■ jets matched" in (await shell.run("explain", url)).out
    (tmp_path / "rules" / "rules.yaml").write_text("watchlists: []", encoding="utf-8")
    assert "the rules of today have no watchlist jets" in (await shell.run("explain", alert)).err
    await redis.xtrim(outbox.stream, maxlen=0, approximate=False)
    for words in (["explain", alert], ["explain", alert, "--json"]):
        said = await shell.run(*words)
        assert (said.code, alert in said.out) == (1, True)
        assert "no stream keeps the article any more" in said.err
    said = await shell.run("explain", url)
    assert f"{url}: no stream has this article; `tocsin missed {url}` says" in said.err
    assert (await shell.run("explain", "alr_0")).code == 1


async def test_an_article_is_explained_where_no_store_answers(shell: Shell, tmp_path: Path) -> None:
    """One line says that its score is not compared."""
    (tmp_path / "rules" / "rules.yaml").write_text(YAML, encoding="utf-8")
    article = tmp_path / "article.json"
    article.write_text(json.dumps(JETS), encoding="utf-8")
    shell.export(TOCSIN_REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    said = await shell.run("explain", str(article))
    assert (said.code, len(said.err.splitlines())) == (0, 1)
    assert "jets matched" in said.out
    assert said.err.startswith("tocsin: scores are not compared with those of earlier alerts: ")
