"""One delivery: its attempts, why it waits, and its event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.delivery.message.wording import Heading, heading
from service.store.deliveries.delivery import Attempt, Delivery, State
from service.store.deliveries.search import EVERY_DELIVERY, DeliveryFilter
from service.store.outbox import Outbox
from service.views.lane import why_waiting


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery as a list shows it."""

    id: str
    alert_id: str
    subscriber: str
    watchlist_id: str
    article_id: str
    event_type: str
    """Such as `alert.created`; empty where the event is gone."""
    headline: str
    """What a message about the event begins with; empty where the event is gone."""
    state: State
    created_at: datetime
    since: datetime
    """When it came into its state."""
    due_at: datetime | None
    """When it is sent next, or its lease ends; None unless pending."""
    sending: bool
    """Whether a worker has it now."""
    note: str
    """Why it waits or failed, if there is more to say than its attempts do."""
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class DeliveryDetails(DeliveryView):
    """A delivery as it is shown by itself."""

    event: Mapping[str, Any] | None
    """None where its event is gone; then it cannot be sent again."""
    waits: str
    """Why it is not sent yet; empty where it is not pending."""


NO_EVENT = Heading("", "")
"""Of a delivery whose event is gone."""


def delivery_view(one: Delivery, told: Heading) -> DeliveryView:
    """The delivery as a list shows it, with the heading of its event."""
    return DeliveryView(**_shared(one, told))


def delivery_details(one: Delivery, waits: str) -> DeliveryDetails:
    """The delivery as it is shown by itself; `waits` says why it is not sent yet."""
    return DeliveryDetails(
        **_shared(one, heading(one.body) if one.body else NO_EVENT),
        event=json.loads(one.body) if one.body else None,
        waits=waits,
    )


async def newest_deliveries(
    outboxes: Iterable[Outbox],
    *,
    state: State | None = None,
    only: DeliveryFilter = EVERY_DELIVERY,
    limit: int,
) -> list[DeliveryView]:
    """The deliveries of all streams whose state changed last, the newest first."""
    found = [
        (one, outbox)
        for outbox in outboxes
        for one in await outbox.deliveries.newest(state=state, limit=limit, only=only)
    ]
    found.sort(key=lambda each: each[0].since, reverse=True)
    told: dict[str, Heading] = {}
    for outbox in dict.fromkeys(outbox for _, outbox in found):
        own = (one.alert_id for one, of in found[:limit] if of is outbox)
        bodies = await outbox.deliveries.bodies(own)
        told |= {id_: heading(body) if body else NO_EVENT for id_, body in bodies.items()}
    return [delivery_view(one, told[one.alert_id]) for one, _ in found[:limit]]


async def find_delivery(
    outboxes: Iterable[Outbox], delivery_id: str, *, known: Callable[[str], bool]
) -> DeliveryDetails | None:
    """One delivery in whichever stream it is; None where there is none of that id.

    `known` says whether the rules have a subscriber.
    """
    for outbox in outboxes:
        found = await outbox.deliveries.get(delivery_id)
        if found is None:
            continue
        if found.state != "pending":
            return delivery_details(found, "")
        lane = await outbox.lane_states.of(found.subscriber)
        return delivery_details(found, why_waiting(found, lane, known=known(found.subscriber)))
    return None


_KEPT = DeliveryView.__dataclass_fields__.keys() - {"event_type", "headline"}


def _shared(one: Delivery, told: Heading) -> dict[str, Any]:
    kept = {name: getattr(one, name) for name in _KEPT}
    return {"event_type": told.type, "headline": told.headline, **kept}
