"""The files in docs/events/: the JSON Schema of each event, and an example; that of rules files.

And docs/lint.md. The code of the product makes the examples. `make events` writes the files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from builders.findings import PAGE as LINT_PAGE
from builders.findings import lint_page
from builders.rules import load
from service.alerts.alert import Event, alert_id, delivery_id, rfc3339
from service.alerts.bundles.digest import digest_events
from service.alerts.bundles.throttle_summary import HeldAlert, summaries, summary_event
from service.alerts.create import ArticleAlerts
from service.alerts.events.json_schema import EVENTS, json_schema
from service.alerts.events.payload import body
from service.alerts.history import (
    AlertHistory,
    ArticleHistory,
    BatchHistory,
    SentAlert,
    StoryReach,
)
from service.alerts.rhythm.evaluation import Back, Changes, Quiet, Spiking
from service.alerts.rhythm.head import Head
from service.alerts.rhythm.reports import rhythm_events
from service.alerts.rhythm.slots import slot_of
from service.alerts.rhythm.watchlist import Spike
from service.alerts.stories.story import Story
from service.app.rules_report import fault_event
from service.articles.article import Article, compose
from service.articles.entry import read_entry
from service.cli.subscribers.test_message import make_test_event
from service.delivery.channels.registry import CHANNELS
from service.delivery.channels.webhook.rules_block import Webhook
from service.delivery.worker.failure_reports import report_disabled, report_exhausted
from service.rules.schema.json_schema import rules_schema
from service.rules.secret import Secret
from service.rules.subscribers.channel import subscriber_spec
from service.rules.subscribers.subscriber import Subscriber
from service.store.client import to_milliseconds
from service.store.deliveries.delivery import Attempt
from service.store.lanes.leases import Leased

FOLDER = Path(__file__).parents[2] / "docs" / "events"
PAGE = FOLDER.parent / "alerts.md"
COLUMNS = 100
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
LOADED = load(
    {
        "rules.yaml": """
watchlists:
  - id: pak-turk-fighter-jets
    name: Pakistan–Turkey fighter jets
    match: Pakistan AND Turkey AND fighter jet
    severity: high
    tags: [defence]
    boost: [{when: "title:fighter jet", points: 10}]
    notify: [desk]
  - id: arms-exports
    name: Arms exports
    match: fighter jet AND (sell OR export)
    tags: [defence, trade]
    notify: [desk]
subscribers:
  - {id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}
"""
    },
    lambda _: "whsec_" + "QUJD" * 8,
)
# The digest is set, so that the examples do not change with the form in which rules are compiled.
RULES = replace(LOADED, digest="9f2d61c04be7a385")
STORY = Story("sty_5f1c03d2a4b86e97", rfc3339(AT - timedelta(hours=1)), 1, 1, ("Asian Lite",))
SPREAD = replace(
    STORY, articles=4, source_count=3, sources=("Anadolu Ajansı", "Asian Lite", "Dawn")
)
OTHER_STORY = Story("sty_c0187d3e92fa4b65", rfc3339(AT), 1, 1, ("The Gazette",))
ALERT = alert_id("pak-turk-fighter-jets", "art-1")
LEASED = Leased(
    id=delivery_id("alr_0b6d3c", "desk"),
    alert_id=ALERT,
    subscriber="desk",
    attempt=1,
    step=1,
    body=b'{"type":"alert.created","data":{"id":"%s"}}' % ALERT.encode(),
    token="",
    impaired=True,
    leased_at=AT,
)
GONE = Attempt(rfc3339(AT), "worker-1", 410, 127, "answered 410: the receiver is gone")
WATCH = Subscriber("operators", Webhook(Secret("https://ops.example/hook"), ()), reports=True)
FIELDS = {
    "url": "https://news.example/2026/11/fighter-jets",
    "title": "Pakistan and Turkey move closer to a joint fighter jet line",
    "summary": "Talks over a shared production line for fighter jets are in their last round.",
    "body": (
        "Pakistan and Turkey are in the last round of talks over a shared production line for "
        "fighter jets, three people who have seen the draft said on Thursday.\n\n"
        "“The jets are for us, not to be sold to others,” said a Turkish official."
    ),
    "source": "Asian Lite",
    "author": "Selin Ardalan",
    "language": "en",
    "published_at": "2026-11-23T08:40:00Z",
}
CORRECTED = {"title": "Pakistan and Turkey sign for a joint fighter jet line"}
WITHDRAWN = {
    "title": "Pakistan and Turkey move closer to a joint drone line",
    "summary": "Talks over a shared production line for drones are in their last round.",
    "body": "Pakistan and Turkey are in the last round of talks over a line for drones.",
}
OTHER = {
    "url": "https://gazette.example/exports",
    "title": "Ankara wants to sell fighter jets to three more countries",
    "summary": "",
    "body": "Turkey hopes to export forty fighter jets by 2030, a minister said.",
    "source": "The Gazette",
    "author": "",
}


@cache
def examples() -> dict[str, dict[str, Any]]:
    """An event of each type by the name of its file; `digest.created` has one for each reason."""
    early = AT - timedelta(hours=1)
    created = _created(FIELDS, "pak-turk-fighter-jets", STORY, early)
    exports = _created(FIELDS | OTHER, "arms-exports", OTHER_STORY, AT)
    updated = _updated(created)
    found = {
        "alert.created": created,
        "alert.updated": updated,
        "alert.retracted": _retracted(created),
        "story.updated": _story_updated(),
        "digest.created": _event(digest_events("desk", [created, exports], rfc3339(AT))[0]),
        "digest.created.throttle": _event(_summary(exports)),
        "subscriber.test": _event(make_test_event("desk", "3f8a1c5e")),
        "subscriber.disabled": _event(report_disabled(LEASED, GONE, {WATCH.id: WATCH})),
        "delivery.exhausted": _event(report_exhausted(LEASED, GONE, {WATCH.id: WATCH})),
        "rules.fault": _event(_fault()),
        **{name: _event(event) for name, event in _rhythm_events().items()},
    }
    assert {event["type"] for event in found.values()} == {*EVENTS}
    return found


def files() -> Iterator[tuple[str, str]]:
    """The names and the texts of all files."""
    for kind in EVENTS:
        yield f"{kind}.schema.json", _text(json_schema(kind))
    for name, event in examples().items():
        yield f"{name}.json", _text(event)


def _created(
    fields: Mapping[str, str], watchlist: str, story: Story, at: datetime
) -> dict[str, Any]:
    return _event(_sent(fields, watchlist, _history(story), at), at)


def _updated(created: Mapping[str, Any]) -> dict[str, Any]:
    history = _history(STORY, AlertHistory(_sent_alert(created)))
    return _event(_sent(FIELDS | CORRECTED, "pak-turk-fighter-jets", history, AT))


def _retracted(created: Mapping[str, Any]) -> dict[str, Any]:
    history = _history(None, AlertHistory(_sent_alert(created)))
    return _event(_sent(FIELDS | WITHDRAWN, "pak-turk-fighter-jets", history, AT))


def _story_updated() -> dict[str, Any]:
    history = _history(SPREAD, AlertHistory(reach=StoryReach("alr_1", {"desk": "alr_1"})))
    return _event(_sent(FIELDS, "pak-turk-fighter-jets", history, AT))


def _summary(event: Mapping[str, Any]) -> Event:
    """A summary of six alerts, of which five are shown."""
    data = event["data"]
    bodies = {
        id_: {**event, "data": {**data, "id": id_}}
        for id_ in (alert_id("arms-exports", str(number)) for number in range(6))
    }
    held = [HeldAlert(id_, 85.7, ("desk",), event["timestamp"]) for id_ in bodies]
    (summary,) = summaries(held)
    until = rfc3339(AT + timedelta(hours=1))
    return summary_event(summary, data["watchlist"]["id"], bodies, until)


def _fault() -> Event | None:
    """The report about rules with a mistake, of which one watchlist has a last good version."""
    good = "watchlists: [{id: fighter-jets, match: fighter jet}]"
    bad = "watchlists:\n  - {id: fighter-jets, match: fighter jet AND (}\n  - {id: tanks, match: (}"
    rules = load({"defence.yaml": bad}, None, load({"defence.yaml": good}, None))
    return fault_event(replace(rules, subscribers={WATCH.id: WATCH}), "", AT)


def _rhythm_events() -> dict[str, Event]:
    """The reports after a slot in which a source, a stream and two watchlists were unusual."""
    slot = slot_of(to_milliseconds(AT)) - 1
    quiet = [
        Quiet("source", "Asian Lite", slot - 61, 12.2, 5.0, "articles"),
        Quiet("source", "gazette.example", slot - 300, 9.4, 31.4, "articles"),
        Quiet("stream", "articles", slot - 4, 13.1, 0.24, "articles"),
        Quiet("watchlist", "arms-exports", slot - 2100, 9.1, 1204.5, articles=10961),
    ]
    spike = Spiking("pak-turk-fighter-jets", Spike(31, 8.2, 0.021))
    changes = Changes(Head.begun(slot + 1), quiet=quiet, spikes=[spike])
    changes.back = [Back("stream", "wires", slot - 40, slot, "wires")]
    names = {"pak-turk-fighter-jets": "Pakistan–Turkey fighter jets"}
    name = {**names, "arms-exports": "Arms exports"}.__getitem__
    made = [*rhythm_events(changes, slot, ("operators",), name)]
    return {
        event.kind + (".back" if event.data.get("state") == "back" else ""): event for event in made
    }


def _sent(
    fields: Mapping[str, str], watchlist: str, history: ArticleHistory, at: datetime
) -> Event | None:
    """What is sent of an article with this history."""
    article = _article(fields)
    matches = RULES.engine.match(article, max_evidence=3)
    outcomes = ArticleAlerts(article, "1-1", RULES, at=at).outcomes(
        matches, history, BatchHistory()
    )
    (found,) = [each for each in outcomes if each.draft.watchlist_id == watchlist]
    return found.event


def _history(story: Story | None, alert: AlertHistory | None = None) -> ArticleHistory:
    """The history of an article, with that of one watchlist's alert."""
    alerts = {"pak-turk-fighter-jets": alert} if alert else {}
    return ArticleHistory(AT, story, story.id if story else "", alerts)


def _article(fields: Mapping[str, str]) -> Article:
    entry = {name.encode(): value.encode() for name, value in fields.items()}
    return compose(read_entry(entry, max_bytes=10_000))


def _sent_alert(event: Mapping[str, Any]) -> SentAlert:
    id_ = event["data"]["id"]
    return SentAlert(id_, "another revision", "", id_, event["data"], ("desk",))


def _event(event: Event | None, at: datetime = AT) -> dict[str, Any]:
    """The event as subscribers receive it."""
    assert event is not None
    made = json.loads(body(event.kind, event.id, event.data, rfc3339(at)))
    return cast("dict[str, Any]", made)


def _text(value: Mapping[str, Any]) -> str:
    return _json(value, "") + "\n"


def _json(value: object, indent: str, before: int = 0) -> str:
    """JSON in which each object or list that fits has one line; `before` characters precede it."""
    line = json.dumps(value, ensure_ascii=False)
    if (
        len(indent) + before + len(line) <= COLUMNS
        or not isinstance(value, dict | list)
        or not value
    ):
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        keys = {key: f"{json.dumps(key, ensure_ascii=False)}: " for key in value}
        parts = [keys[key] + _json(one, inner, len(keys[key])) for key, one in value.items()]
    else:
        parts = [_json(one, inner) for one in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{closing}"


def page() -> str:
    """docs/alerts.md with all examples at its end."""
    begin = PAGE.read_text(encoding="utf-8").split("<details>")[0]
    blocks = [
        f"<details>\n<summary>{name.removesuffix('.throttle').removesuffix('.back')}{_about(event)}</summary>\n\n"
        f"```json\n{_text(event)}```\n\n</details>\n"
        for name, event in examples().items()
    ]
    return begin + "\n".join(blocks)


def _about(event: Mapping[str, Any]) -> str:
    reason = event["data"].get("reason", "")
    return f", reason {reason}" if event["type"] == "digest.created" else ""


def write() -> None:
    """Write all files and the examples on the page, and delete other files of their kind."""
    made = dict(files())
    PAGE.write_text(page(), encoding="utf-8")
    rules = json.dumps(rules_schema(subscriber_spec(CHANNELS)), indent=2, ensure_ascii=False)
    (FOLDER.parent / "rules.schema.json").write_text(f"{rules}\n", encoding="utf-8")
    LINT_PAGE.write_text(lint_page(), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
