"""Whether a delivery that is due may go out now, or waits for the end of quiet hours.

`service.alerts.routing` finds the first time at which an event may go out. A late lane, an open
circuit or a retry can still make a delivery due at night.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from service.rules.schema.hours import QuietHours, wait_until

NO_WAIT = timedelta(0)


def wait_for_quiet_end(quiet: QuietHours | None, body: bytes, at: datetime) -> timedelta:
    """How long after `at` the event of this body may go out; zero: at once.

    The rules are those of the first time: a severity that breaks through does so on every attempt,
    and a digest of several watchlists always waits. Events about Tocsin itself (failure reports and
    tests) never wait.
    """
    if quiet is None:
        return NO_WAIT
    severity = _severity(body)
    end = None if severity is None else wait_until(quiet, severity, at)
    return end - at if end else NO_WAIT


def _severity(body: bytes) -> str | None:
    """The severity of the event's watchlist.

    "" for a digest of several watchlists; None where the event is about no watchlist.
    """
    try:
        event = json.loads(body)
        watchlist = event["data"].get("watchlist")
        if watchlist:
            return str(watchlist.get("severity", ""))
        return "" if event["type"] == "digest.created" else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # somebody changed it in Redis; its receiver will refuse it or not
