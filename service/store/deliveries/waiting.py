"""What waits to be delivered from one stream, and in which lanes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.store.client import Store, from_milliseconds

MAX_NAMED = 20
"""Lanes that are named: those in which most waits."""
MAX_LANES = 1_000
"""Lanes that are looked at, those that are due first: no script may hold up the server."""
LANE_STATES = (
    "ok",
    "new",
    "failing",
    "slow",
    "open",
    "paused",
    "disabled",
    "unreadable",
    "beyond",
)
"""Those of `LaneStatus` that Redis knows; a lane whose key holds something else; and those beyond
`MAX_LANES`."""


@dataclass(frozen=True, slots=True)
class WaitingDeliveries:
    """What waits to be delivered, at one time."""

    at: datetime
    """That time, by the Redis server's clock."""
    pending: int
    failed: int
    """Those that failed for good and are kept."""
    due: int
    """Those that could be sent now, at least: they are due, and nothing holds back their lane."""
    oldest_due: datetime | None
    """Since when the lane waits that has waited longest to be served; None: none waits."""
    lanes: Mapping[str, int]
    """In each of `LANE_STATES`: the lanes in which something waits, and all that are disabled."""
    busiest: tuple[tuple[str, int], ...]
    """Subscribers for whom most waits, each with the number of deliveries."""


async def read_waiting(store: Store) -> WaitingDeliveries:
    """What waits now. Raises StoreError, and redis-py's own errors."""
    reply = await store.run("deliveries/waiting", [MAX_NAMED, MAX_LANES])
    found: dict[str, Any] = json.loads(reply.decode("utf-8", "replace"))
    due_at = found.get("oldest_due")
    states: Mapping[str, int] = found["states"]
    return WaitingDeliveries(
        at=from_milliseconds(found["now"]),
        pending=found["pending"],
        failed=found["failed"],
        due=found["due"],
        oldest_due=from_milliseconds(due_at) if due_at is not None else None,
        lanes={state: states.get(state, 0) for state in LANE_STATES},
        busiest=tuple((name, size) for name, size in found["busiest"]),  # {} if empty
    )
