"""Events as scripts read them, with those who receive them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from service.alerts.alert import Event, delivery_id
from service.alerts.decision import Held, Outcome
from service.alerts.events.payload import body
from service.store.client import Argument, to_milliseconds
from service.store.keys import DIGEST_BUNDLE

ABOVE_ALL_SCORES = 101
"""The score of a retraction in a digest: however short a digest is cut, it keeps these."""

PORTION = 45
"""Deliveries that a script writes with their event. Of more, each so many are a portion, which a
call of its own writes: none holds up the server for long (ADR 0070)."""


@dataclass(slots=True)
class ScriptTexts:
    """The texts that a plan names by their numbers; `first` is the number of the first one."""

    first: int
    texts: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, text: bytes) -> int:
        """The number of a text."""
        self.texts.append(text)
        self.size += len(text)
        return self.first + len(self.texts) - 1


def event_table(
    outcome: Outcome, bundle: str, timestamp: str, texts: ScriptTexts
) -> dict[str, Any] | None:
    """The event of an outcome as `send.lua` reads it; `bundle` is that of the throttle."""
    draft, event, decision = outcome.draft, outcome.event, outcome.decision
    if event is None:
        return None
    table: dict[str, Any] = {
        "type": event.kind,
        "id": event.id,
        "body": texts.add(body(event.kind, event.id, event.data, timestamp)),
        "watchlist": draft.watchlist_id,
        "article": draft.article.id,
    }
    if isinstance(decision, Held) or event.routes:
        table["score"] = str(getattr(draft, "score", ABOVE_ALL_SCORES))
    if isinstance(decision, Held):  # a bundle that is there keeps its time
        until = to_milliseconds(decision.until) if decision.until else 0
        table["to"] = [{"bundle": bundle, "bundle_due": until, "keeps": True}]
    elif portions := event_portions(event, table.get("score", "0")):
        numbers = [texts.add(each) for each in portions]
        table |= {"portions": [numbers[0], numbers[-1]], "count": len(event.subscribers)}
    else:
        table["to"] = [_recipient(event, name) for name in event.subscribers]
    return table


def portion_count(subscribers: Sequence[str]) -> int:
    """In how many portions the deliveries to these are written; 0: with their event."""
    return 0 if len(subscribers) <= PORTION else -(-len(subscribers) // PORTION)


def event_portions(event: Event, score: str) -> list[bytes]:
    """Its deliveries as `portion.lua` reads them; `score`: the event's place in digests."""
    names = event.subscribers
    parts = [
        names[start : start + PORTION]
        for start in range(0, PORTION * portion_count(names), PORTION)
    ]
    return [
        orjson.dumps({"score": score, "to": [_recipient(event, name) for name in part]})
        for part in parts
    ]


def _recipient(event: Event, name: str) -> dict[str, Any]:
    recipient: dict[str, Any] = {"name": name, "delivery": delivery_id(event.id, name)}
    route = event.routes.get(name)
    if route is None:
        return recipient
    if route.digest_due:
        recipient |= {
            "bundle": DIGEST_BUNDLE.fill(name),
            "bundle_due": to_milliseconds(route.digest_due),
        }
    elif route.not_before:
        recipient["not_before"] = to_milliseconds(route.not_before)
    return recipient


def event_arguments(event: Event | None, timestamp: str) -> list[Argument]:
    """An event as arguments of other scripts, which `events.lua` reads; None: there is none."""
    if event is None:
        return ["", "", "", 0, 0]
    text = body(event.kind, event.id, event.data, timestamp)
    portions = event_portions(event, "0")
    flat: list[Argument] = [event.kind, event.id, text, len(event.subscribers), len(portions)]
    if portions:
        return [*flat, *portions]
    for name in event.subscribers:
        to = _recipient(event, name)
        flat += [name, to["delivery"], to.get("not_before", 0)]
        flat += [to.get("bundle", ""), to.get("bundle_due", 0)]
    return flat
