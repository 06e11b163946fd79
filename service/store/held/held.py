"""The events that are told of together, in Redis, until they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service.alerts.alert import Event, rfc3339
from service.alerts.digest import digest_event
from service.alerts.silence import Silence, silenced
from service.alerts.throttle_summary import BEST, Held, Summary, summaries, summary_event
from service.errors import StoreError
from service.store.client import Argument, Store
from service.store.commit.commit import event_arguments
from service.store.keys import ALERT, BUNDLES

MOST_READ = 1_000
"""Events of one digest whose text is read, the best ones; the watchlists want a throttle then."""

UNREADABLE_PAUSE = 60.0
"""Seconds until what could not be told of is looked at again."""

Routing = Callable[[Event, str], Event]
"""Gives an event the ways on which its subscribers hear of it; the text is its severity."""


@dataclass(frozen=True, slots=True)
class Due:
    """Events that are to be told of now."""

    pot: str
    """`w/` and the watchlist whose throttle held them, or `d/` and the subscriber."""
    till: bytes
    """Since when, as the server keeps it."""
    digest: bytes
    """Of what is held."""
    held: tuple[Held, ...]

    @property
    def name(self) -> str:
        """The watchlist or the subscriber."""
        return self.pot[2:]

    @property
    def until(self) -> str:
        """Since when, as events write it."""
        return rfc3339(datetime.fromtimestamp(float(self.till) / 1000, UTC))


class Holding:
    """One stream's held events; `keep` (ms) is how long a record is kept once it was told."""

    def __init__(self, store: Store, keep: int) -> None:
        self._store = store
        self._keep = keep

    async def release(
        self,
        *,
        at: datetime,
        routing: Routing = lambda event, _: event,
        silences: Collection[Silence] = (),
    ) -> tuple[str, int] | None:
        """Tell of what has been due the longest: its pot, and how many events it held.

        What one of the `silences` holds back is left out of a digest; of a summary `routing` leaves
        out its subscribers. None where nothing is due. Whoever else tries the same, it is told
        once; 0 events where somebody else was faster.
        """
        store = self._store
        row = await store.run("held/held")
        if not row:
            return None
        due = _due(*row)
        try:
            about, told = await self._told(due, routing, silences)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # Records that nobody can read: others shall not wait for them.
            later = (at.timestamp() + UNREADABLE_PAUSE) * 1000
            async with store.guarded():
                await store.redis.zadd(store.key(BUNDLES), {due.pot: later}, xx=True)
            raise StoreError(f"what is held in {due.pot} cannot be told of: {error!r}") from error
        args: list[Argument] = [rfc3339(at), self._keep, due.pot, due.till]
        args += [due.digest, about, len(told)]
        for event in told:
            args += event_arguments(event, rfc3339(at))
        done = await store.run("held/release", args)
        return due.pot, len(due.held) if done else 0

    async def _told(
        self, due: Due, routing: Routing, silences: Collection[Silence]
    ) -> tuple[str, list[Event]]:
        """The watchlist that it is about, if any, and the events to tell."""
        if due.pot.startswith("d/"):
            return "", await self._digest(due, silences)
        return due.name, await self._summaries(due, routing)

    async def _digest(self, due: Due, silences: Collection[Silence]) -> list[Event]:
        best = due.held[:MOST_READ]
        bodies = await self._bodies([one.id for one in best])
        events = sorted(
            (one for one in bodies.values() if not _silent(one, due.name, silences)), key=_moment
        )
        event = digest_event(due.name, events, due.until, len(due.held) - len(best))
        return [event] if event else []

    async def _summaries(self, due: Due, routing: Routing) -> list[Event]:
        found = summaries(due.held)
        bodies = await self._bodies(_best(found))
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


def _moment(event: Mapping[str, Any]) -> tuple[str, int]:
    """By when it was said; an alert comes before what corrects it at the same moment."""
    later = ("alert.created", "alert.updated", "alert.retracted")
    kind = event["type"]
    return event["timestamp"], later.index(kind) if kind in later else len(later)


def _best(found: Sequence[Summary]) -> list[str]:
    return list(dict.fromkeys(one.id for each in found for one in each.alerts[:BEST]))


def _due(pot: bytes, till: bytes, digest: bytes, events: Sequence[Sequence[bytes]]) -> Due:
    held = (
        Held(id_.decode(), float(score), tuple(names.decode().split()), at.decode())
        for id_, score, names, at in events
    )
    return Due(pot.decode(), till, digest, tuple(held))
