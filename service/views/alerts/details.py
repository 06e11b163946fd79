"""One alert: who has heard what of it, and what holds it back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from service.alerts.alert import rfc3339
from service.delivery.message.message import plain
from service.delivery.message.wording import message
from service.store.deliveries.alert_records import AlertRecord, EventRecord
from service.store.outbox import Outbox
from service.views.lane import why_waiting


@dataclass(frozen=True, slots=True)
class AlertShare:
    """One event about an alert, and what became of it for one subscriber."""

    subscriber: str
    event: str
    """Its type, such as `alert.created`."""
    event_id: str
    state: Literal["delivered", "failed", "waits", "digest", "throttle", "muted", "bundled"]
    words: str
    """The state in words: what holds it back, why, and until when."""
    until: str
    """When it is sent, or the silence ends (RFC 3339); empty where nothing holds it back."""
    delivery: str
    """The id of its delivery, if it has one."""


@dataclass(frozen=True, slots=True)
class AlertDetails:
    """An alert, and who has heard what of it."""

    id: str
    stream: str
    watchlist_id: str
    article_id: str
    headline: str
    at: str
    """When it was made (RFC 3339)."""
    retracted: bool
    shares: tuple[AlertShare, ...]
    """By event, the first one first."""
    event: Mapping[str, Any]
    """The latest event about it."""


async def find_alert(
    outboxes: Iterable[Outbox], id_: str, known: Collection[str]
) -> AlertDetails | None:
    """The alert of this id, which may be that of a later event or of a delivery of one.

    `known` are the subscribers of the rules. None where there is no such alert.
    """
    for outbox in outboxes:
        delivery = await outbox.deliveries.get(id_)
        record = await outbox.alert_records.get(delivery.alert_id if delivery else id_, known)
        if record is not None:
            shares = [
                share
                for event in record.events
                for name in _names(record, event, known)
                if (share := await _share(outbox, record, event, name, known))
            ]
            last = record.events[-1]
            return AlertDetails(
                id=record.id,
                stream=outbox.stream,
                watchlist_id=record.watchlist_id,
                article_id=record.article_id,
                headline=plain(message(last.body).headline),
                at=record.events[0].at,
                retracted=record.retracted,
                shares=tuple(shares),
                event=json.loads(last.body) if last.body else {},
            )
    return None


def _names(record: AlertRecord, event: EventRecord, known: Collection[str]) -> Iterable[str]:
    return dict.fromkeys((*record.subscribers, *sorted(known), *event.muted))


async def _share(
    outbox: Outbox, record: AlertRecord, event: EventRecord, name: str, known: Collection[str]
) -> AlertShare | None:
    """None where the event is not for the subscriber."""
    made = partial(AlertShare, name, event.type, event.id)
    if muting := event.muted.get(name):
        words = f"muted by {muting.silence} until {muting.until}: {muting.reason}"
        return made("muted", words, muting.until, "")
    if due := record.digests.get((event.id, name)):
        return made("digest", f"in its digest, due {rfc3339(due)}", rfc3339(due), "")
    id_ = record.deliveries.get((event.id, name), "")
    delivery = await outbox.deliveries.get(id_) if id_ else None
    if delivery is not None:
        if delivery.state != "pending":
            words = f"{delivery.state} {rfc3339(delivery.since)}"
            return made(delivery.state, words, "", id_)
        lane = await outbox.lane_states.of(name)
        due = delivery.due_at
        words = f"waits: {why_waiting(delivery, lane, known=not known or name in known)}"
        return made("waits", words, rfc3339(due) if due else "", id_)
    if name not in record.subscribers:
        return None
    if record.throttled_until:
        until = rfc3339(record.throttled_until)
        return made("throttle", f"held by its watchlist's throttle until {until}", until, "")
    return made("bundled", "sent in a digest, or its delivery is past its retention", "", "")
