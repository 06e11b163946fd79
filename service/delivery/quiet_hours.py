"""Whether a delivery that is due may go out now, or waits for the end of quiet hours.

When an alert is made, `service.routing` finds its first moment. But a lane may be late, a circuit
open, or a retry due at night.
"""

from __future__ import annotations

import json
from datetime import datetime

from service.rules.hours import Quiet, quiet_end


def quiet_wait(quiet: Quiet | None, body: bytes, at: datetime) -> float:
    """Seconds from `at` until the event may go out; 0: it may.

    As at first, a severity that breaks through does so on every attempt, and a digest waits
    whatever it holds. What tells of Tocsin itself, reports and tests, never waits.
    """
    if quiet is None:
        return 0.0
    severity = _severity(body)
    end = None if severity is None else quiet_end(quiet, severity, at)
    return (end - at).total_seconds() if end else 0.0


def _severity(body: bytes) -> str | None:
    """That of an event's watchlist; "" for a digest of several; None where it is about none."""
    try:
        said = json.loads(body)
        watchlist = said["data"].get("watchlist")
        if watchlist:
            return str(watchlist.get("severity", ""))
        return "" if said["type"] == "digest.created" else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # somebody changed it in Redis; it is for its receiver to say so
