"""Reports to subscribers with `reports: true`: a delivery has failed, a subscriber is disabled."""

from __future__ import annotations

import json
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


def report_exhausted(
    leased: Leased, attempt: Attempt, subscribers: Mapping[str, Subscriber]
) -> Event | None:
    """The report that a delivery has failed; None where no subscriber wants reports."""
    attempts = "1 attempt" if leased.attempt == 1 else f"{leased.attempt} attempts"
    message = (
        f"A delivery to {leased.subscriber} has failed for good after {attempts}: "
        f"{attempt.error}. To send it again:"
    )
    command = f"tocsin deliveries retry {leased.id}"
    return _report(EXHAUSTED, message, leased, attempt, subscribers.values(), command=command)


def report_disabled(
    leased: Leased, attempt: Attempt, subscribers: Mapping[str, Subscriber]
) -> Event | None:
    """The report that a subscriber is disabled; None where no subscriber wants reports."""
    message = (
        f"{leased.subscriber} is disabled and gets nothing more. The last attempt: "
        f"{attempt.error}. Fix the receiver, then enable it; the command says how to send what it "
        "missed:"
    )
    command = f"tocsin subscribers enable {leased.subscriber}"
    return _report(DISABLED, message, leased, attempt, subscribers.values(), command=command)


def _report(
    kind: EventType,
    message: str,
    leased: Leased,
    attempt: Attempt,
    subscribers: Iterable[Subscriber],
    *,
    command: str,
) -> Event | None:
    names = tuple(one.id for one in subscribers if one.reports and one.id != leased.subscriber)
    # A report that fails is not reported: two receivers of reports could go on for ever.
    if not names or leased.body.startswith(_OWN):
        return None
    data = {
        "subscriber": leased.subscriber,
        "message": f"{message} {command}",
        "command": command,
        "delivery_id": leased.id,
        "event_id": leased.alert_id,
        **({"alert_id": about} if (about := _alert_id(leased)) else {}),
        "attempts": leased.attempt,
        "status": attempt.status,
        "reason": attempt.error,
    }
    return Event(kind, alert_id(kind, leased.id, str(leased.attempt)), data, names)


def _alert_id(leased: Leased) -> str:
    """The id of the first event about the alert; empty for an event about several or none."""
    try:
        event = json.loads(leased.body)
        data, kind = event["data"], event["type"]
        found = data["id"] if kind == "alert.created" else data.get("alert_id", "")
    except (ValueError, TypeError, KeyError, AttributeError):  # somebody changed it in Redis
        return ""
    return found if isinstance(found, str) else ""
