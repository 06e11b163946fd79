"""The events that throttles and digests hold in Redis until they are sent as one event."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from service.alerts.alert import Event, rfc3339
from service.alerts.bundles.digest import digest_events, entry
from service.alerts.bundles.throttle_summary import (
    MAX_SHOWN,
    summaries,
    summary_event,
    summary_parts,
)
from service.alerts.people.silence import Silence, muted_text, silencing
from service.errors import StoreError
from service.store.client import (
    Argument,
    Store,
    span_milliseconds,
    to_milliseconds,
)
from service.store.commit.event_plan import event_arguments
from service.store.held.due_bundle import DueBundle, read_due_bundle
from service.store.keys import ALERT, BUNDLES, DIGEST_BUNDLE, MUTED_FIELD

READ_AT_ONCE = 500
"""Events that are read in one step: other work goes on between two."""

UNREADABLE_PAUSE = timedelta(minutes=1)
"""Until a bundle that could not be read is looked at again."""

Routing = Callable[[Event, str], Event]
"""Gives an event its routes to its subscribers; the text is its severity."""
Body = dict[str, Any]
"""An event as it is kept."""


@dataclass(frozen=True, slots=True)
class SentBundle:
    """A bundle that was sent, by this process or another."""

    bundle: str
    events: int
    """That it held; 0 where another process sent it."""
    written: int
    """Digests or summaries that somebody receives; 0 where silences or retractions left nothing."""
    silenced: int
    """How often a silence kept one of the events from a subscriber."""


@dataclass(frozen=True, slots=True)
class _Release:
    """What becomes of a bundle."""

    about: str
    """The watchlist that it is about, if any."""
    events: tuple[Event, ...]
    muted: tuple[tuple[str, str, Silence], ...]
    """Events that are not sent to a subscriber, and the silence that mutes them."""


class HeldEvents:
    """The events of one stream that throttles and digests hold.

    `keep_alerts` is how long an event is kept after its last delivery.
    """

    def __init__(self, store: Store, keep_alerts: timedelta) -> None:
        self._store = store
        self._keep = span_milliseconds(keep_alerts)
        self._left: set[str] = set()  # subscribers that this process does not know

    async def release(
        self,
        *,
        routing: Routing = lambda event, _: event,
        silences: Collection[Silence] = (),
        known: Callable[[str], bool] = lambda _: True,
    ) -> SentBundle | None:
        """Send the bundle that has been due the longest; None where none is due.

        What one of the `silences` mutes is left out, and its record says so. A digest waits until
        its subscriber is `known`. Of several processes one sends it, the others send 0 events.
        """
        store = self._store
        due = await self._due(known)
        if due is None:
            return None
        try:
            made = await self._composed(due, routing, silences)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # A record that cannot be read must not delay the other bundles.
            later = to_milliseconds(due.at + UNREADABLE_PAUSE)
            async with store.guarded():
                await store.redis.zadd(store.key(BUNDLES), {due.bundle: later}, xx=True)
            raise StoreError(
                f"the events held in {due.bundle} cannot be read: {error!r}"
            ) from error
        args: list[Argument] = [rfc3339(due.at), self._keep, due.bundle, due.due_since]
        args += [due.version, made.about, len(made.events)]
        for event in made.events:
            args += event_arguments(event, rfc3339(due.at))
        args.append(len(made.muted))
        for alert, name, silence in made.muted:
            args += [alert, MUTED_FIELD.fill(name), muted_text(silence)]
        done = await store.run("held/release", args)
        if not done:
            return SentBundle(due.bundle, 0, 0, 0)
        written = sum(bool(event.subscribers) for event in made.events)
        return SentBundle(due.bundle, len(due.held), written, len(made.muted))

    async def _due(self, known: Callable[[str], bool]) -> DueBundle | None:
        self._left = {name for name in self._left if not known(name)}
        while row := await self._store.run("held/due", [json.dumps(sorted(self._left))]):
            due = read_due_bundle(row)
            if not due.is_digest or due.is_disabled or known(due.name):
                return due
            self._left.add(due.name)
        return None

    async def bring_digest_forward(self, subscriber: str, due: datetime) -> None:
        """Have the subscriber's digest sent by then, if it holds something."""
        store, bundle = self._store, DIGEST_BUNDLE.fill(subscriber)
        async with store.guarded():
            at = {bundle: to_milliseconds(due)}
            await store.redis.zadd(store.key(BUNDLES), at, xx=True, lt=True)

    async def _composed(
        self, due: DueBundle, routing: Routing, silences: Collection[Silence]
    ) -> _Release:
        if due.is_digest:
            return await self._digest(due, silences)
        return await self._summaries(due, routing, silences)

    async def _digest(self, due: DueBundle, silences: Collection[Silence]) -> _Release:
        bodies = await self._bodies([one.id for one in due.held])
        muting = {id_: _silencing(each, due.name, silences) for id_, each in bodies.items()}
        told = (each for id_, each in bodies.items() if muting[id_] is None)
        events = digest_events(due.name, sorted(told, key=_event_order), due.until)
        muted = ((id_, due.name, silence) for id_, silence in muting.items() if silence)
        return _Release("", tuple(events), tuple(muted))

    async def _summaries(
        self, due: DueBundle, routing: Routing, silences: Collection[Silence]
    ) -> _Release:
        found = [part for each in summaries(due.held) for part in summary_parts(each)]
        best = {one.id for each in found for one in each.alerts[:MAX_SHOWN]}

        def shortened(id_: str, event: Body) -> Body:
            return event if id_ in best else _as_entry(event)

        bodies = await self._bodies([one.id for one in due.held], shortened)
        events, muted = [], []
        for each in found:
            event = summary_event(each, due.name, bodies, due.until)
            muting = {name: _silencing_of(event, name, silences) for name in event.subscribers}
            heard = tuple(name for name, silence in muting.items() if silence is None)
            told = replace(event, subscribers=heard)
            events.append(routing(told, event.data["watchlist"].get("severity", "medium")))
            muted += [
                (one.id, name, silence)
                for name, silence in muting.items()
                if silence
                for one in each.alerts
            ]
        return _Release(due.name, tuple(events), tuple(muted))

    async def _bodies(
        self, ids: Sequence[str], shortened: Callable[[str, Body], Body] = lambda _, event: event
    ) -> dict[str, Body]:
        """The events by id, as far as they are there, each as `shortened` leaves it."""
        store = self._store
        found: dict[str, Body] = {}
        for begin in range(0, len(ids), READ_AT_ONCE):
            step = ids[begin : begin + READ_AT_ONCE]
            async with store.guarded(), store.redis.pipeline(transaction=False) as pipe:
                for id_ in step:
                    pipe.hget(store.key(ALERT, id_), "body")
                bodies: list[bytes | None] = await pipe.execute()
            pairs: Iterable[tuple[str, bytes | None]] = zip(step, bodies, strict=True)
            found |= {id_: shortened(id_, json.loads(text)) for id_, text in pairs if text}
        return found


def _as_entry(event: Body) -> Body:
    """All that a summary needs of an event which it does not show."""
    data = event["data"]
    told = entry({**data, "type": event["type"]})
    article = {"title": told["title"], "url": told["url"]}
    return {**event, "data": {**told, "watchlist": data["watchlist"], "article": article}}


def _silencing(
    event: Mapping[str, Any], subscriber: str, silences: Collection[Silence]
) -> Silence | None:
    watchlist = event["data"]["watchlist"]
    return silencing(silences, watchlist["id"], watchlist.get("tags", ()), subscriber)


def _silencing_of(event: Event, subscriber: str, silences: Collection[Silence]) -> Silence | None:
    return _silencing({"data": event.data}, subscriber, silences)


def _event_order(event: Mapping[str, Any]) -> tuple[str, int]:
    """By time; at one moment an alert comes before its corrections."""
    later = ("alert.created", "alert.updated", "alert.retracted")
    kind = event["type"]
    return event["timestamp"], later.index(kind) if kind in later else len(later)
