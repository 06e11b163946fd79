"""How a lane's receiver has answered, and what the next answer changes: its circuit, its disabling.

All that decides whether a lane is served is a `LaneHealth`. Scripts only compare it with what
Redis holds, and write what was decided here (ADR 0026).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal

from service.alerts.alert import rfc3339

OPEN_AFTER = 5
"""Failures in a row that open a lane's circuit."""
PROBE_EVERY = timedelta(minutes=1)
"""Between two attempts while the circuit is open."""
SLOW_FROM = timedelta(seconds=1)
"""A receiver that takes so long to answer is slow."""
MAX_LANE_PAUSE = timedelta(hours=1)
"""How long a receiver's Retry-After may hold back its whole lane."""
DISABLE_AFTER = timedelta(days=5)
"""How long a receiver may fail, without a success, until its subscriber is disabled."""
MAX_FAILING_GAP = timedelta(days=1)
"""The time between two failures counts as failing up to this: with nothing to deliver, nobody knows
whether the receiver was well."""

LaneEvent = Literal["", "opened", "closed", "disabled"]
"""What happened to a lane: to its circuit, or that its subscriber was disabled; "": nothing."""


@dataclass(frozen=True, slots=True)
class LaneHealth:
    """What is known of a lane's receiver."""

    failures: int = 0
    """In a row."""
    failing_since: datetime | None = None
    """The first of them."""
    failing_for: timedelta = timedelta(0)
    """From the first of them to the last, each gap up to `MAX_FAILING_GAP`."""
    last_failure: datetime | None = None
    confirmed: bool = False
    """Whether it has ever accepted a delivery."""
    slow: bool = False
    """Whether its last answer took long."""
    disabled: str = ""
    """The mark of a disabled subscriber, as `disabled_mark` writes it; empty: it is not."""

    @property
    def is_open(self) -> bool:
        """Whether the circuit is open: one attempt a minute."""
        return self.failures >= OPEN_AFTER


@dataclass(frozen=True, slots=True)
class LaneChange:
    """The health after an answer."""

    health: LaneHealth
    event: LaneEvent = ""


@lru_cache(maxsize=10_000)  # most lanes read the same
def parse_health(text: str) -> LaneHealth:
    """The health that the function `health` in `lane.lua` returns: seven lines of text."""
    failures, since, failing_for, last_failure, confirmed, slow, disabled = text.split("\n", 6)
    return LaneHealth(
        failures=int(failures or 0),
        failing_since=parse_time(since),
        failing_for=timedelta(milliseconds=float(failing_for or 0)),
        last_failure=parse_time(last_failure),
        confirmed=bool(confirmed),
        slow=bool(slow),
        disabled=disabled,
    )


def parse_time(milliseconds: str) -> datetime | None:
    """A time of a lane; None for an empty field."""
    return time_at(float(milliseconds)) if milliseconds else None


def time_at(milliseconds: float) -> datetime:
    """A time of the Redis server's clock."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def format_time(at: datetime) -> str:
    """A time as a lane keeps it: ms with three decimals."""
    return f"{at.timestamp() * 1000:.3f}"


def after_success(health: LaneHealth, *, forced_past: str) -> LaneChange:
    """The receiver accepted a delivery: its circuit closes.

    A disabled subscriber stays disabled, except where an operator had this delivery sent in spite
    of this very mark (`forced_past`): a delivery that was on its way when the subscriber was
    disabled proves nothing against it.
    """
    lifted = bool(health.disabled) and health.disabled == forced_past
    event: LaneEvent = "closed" if health.is_open or lifted else ""
    if health.failures or not health.confirmed or lifted:
        disabled = "" if lifted else health.disabled
        health = LaneHealth(confirmed=True, slow=health.slow, disabled=disabled)
    return LaneChange(health, event)


def after_failure(
    health: LaneHealth, *, at: datetime, disable: str, disable_after: timedelta
) -> LaneChange:
    """An attempt failed; `disable` says why the receiver wants no deliveries any more, if so.

    Two failures with days of silence between them do not disable a subscriber: the circuit must
    be open as well, and days with nothing to deliver do not count.
    """
    failures, since = health.failures + 1, health.failing_since or at
    gap = min(at - (health.last_failure or since), MAX_FAILING_GAP)
    health = replace(
        health,
        failures=failures,
        failing_since=since,
        failing_for=health.failing_for + max(gap, timedelta(0)),
        last_failure=at,
    )
    if not disable and health.is_open and health.failing_for >= disable_after:
        days = disable_after / timedelta(days=1)
        disable = f"nothing was delivered for {days:.1f}".removesuffix(".0") + " days"
    if disable:
        if health.disabled:
            return LaneChange(health)
        return LaneChange(replace(health, disabled=disabled_mark(disable, at)), "disabled")
    return LaneChange(health, "opened" if failures == OPEN_AFTER else "")


@dataclass(frozen=True, slots=True)
class DisabledMark:
    """Why and when a subscriber was disabled."""

    reason: str
    at: datetime | None


def disabled_mark(reason: str, at: datetime) -> str:
    """The mark of a disabled subscriber, as Redis keeps it."""
    return json.dumps({"reason": reason, "at": rfc3339(at)})


def parse_mark(mark: str) -> DisabledMark:
    """Reads a mark; one that somebody wrote by hand is its own reason."""
    try:
        found = json.loads(mark)
        if not isinstance(found, dict):
            return DisabledMark(mark, None)
        at = datetime.fromisoformat(found["at"]) if "at" in found else None
        return DisabledMark(str(found.get("reason", mark)), at)
    except (ValueError, TypeError):
        return DisabledMark(mark, None)
