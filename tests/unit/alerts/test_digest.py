"""What a digest says of the events that went into it."""

from __future__ import annotations

from typing import Any

from service.alerts.digest import digest_event

UNTIL = "2026-11-23T13:00:00.000Z"


def said(
    number: int,
    kind: str = "created",
    *,
    watchlist: str = "jets",
    score: float = 50.0,
    story: str = "",
    articles: int = 1,
    alert: int | None = None,
) -> dict[str, Any]:
    """An event as a subscriber would have received it."""
    data: dict[str, Any] = {
        "id": f"alr_{number}",
        "watchlist": {"id": watchlist, "name": watchlist, "severity": "high", "tags": []},
        "score": {"value": score},
        "article": {"id": f"a{number}", "title": f"Title {number}"},
        "evidence": [{"text": "jet"}, {"text": "jets"}],
        "story": {"id": story or f"sty_{number}", "articles": articles},
    }
    if alert is not None:
        data["alert_id"] = f"alr_{alert}"
    return {
        "type": f"alert.{kind}",
        "timestamp": f"2026-11-23T12:00:{number:02}.000Z",
        "data": data,
    }


def made(*events: dict[str, Any]) -> dict[str, Any]:
    """The data of their digest."""
    event = digest_event("desk", events, UNTIL)
    assert event is not None
    assert (event.kind, event.subscribers) == ("digest.created", ("desk",))
    return dict(event.data)


def titles(data: dict[str, Any]) -> list[str]:
    """The titles of the alerts that it shows."""
    return [one["article"]["title"] for one in data["alerts"]]


def test_watchlists_stand_together_the_best_first() -> None:
    """Grouped by watchlist, and within each by score."""
    data = made(
        said(1, score=10), said(2, watchlist="oil", score=90), said(3, score=80), said(4, score=60)
    )
    assert titles(data) == ["Title 2", "Title 3", "Title 4", "Title 1"]
    assert [(one["id"], one["count"]) for one in data["watchlists"]] == [("oil", 1), ("jets", 3)]
    assert (data["count"], data["since"]) == (4, "2026-11-23T12:00:01.000Z")


def test_a_story_stands_once_in_each_watchlist() -> None:
    """As its best article tells it, and with all of its copies counted."""
    data = made(
        said(1, story="sty_x", articles=1, score=40),
        said(2, "updated", story="sty_x", articles=3, score=70),
        said(3, watchlist="oil", story="sty_x", score=10),
    )
    assert titles(data) == ["Title 2", "Title 3"]
    assert data["alerts"][0]["story"]["articles"] == 3


def test_what_was_corrected_stands_as_it_is_last() -> None:
    """Nobody heard of the first text, so it is news."""
    data = made(said(1), said(2, "updated", alert=1, score=70))
    assert titles(data) == ["Title 2"]
    assert data["alerts"][0]["type"] == "alert.created"


def test_what_was_retracted_unheard_is_left_out() -> None:
    """And a digest of nothing is none."""
    assert digest_event("desk", [said(1), said(2, "retracted", alert=1)], UNTIL) is None


def test_a_retraction_of_what_was_heard_is_told() -> None:
    """The alert went out in an earlier digest."""
    data = made(said(2, "retracted", alert=1))
    assert data["alerts"][0]["type"] == "alert.retracted"


def test_a_correction_of_what_was_heard_is_told_as_one() -> None:
    """Only of what nobody heard a correction is news, however often it was corrected."""
    data = made(said(2, "updated", alert=1), said(3, "updated", alert=1))
    assert [one["type"] for one in data["alerts"]] == ["alert.updated"]


def test_a_long_digest_counts_what_it_does_not_show() -> None:
    """Only the best are shown, each with one piece of evidence."""
    data = made(*(said(number, score=number) for number in range(30)))
    assert (data["count"], len(data["alerts"])) == (30, 10)
    assert data["alerts"][0]["article"]["title"] == "Title 29"
    assert len(data["alerts"][0]["evidence"]) == 1
