"""A report names who is quiet in its headline: a phone shows nothing else of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.delivery.message.message import plain
from service.delivery.message.rhythm_wording import LISTS
from service.delivery.message.wording import message

ONE = [{"name": "asia.example"}]


SINCE = {"last_seen": "2026-11-23T03:50:00.000Z"}


@pytest.mark.parametrize(
    ("kind", "one", "about"),
    [
        (
            "source.quiet",
            {**SINCE, "usual_gap_seconds": 1500},
            "no article since 2026-11-23 03:50 UTC; one every 25m is usual",
        ),
        (
            "stream.quiet",
            {**SINCE, "usual_gap_seconds": "?"},
            "no article since 2026-11-23 03:50 UTC",
        ),
        (
            "watchlist.quiet",
            {**SINCE, "articles": 10961, "usual_gap_articles": 1204.5},
            "no new story in 10,961 articles, since 2026-11-23 03:50 UTC; one in 1,204 is usual",
        ),
        (
            "watchlist.spike",
            {"stories": 31, "usual_stories": 8.2},
            "31 new stories today; 8.2 are usual in a day",
        ),
        ("watchlist.spike", {}, "? new stories today; ? are usual in a day"),
    ],
)
def test_several_have_a_line_each(kind: str, one: dict[str, Any], about: str) -> None:
    """Ten of them at most; of one the message says all."""
    named, list_ = {"name": "asia", **one}, LISTS[kind]
    said = message(json.dumps({"type": kind, "data": {list_: [named] * 12, "count": 12}}).encode())
    assert [(item.headline, item.about) for item in said.items] == [("asia", about)] * 10
    alone = message(json.dumps({"type": kind, "data": {list_: [named]}}).encode())
    assert alone.items == ()


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
