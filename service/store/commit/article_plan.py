"""What all alerts of an article write together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.store.client import to_milliseconds
from service.store.commit.commands import commands
from service.store.commit.plan import AlertPlan


def article_writes(
    plans: Sequence[AlertPlan], keep: int, story_window: int, timestamp: str
) -> list[list[str | int]]:
    """What the alerts of an article write beside their events: commands of Redis, in order."""
    made: dict[str, list[str]] = {}
    alerted: dict[str, list[str]] = {}
    reached: dict[str, list[str]] = {}
    writes: list[list[str | int]] = []
    for plan in plans:
        writes += plan.writes()
        if plan.is_recorded:
            alerted.setdefault(plan.alerted, []).extend(plan.alerted_field)
        if plan.is_new:
            made.setdefault(plan.alerts, []).append(plan.alert_id)
        for pair in plan.reached_fields().items():
            reached.setdefault(plan.reached, []).extend(pair)
    for key, ids in made.items():
        at = str(to_milliseconds(datetime.fromisoformat(timestamp)))
        writes += commands("ZADD", key, [part for id_ in ids for part in (at, id_)])
    for key, fields in reached.items():
        writes += commands("HSET", key, fields)
        writes.append(["PEXPIRE", key, story_window, "NX"])
    for key, fields in alerted.items():
        writes += commands("HSET", key, fields)
        writes.append(["PEXPIRE", key, keep])
    return writes
