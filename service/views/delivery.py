"""One delivery: its attempts, why it waits, and the event that it carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.store.deliveries.delivery import Attempt, Delivery, State


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


def _shared(one: Delivery) -> dict[str, Any]:
    return {name: getattr(one, name) for name in DeliveryView.__dataclass_fields__}
