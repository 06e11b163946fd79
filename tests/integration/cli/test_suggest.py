"""`tocsin suggest`: what verdicts suggest, what it would have removed, and writing it down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.judged_news import articles
from builders.rules import SECRETS, load
from harness.commands import Shell, wide
from service.alerts.people.verdict import GivenVerdict, VerdictWord
from service.archive.suggestions.bound import upper_bound
from service.settings import StreamSettings
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool
from service.views.alerts.alert_list import EVERY_ALERT, alert_lines

YAML = """\
# Strikes, for the desk.
watchlists:
  - id: strikes
    match: strike      # all of them
    notify: []
  - {id: ports, match: port OR strike}
"""
RULES = load({"rules.yaml": YAML}, SECRETS.get)


@dataclass
class Desk:
    """Somebody who has read alerts, and asks for advice."""

    redis: Redis
    outbox: Outbox
    shell: Shell
    rules: Path

    async def reads(self, *given: dict[str, str]) -> None:
        """These articles are decided."""
        await self.outbox.input_stream.ensure_group()
        await self.outbox.input_stream.publish(given)
        found: Any = await self.redis.xreadgroup(GROUP, "r", {self.outbox.stream: ">"}, count=1000)
        async with PagePool(1) as pages:
            settings = StreamSettings()
            decider = BatchDecider(
                self.outbox, settings, rules=lambda: RULES, max_evidence=5, pages=pages
            )
            for _, rows in found:
                await decider.process([Entry(id_, fields) for id_, fields in rows])
                await decider.finish()

    async def judges(self, watchlist: str = "strikes", most: int = 1000) -> None:
        """Of each kind so many alerts: goals are noise."""
        counts = {"useful": 0, "noise": 0}
        async for line in alert_lines(self.outbox, EVERY_ALERT, None):
            record = await self.outbox.alert_records.get(line.id, ())
            assert record is not None
            title = json.loads(record.events[0].body)["data"]["article"]["title"]
            word: VerdictWord = "noise" if title.startswith("Late strike") else "useful"
            counts[word] += line.watchlist == watchlist
            if line.watchlist == watchlist and counts[word] <= most:
                given = GivenVerdict(word, "desk", "link", line.at)
                await self.outbox.verdicts.give(line.id, given)

    async def asks(self, *options: str, watchlist: str = "strikes") -> dict[str, Any]:
        """What is suggested, as programs see it; for people it is not too wide."""
        said = await self.shell.run("suggest", watchlist, "--json", *options)
        assert said.code == 0, said.err
        assert wide((await self.shell.run("suggest", watchlist, *options)).out) == []
        found: dict[str, Any] = json.loads(said.out)
        return found


@pytest.fixture
def desk(redis: Redis, outbox: Outbox, shell: Shell, tmp_path: Path) -> Desk:
    """With rules of two watchlists."""
    path = tmp_path / "rules" / "rules.yaml"
    path.write_text(YAML, encoding="utf-8")
    return Desk(redis, outbox, shell, path)


async def test_few_verdicts_suggest_nothing(desk: Desk) -> None:
    """It is said how many are missing."""
    await desk.reads(*articles(5, 3))
    await desk.judges()
    found = await desk.asks()
    assert found["missing"] == {"useful": 15, "noise": 3}
    assert (found["suggestions"], found["archive"]) == ([], 0)
    said = (await desk.shell.run("suggest", "strikes")).out
    assert "its alerts: 5 useful, 3 noise, 0 without a verdict" in said
    assert "Too few verdicts: give 15 more useful and 3 more noise" in " ".join(said.split())


async def test_what_speaks_for_noise_is_suggested_with_all_that_it_removes(desk: Desk) -> None:
    """Every alert, with and without a verdict; the bound is that of the verdicts that count."""
    await desk.reads(*articles(24, 14, others=30))
    await desk.judges(most=22)
    await desk.reads({"id": "x", "title": "A strike at the match", "body": "Football, said he."})
    found = await desk.asks()
    assert found["verdicts"] == {"useful": 22, "noise": 14, "none": 3}
    assert found["archive"] == 24 + 14 + 30 + 1
    assert found["missing"] == {}
    suggested = {one["written"]: one for one in found["suggestions"]}
    assert any(one["kind"] == "exception" for one in found["suggestions"])
    first = found["suggestions"][0]
    goals = [one for one in first["removed"] if one["headline"].startswith("Late strike")]
    assert (first["noise"], first["useful"], len(goals)) == (14, 0, 14)
    assert first["bound"] == upper_bound(0, 11, 0.05 / len(suggested))
    assert (first["lost"], first["counted"]) == (0, 11)
    text = " ".join((await desk.shell.run("suggest", "strikes")).out.split())
    assert text.index(f"{first['id']} would have removed") < text.index("14 of 14 noise would be")
    for one in first["removed"]:
        assert text.index(one["id"]) < text.index("14 of 14 noise would be gone")
    assert desk.rules.read_text(encoding="utf-8") == YAML


async def test_an_accepted_suggestion_is_written_and_nothing_else(desk: Desk) -> None:
    """One line in the file, with its comments; then it is suggested no more, as it is in force."""
    await desk.reads(*articles(20, 8, others=10))
    await desk.judges()
    first = (await desk.asks())["suggestions"][0]
    said = await desk.shell.run("suggest", "strikes", "--accept", first["id"])
    assert said.code == 0, said.err
    text = desk.rules.read_text(encoding="utf-8")
    assert first["kind"] == "exception"
    line = f"      {first['name']}: {first['written']}"
    assert text == YAML.replace("them\n", f"them\n    except:\n{line}\n")
    assert f"+{line}" in said.out
    after = await desk.asks()
    assert (after["verdicts"], after["no_match"]) == ({"useful": 20, "noise": 0, "none": 0}, 8)
    again = await desk.shell.run("suggest", "strikes", "--accept", first["id"])
    assert again.code == 1
    assert f"{first['id']} is not suggested for strikes" in again.err


async def test_a_text_outlives_the_stream_with_its_verdict(desk: Desk) -> None:
    """Alerts that were judged later count among those whose text is gone."""
    await desk.reads(*articles(22, 8))
    await desk.judges(most=20)
    await desk.redis.xtrim(desk.outbox.stream, maxlen=0)
    found = await desk.asks()
    assert (found["verdicts"], found["no_text"]) == ({"useful": 20, "noise": 8, "none": 0}, 0)
    assert found["archive"] == 0
    assert found["suggestions"]
    await desk.judges()
    assert (await desk.asks())["no_text"] == 2


async def test_of_another_watchlist_nothing_is_said(desk: Desk) -> None:
    """A verdict is about one watchlist's alert; one that there is not is a wrong call."""
    await desk.reads(*articles(20, 8))
    await desk.judges()
    assert (await desk.asks(watchlist="ports"))["verdicts"] == {"useful": 0, "noise": 0, "none": 28}
    said = await desk.shell.run("suggest", "strike")
    assert said.code == 2
    assert "did you mean strikes?" in said.err
