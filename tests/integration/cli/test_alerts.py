"""`tocsin alerts show`: who has heard of an alert, and what holds it back, until when."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.rules import SECRETS, load
from harness.commands import Shell, wide
from service.alerts.alert import rfc3339
from service.alerts.silence import Silence
from service.settings import StreamSettings
from service.store.keys import GROUP
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
        keys = [key.decode() async for key in self._redis.scan_iter("*:alert:*")]
        return sorted(key.rpartition(":")[2] for key in keys)

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
    """For each subscriber: what, why, and until when; one whom filters leave out is not named."""
    (alert,) = await reader.reads(JETS)
    found, text = await reader.shown(alert)
    shares = {one["subscriber"]: one for one in found["shares"]}
    assert {name: one["state"] for name, one in shares.items()} == {
        "now": "waits", "night": "waits", "daily": "digest", "muted": "muted",
    }  # fmt: skip
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
