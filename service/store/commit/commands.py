"""Commands of Redis, each as a list of its words, that a script runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.alerts.decision import Unsent
from service.store.client import Store
from service.store.keys import ALERT, DELIVERIES, DELIVERY, LANE

MOST_ARGUMENTS = 1_000
"""Of one command of a script; an even number."""


def commands(name: str, key: str, fields: Sequence[str]) -> Iterable[list[str | int]]:
    """A command with so many fields, or pairs, as several: a script passes on a few thousand."""
    for start in range(0, len(fields), MOST_ARGUMENTS):
        yield [name, key, *fields[start : start + MOST_ARGUMENTS]]


def unsent_writes(store: Store, one: Unsent) -> Iterable[list[str | int]]:
    """Take back a delivery; the next look at its lane finds what else is in it."""
    yield ["DEL", store.key(DELIVERY, one.delivery_id)]
    yield ["ZREM", store.key(DELIVERIES, "pending"), one.delivery_id]
    yield ["ZREM", store.key(LANE, one.subscriber), one.delivery_id]
    yield ["HINCRBY", store.key(ALERT, one.event_id), "open", -1]
