"""A report names who is quiet in its headline: a phone shows nothing else of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.delivery.message.message import plain
from service.delivery.message.wording import message

ONE = [{"name": "asia.example"}]


@pytest.mark.parametrize(
    ("kind", "data", "headline"),
    [
        ("source.quiet", {"sources": ONE, "count": 1}, "asia.example sends nothing any more"),
        (
            "source.quiet",
            {"sources": ONE, "count": 1300},
            "asia.example and 1,299 more send nothing any more",
        ),
        ("source.quiet", {"sources": ONE, "state": "back"}, "asia.example sends again"),
        (
            "stream.quiet",
            {"streams": [{"name": "wires"}], "count": 1},
            "Stream wires gets no articles any more",
        ),
        (
            "watchlist.spike",
            {"watchlists": [{"name": "Jets"}], "count": 2},
            "Jets and 1 more have many more new stories than usual",
        ),
        ("source.quiet", {"sources": [{"name": 7}, "?"], "count": "?"}, "7 sends nothing any more"),
        ("source.quiet", {"sources": "?"}, "A source sends nothing any more"),
        ("watchlist.quiet", {"state": "back"}, "A watchlist has a new story again"),
        ("rules.fault", {"sources": ONE}, "The rules files have mistakes"),
    ],
)
def test_the_headline_names_the_first(kind: str, data: dict[str, Any], headline: str) -> None:
    """And says how many others there are; with parts missing it says what it can."""
    body = json.dumps({"type": kind, "data": data}).encode()
    assert plain(message(body).headline) == headline
