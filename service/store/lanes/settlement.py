"""What the attempts at a lane's deliveries mean for these and for the lane.

Only the worker that holds a delivery's lease may postpone, retry or fail it. A success counts
always: what has arrived has arrived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from service.alerts.alert import Event
from service.store.deliveries.delivery import Attempt
from service.store.lanes.health import (
    PROBE_EVERY,
    SLOW_FROM,
    LaneEvent,
    LaneHealth,
    after_failure,
    after_success,
    format_time,
    parse_mark,
)
from service.store.lanes.leases import Leased
from service.store.lanes.verdict import Completed, Exhausted, Postponed, RetryLater, Verdict

NO_TIME = timedelta(0)

Action = Literal["ignore", "record", "deliver", "fail", "retry", "postpone"]
"""What happens to a delivery: nothing; the attempt is recorded, and the delivery stays as it is;
or the attempt is recorded and the delivery is delivered, failed or due again. A postponed one is
due again without the attempt."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """An attempt that was made, and the verdict on it."""

    leased: Leased
    attempt: Attempt
    verdict: Verdict
    exhausted: Event | None = None
    """The report, if any, that the delivery has failed."""
    disabling: Event | None = None
    """The report, if any, that its subscriber is disabled; it is sent only if that happens."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a settlement."""

    counted: bool
    """Whether the verdict counted. It does not where the lease ran out and another worker holds
    the delivery, or has ended it."""
    lane: LaneEvent
    disabled: str = ""
    """Why its subscriber was disabled by it; empty: it was not."""


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """The fields of a delivery on which its settlement rests."""

    state: str
    """`pending`, `delivered` or `failed`; empty: it is gone."""
    token: str = ""
    """Of the lease that holds it."""
    forced_past: str = ""

    @property
    def text(self) -> str:
        """As the function `delivery_state` in `settle.lua` returns it."""
        return f"{self.state}\n{self.token}\n{self.forced_past}"


def parse_delivery_state(text: str) -> DeliveryState:
    """The reverse of `DeliveryState.text`."""
    return DeliveryState(*text.split("\n", 2))


@dataclass(frozen=True, slots=True)
class DeliveryStep:
    """What happens to one delivery."""

    settlement: Settlement
    expected: DeliveryState | None
    """What it rests on; None where an earlier step of the same delivery changes that."""
    action: Action
    event: LaneEvent = ""
    """What its attempt did to the lane."""
    mark: str = ""
    """That of the lane after it, if its subscriber is disabled."""

    @property
    def counted(self) -> bool:
        """Whether the verdict counts."""
        return self.action not in ("ignore", "record")

    @property
    def settled(self) -> Settled:
        """What came of it, once it is written."""
        reason = parse_mark(self.mark).reason if self.event == "disabled" else ""
        return Settled(self.counted, self.event, reason)


@dataclass(frozen=True, slots=True)
class LaneStep:
    """What happens to a lane and its deliveries, in one step of Redis."""

    before: LaneHealth
    after: LaneHealth
    steps: tuple[DeliveryStep, ...]
    last_success: datetime | None = None
    next_probe: datetime | None = None
    paused_until: datetime | None = None

    @property
    def recovered(self) -> bool:
        """Whether the circuit closed: what waits out a long schedule is tried soon."""
        return any(each.event == "closed" for each in self.steps) and not self.after.is_open

    def fields(self) -> dict[str, str]:
        """The fields of the lane that change; an empty one is removed."""
        before, after = self.before, self.after
        changed: dict[str, str] = {}
        if after.failures != before.failures:
            changed["failures"] = str(after.failures) if after.failures else ""
        if after.failing_since != before.failing_since:
            changed["failing_since"] = _time(after.failing_since)
        if after.failing_for != before.failing_for:
            span = after.failing_for / timedelta(milliseconds=1)
            changed["failing_for"] = f"{span:.3f}" if span else ""
        if after.last_failure != before.last_failure:
            changed["last_failure"] = _time(after.last_failure)
        if after.confirmed != before.confirmed:
            changed["confirmed"] = "1"
        if after.slow != before.slow:
            changed["slow"] = "1" if after.slow else ""
        if self.last_success:
            changed["last_success"] = format_time(self.last_success)
        if self.next_probe:
            changed["next_probe"] = format_time(self.next_probe)
        elif before.is_open and not after.is_open:
            changed["next_probe"] = ""
        if self.paused_until:
            changed["paused_until"] = format_time(self.paused_until)
        return changed


def settle_lane(
    health: LaneHealth,
    settlements: Sequence[Settlement],
    deliveries: Mapping[str, DeliveryState],
    *,
    at: datetime,
    disable_after: timedelta,
) -> LaneStep:
    """What happens to one lane and to these deliveries of it, one after the other.

    `deliveries` is what Redis holds, by their ids; `at` is the time by its clock.
    """
    before = health
    steps: list[DeliveryStep] = []
    later: dict[str, DeliveryState] = {}
    last_success = next_probe = paused_until = None
    for one in settlements:
        id_, verdict = one.leased.id, one.verdict
        found = later.get(id_) or deliveries[id_]
        action = choose_action(one, found)
        event: LaneEvent = ""
        sent_here = not (isinstance(verdict, Completed) and verdict.elsewhere)
        if action not in ("ignore", "postpone") and sent_here:
            health = _after_answer(health, one.attempt)
        if isinstance(verdict, Completed) and action != "ignore" and sent_here:
            change = after_success(health, forced_past=found.forced_past)
            health, event = change.health, change.event
            last_success, next_probe = at, None
        elif action in ("retry", "fail") and not _is_refusal(verdict):
            change = after_failure(
                health, at=at, disable=_reason_to_disable(verdict), disable_after=disable_after
            )
            health, event = change.health, change.event
            probes = health.is_open and not health.disabled
            next_probe = at + PROBE_EVERY if probes else None
            if isinstance(verdict, RetryLater) and verdict.lane_pause > NO_TIME:
                paused_until = at + verdict.lane_pause
        expected = None if id_ in later else found
        steps.append(DeliveryStep(one, expected, action, event, health.disabled))
        later[id_] = _state_after(action, found)
    return LaneStep(before, health, tuple(steps), last_success, next_probe, paused_until)


def choose_action(settlement: Settlement, found: DeliveryState) -> Action:
    """What happens to the delivery that Redis holds so."""
    if not found.state:
        return "ignore"
    holds_lease = found.state == "pending" and found.token == settlement.leased.token
    match settlement.verdict:
        case Completed():
            return "record" if found.state == "delivered" else "deliver"
        case Postponed():
            return "postpone" if holds_lease else "ignore"
        case RetryLater():
            return "retry" if holds_lease else "record"
        case Exhausted():
            return "fail" if holds_lease else "record"


def _after_answer(health: LaneHealth, attempt: Attempt) -> LaneHealth:
    slow = timedelta(milliseconds=attempt.duration_ms or 0) >= SLOW_FROM
    return health if slow == health.slow else replace(health, slow=slow)


def _is_refusal(verdict: Verdict) -> bool:
    """An answer about one event: it says nothing about the receiver."""
    match verdict:
        case Exhausted(refused=refused):
            return refused
        case RetryLater(partly=partly):
            return partly
        case _:
            return False


def _reason_to_disable(verdict: Verdict) -> str:
    return verdict.disable if isinstance(verdict, Exhausted) else ""


def _state_after(action: Action, found: DeliveryState) -> DeliveryState:
    match action:
        case "deliver":
            return DeliveryState("delivered")
        case "fail":
            return DeliveryState("failed")
        case "retry":
            return DeliveryState("pending")
        case "postpone":  # what somebody asked for has not been done yet
            return DeliveryState("pending", "", found.forced_past)
        case _:
            return found


def _time(at: datetime | None) -> str:
    return format_time(at) if at else ""
