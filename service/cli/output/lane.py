"""The state of a lane, and why a delivery waits, in words."""

from __future__ import annotations

from datetime import datetime

from service.alerts.alert import rfc3339
from service.cli.output.terminal import ago, one_line
from service.store.deliveries.delivery import Delivery
from service.store.lanes.state import LaneState

UNKNOWN = "not in the rules"
LONGEST_REASON = 300


def lane_said(lane: LaneState, *, known: bool) -> str:
    """The state of a lane."""
    match lane.status(known=known):
        case "unknown":
            return UNKNOWN
        case "disabled":
            since = f" for {_since(lane, lane.disabled_at)}" if lane.disabled_at else ""
            return f"disabled{since}: {one_line(lane.disabled, LONGEST_REASON)}"
        case "paused":
            return f"paused for {_until(lane, lane.paused_until)} (Retry-After)"
        case "open":
            probe = _until(lane, lane.next_probe)
            return f"open: {_failures(lane)}, next try in {probe}"
        case "failing":
            return f"failing: {_failures(lane)}"
        case "slow":
            return "slow: its last answer took longer than a second"
        case "new":
            return "new: nothing delivered yet"
        case "ok":
            return "ok"


def why_it_waits(one: Delivery, lane: LaneState, *, known: bool) -> str:
    """Why a delivery is not out yet; empty where nothing holds it back."""
    if one.state != "pending":
        return ""
    overdue = one.due_at is None or one.due_at <= lane.at
    if one.sending:
        return "its worker ended: another takes it" if overdue else "it is being sent"
    if not known:
        return "its subscriber is not in the rules: it waits until it is"
    match lane.status():
        case "disabled":
            said = one_line(lane.disabled, LONGEST_REASON)
            return f"its subscriber is disabled, so it fails when it is due: {said}"
        case "paused" | "open":
            return f"its lane is {lane_said(lane, known=True)}"
        case _ if not overdue:
            return "its next attempt is due later" if one.attempts else "it is not due yet"
        case _:
            return f"its turn has not come: {lane.pending} in its lane; is `tocsin run` running?"


def moment_said(at: datetime | None) -> str:
    """A moment as JSON has it; empty for none."""
    return rfc3339(at) if at else ""


def _failures(lane: LaneState) -> str:
    many = "1 failure" if lane.failures == 1 else f"{lane.failures} failures in a row"
    return f"{many} in {_since(lane, lane.failing_since)}" if lane.failing_since else many


def _since(lane: LaneState, at: datetime | None) -> str:
    return ago((lane.at - at).total_seconds()) if at else "?"


def _until(lane: LaneState, at: datetime | None) -> str:
    return ago((at - lane.at).total_seconds()) if at else "?"
