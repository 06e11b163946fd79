"""An alert with the events about it, and what became of each for each subscriber."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from service.alerts.alert import delivery_id
from service.alerts.people.silence import Muting, parse_muted
from service.alerts.people.verdict import GivenVerdict, parse_verdicts
from service.store.client import Store, from_milliseconds
from service.store.keys import (
    ALERT,
    ALERTED,
    BUNDLES,
    DELIVERY,
    DIGEST_BUNDLE,
    HELD,
    MUTED_FIELD,
    PORTIONED,
    THROTTLE_BUNDLE,
)

EventShare = tuple[str, str]
"""An event's id and a subscriber's."""
Fields = Mapping[str, str]
"""Those of an event's record."""


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
    retracted: bool
    entry: str = ""
    """The stream entry that changed it last."""
    verdicts: tuple[GivenVerdict, ...] = ()
    """What was said of it last, the last one last."""
    throttled_until: datetime | None = None
    """When the throttle that holds it sends its summary; None: none holds it."""
    deliveries: Mapping[EventShare, str] = field(default_factory=dict)
    """The ids of those that there are."""
    digests: Mapping[EventShare, datetime] = field(default_factory=dict)
    """When the digest is due that holds the event."""
    unwritten: frozenset[str] = frozenset()
    """The events of which some deliveries are not written yet (`portion.lua`)."""


class AlertRecords:
    """The alerts of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, id_: str, known: Collection[str]) -> AlertRecord | None:
        """The alert with this id, or that a later event with it is about; None: there is none.

        `known` are subscribers who may have received an earlier event.
        """
        (fields,) = await self._fields([id_])
        found = await self.read([_first_id(fields) or id_], known) if fields else []
        return found[0] if found else None

    async def read(
        self,
        ids: Sequence[str],
        known: Collection[str] = (),
        *,
        wanted: Callable[[Fields], bool] = lambda _: True,
        later: bool = True,
    ) -> list[AlertRecord]:
        """The alerts with these ids that are there and `wanted`, in order, in a few calls.

        Without `later`, only the first event of each.
        """
        read = zip(ids, await self._fields(ids), strict=True)
        alerts = {id_: fields for id_, fields in read if fields and wanted(fields)}
        after = {
            id_: fields.get("later", "").split() if later else [] for id_, fields in alerts.items()
        }
        every = [each for some in after.values() for each in some]
        events = dict(zip(every, await self._fields(every), strict=True)) if every else {}
        records = [
            _record(id_, fields, [(each, events[each]) for each in after[id_] if events[each]])
            for id_, fields in alerts.items()
        ]
        shares = {
            one.id: [
                (event.id, name)
                for event in one.events
                for name in dict.fromkeys((*one.subscribers, *known, *_muted_names(one)))
            ]
            for one in records
        }
        return await self._with_shares(records, shares)

    async def of_article(self, article: str) -> dict[str, str]:
        """The ids of an article's alerts by watchlist; `article` is the digest of its identity."""
        redis: Any = self._store.redis  # its replies are typed for both of redis-py's clients
        async with self._store.guarded():
            found = await redis.hgetall(self._store.key(ALERTED, article))
        return {name.decode(): id_.decode() for name, id_ in found.items()}

    async def heads(
        self, ids: Sequence[str], wanted: Callable[[Fields], bool]
    ) -> list[AlertRecord]:
        """The first events of those that are there and `wanted`, without what became of them."""
        read = zip(ids, await self._fields(ids), strict=True)
        return [_record(id_, fields, ()) for id_, fields in read if fields and wanted(fields)]

    async def _fields(self, ids: Sequence[str]) -> list[Fields]:
        async with self._store.guarded(), self._store.redis.pipeline(transaction=False) as pipe:
            for each in ids:
                pipe.hgetall(self._store.key(ALERT, each))
            found: list[Any] = await pipe.execute()
        return [
            {name.decode(): text.decode(errors="replace") for name, text in each.items()}
            for each in found
        ]

    async def _with_shares(
        self, records: Sequence[AlertRecord], shares: Mapping[str, Sequence[EventShare]]
    ) -> list[AlertRecord]:
        """The records with what is delivered, and what digests and throttles hold of them."""
        key = self._store.key
        every = [share for one in records for share in shares[one.id]]
        ids = [delivery_id(*share) for share in every]
        throttles = [THROTTLE_BUNDLE.fill(one.watchlist_id) for one in records]
        digests = [DIGEST_BUNDLE.fill(name) for _, name in every]
        bundles = [*dict.fromkeys((*throttles, *digests))]
        events = [each.id for one in records for each in one.events]
        async with self._store.guarded(), self._store.redis.pipeline(transaction=False) as pipe:
            for event in events:  # first: what is no longer listed here is written
                pipe.zscore(key(PORTIONED), event)
            for id_ in ids:
                pipe.exists(key(DELIVERY, id_))
            for bundle, (event, _) in zip(digests, every, strict=True):
                pipe.zscore(key(HELD, bundle), event)
            for bundle, one in zip(throttles, records, strict=True):
                pipe.zscore(key(HELD, bundle), one.id)
            for bundle in bundles:
                pipe.zscore(key(BUNDLES), bundle)
            found: list[Any] = await pipe.execute()
        parts = iter(found)
        listed = zip(events, islice(parts, len(events)), strict=True)
        unwritten = {event for event, at in listed if at is not None}
        there = dict(zip(every, islice(parts, len(every)), strict=True))
        in_digest = dict(zip(every, islice(parts, len(every)), strict=True))
        held = [each is not None for each in islice(parts, len(records))]
        due = {name: at for name, at in zip(bundles, parts, strict=True) if at is not None}
        return [
            replace(
                one,
                deliveries={each: delivery_id(*each) for each in shares[one.id] if there[each]},
                digests={
                    each: from_milliseconds(due[bundle])
                    for each in shares[one.id]
                    if in_digest[each] is not None
                    and (bundle := DIGEST_BUNDLE.fill(each[1])) in due
                },
                throttled_until=from_milliseconds(due[throttle])
                if is_held and throttle in due
                else None,
                unwritten=frozenset(each.id for each in one.events if each.id in unwritten),
            )
            for one, is_held, throttle in zip(records, held, throttles, strict=True)
        ]


def _record(id_: str, fields: Fields, later: Sequence[tuple[str, Fields]]) -> AlertRecord:
    return AlertRecord(
        id=id_,
        watchlist_id=fields.get("watchlist", ""),
        article_id=fields.get("article", ""),
        events=tuple(_event(each, found) for each, found in ((id_, fields), *later)),
        subscribers=tuple(fields.get("subscribers", "").split()),
        retracted="retracted" in fields,
        entry=fields.get("entry", ""),
        verdicts=parse_verdicts(fields.get("verdicts", "")),
    )


def _muted_names(record: AlertRecord) -> Iterable[str]:
    return (name for event in record.events for name in event.muted)


def _event(id_: str, fields: Fields) -> EventRecord:
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


def _first_id(fields: Fields) -> str:
    """The id of the alert that a later event is about; empty for the first event."""
    try:
        found = json.loads(fields.get("body", ""))["data"].get("alert_id", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return found if isinstance(found, str) else ""
