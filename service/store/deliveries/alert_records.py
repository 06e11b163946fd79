"""An alert with the events about it, and what became of each for each subscriber."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.alerts.alert import delivery_id
from service.alerts.silence import Muting, parse_muted
from service.store.client import Store, from_milliseconds
from service.store.keys import (
    ALERT,
    BUNDLES,
    DELIVERY,
    DIGEST_BUNDLE,
    HELD,
    MUTED_FIELD,
    THROTTLE_BUNDLE,
)

EventShare = tuple[str, str]
"""An event's id and a subscriber's."""


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event about the alert."""

    id: str
    type: str
    at: str
    """When it was written (RFC 3339)."""
    body: bytes
    muted: Mapping[str, Muting]
    """By subscriber, the silence that kept it from them."""


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert."""

    id: str
    watchlist_id: str
    article_id: str
    events: tuple[EventRecord, ...]
    """The first one, and those after it that are known."""
    subscribers: tuple[str, ...]
    """Those who have heard of it; once it is retracted, those who were told so."""
    throttled_until: datetime | None
    """When the throttle that holds it sends its summary; None: none holds it."""
    retracted: bool
    deliveries: Mapping[EventShare, str]
    """The ids of those that there are."""
    digests: Mapping[EventShare, datetime]
    """When the digest is due that holds the event."""


class AlertRecords:
    """The alerts of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, id_: str, known: Collection[str]) -> AlertRecord | None:
        """The alert with this id, or that a later event with it is about; None: there is none.

        `known` are subscribers who may have received an earlier event.
        """
        fields = await self._fields([id_])
        first = _first_id(fields[0]) or id_
        if first != id_:
            fields = await self._fields([first])
        if not fields[0]:
            return None
        alert = fields[0]
        later = alert.get("later", "").split()
        every = [alert, *await self._fields(later)]
        pairs = zip((first, *later), every, strict=True)
        events = tuple(_event(each, found) for each, found in pairs if found)
        named = (*alert.get("subscribers", "").split(), *known)
        names = dict.fromkeys((*named, *(name for each in events for name in each.muted)))
        shares = [(each.id, name) for each in events for name in names]
        watchlist = alert.get("watchlist", "")
        return AlertRecord(
            id=first,
            watchlist_id=watchlist,
            article_id=alert.get("article", ""),
            events=events,
            subscribers=tuple(alert.get("subscribers", "").split()),
            throttled_until=await self._due(THROTTLE_BUNDLE.fill(watchlist), first),
            retracted="retracted" in alert,
            deliveries=await self._deliveries(shares),
            digests=await self._digests(shares),
        )

    async def _fields(self, ids: Iterable[str]) -> list[Mapping[str, str]]:
        async with self._store.guarded(), self._store.redis.pipeline(transaction=False) as pipe:
            for each in ids:
                pipe.hgetall(self._store.key(ALERT, each))
            found: list[Any] = await pipe.execute()
        return [
            {name.decode(): text.decode(errors="replace") for name, text in each.items()}
            for each in found
        ]

    async def _deliveries(self, shares: Sequence[EventShare]) -> dict[EventShare, str]:
        ids = {share: delivery_id(*share) for share in shares}
        async with self._store.guarded(), self._store.redis.pipeline(transaction=False) as pipe:
            for each in ids.values():
                pipe.exists(self._store.key(DELIVERY, each))
            found: list[Any] = await pipe.execute()
        return {share: ids[share] for share, there in zip(ids, found, strict=True) if there}

    async def _digests(self, shares: Sequence[EventShare]) -> dict[EventShare, datetime]:
        dues = {
            (event, name): await self._due(DIGEST_BUNDLE.fill(name), event)
            for event, name in shares
        }
        return {share: due for share, due in dues.items() if due}

    async def _due(self, bundle: str, event: str) -> datetime | None:
        """When a bundle is sent, if it holds this event."""
        store = self._store
        async with store.guarded(), store.redis.pipeline(transaction=False) as pipe:
            pipe.zscore(store.key(HELD, bundle), event)
            pipe.zscore(store.key(BUNDLES), bundle)
            held, due = await pipe.execute()
        return None if held is None or due is None else from_milliseconds(due)


def _event(id_: str, fields: Mapping[str, str]) -> EventRecord:
    prefix = MUTED_FIELD.fill("")
    return EventRecord(
        id=id_,
        type=fields.get("type", ""),
        at=fields.get("at", ""),
        body=fields.get("body", "").encode(),
        muted={
            name.removeprefix(prefix): parse_muted(text)
            for name, text in fields.items()
            if name.startswith(prefix)
        },
    )


def _first_id(fields: Mapping[str, str]) -> str:
    """The id of the alert that a later event is about; empty for the first event."""
    try:
        found = json.loads(fields.get("body", ""))["data"].get("alert_id", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return found if isinstance(found, str) else ""
