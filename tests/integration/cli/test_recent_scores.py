"""The scores of a watchlist's newest alerts, over all streams."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, Judged, an_alert, decide, read_entries
from harness.commands import Shell
from harness.own_server import free_port
from service.cli.input.recent_scores import RecentScores
from service.settings import Environment, load
from service.store.outbox import Outbox
from service.views.alerts import recent_scores


async def alerts(redis: Redis, outbox: Outbox, hours: int, *scores: float) -> None:
    """Alerts with these scores, an hour after one another from so many hours after noon."""
    await outbox.input_stream.ensure_group()
    for number, score in enumerate(scores):
        (entry,) = await read_entries(redis, outbox.stream)
        made = an_alert(f"{hours} {number}", score=score)
        decided = await decide(outbox, [Judged(entry, (made,))])
        await outbox.commit(decided, [], at=NOON + timedelta(hours=hours + number))


async def test_the_newest_of_all_streams_count(
    redis: Redis, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever stream comes first; others of the watchlist and other watchlists do not."""
    other = Outbox(redis, f"{outbox.stream}-b")
    monkeypatch.setattr(recent_scores, "RECENT_ALERTS", 3)
    await alerts(redis, outbox, 0, 10, 20, 30, 40)
    await alerts(redis, other, 10, 50, 60)
    for both in ((outbox, other), (other, outbox)):
        assert await recent_scores.recent_scores(both, "jets") == [60, 50, 40]
    assert await recent_scores.recent_scores([outbox], "jets") == [40, 30, 20]
    assert await recent_scores.recent_scores([outbox], "ships") == []


async def test_a_list_of_several_streams_begins_with_the_newest(
    redis: Redis, outbox: Outbox, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever stream it is of; a table has each alert once, however many are written at once."""
    other = Outbox(redis, f"{outbox.stream}-b")
    await alerts(redis, outbox, 0, 10, 20)
    await alerts(redis, other, 10, 50, 60)
    for names in ((outbox.stream, other.stream), (other.stream, outbox.stream)):
        shell.export(TOCSIN_STREAMS=",".join(names))
        said = await shell.run("alerts", "list", "--json", "--limit", "3")
        assert [one["score"] for one in json.loads(said.out)] == [60, 50, 20]
    monkeypatch.setattr("service.cli.records.alerts.AT_ONCE", 2)
    said = await shell.run("alerts", "export")
    ids = [row["alert"] for row in csv.DictReader(io.StringIO(said.out))]
    assert len(ids) == len({*ids}) == 4


def test_a_store_that_does_not_answer_is_asked_once() -> None:
    """Or each article of many would wait for it."""
    url = f"redis://127.0.0.1:{free_port()}/0"
    scores = RecentScores(load(Environment({"TOCSIN_REDIS_URL": url})))
    assert scores.of(["jets"]) == {"jets": ()}
    assert scores.problem
    scores.problem = ""
    assert scores.of(["jets", "ships"]) == {"jets": (), "ships": ()}
    assert scores.problem == ""
