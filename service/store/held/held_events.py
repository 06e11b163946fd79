"""The events that throttles and digests hold in Redis until they are sent as one event."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.alerts.alert import Event, rfc3339
from service.alerts.digest import digest_event
from service.alerts.silence import Silence, silenced
from service.alerts.throttle_summary import MAX_SHOWN, HeldAlert, Summary, summaries, summary_event
from service.errors import StoreError
from service.store.client import (
    Argument,
    Store,
    from_milliseconds,
    span_milliseconds,
    to_milliseconds,
)
from service.store.commit.plan import event_arguments
from service.store.keys import ALERT, BUNDLES, DIGEST_BUNDLE

MAX_READ_BODIES = 1_000
"""Events of one digest whose text is read, the best ones; the watchlists want a throttle then."""

UNREADABLE_PAUSE = timedelta(minutes=1)
"""Until a bundle that could not be read is looked at again."""

Routing = Callable[[Event, str], Event]
"""Gives an event its routes to its subscribers; the text is its severity."""


@dataclass(frozen=True, slots=True)
class DueBundle:
    """HeldAlert events that are to be sent now, as one event."""

    bundle: str
    """`w/` and the watchlist whose throttle held them, or `d/` and the subscriber."""
    due_since: bytes
    """ms, as the server keeps it."""
    version: bytes
    """A hash that changes with what is held."""
    held: tuple[HeldAlert, ...]

    @property
    def name(self) -> str:
        """The watchlist or the subscriber."""
        return self.bundle[2:]

    @property
    def until(self) -> str:
        """Since when, as events write it."""
        return rfc3339(from_milliseconds(float(self.due_since)))


@dataclass(frozen=True, slots=True)
class SentBundle:
    """A bundle that was sent, by this process or another."""

    bundle: str
    events: int
    """0 where another process sent it."""


class HeldEvents:
    """The events of one stream that throttles and digests hold.

    `keep_alerts` is how long an event is kept after its last delivery.
    """

    def __init__(self, store: Store, keep_alerts: timedelta) -> None:
        self._store = store
        self._keep = span_milliseconds(keep_alerts)

    async def release(
        self,
        *,
        at: datetime,
        routing: Routing = lambda event, _: event,
        silences: Collection[Silence] = (),
    ) -> SentBundle | None:
        """Send the bundle that has been due the longest; None where none is due.

        Events that one of the `silences` mutes are left out of a digest; `routing` leaves muted
        subscribers out of a throttle's summary. Several processes may try at once: one of them
        sends it, the others send 0 events.
        """
        store = self._store
        row = await store.run("held/due")
        if not row:
            return None
        due = _due_bundle(*row)
        try:
            about, events = await self._composed(due, routing, silences)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # A record that cannot be read must not delay the other bundles.
            later = to_milliseconds(at + UNREADABLE_PAUSE)
            async with store.guarded():
                await store.redis.zadd(store.key(BUNDLES), {due.bundle: later}, xx=True)
            raise StoreError(
                f"the events held in {due.bundle} cannot be read: {error!r}"
            ) from error
        args: list[Argument] = [rfc3339(at), self._keep, due.bundle, due.due_since]
        args += [due.version, about, len(events)]
        for event in events:
            args += event_arguments(event, rfc3339(at))
        done = await store.run("held/release", args)
        return SentBundle(due.bundle, len(due.held) if done else 0)

    async def _composed(
        self, due: DueBundle, routing: Routing, silences: Collection[Silence]
    ) -> tuple[str, list[Event]]:
        """The watchlist that it is about, if any, and the events to send."""
        if due.bundle == DIGEST_BUNDLE.fill(due.name):
            return "", await self._digest(due, silences)
        return due.name, await self._summaries(due, routing)

    async def _digest(self, due: DueBundle, silences: Collection[Silence]) -> list[Event]:
        best = due.held[:MAX_READ_BODIES]
        bodies = await self._bodies([one.id for one in best])
        events = sorted(
            (one for one in bodies.values() if not _silent(one, due.name, silences)),
            key=_event_order,
        )
        event = digest_event(due.name, events, due.until, len(due.held) - len(best))
        return [event] if event else []

    async def _summaries(self, due: DueBundle, routing: Routing) -> list[Event]:
        found = summaries(due.held)
        bodies = await self._bodies(_best_ids(found))
        events = (summary_event(one, due.name, bodies, due.until) for one in found)
        return [routing(one, one.data["watchlist"].get("severity", "medium")) for one in events]

    async def _bodies(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        store = self._store
        async with store.guarded(), store.redis.pipeline(transaction=False) as pipe:
            for id_ in ids:
                pipe.hget(store.key(ALERT, id_), "body")
            bodies: list[bytes | None] = await pipe.execute()
        return {id_: json.loads(body) for id_, body in zip(ids, bodies, strict=True) if body}


def _silent(event: Mapping[str, Any], subscriber: str, silences: Collection[Silence]) -> bool:
    watchlist = event["data"]["watchlist"]
    return silenced(silences, watchlist["id"], watchlist.get("tags", ()), subscriber)


def _event_order(event: Mapping[str, Any]) -> tuple[str, int]:
    """By time; at one moment an alert comes before its corrections."""
    later = ("alert.created", "alert.updated", "alert.retracted")
    kind = event["type"]
    return event["timestamp"], later.index(kind) if kind in later else len(later)


def _best_ids(found: Sequence[Summary]) -> list[str]:
    return list(dict.fromkeys(one.id for each in found for one in each.alerts[:MAX_SHOWN]))


def _due_bundle(
    bundle: bytes, due_since: bytes, version: bytes, events: Sequence[Sequence[bytes]]
) -> DueBundle:
    held = (
        HeldAlert(id_.decode(), float(score), tuple(names.decode().split()), at.decode())
        for id_, score, names, at in events
    )
    return DueBundle(bundle.decode(), due_since, version, tuple(held))
