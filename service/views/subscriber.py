"""Subscribers: the channel of each, its lane, and what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.store.deliveries.search import EVERY_DELIVERY, DeliveryFilter
from service.store.lanes.state import LaneState, LaneStatus
from service.store.outbox import Outbox
from service.views.lane import lane_words
from service.views.rules.names import RuleNames

MAX_COUNTED = 10_000
"""Failed deliveries of each stream that are counted, the newest: a list must answer at once."""


@dataclass(frozen=True, slots=True)
class SubscriberView:
    """One subscriber in one input stream."""

    subscriber: str
    stream: str
    channel: str | None
    """None: the rules do not have the subscriber."""
    lane: LaneStatus
    lane_words: str
    """The state of the lane with its times and reasons."""
    pending: int
    failed: int
    failed_may_be_more: bool
    """Whether older ones were not counted."""
    last_success: datetime | None
    failures_in_a_row: int
    failing_since: datetime | None
    next_probe: datetime | None
    paused_until: datetime | None
    disabled: str | None
    """Why; None where it is not disabled."""
    disabled_at: datetime | None
    at: datetime
    """Of what time all this is, by the clock of Redis."""


def subscriber_view(
    lane: LaneState, stream: str, channel: str | None, *, failed: int, may_be_more: bool
) -> SubscriberView:
    """A subscriber and its lane; `failed` of its deliveries were found, or more of them."""
    known = channel is not None
    return SubscriberView(
        subscriber=lane.subscriber,
        stream=stream,
        channel=channel,
        lane=lane.status(known=known),
        lane_words=lane_words(lane, known=known),
        pending=lane.pending,
        failed=failed,
        failed_may_be_more=may_be_more,
        last_success=lane.last_success,
        failures_in_a_row=lane.failures,
        failing_since=lane.failing_since,
        next_probe=lane.next_probe,
        paused_until=lane.paused_until,
        disabled=lane.disabled or None,
        disabled_at=lane.disabled_at,
        at=lane.at,
    )


async def subscriber_views(
    outboxes: Mapping[str, Outbox], names: RuleNames
) -> list[SubscriberView]:
    """In each stream the subscribers of the rules, then those that only have deliveries."""
    return [
        view
        for stream, outbox in outboxes.items()
        for view in await _in_stream(stream, outbox, names)
    ]


async def _in_stream(stream: str, outbox: Outbox, names: RuleNames) -> list[SubscriberView]:
    failed = await outbox.deliveries.failed(EVERY_DELIVERY, MAX_COUNTED)
    count = Counter(one.subscriber for one in failed)
    known = names.subscribers
    others = {*await outbox.lane_states.names(), *count} - known.keys()
    return [
        subscriber_view(
            await outbox.lane_states.of(name),
            stream,
            known[name].channel.kind if name in known else None,
            failed=count[name],
            may_be_more=len(failed) == MAX_COUNTED,
        )
        for name in (*sorted(known), *sorted(others))
    ]


@dataclass(frozen=True, slots=True)
class Missed:
    """What failed since a subscriber went down."""

    count: int
    first: datetime
    """When the first of these deliveries was created."""


async def missed_deliveries(outboxes: Iterable[Outbox], subscriber: str) -> Missed | None:
    """What failed since the subscriber began to fail or was disabled; None where nothing did.

    To be asked before the subscriber is enabled again, which resets that time. The count is of all
    deliveries that failed and were created since the first, as `recover` will find them.
    """
    every = [*outboxes]
    created = [
        one.created_at
        for outbox in every
        if (down := (await outbox.lane_states.of(subscriber)).down_since) is not None
        for one in await outbox.deliveries.failed(DeliveryFilter(subscriber, since=down))
    ]
    if not created:
        return None
    only = DeliveryFilter(subscriber, created_since=min(created))
    count = sum([len(await outbox.deliveries.failed(only)) for outbox in every])
    return Missed(count, min(created))
