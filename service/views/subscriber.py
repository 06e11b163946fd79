"""One subscriber: its channel, its lane, and what failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.store.lanes.state import LaneState, LaneStatus
from service.views.lane import lane_words


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
