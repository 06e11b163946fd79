"""Events that are too long for a body: what is shortened, in which order, and how far."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.alerts.correction import changes
from service.alerts.events.event_types import EventType
from service.alerts.events.payload import body
from service.alerts.events.shortening import MAX_BODY_BYTES, MAX_DIGEST_BYTES
from service.delivery.channels.webhook.cloudevents import structured

AT = "2026-11-23T09:00:00.000Z"
SENTENCE = "Pakistan and Turkey are in the last round of talks over a line for fighter jets. "


def a_piece(number: int, sentence: str = SENTENCE) -> dict[str, Any]:
    """One piece of evidence."""
    return {
        "term": "fighter jet",
        "terms": ["fighter jet"],
        "zone": "body",
        "start": number,
        "end": number + 12,
        "text": "fighter jets",
        "sentence": sentence,
    }


def an_alert(**more: Any) -> dict[str, Any]:
    """The data of an alert, all but what is given."""
    data: dict[str, Any] = {
        "watchlist": {"id": "jets", "name": "Jets", "severity": "high", "tags": ["defence"]},
        "score": {
            "value": 61.5,
            "closeness": 1.0,
            "terms": [{"term": "fighter jet", "mass": 3, "value": 0.75}],
            "clauses": [],
            "boosts": [],
        },
        "article": {
            "id": "a1",
            "url": "https://news.example/a1",
            "title": "Jets for Turkey",
            "summary": "Talks are in their last round.",
            "source": "Asian Lite",
            "author": "",
            "language": "en",
            "published_at": AT,
        },
        "evidence": [a_piece(0)],
        "rules": "5f1c",
        "matched_at": AT,
    }
    return data | more


def said(data: dict[str, Any], kind: EventType = "alert.created") -> dict[str, Any]:
    """The data as subscribers read it."""
    found = json.loads(body(kind, "alr_1", data, AT))["data"]
    assert isinstance(found, dict)
    return found


def an_entry(number: int, title: str, url: str = "https://news.example/") -> dict[str, Any]:
    """An alert that a digest names and does not show."""
    entry = {"id": f"alr_{number:032}", "watchlist": "w" * 100, "title": title, "url": url}
    return {"type": "alert.retracted", "alert_id": entry["id"], **entry}


def article(**more: str) -> dict[str, Any]:
    """An article with these fields."""
    return {**an_alert()["article"], **more}


def test_what_fits_is_untouched() -> None:
    """Up to the limit nothing is shortened, and nothing said of it."""
    room = MAX_BODY_BYTES - len(
        body("alert.created", "alr_1", an_alert(article=article(title="")), AT)
    )
    data = an_alert(article=article(title="x" * room))
    assert len(body("alert.created", "alr_1", data, AT)) == MAX_BODY_BYTES
    assert said(data) == {"id": "alr_1", **data}


def test_evidence_is_shortened_first() -> None:
    """Pieces are left out, the first stay whole; everything else is as it was."""
    data = an_alert(evidence=[a_piece(number) for number in range(400)])
    found = said(data)
    assert found.pop("shortened") == ["evidence"]
    assert found.pop("evidence") == data.pop("evidence")[:20]
    assert found == {"id": "alr_1", **data}


def test_a_long_sentence_is_cut_around_its_words() -> None:
    """What proves the match stays in it."""
    long = SENTENCE * 500 + "An end with fighter jets in it." + SENTENCE * 500
    sentence = long.replace("fighter jets. ", "trams. ")
    found = said(an_alert(evidence=[a_piece(0, sentence)]))
    (piece,) = found["evidence"]
    assert found["shortened"] == ["evidence"]
    assert "An end with fighter jets in it." in piece["sentence"]
    assert piece["sentence"].startswith("…")
    assert piece["sentence"].endswith("…")
    assert len(piece["sentence"].encode()) <= 1000
    (piece,) = said(an_alert(evidence=[a_piece(0, SENTENCE * 1000)]))["evidence"]
    assert piece["sentence"].startswith(SENTENCE)
    assert piece["sentence"].endswith("…")


def test_the_summary_comes_next_then_lists_then_texts() -> None:
    """Each is left alone while shortening what comes before it is enough."""
    summary = said(an_alert(article=article(summary="word " * 5000)))
    assert summary["shortened"] == ["summary"]
    assert {*summary["article"]["summary"].removesuffix("…").split(" ")} == {"word"}
    terms = [{"term": f"term {number}", "mass": 1, "value": 0.5} for number in range(2000)]
    lists = said(an_alert(score={**an_alert()["score"], "terms": terms}))
    assert lists["shortened"] == ["terms"]
    assert lists["score"]["terms"] == terms[:50]
    texts = said(an_alert(article=article(title="title " * 5000)))
    assert texts["shortened"] == ["title"]
    assert texts["article"]["title"].startswith("title title")


def test_half_a_url_is_no_url() -> None:
    """A link that would lead elsewhere is left out."""
    found = said(an_alert(article=article(url="https://news.example/" + "a" * 30_000)))
    assert found["article"]["url"] == ""
    assert found["shortened"] == ["url"]


def test_a_digest_shows_fewer_alerts_and_counts_all() -> None:
    """Of each it has id, title and URL all the same; what an alert said of itself stays."""
    long = article(author="x" * 25_000)
    alerts = [{"type": "alert.created", **an_alert(article=long, shortened=[*"abcdefg"])}] * 10
    others = [an_entry(number, "word " * 40) for number in range(190)]
    data = {"reason": "digest", "count": 200, "since": AT, "until": AT, "watchlists": []}
    found = said({**data, "alerts": alerts, "others": others}, "digest.created")
    assert found["count"] == 200
    assert found["alerts"] == alerts[:5]
    assert found["others"] == others
    assert found["shortened"] == ["alerts"]


def test_what_was_shortened_is_not_told_as_changed() -> None:
    """A correction compares only what was told whole."""
    first = an_alert(evidence=[a_piece(number, f"{number} {SENTENCE}") for number in range(400)])
    corrected = {**first, "article": article(title="Jets for Türkiye")}
    assert [one["field"] for one in changes(said(first), corrected)] == ["title"]


text = st.text(max_size=60) | st.builds(
    lambda char, times: char * times,
    st.sampled_from(["x", "word ", "é", "字", "😀", '"', "\\", "\x00", "\u2028", " "]),
    st.sampled_from([3, 100, 1500, 6000]),
)


def lists(items: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Short lists, and one thing many times."""
    many = st.builds(lambda one, times: [one] * times, items, st.sampled_from([2, 12, 60]))
    return st.lists(items, max_size=2) | many


ID = st.from_regex(r"[a-z0-9][a-z0-9-]{0,99}", fullmatch=True)
WATCHLIST = st.fixed_dictionaries(
    {"id": ID, "name": text, "severity": st.just("high"), "tags": lists(text)}
)
WEIGHTS = {
    name: lists(st.fixed_dictionaries({name[:-1]: text, "mass": st.integers(0, 99)}))
    for name in ("terms", "clauses", "boosts")
}
PIECE = st.fixed_dictionaries(
    {
        "term": text,
        "terms": lists(text),
        "zone": st.just("body"),
        "start": st.integers(0, 10**6),
        "text": text,
        "sentence": text,
    }
)
ALERT = st.fixed_dictionaries(
    {
        "watchlist": WATCHLIST,
        "score": st.fixed_dictionaries({"value": st.floats(0, 100), **WEIGHTS}),
        "article": st.fixed_dictionaries(
            dict.fromkeys(("id", "url", "title", "summary", "source", "author"), text)
        ),
        "evidence": lists(PIECE),
        "story": st.fixed_dictionaries(
            {"id": ID, "articles": st.integers(1, 10**6), "sources": lists(text)}
        ),
        "rules": ID,
        "changes": st.lists(
            st.fixed_dictionaries(
                {"field": st.just("title"), "from": text | lists(text), "to": text | lists(text)}
            ),
            max_size=4,
        ),
    }
)
DIGEST = st.fixed_dictionaries(
    {
        "reason": st.just("digest"),
        "count": st.integers(1, 10**6),
        "watchlists": lists(WATCHLIST),
        "alerts": st.lists(ALERT, max_size=2),
        "others": lists(
            st.fixed_dictionaries({"id": ID, "watchlist": ID, "title": text, "url": text})
        ),
    }
)
TEST = st.fixed_dictionaries({"subscriber": ID, "message": text})
SHORT: st.SearchStrategy[EventType] = st.just("alert.updated")
LONG: st.SearchStrategy[EventType] = st.just("digest.created")
EVENT = st.tuples(SHORT, ALERT | TEST) | st.tuples(LONG, DIGEST)


def shape(value: Any) -> Any:
    """Keys and kinds of values; of a list, that it is one."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items() if key != "shortened"}
    return type(value)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.tuples(st.just("alert.updated"), ALERT | TEST) | st.tuples(st.just("digest.created"), DIGEST)
)
def test_every_event_fits(event: tuple[EventType, dict[str, Any]]) -> None:
    """Whatever stands in it; its keys stay, and one event always makes the same body."""
    kind, data = event
    digest = kind == "digest.created"
    made = body(kind, "alr_1", data, AT)
    assert len(made) <= (MAX_DIGEST_BYTES if digest else MAX_BODY_BYTES)
    assert len(structured(made)) <= (250_000 if digest else 20_000)
    assert made == body(kind, "alr_1", data, AT)
    found = json.loads(made)["data"]
    whole = {"id": "alr_1", **data}
    assert shape(found) == shape(whole)
    assert ("shortened" in found) == (found != whole)


def test_the_worst_event_fits() -> None:
    """Everything too long at once, in characters of which each becomes six bytes.

    Its body, and the CloudEvent that is made of it.
    """
    long = "\x00" * 1000
    many = [long] * 25
    piece = a_piece(0, long) | {"term": long, "terms": many, "text": long}
    weights = [{"term": long, "mass": 1, "value": 1.0}] * 25
    watchlist = {"id": "w" * 100, "name": long, "severity": "critical", "tags": many}
    alert = an_alert(
        watchlist=watchlist,
        score={"value": 1, "terms": weights, "clauses": weights, "boosts": weights},
        article=dict.fromkeys(article(), long),
        evidence=[piece] * 25,
        story={"id": "s", "sources": many},
        changes=[{"field": "evidence", "from": many, "to": many}] * 4,
    )
    made = body("alert.updated", "alr_1", alert, AT)
    assert len(made) <= 20_000
    assert len(structured(made)) <= 20_000
    others = [an_entry(number, long, "https://news.example/" + "x" * 479) for number in range(200)]
    digest = {"watchlists": [watchlist] * 200, "alerts": [alert] * 10, "others": others}
    made = body("digest.created", "alr_1", digest, AT)
    for sent in (made, structured(made)):
        assert len(sent) <= 250_000
        assert len(json.loads(sent)["data"]["others"]) == 200
