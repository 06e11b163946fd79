"""Views as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import MappingProxyType

from service.delivery.message.wording import heading
from service.store.deliveries.delivery import Attempt, Delivery
from service.views.delivery import NO_EVENT, delivery_details, delivery_view
from service.views.json_value import json_value

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DELIVERY = Delivery(
    id="dlv_1",
    alert_id="alr_1",
    subscriber="desk",
    watchlist_id="jets",
    article_id="a1",
    state="pending",
    created_at=NOON,
    since=NOON,
    due_at=None,
    sending=False,
    note="",
    attempts=(Attempt("2026-11-23T12:00:00Z", "w", status=500, number=1),),
    body=b'{"type": "alert.created"}',
)


def test_a_view_becomes_what_json_has() -> None:
    """Times are RFC 3339, tuples are lists, and fields keep their order."""
    found = json_value(delivery_view(DELIVERY, NO_EVENT))
    assert found["created_at"] == "2026-11-23T12:00:00.000Z"
    assert found["attempts"][0]["status"] == 500
    assert list(found)[:3] == ["id", "alert_id", "subscriber"]
    assert json.loads(json.dumps(found)) == found


def test_values_without_a_view_pass_through() -> None:
    """A mapping of any kind is an object; what JSON has already stays."""
    value = MappingProxyType({"a": (1, None, True, "x", 1.5)})
    assert json_value(value) == {"a": [1, None, True, "x", 1.5]}


def test_a_delivery_in_a_list_has_no_event() -> None:
    """It tells its type; the details have the event and why the delivery waits."""
    listed = json_value(delivery_view(DELIVERY, heading(DELIVERY.body)))
    assert "event" not in listed
    assert (listed["event_type"], bool(listed["headline"])) == ("alert.created", True)
    assert json_value(delivery_view(DELIVERY, NO_EVENT))["event_type"] == ""
    details = json_value(delivery_details(DELIVERY, "it is being sent"))
    assert (details["event"], details["waits"]) == ({"type": "alert.created"}, "it is being sent")
