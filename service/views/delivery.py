"""One delivery: its attempts, why it waits, and its event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


def delivery_view(one: Delivery) -> DeliveryView:
    """The delivery as a list shows it."""
    return DeliveryView(**_shared(one))


def delivery_details(one: Delivery, waits: str) -> DeliveryDetails:
    """The delivery as it is shown by itself; `waits` says why it is not sent yet."""
    return DeliveryDetails(
        **_shared(one), event=json.loads(one.body) if one.body else None, waits=waits
    )


async def newest_deliveries(
    outboxes: Iterable[Outbox],
    *,
    state: State | None = None,
    only: DeliveryFilter = EVERY_DELIVERY,
    limit: int,
) -> list[DeliveryView]:
    """The deliveries of all streams whose state changed last, the newest first."""
    each = [await one.deliveries.newest(state=state, limit=limit, only=only) for one in outboxes]
    found = sorted((one for part in each for one in part), key=lambda one: one.since, reverse=True)
    return [delivery_view(one) for one in found[:limit]]


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


def _shared(one: Delivery) -> dict[str, Any]:
    return {name: getattr(one, name) for name in DeliveryView.__dataclass_fields__}
