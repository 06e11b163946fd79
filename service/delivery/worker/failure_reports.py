"""What those who look after a service are told: a delivery or a subscriber has failed for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from service.alerts.alert import Event, alert_id
from service.alerts.events.event_types import EventType
from service.rules.subscribers.subscriber import Subscriber
from service.store.deliveries.delivery import Attempt
from service.store.lanes.leases import Leased

EXHAUSTED: Final = "delivery.exhausted"
DISABLED: Final = "subscriber.disabled"
_OWN = tuple(f'{{"type":"{kind}"'.encode() for kind in (EXHAUSTED, DISABLED))


def exhausted(leased: Leased, attempt: Attempt, all_: Mapping[str, Subscriber]) -> Event | None:
    """That a delivery has failed, for each subscriber that wants reports; None: there is none."""
    message = (
        f"A delivery to {leased.subscriber} has failed for good after {leased.attempt} "
        f"attempts: {attempt.error}. Send it again with:"
    )
    command = f"tocsin deliveries retry {leased.id}"
    return _event(EXHAUSTED, message, leased, attempt, all_.values(), command=command)


def disabling(leased: Leased, attempt: Attempt, all_: Mapping[str, Subscriber]) -> Event | None:
    """That a subscriber gets nothing more; as above."""
    message = (
        f"{leased.subscriber} is disabled and gets nothing more. The last attempt: "
        f"{attempt.error}. When it is mended, enable it, which tells how to send it what it missed:"
    )
    command = f"tocsin subscribers enable {leased.subscriber}"
    return _event(DISABLED, message, leased, attempt, all_.values(), command=command)


def _event(
    kind: EventType,
    message: str,
    leased: Leased,
    attempt: Attempt,
    all_: Iterable[Subscriber],
    *,
    command: str,
) -> Event | None:
    names = tuple(one.id for one in all_ if one.reports and one.id != leased.subscriber)
    # A report that fails is not reported: two receivers of reports could go on for ever.
    if not names or leased.body.startswith(_OWN):
        return None
    data = {
        "subscriber": leased.subscriber,
        "message": f"{message} {command}",
        "command": command,
        "delivery_id": leased.id,
        "alert_id": leased.alert_id,
        "attempts": leased.attempt,
        "status": attempt.status,
        "reason": attempt.error,
    }
    return Event(kind, alert_id(kind, leased.id, str(leased.attempt)), data, names)
