"""Subscribers with `reports: true` hear of mistakes in the live rules files, once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.event_schemas import faults as event_faults
from builders.rules import SECRETS, load
from service.alerts.alert import rfc3339
from service.alerts.events.payload import body
from service.app.rules_report import MAX_FAULTS, RulesReport, fault_event
from service.errors import StoreError
from service.rules.rules import Rules
from service.store.client import Store
from service.store.keys import ALERT, RULES
from service.store.outbox import Outbox

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WATCH = """
subscribers:
  - {id: ops, reports: true, webhook: {url: "https://o.example/", secret: "${DESK_SECRET}"}}
  - {id: desk, webhook: {url: "https://d.example/", secret: "${DESK_SECRET}"}}
"""


def rules(watchlists: str, previous: Rules | None = None) -> Rules:
    """Rules with these watchlists."""
    return load({"r.yaml": f"watchlists:\n{watchlists}{WATCH}"}, SECRETS.get, previous)


GOOD = rules("  - {id: jets, match: jet}\n")
BAD = rules("  - {id: jets, match: (}\n  - {id: tanks, match: (}\n", GOOD)


async def reported(outbox: Outbox, found: Rules, refused: str = "") -> list[str]:
    """All messages that were sent so far, after another worker came to this."""
    await RulesReport(outbox.rules, lambda: NOON).send(found, refused)
    return [
        f"{one.subscriber} {json.loads(await body_of(outbox, one.alert_id))['data']['message']}"
        for one in await outbox.deliveries.newest(state="pending")
    ]


async def body_of(outbox: Outbox, alert: str) -> bytes:
    """The event as it is sent."""
    redis: Any = outbox.redis
    found: bytes = await redis.hget(Store(redis, outbox.stream).key(ALERT, alert), "body")
    return found


async def test_a_mistake_is_reported_once_whoever_finds_it(outbox: Outbox) -> None:
    """To those that want reports; again when it has come back, or another has come."""
    assert await reported(outbox, GOOD) == []
    first = await reported(outbox, BAD)
    assert first == [
        "ops The rules files have 2 mistakes: r.yaml:2: this “(” is never closed. "
        "The last good version stays of: jets. Not in force at all: tanks. To see all: tocsin check"
    ]
    assert await reported(outbox, BAD) == first
    assert await reported(outbox, GOOD) == first
    later = rules("  - {id: jets, match: jet AND}\n", GOOD)
    assert len(await reported(outbox, later)) == 2


async def test_a_report_that_redis_did_not_take_is_sent_later(redis: Redis, outbox: Outbox) -> None:
    """The newest one: the files were changed again meanwhile."""
    said, fault = Store(redis, outbox.stream).key(RULES), RulesReport(outbox.rules, lambda: NOON)
    await redis.set(said, "no rules")
    await fault.send(BAD, "")
    await fault.send(GOOD, "1 of 3")
    with pytest.raises(StoreError, match="holds a string"):
        await fault.send_left()
    await redis.delete(said)
    assert await reported(outbox, GOOD) == []
    await fault.send_left()
    (sent,) = await reported(outbox, GOOD, "1 of 3")
    assert "1 of 3." in sent
    await outbox.rules.report_faults("other", None, at=NOON)
    await fault.send_left()  # nothing is left
    assert await reported(outbox, GOOD) == [sent]


async def test_a_mistake_is_reported_once_somebody_wants_to_hear(outbox: Outbox) -> None:
    """It was there before."""
    broken = "watchlists:\n  - {id: jets, match: (}\n"
    assert await reported(outbox, load({"r.yaml": broken}, SECRETS.get)) == []
    assert len(await reported(outbox, load({"r.yaml": broken + WATCH}, SECRETS.get))) == 1


async def test_refused_files_are_reported(outbox: Outbox) -> None:
    """Without a mistake in them: they are half of a set."""
    (said,) = await reported(outbox, GOOD, "the rules files are not put in force: 1 of 3")
    assert "The rules files are not put in force: 1 of 3." in said


def test_a_report_of_refused_files_is_as_its_schema_says() -> None:
    """Also where there is no mistake in them."""
    event = fault_event(GOOD, "1 of 3", NOON)
    assert event is not None
    text = body(event.kind, event.id, event.data, rfc3339(NOON))
    assert event_faults(json.loads(text)) == []


def test_nobody_is_told_where_nobody_wants_to_hear() -> None:
    """Nor of rules that are good."""
    assert fault_event(GOOD, "", NOON) is None
    silent = load({"r.yaml": "watchlists: [{id: a, match: (}]"}, SECRETS.get)
    assert fault_event(silent, "", NOON) is None


def test_a_report_of_many_mistakes_is_short() -> None:
    """It says how many there are."""
    many = "".join(f"  - {{id: w-{number}, match: (}}\n" for number in range(500))
    event = fault_event(rules(many), "", NOON)
    assert event is not None
    assert (event.data["count"], len(event.data["faults"])) == (500, MAX_FAULTS)
    assert (
        "Not in force at all: w-0, w-1, w-10, w-100, w-101 and 495 more." in event.data["message"]
    )
