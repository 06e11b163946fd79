"""Events as subscribers receive them, for the tests of channels."""

from __future__ import annotations

import json
from typing import Any

WATCHLIST = {
    "id": "pak-turk-fighter-jets",
    "name": "Pakistan–Turkey fighter jets",
    "severity": "high",
    "tags": ["defence"],
}
STORY = {
    "id": "sty_5f1c",
    "first_seen": "2026-11-23T08:41:00.000Z",
    "articles": 4,
    "sources": ["Asian Lite", "Dawn", "Anadolu Ajansı"],
}
ARTICLE = {
    "id": "art-1",
    "scope": "asian lite",
    "url": "https://news.example/2026/11/jets?a=1&b=2",
    "title": "Pakistan and Turkey move closer to a joint fighter jet line",
    "summary": "Talks over a shared production line for fighter jets are in their last round.",
    "source": "Asian Lite",
    "author": "Ayşe Yılmaz",
    "language": "en",
    "published_at": "2026-11-23T08:40:00Z",
}
SHARED = (
    "Pakistan and Turkey are in the last round of talks over a shared production line for fighter "
    "jets, three people who have seen the draft said on Thursday, in what would be the largest "
    "industrial agreement between the two countries so far."
)
QUOTED = (
    "“If R&D <costs> are shared *evenly*, Ankara signs,” said a minister; Pakistan’s cabinet "
    "meets on Monday."
)


def evidence(term: str, text: str, sentence: str, zone: str = "body") -> dict[str, Any]:
    """One mention."""
    start = sentence.index(text)
    return {
        "term": term,
        "terms": [term],
        "zone": zone,
        "start": start,
        "end": start + len(text),
        "text": text,
        "sentence": sentence,
    }


def alert_data(**changed: Any) -> dict[str, Any]:
    """The data of an alert."""
    return {
        "id": "alr_0b6d3c",
        "watchlist": WATCHLIST,
        "score": {
            "value": 99.1,
            "closeness": 1.0,
            "terms": [{"term": "Pakistan", "mass": 5, "value": 0.833}],
            "clauses": [
                {"clause": "Pakistan", "mass": 5, "value": 0.833},
                {"clause": "Turkey", "mass": 5, "value": 0.833},
                {"clause": "fighter jet", "mass": 6, "value": 0.857},
            ],
            "boosts": [{"when": "title:fighter jet", "points": 10.0}],
        },
        "article": ARTICLE,
        "evidence": [
            evidence("Pakistan", "Pakistan", ARTICLE["title"], "title"),
            evidence("Turkey", "Turkey", ARTICLE["title"], "title"),
            evidence("fighter jet", "fighter jet", ARTICLE["title"], "title"),
            evidence("Pakistan", "Pakistan", SHARED),
            evidence("Turkey", "Turkey", SHARED),
            evidence("fighter jet", "fighter jets", SHARED),
            evidence("Pakistan", "Pakistan’s", QUOTED),
        ],
        "story": STORY,
        "rules": "9f2d61c04be7a385",
        "matched_at": "2026-11-23T09:00:00.000Z",
        **changed,
    }


def body(kind: str, data: object) -> bytes:
    """The body of an event."""
    event = {"type": kind, "timestamp": "2026-11-23T09:00:00.000Z", "data": data}
    return json.dumps(event, ensure_ascii=False).encode()


def created(**changed: Any) -> bytes:
    """An `alert.created`."""
    return body("alert.created", alert_data(**changed))


def updated() -> bytes:
    """An `alert.updated` of a corrected article."""
    old = "Pakistan and Turkey agree on a joint fighter jet line"
    changes = [
        {"field": "title", "from": old, "to": ARTICLE["title"]},
        {"field": "score", "from": 94.0, "to": 99.1},
        {"field": "evidence", "from": [QUOTED], "to": [SHARED, QUOTED]},
    ]
    return body(
        "alert.updated", alert_data(id="alr_77aa01", alert_id="alr_0b6d3c", changes=changes)
    )


def retracted() -> bytes:
    """An `alert.retracted`: its article says something else now."""
    old = "Pakistan and Turkey agree on a joint fighter jet line"
    changes = [
        {"field": "title", "from": old, "to": ARTICLE["title"]},
        {"field": "score", "from": 94.0, "to": 0},
        {"field": "evidence", "from": [QUOTED], "to": []},
    ]
    data = alert_data(id="alr_88bb02", alert_id="alr_0b6d3c", changes=changes)
    del data["evidence"], data["score"]
    return body("alert.retracted", data)


def withdrawn() -> bytes:
    """An `alert.retracted`: a publisher took its article back."""
    data = alert_data(id="alr_88bb02", alert_id="alr_0b6d3c", changes=[])
    del data["evidence"], data["score"]
    return body("alert.retracted", {**data, "reason": "This story <has> been withdrawn."})


def spread() -> bytes:
    """A `story.updated`."""
    return body("story.updated", alert_data(id="alr_99cc03", alert_id="alr_0b6d3c"))


def digest(reason: str = "throttle") -> bytes:
    """A `digest.created` of 23 alerts, the two best of them with their proof."""
    second = {**ARTICLE, "title": "<b>Jets</b> & pacts: what Ankara wants", "url": ""}
    data = {
        "id": "dig_4e",
        "reason": reason,
        "watchlist": WATCHLIST,
        "count": 23,
        "since": "2026-11-23T08:00:00.000Z",
        "until": "2026-11-23T09:00:00.000Z",
        "alerts": [
            {"type": "alert.created", **alert_data()},
            {"type": "alert.created", **alert_data(id="alr_1f", article=second)},
        ],
        "others": [
            {
                "type": "alert.created",
                "id": f"alr_{number}",
                "watchlist": WATCHLIST["id"],
                "title": f"{number} jets are delivered, says a minister & <i>his</i> aide",
                "url": f"https://news.example/2026/11/jets?number={number}",
            }
            for number in range(3, 24)
        ],
    }
    return body("digest.created", data)


def report() -> bytes:
    """A `subscriber.disabled`, for those who want reports."""
    message = (
        "desk is disabled and gets nothing more. The last attempt: answered 410: the receiver is "
        "gone. Fix the receiver, then enable it; the command says how to send what it missed: "
        "tocsin subscribers enable desk"
    )
    data = {
        "id": "alr_3c",
        "subscriber": "desk",
        "message": message,
        "command": "tocsin subscribers enable desk",
        "delivery_id": "dlv_7",
        "event_id": "alr_77aa01",
        "alert_id": "alr_0b6d3c",
        "attempts": 1,
        "status": 410,
        "reason": "answered 410: the receiver is gone",
    }
    return body("subscriber.disabled", data)


def notice(kind: str = "subscriber.test") -> bytes:
    """A message that an operator asked for."""
    data = {"id": "ntc_1", "subscriber": "desk", "message": "Asked for by tocsin subscribers test"}
    return body(kind, data)


def of_a_subscriber() -> bytes:
    """A `digest.created` of what one subscriber hears together, from two watchlists."""
    other = {**WATCHLIST, "id": "hospitals", "name": "Attacks on hospitals", "severity": "critical"}
    first = {"type": "alert.created", **alert_data(watchlist=other, id="alr_9")}
    data = {
        "id": "alr_d1",
        "reason": "digest",
        "count": 2,
        "since": "2026-11-23T08:00:00.000Z",
        "until": "2026-11-23T09:00:00.000Z",
        "watchlists": [{**other, "count": 1}, {**WATCHLIST, "count": 1}],
        "alerts": [first, {"type": "alert.updated", **alert_data()}],
        "others": [],
    }
    return body("digest.created", data)


ALL = {
    "alert": created(),
    "updated": updated(),
    "retracted": retracted(),
    "spread": spread(),
    "throttled": digest(),
    "digest": of_a_subscriber(),
    "report": report(),
    "notice": notice(),
}
