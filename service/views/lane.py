"""The state of a lane, and why a delivery waits in it, in words."""

from __future__ import annotations

from datetime import datetime

from service.alerts.alert import rfc3339
from service.store.deliveries.delivery import QUIET_HOURS, Delivery
from service.store.lanes.state import LaneState
from service.views.times import short_duration


def lane_words(lane: LaneState, *, known: bool) -> str:
    """The state of a lane in a few words; `known`: whether the rules have its subscriber."""
    match lane.status(known=known):
        case "unknown":
            digest = f"; its digest holds {lane.held:,}" if lane.held else ""
            return f"not in the rules{digest}"
        case "disabled":
            since = f" for {_since(lane, lane.disabled_at)}" if lane.disabled_at else ""
            return f"disabled{since}: {lane.disabled}"
        case "paused":
            return f"paused for {_until(lane, lane.paused_until)} (Retry-After)"
        case "open":
            return f"open: {_failures(lane)}, next attempt in {_until(lane, lane.next_probe)}"
        case "failing":
            return f"failing: {_failures(lane)}"
        case "slow":
            return "slow: its last answer took longer than a second"
        case "new":
            return "new: nothing delivered yet"
        case "ok":
            return "ok"


def why_waiting(one: Delivery, lane: LaneState, *, known: bool) -> str:
    """Why a delivery is not sent yet; empty where it is not pending."""
    if one.state != "pending":
        return ""
    overdue = one.due_at is None or one.due_at <= lane.at
    if one.sending:
        return "its worker stopped; another one will send it" if overdue else "it is being sent"
    if not known:
        return (
            "its subscriber is not in the rules; it waits until it is, or until `tocsin "
            "subscribers move` gives it to another"
        )
    match lane.status():
        case "disabled":
            return f"its subscriber is disabled, so it fails when it is due: {lane.disabled}"
        case "paused" | "open":
            return f"its lane is {lane_words(lane, known=True)}"
        case _ if not overdue and one.due_at is not None:
            until = rfc3339(one.due_at)
            if one.note == QUIET_HOURS:
                return f"{QUIET_HOURS}, until {until}"
            return f"its next attempt is due {until}" if one.attempts else f"it is due {until}"
        case _:
            return f"waiting in its queue of {lane.pending}; is `tocsin run` running?"


def _failures(lane: LaneState) -> str:
    count = "1 failure" if lane.failures == 1 else f"{lane.failures} failures in a row"
    return f"{count} in {_since(lane, lane.failing_since)}" if lane.failing_since else count


def _since(lane: LaneState, at: datetime | None) -> str:
    return short_duration(lane.at - at) if at else "?"


def _until(lane: LaneState, at: datetime | None) -> str:
    return short_duration(at - lane.at) if at else "?"
