"""What a worker asks a lease for, and what it gets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.store.lanes.allotment import Slots
from service.telemetry.trace_context import TraceContext, new_context, parse_traceparent

MAX_DELAY = timedelta(hours=49)
"""A Retry-After of a day that ends in quiet hours, and the hour of a change of the clocks."""


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """A worker asks for deliveries to send."""

    slots: Slots
    lease: timedelta
    """After it, a delivery that is not settled is due again."""
    worker: str
    """Its name in the record of each attempt."""
    at: datetime
    """When the attempts start, by the worker's clock: for the record."""
    max_delay: timedelta = MAX_DELAY
    """A delivery that is due later than after this is due now: the server's clock was set back."""
    takeover_grace: timedelta = timedelta(0)
    """For how long a delivery of another worker that has not settled it is left to it."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that is this worker's to send until its lease ends."""

    id: str
    alert_id: str
    subscriber: str
    attempt: int
    """Counts every attempt of the delivery, from 1."""
    step: int
    """Counts the attempts since its schedule began, from 1."""
    body: bytes
    token: str
    """Proves that the lease is this worker's."""
    impaired: bool
    """Whether its lane is failing or slow: all such lanes together get a share of the slots."""
    leased_at: datetime
    """By the Redis server's clock."""
    forced: bool = False
    """Whether somebody asked for it to be sent now."""
    forced_past: str = ""
    """As Redis has it: `1`, or the mark of the disabled subscriber that it is sent to."""
    lane_health: str = ""
    """The health of its lane when it was leased, as `parse_health` reads it."""
    waited: timedelta = timedelta(0)
    """Since it was due, when it was leased."""
    since_added: timedelta | None = None
    """Since the XADD of the article, when it was leased; None for other events than the first of an
    alert."""
    trace: bytes = b""
    """The traceparent of the entry that made its event; empty where it had none."""

    @property
    def context(self) -> TraceContext:
        """The trace to which it belongs: one of its own where no producer has given one."""
        return parse_traceparent(self.trace) or new_context(self.alert_id, self.id)


@dataclass(frozen=True, slots=True)
class LeasedEvent:
    """An event of deliveries that were leased together: they share its body."""

    id: str
    body: bytes
    since_added: timedelta | None
    """As in `Leased`."""
    trace: bytes


def parse_event(facts: bytes, body: bytes, now: float) -> LeasedEvent:
    """An event that `lease.lua` returns; `now`: ms by the Redis server's clock."""
    id_, entry, trace = facts.split(b"\n", 2)
    added, _, _ = entry.partition(b"-")
    since_added = timedelta(milliseconds=math.floor(now - int(added))) if added.isdigit() else None
    return LeasedEvent(id_.decode(), body, since_added, trace)


@dataclass(frozen=True, slots=True)
class LeaseResult:
    """The deliveries that a worker got."""

    leased: tuple[Leased, ...]
    next_look: timedelta | None
    """When to lease again; zero: at once; None: when the bell rings."""
