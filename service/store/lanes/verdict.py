"""The verdict on an attempt: what becomes of its delivery. One type for each, no flags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Postponed:
    """Nothing was sent, so no attempt is used up; the delivery is due again later."""

    after: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Completed:
    """The receiver has the delivery."""

    elsewhere: str = ""
    """The stream that sends it instead of this one, which says nothing about the receiver."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """The attempt failed; the delivery is due again after a time."""

    after: timedelta
    lane_pause: timedelta = timedelta(0)
    """For how long the receiver wants none of its subscriber's deliveries."""
    partly: bool = False
    """Whether some of its recipients have it: its lane does not count it as a failure."""


@dataclass(frozen=True, slots=True)
class Exhausted:
    """The delivery has failed: it is kept and listed, and is sent again only on request."""

    disable: str = ""
    """Why its subscriber is disabled, until a delivery to it succeeds; empty: it is not."""
    refused: bool = False
    """Whether the receiver refused this one event: its lane does not count it as a failure."""


Verdict = Completed | RetryLater | Exhausted | Postponed
