"""Events as CloudEvents 1.0."""

from __future__ import annotations

import json
import re

import pytest

from builders import events
from service.delivery.channels.webhook.cloudevents import structured


def test_an_event_becomes_a_cloudevent() -> None:
    """The required attributes, the time of the event, and `data` as it was."""
    body = events.created()
    assert json.loads(structured(body)) == {
        "specversion": "1.0",
        "id": "alr_0b6d3c",
        "source": "/tocsin/watchlists/pak-turk-fighter-jets",
        "type": "tocsin.alert.created",
        "time": "2026-11-23T09:00:00.000Z",
        "datacontenttype": "application/json",
        "data": json.loads(body)["data"],
    }


def test_what_is_about_no_watchlist_comes_from_tocsin() -> None:
    """A report about a subscriber, for one."""
    assert json.loads(structured(events.report()))["source"] == "/tocsin"


@pytest.mark.parametrize(
    "body", [events.created(), events.updated(), events.retracted(), events.digest()]
)
def test_attributes_are_what_the_specification_allows(body: bytes) -> None:
    """Non-empty, a URI reference as the source, RFC 3339 as the time."""
    event = json.loads(structured(body))
    assert event["id"]
    assert re.fullmatch(r"/tocsin(/watchlists/[a-z0-9-]+)?", event["source"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"])
