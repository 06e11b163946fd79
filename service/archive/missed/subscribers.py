"""What became of an alert for each subscriber: the facts, from Redis and the rules of today."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from service.alerts.alert import rfc3339
from service.archive.missed.trail import AlertTrail, DeliveryTrail, SubscriberTrail
from service.rules.subscribers.terms import Terms
from service.store.deliveries.alert_records import AlertRecord
from service.store.deliveries.delivery import QUIET_HOURS, Delivery
from service.store.lanes.state import LaneState
from service.store.outbox import Outbox
from service.views.alerts.filters import filtered
from service.views.alerts.shares import Shares
from service.views.lane import why_waiting

HOLDS: Mapping[str, Literal["muted", "digest", "throttle", "bundled", "waits"]] = {
    "muted": "muted", "digest": "digest", "throttle": "throttle", "bundled": "bundled",
    "waits": "waits",
}  # fmt: skip


async def subscriber_trails(
    outbox: Outbox,
    alert: str,
    notified: Sequence[str],
    terms: Mapping[str, Terms],
    only: str | None,
) -> tuple[SubscriberTrail, ...]:
    """The trails of those who heard of an alert, and of those whom its watchlist notifies."""
    asked = [only] if only is not None else [*notified]
    (record,) = await outbox.alert_records.read([alert], asked, later=False)
    shares = (await Shares(outbox, terms.keys()).of([record]))[record.id]
    held = {one.subscriber: one for one in shares if one.state in HOLDS and not one.delivery}
    ids = [each.delivery for each in shares if each.delivery]
    deliveries = await outbox.deliveries.read(ids) if ids else {}
    by_name = {one.subscriber: deliveries.get(one.delivery) for one in shares}
    data: dict[str, Any] = json.loads(record.events[0].body or b"{}").get("data", {})
    names = dict.fromkeys((*asked, *(by_name if only is None else ())))
    others = [name for name in names if name not in by_name]
    reached = await outbox.stories.reached(
        data.get("story", {}).get("id", ""), record.watchlist_id, others
    )
    trails = []
    for name in names:
        delivery = by_name.get(name)
        share = held.get(name)
        by = reached.get(name, "")
        trails.append(
            SubscriberTrail(
                id=name,
                is_notified=name in notified,
                filtered=filtered(
                    terms.get(name),
                    data.get("watchlist", {}).get("severity", ""),
                    data.get("score", {}).get("value"),
                ),
                held=HOLDS[share.state] if share else "",
                held_words=share.words if share else "",
                until=share.until if share else "",
                delivery=await _delivery(outbox, delivery, terms) if delivery else None,
                reached_by=await alert_trail(outbox, by) if by not in ("", alert) else None,
            )
        )
    return tuple(trails)


async def alert_trail(outbox: Outbox, id_: str) -> AlertTrail:
    """An alert, and when it was made, if that is still known."""
    found = await outbox.alert_records.heads([id_], lambda _: True)
    return trail_of(found[0]) if found else AlertTrail(id_, "")


def trail_of(record: AlertRecord) -> AlertTrail:
    """The alert of a record."""
    return AlertTrail(record.id, record.events[0].at, record.retracted)


async def _delivery(outbox: Outbox, one: Delivery, terms: Mapping[str, Terms]) -> DeliveryTrail:
    lane = await outbox.lane_states.of(one.subscriber)
    known = not terms or one.subscriber in terms
    error = one.attempts[-1].error if one.attempts else ""
    return DeliveryTrail(
        id=one.id,
        state=one.state,
        at=rfc3339(one.since),
        due=rfc3339(one.due_at) if one.due_at else "",
        attempts=len(one.attempts),
        error=error or one.note,
        in_quiet_hours=one.note == QUIET_HOURS and not _is_over(one, lane),
        lane=_held_by(lane),
        words=why_waiting(one, lane, known=known),
    )


def _is_over(one: Delivery, lane: LaneState) -> bool:
    return one.due_at is not None and one.due_at <= lane.at


def _held_by(lane: LaneState) -> Literal["", "open", "disabled", "paused"]:
    status = lane.status()
    return status if status in ("open", "disabled", "paused") else ""
