"""Who got nothing of an alert, and why."""

from __future__ import annotations

import json

import pytest

from service.rules.subscribers.terms import Terms
from service.store.deliveries.alert_records import AlertRecord, EventRecord
from service.views.alerts.left_out import NOT_FILTERED, RulesOfAlerts

AT = "2026-11-23T12:00:00Z"
RULES = RulesOfAlerts(
    lambda watchlist: ["desk", "picky", "other"] if watchlist == "jets" else [],
    {"picky": Terms(min_score=90)},
)


def a_record(kind: str, *, retracted: bool = False) -> AlertRecord:
    """An alert with one event, which scores 50."""
    data = {"watchlist": {"id": "jets", "severity": "high"}, "score": {"value": 50}}
    event = EventRecord("alr_1", kind, AT, json.dumps({"data": data}).encode(), {})
    return AlertRecord("alr_1", "jets", "a", (event,), ("desk",), retracted)


@pytest.mark.parametrize(
    ("record", "left_out"),
    [
        (
            a_record("alert.created"),
            {"picky": "its min_score is 90, this scores 50", "other": NOT_FILTERED},
        ),
        # Nobody need be told any more.
        (
            a_record("alert.created", retracted=True),
            {"picky": "its min_score is 90, this scores 50"},
        ),
        # It tells of several alerts, each of which says whom it left out.
        (a_record("digest.created"), {}),
    ],
)
def test_who_is_notified_and_has_heard_nothing_is_shown(
    record: AlertRecord, left_out: dict[str, str]
) -> None:
    """With what keeps it from them."""
    found = {one.subscriber: one.words for one in RULES.left_out(record, {"desk"})}
    assert found == {name: f"not told: {why}" for name, why in left_out.items()}
