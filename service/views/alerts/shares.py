"""What became of events for each subscriber: delivered, held back, or not for them, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from service.alerts.alert import rfc3339
from service.store.deliveries.alert_records import AlertRecord, EventRecord
from service.store.deliveries.delivery import Delivery
from service.store.lanes.state import LaneState
from service.store.outbox import Outbox
from service.views.lane import why_waiting


@dataclass(frozen=True, slots=True)
class AlertShare:
    """One event about an alert, and what became of it for one subscriber."""

    subscriber: str
    event: str
    """Its type, such as `alert.created`."""
    event_id: str
    state: Literal[
        "delivered", "failed", "waits", "digest", "throttle", "muted", "bundled", "left_out"
    ]
    words: str
    """The state in words: what holds it back, why, and until when."""
    at: str = ""
    """When it was delivered, or failed for good (RFC 3339)."""
    until: str = ""
    """When it is sent, or the silence ends (RFC 3339); empty where nothing holds it back."""
    delivery: str = ""
    """The id of its delivery, if it has one."""


class Shares:
    """Reads the shares of one stream's alerts; `known` are the subscribers of the rules."""

    def __init__(self, outbox: Outbox, known: Collection[str]) -> None:
        self._outbox = outbox
        self._known = known
        self._lanes: dict[str, LaneState] = {}

    async def of(self, records: Sequence[AlertRecord]) -> dict[str, tuple[AlertShare, ...]]:
        """By alert, the shares of its events, the first event first."""
        ids = [id_ for record in records for id_ in record.deliveries.values()]
        deliveries = await self._outbox.deliveries.read(ids) if ids else {}
        for one in deliveries.values():
            if one.state == "pending" and one.subscriber not in self._lanes:
                self._lanes[one.subscriber] = await self._outbox.lane_states.of(one.subscriber)
        return {record.id: tuple(self._shares(record, deliveries)) for record in records}

    def _shares(
        self, record: AlertRecord, deliveries: Mapping[str, Delivery]
    ) -> Iterator[AlertShare]:
        for event in record.events:
            for name in _names(record, event):
                delivery = deliveries.get(record.deliveries.get((event.id, name), ""))
                share = self._share(record, event, name, delivery)
                if share is not None:
                    yield share

    def _share(
        self, record: AlertRecord, event: EventRecord, name: str, delivery: Delivery | None
    ) -> AlertShare | None:
        """None where the event is not for the subscriber."""
        made = partial(AlertShare, name, event.type, event.id)
        if muting := event.muted.get(name):
            words = f"muted by {muting.silence} until {muting.until}: {muting.reason}"
            return made("muted", words, until=muting.until)
        if due := record.digests.get((event.id, name)):
            return made("digest", f"in its digest, due {rfc3339(due)}", until=rfc3339(due))
        if delivery is not None:
            if delivery.state != "pending":
                at, why = rfc3339(delivery.since), _failure(delivery)
                words = f"{delivery.state} {at}{f': {why}' if why else ''}"
                return made(delivery.state, words, at=at, delivery=delivery.id)
            lane = self._lanes[delivery.subscriber]
            known = not self._known or name in self._known
            words = f"waits: {why_waiting(delivery, lane, known=known)}"
            until = rfc3339(delivery.due_at) if delivery.due_at else ""
            return made("waits", words, until=until, delivery=delivery.id)
        if name not in record.subscribers:
            return None
        if record.throttled_until:
            until = rfc3339(record.throttled_until)
            return made("throttle", f"held by its watchlist's throttle until {until}", until=until)
        if event.id in record.unwritten:
            return made("waits", "waits: its delivery is not written yet")
        return made("bundled", "sent in a digest, or its delivery is past its retention")


def _failure(delivery: Delivery) -> str:
    """Why it has failed for good; empty where it has not."""
    if delivery.state != "failed":
        return ""
    last = delivery.attempts[-1].error if delivery.attempts else ""
    return last or delivery.note


def _names(record: AlertRecord, event: EventRecord) -> Iterable[str]:
    others = sorted({name for _, name in (*record.deliveries, *record.digests)})
    return dict.fromkeys((*record.subscribers, *others, *event.muted))
