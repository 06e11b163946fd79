"""`tocsin verdict`: what people say of alerts, kept and shown with them."""

from __future__ import annotations

import getpass
import json
from dataclasses import dataclass
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.stories import report, take
from harness.commands import Shell, wide
from service.alerts.people.verdict import MOST_KEPT, parse_verdicts
from service.store.client import Store
from service.store.keys import ALERT, JUDGED
from service.store.outbox import Outbox


@dataclass
class Desk:
    """Somebody who gives verdicts, and looks at alerts."""

    shell: Shell
    outbox: Outbox
    store: Store
    alerts: list[str]

    async def gives(self, alert: str, verdict: str, *options: str) -> dict[str, Any]:
        """What `tocsin verdict` says to programs."""
        said = await self.shell.run("verdict", alert, verdict, "--json", *options)
        assert said.code == 0, said.err
        found: dict[str, Any] = json.loads(said.out)
        return found

    async def listed(self, *options: str) -> dict[str, Any]:
        """The alerts of a list by their ids."""
        said = await self.shell.run("alerts", "list", "--json", *options)
        assert said.code == 0, said.err
        return {one["id"]: one for one in json.loads(said.out)}

    async def shown(self, alert: str) -> tuple[list[dict[str, Any]], str]:
        """The verdicts on an alert as programs see them, and all of it as people do."""
        said = await self.shell.run("alerts", "show", alert, "--json")
        text = (await self.shell.run("alerts", "show", alert)).out
        assert wide(text) == []
        found: list[dict[str, Any]] = json.loads(said.out)["verdicts"]
        return found, " ".join(text.split())


@pytest.fixture
async def desk(redis: Redis, outbox: Outbox, shell: Shell) -> Desk:
    """Three alerts, of articles that are on the stream."""
    await outbox.input_stream.ensure_group()
    for name in ("a", "b", "c"):
        await take(redis, outbox, report(name, f"Flight {name}: a fighter jet lands at {name}."))
    store = Store(redis, outbox.stream)
    keys = [key.decode() async for key in redis.scan_iter(store.key(ALERT, "*"))]
    return Desk(shell, outbox, store, sorted(key.rpartition(":")[2] for key in keys))


async def test_a_verdict_is_kept_with_its_alert(desk: Desk) -> None:
    """Who gave it, when, and by which way; the last one counts, and those before it are shown."""
    first, *others = desk.alerts
    assert len(others) == 2
    given = await desk.gives(first, "noise", "--by", "Ana")
    assert (given["alert"], given["verdict"]["verdict"]) == (first, "noise")
    again = await desk.shell.run("verdict", first, "useful")
    assert f"{first} is useful (it was noise, by Ana): " in again.out
    verdicts, text = await desk.shown(first)
    assert [(one["verdict"], one["by"], one["way"]) for one in verdicts] == [
        ("useful", getpass.getuser(), "command"), ("noise", "Ana", "command"),
    ]  # fmt: skip
    assert f"verdict useful by {getpass.getuser()}, 20" in text
    assert "before that noise by Ana, 20" in text
    assert (await desk.shown(others[0]))[0] == []


async def test_only_the_last_few_are_kept(desk: Desk, redis: Redis) -> None:
    """However often somebody changes their mind."""
    alert = desk.alerts[0]
    for number in range(MOST_KEPT + 2):
        await desk.gives(alert, ("noise", "useful")[number % 2], "--by", f"reader {number}")
    text: Any = await redis.hget(desk.store.key(ALERT, alert), "verdicts")
    kept = parse_verdicts(text.decode())
    assert [one.by for one in kept] == [f"reader {number}" for number in range(2, MOST_KEPT + 2)]


async def test_alerts_are_listed_and_counted_by_their_verdicts(desk: Desk) -> None:
    """By the last one; in lists, in tables, and in sums."""
    first, second, third = desk.alerts
    await desk.gives(first, "useful")
    await desk.gives(first, "noise", "--by", "Ana")
    await desk.gives(second, "useful")
    for word, expected in (
        ("noise", {first}), ("useful", {second}), ("any", {first, second}), ("none", {third}),
    ):  # fmt: skip
        assert set(await desk.listed("--verdict", word)) == expected, word
    every = await desk.listed()
    assert every[first]["verdict"] | {"at": ""} == {
        "verdict": "noise", "by": "Ana", "way": "command", "at": "",
    }  # fmt: skip
    assert every[third]["verdict"] is None
    rows = (await desk.shell.run("alerts", "export", "--verdict", "noise")).out.splitlines()
    assert rows[0].endswith(",verdict,verdict_by,verdict_at")
    assert f",noise,Ana,{every[first]['verdict']['at']}" in rows[1]
    sums = json.loads((await desk.shell.run("alerts", "list", "--by", "watchlist", "--json")).out)
    assert [(one["alerts"], one["useful"], one["noise"]) for one in sums] == [(3, 1, 1)]
    for words in (["--by", "watchlist"], []):
        text = (await desk.shell.run("alerts", "list", *words)).out
        assert wide(text) == []
        assert ("NOISE" if words else "verdict: noise by Ana, ") in text


async def test_a_verdict_is_about_the_alert_of_a_later_event(desk: Desk, redis: Redis) -> None:
    """By the id of a correction, and of a delivery; a correction leaves it as it is."""
    for alert in desk.alerts:
        await desk.gives(alert, "useful", "--by", "Ana")
    corrected = report("a", "Flight a: two fighter jets land at a, it is said now.")
    await take(redis, desk.outbox, corrected)
    keys = [key.decode() async for key in redis.scan_iter(desk.store.key(ALERT, "*"))]
    (later,) = {key.rpartition(":")[2] for key in keys} - set(desk.alerts)
    for alert in desk.alerts:
        assert [one["by"] for one in (await desk.shown(alert))[0]] == ["Ana"]
    given = await desk.gives(later, "noise")
    assert given["alert"] in desk.alerts
    (delivery, *_) = await desk.outbox.deliveries.newest()
    assert (await desk.gives(delivery.id, "useful"))["alert"] in desk.alerts


async def test_the_text_that_was_judged_is_kept(desk: Desk, redis: Redis) -> None:
    """The stream lets go of it sooner; what has no verdict is read from the stream."""
    first, second, third = desk.alerts
    await desk.gives(first, "noise")
    lines = await desk.listed()
    entries = {id_: lines[id_]["entry"] for id_ in (first, second)}
    before = await desk.outbox.verdicts.entries(entries)
    assert [before[id_].entry_id for id_ in (first, second)] == [*entries.values()]
    await redis.xtrim(desk.outbox.stream, maxlen=0)
    assert await desk.outbox.verdicts.entries(entries) == {first: before[first]}
    await desk.gives(second, "noise")  # there is nothing to keep any more
    judged = desk.store.key(JUDGED, first)
    await redis.pexpire(judged, 60_000)
    await desk.gives(first, "useful")  # as long as from the first verdict
    assert await redis.pttl(judged) > 60_000
    assert set(await desk.outbox.verdicts.entries(entries)) == {first}
    assert await desk.outbox.verdicts.entries({third: ""}) == {}


async def test_an_entry_with_thousands_of_fields_is_kept(desk: Desk, redis: Redis) -> None:
    """And one of them may have any name."""
    fields: dict[Any, Any] = {f"x{number}": "y" for number in range(9_000)}
    fields[" id"] = "not an id"
    id_: Any = await redis.xadd(desk.outbox.stream, fields)
    alert = desk.alerts[0]
    await desk.gives(alert, "noise")  # of another entry, of which nothing is kept then
    await redis.hset(desk.store.key(ALERT, alert), "entry", id_)
    await desk.gives(alert, "noise")
    (kept,) = (await desk.outbox.verdicts.entries({alert: id_.decode()})).values()
    assert (kept.entry_id, len(kept.fields)) == (id_.decode(), 9_000)


async def test_a_verdict_lives_no_longer_than_its_alert(desk: Desk, redis: Redis) -> None:
    """It makes no record last that has ended, and writes none for an alert that is gone."""
    alert = desk.alerts[0]
    key = desk.store.key(ALERT, alert)
    await redis.pexpire(key, 60_000)
    await desk.gives(alert, "noise")
    assert 0 < await redis.pttl(key) <= 60_000
    assert await redis.pttl(desk.store.key(JUDGED, alert)) > 0
    await redis.delete(key)
    said = await desk.shell.run("verdict", alert, "noise")
    assert said.code == 1
    assert f"there is no alert {alert}" in said.err
    assert not await redis.exists(key)


async def test_an_event_of_several_alerts_takes_no_verdict(desk: Desk, redis: Redis) -> None:
    """What it tells of does, and is named."""
    await redis.hset(desk.store.key(ALERT, "alr_d"), "type", "digest.created")
    said = await desk.shell.run("verdict", "alr_d", "noise")
    assert said.code == 1
    assert "alr_d tells of several alerts (digest.created); `tocsin alerts show" in said.err


async def test_a_record_that_nobody_can_read_takes_a_verdict(desk: Desk, redis: Redis) -> None:
    """What was there is lost; what is said now is kept."""
    alert = desk.alerts[0]
    for odd in ("{", "null", "7", '{"a": 1}', '[{"verdict": "so-so"}, 3]'):
        await redis.hset(desk.store.key(ALERT, alert), "verdicts", odd)
        assert (await desk.shown(alert))[0] == []
        await desk.gives(alert, "useful")
        assert [one["verdict"] for one in (await desk.shown(alert))[0]] == ["useful"], odd
