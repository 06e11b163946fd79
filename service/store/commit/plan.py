"""A batch as `commit.lua` reads it: what is compared, what is written, and with which texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.alerts.alert import Event, delivery_id
from service.alerts.decide import released_names
from service.alerts.decision import Held, Outcome, Retracted, Unsent, Withdrawn
from service.alerts.events.payload import body
from service.alerts.history import AlertHistory
from service.alerts.routing import AT_ONCE
from service.alerts.silence import muted_text
from service.store.client import Argument, Store, to_milliseconds
from service.store.keys import (
    ALERT,
    ALERTED,
    DELIVERIES,
    DELIVERY,
    DIGEST_BUNDLE,
    HELD,
    LANE,
    MILESTONE_FIELD,
    MUTED_FIELD,
    REACHED_FIELD,
    STORY_REACHED,
    THROTTLE,
    THROTTLE_BUNDLE,
)

ABOVE_ALL_SCORES = 101
"""The score of a retraction in a digest: however short a digest is cut, it keeps these."""


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


def event_table(event: Event, timestamp: str, texts: ScriptTexts) -> dict[str, Any]:
    """An event as `events.lua` reads it."""
    number = texts.add(body(event.kind, event.id, event.data, timestamp))
    to = [_recipient(event, name) for name in event.subscribers]
    return {"type": event.kind, "id": event.id, "body": number, "to": to}


def _recipient(event: Event, name: str) -> dict[str, Any]:
    route = event.routes.get(name, AT_ONCE)
    recipient: dict[str, Any] = {"name": name, "delivery": delivery_id(event.id, name)}
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
        return ["", "", "", 0]
    text = body(event.kind, event.id, event.data, timestamp)
    flat: list[Argument] = [event.kind, event.id, text, len(event.subscribers)]
    for name in event.subscribers:
        to = _recipient(event, name)
        flat += [name, to["delivery"], to.get("not_before", 0)]
        flat += [to.get("bundle", ""), to.get("bundle_due", 0)]
    return flat


class AlertPlan:
    """What one outcome writes; the keys are those of `store`.

    `keep` is how many ms an alert is kept, `story_window` how many a story lives.
    """

    def __init__(self, store: Store, outcome: Outcome, keep: int, story_window: int) -> None:
        self._store = store
        self._outcome = outcome
        self._keep = keep
        self._story_window = story_window
        draft = outcome.draft
        self.alert = store.key(ALERT, draft.alert_id)
        self.alerted = store.key(ALERTED, draft.article.digest)
        self.reached = store.key(STORY_REACHED, draft.story_id)
        self.throttle = store.key(THROTTLE, draft.watchlist_id)
        self.bundle = THROTTLE_BUNDLE.fill(draft.watchlist_id)
        self.held = store.key(HELD, self.bundle)

    def table(self, timestamp: str, texts: ScriptTexts) -> dict[str, Any]:
        """The change as the script reads it."""
        draft, event = self._outcome.draft, self._outcome.event
        decision = self._outcome.decision
        change: dict[str, Any] = {
            "watchlist": draft.watchlist_id,
            "article": draft.article.id,
            "revision": draft.revision,
            "score": str(getattr(draft, "score", ABOVE_ALL_SCORES)),
            "writes": [*self._writes()],
            "finished": [*dict.fromkeys(self._finished())],
        }
        if event:
            change["event"] = event_table(event, timestamp, texts)
        if isinstance(decision, Held):
            until = decision.until
            change |= {
                "bundle": self.bundle,
                # A bundle that is there keeps its time.
                "held_until": to_milliseconds(until) if until else 0,
            }
        return change

    def _finished(self) -> Iterable[str]:
        """The records that are complete with this; the alert itself comes last."""
        event, after = self._outcome.event, self._outcome.after
        yield from (each.event_id for each in self._outcome.unsent)
        if event:
            yield event.id
        if after.sent and after.sent != self._outcome.before.sent:
            yield self._outcome.draft.alert_id

    def _writes(self) -> Iterable[list[str | int]]:
        """Commands of Redis, in order."""
        draft, before, after = self._outcome.draft, self._outcome.before, self._outcome.after
        yield from self._reach_writes(before, after)
        yield from self._muted_writes()
        for one in self._outcome.unsent:
            yield from _unsent_writes(self._store, one)
        if isinstance(self._outcome.decision, Withdrawn):
            yield ["ZREM", self.held, draft.alert_id]
            yield ["HDEL", self.alerted, draft.watchlist_id]
            yield ["DEL", self.alert]
        elif after.sent and after.sent != before.sent:
            yield from self._record_writes(after)
        if after.throttle != before.throttle and after.throttle.until:
            until = to_milliseconds(after.throttle.until)
            yield ["HSET", self.throttle, "till", until, "count", after.throttle.sent]
            yield ["PEXPIREAT", self.throttle, until]

    def _muted_writes(self) -> Iterable[list[str | int]]:
        event, muted = self._outcome.event, self._outcome.muted
        if event and muted:
            pairs = ((MUTED_FIELD.fill(name), muted_text(each)) for name, each in muted.items())
            key = self._store.key(ALERT, event.id)
            yield ["HSET", key, *(part for pair in pairs for part in pair)]

    def _record_writes(self, after: AlertHistory) -> Iterable[list[str | int]]:
        draft, sent = self._outcome.draft, after.sent
        if sent is None:
            return
        record = {
            "latest": sent.latest_id,
            "later": " ".join(sent.later_ids),
            "subscribers": " ".join(sent.subscribers),
            "entry": sent.entry_id,
        }
        flags = {"held": sent.held, "retracted": sent.retracted}
        record |= {name: "1" for name, is_set in flags.items() if is_set}
        yield ["HSET", self.alert, *(part for pair in record.items() for part in pair)]
        yield ["HDEL", self.alert, *(name for name, is_set in flags.items() if not is_set)]
        yield ["HSET", self.alerted, draft.watchlist_id, draft.alert_id]
        yield ["PEXPIRE", self.alerted, self._keep]

    def _reach_writes(self, before: AlertHistory, after: AlertHistory) -> Iterable[list[str | int]]:
        draft, decision = self._outcome.draft, self._outcome.decision
        if not draft.story_id:
            return
        watchlist = draft.watchlist_id
        if isinstance(decision, Retracted | Withdrawn):
            released = released_names(draft, before)
            if released:
                yield ["HDEL", self.reached, *(_reach_field(watchlist, each) for each in released)]
            return
        fields: dict[str, str] = {}
        if after.reach.first != before.reach.first:
            fields[watchlist] = after.reach.first
        for name, alert in after.reach.by_subscriber.items():
            if alert != before.reach.by_subscriber.get(name, ""):
                fields[_reach_field(watchlist, name)] = alert
        if after.reach.milestone != before.reach.milestone:
            fields[MILESTONE_FIELD.fill(watchlist)] = str(after.reach.milestone)
        if fields:
            yield ["HSET", self.reached, *(part for pair in fields.items() for part in pair)]
            yield ["PEXPIRE", self.reached, self._story_window, "NX"]

    def reads(self) -> Mapping[str, Sequence[str]]:
        """The keys that this writes, by the command that reads each: they must be of its type."""
        event, store = self._outcome.event, self._store
        hashes = [self.alert, self.alerted, self.reached, self.throttle]
        zsets = [self.held]
        for each in self._outcome.unsent:
            hashes += [store.key(ALERT, each.event_id), store.key(DELIVERY, each.delivery_id)]
            zsets.append(store.key(LANE, each.subscriber))
        if event:
            names = event.subscribers
            hashes.append(store.key(ALERT, event.id))
            hashes += [store.key(DELIVERY, delivery_id(event.id, name)) for name in names]
            digests = [name for name in names if event.routes.get(name, AT_ONCE).digest_due]
            zsets += [store.key(HELD, DIGEST_BUNDLE.fill(name)) for name in digests]
        return {"HLEN": hashes, "ZCARD": zsets}


def _unsent_writes(store: Store, one: Unsent) -> Iterable[list[str | int]]:
    """Take back a delivery; the next look at its lane finds what else is in it."""
    yield ["DEL", store.key(DELIVERY, one.delivery_id)]
    yield ["ZREM", store.key(DELIVERIES, "pending"), one.delivery_id]
    yield ["ZREM", store.key(LANE, one.subscriber), one.delivery_id]
    yield ["HINCRBY", store.key(ALERT, one.event_id), "open", -1]


def _reach_field(watchlist: str, name: str) -> str:
    return REACHED_FIELD.fill(watchlist, name) if name else watchlist
