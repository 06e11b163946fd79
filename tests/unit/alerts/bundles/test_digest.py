"""What a digest says of the events that went into it."""

from __future__ import annotations

from typing import Any

from service.alerts.alert import alert_id
from service.alerts.bundles.digest import MAX_COUNTED, digest_events

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
        "article": {
            "id": f"a{number}",
            "title": f"Title {number}",
            "url": f"https://news.example/{number}",
        },
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
    (event,) = digest_events("desk", events, UNTIL)
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
    assert digest_events("desk", [said(1), said(2, "retracted", alert=1)], UNTIL) == []


def test_a_retraction_of_what_was_heard_is_told() -> None:
    """The alert went out in an earlier digest."""
    data = made(said(2, "retracted", alert=1))
    assert data["alerts"][0]["type"] == "alert.retracted"


def test_a_correction_of_what_was_heard_is_told_as_one() -> None:
    """Only of what nobody heard a correction is news, however often it was corrected."""
    data = made(said(2, "updated", alert=1), said(3, "updated", alert=1))
    assert [one["type"] for one in data["alerts"]] == ["alert.updated"]


def test_a_long_digest_names_what_it_does_not_show() -> None:
    """The best are shown with their whole proof; of the others id, title and URL stay."""
    data = made(*(said(number, score=number) for number in range(30)))
    assert (data["count"], len(data["alerts"]), len(data["others"])) == (30, 10, 20)
    assert data["alerts"][0]["article"]["title"] == "Title 29"
    assert len(data["alerts"][0]["evidence"]) == 2
    assert data["others"][0] == {
        "type": "alert.created",
        "id": "alr_19",
        "watchlist": "jets",
        "title": "Title 19",
        "url": "https://news.example/19",
    }


def test_a_digest_of_a_flood_is_divided() -> None:
    """Each part counts its own alerts, and none of them is lost."""
    events = [said(n, watchlist=f"w{n % 3}", score=n % 90) for n in range(2 * MAX_COUNTED + 1)]
    parts = digest_events("desk", events, UNTIL)
    assert [part.data["count"] for part in parts] == [MAX_COUNTED, MAX_COUNTED, 1]
    named = [one["id"] for part in parts for one in (*part.data["alerts"], *part.data["others"])]
    assert sorted(named) == sorted(event["data"]["id"] for event in events)
    assert len({part.id for part in parts}) == 3
    for part in parts:
        counts = {one["id"]: one["count"] for one in part.data["watchlists"]}
        assert sum(counts.values()) == part.data["count"]


def test_the_spread_of_a_story_does_not_replace_its_alert() -> None:
    """Both name the alert; the story stands once, as its best article tells it."""
    spread = said(2, "created", story="sty_x", articles=3, score=20, alert=1)
    data = made(said(1, story="sty_x", score=40), spread | {"type": "story.updated"})
    assert [(one["id"], one["type"]) for one in data["alerts"]] == [("alr_1", "alert.created")]
    assert data["alerts"][0]["story"]["articles"] == 3


def test_a_summary_of_a_throttle_is_taken_apart() -> None:
    """A digest names each alert that the summary counts, and shows those that it showed."""
    inner = said(2, score=70)["data"]
    summary = {
        "type": "digest.created",
        "timestamp": "2026-11-23T12:00:09.000Z",
        "data": {
            "id": "alr_9",
            "watchlist": inner["watchlist"],
            "count": 2,
            "alerts": [{"type": "alert.created", **inner}],
            "others": [
                {
                    "type": "alert.created",
                    "id": "alr_3",
                    "watchlist": "jets",
                    "title": "T",
                    "url": "u",
                }
            ],
        },
    }
    data = made(said(1, score=10), summary)
    assert (data["count"], titles(data)) == (3, ["Title 2", "Title 1"])
    assert [one["id"] for one in data["others"]] == ["alr_3"]


def test_a_story_that_was_told_twice_is_shown_once_as_it_is_largest() -> None:
    """With the article that scores best, whichever comes first."""
    small, large = said(1, score=90, story="s", articles=3), said(2, story="s", articles=9)
    for events in ((small, large), (large, small)):
        (one,) = made(*events)["alerts"]
        assert (one["article"]["title"], one["story"]["articles"]) == ("Title 1", 9)


def test_a_digest_is_known_by_what_it_tells() -> None:
    """Of several for one time, the first has the id that it would have alone."""
    events = [said(number) for number in range(MAX_COUNTED + 1)]
    first, second = digest_events("desk", events, UNTIL)
    ids = [event["data"]["id"] for event in events]
    assert first.id == alert_id("digest", "desk", *ids)
    assert second.id == alert_id("digest", "desk", *ids, "1")
