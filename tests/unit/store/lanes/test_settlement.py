"""What attempts mean for their deliveries and for the lane."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.store.deliveries.delivery import Attempt
from service.store.lanes.health import (
    OPEN_AFTER,
    PROBE_EVERY,
    LaneHealth,
    disabled_mark,
    format_time,
)
from service.store.lanes.leases import Leased
from service.store.lanes.settlement import (
    DeliveryState,
    LaneStep,
    Settlement,
    choose_action,
    parse_delivery_state,
    settle_lane,
)
from service.store.lanes.verdict import Completed, Exhausted, Postponed, RetryLater, Verdict

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASED = Leased("dlv_1", "alr_1", "desk", 1, 1, b"{}", "mine", impaired=False, leased_at=NOON)
ATTEMPT = Attempt("2026-11-23T12:00:00.000Z", "w", 500, 12, "answered 500")
HELD = DeliveryState("pending", "mine")
LOST = DeliveryState("pending", "another's")
RETRY = RetryLater(MINUTE)
CONFIRMED = LaneHealth(confirmed=True)


def settlement(verdict: Verdict, leased: Leased = LEASED, took_ms: int = 12) -> Settlement:
    """An attempt with this verdict."""
    return Settlement(leased, replace(ATTEMPT, duration_ms=took_ms), verdict)


def settle(health: LaneHealth, *settlements: Settlement, found: DeliveryState = HELD) -> LaneStep:
    """What happens to a lane all of whose deliveries Redis holds so."""
    deliveries = {one.leased.id: replace(found) for one in settlements}
    return settle_lane(health, settlements, deliveries, at=NOON, disable_after=timedelta(days=5))


@pytest.mark.parametrize(
    ("verdict", "held", "lost", "delivered"),
    [
        (Completed(), "deliver", "deliver", "record"),
        (RETRY, "retry", "record", "record"),
        (Exhausted(), "fail", "record", "record"),
        (Postponed(MINUTE, "busy"), "postpone", "ignore", "ignore"),
    ],
)
def test_only_the_holder_decides_but_a_success_counts_always(
    verdict: Verdict, held: str, lost: str, delivered: str
) -> None:
    """A late attempt is recorded; what is gone is ignored."""
    states = (HELD, LOST, DeliveryState("delivered"), DeliveryState(""))
    found = [choose_action(settlement(verdict), state) for state in states]
    assert found == [held, lost, delivered, "ignore"]


def test_a_failed_delivery_that_has_arrived_is_delivered() -> None:
    """Its earlier attempt was late."""
    assert choose_action(settlement(Completed()), DeliveryState("failed")) == "deliver"


def test_what_another_stream_sends_says_nothing_of_the_receiver() -> None:
    """Neither that it is well nor that it is quick; the delivery ends."""
    troubled = LaneHealth(failures=OPEN_AFTER, failing_since=NOON, last_failure=NOON, slow=True)
    step = settle(troubled, settlement(Completed("other"), took_ms=0))
    assert (step.steps[0].action, step.after, step.fields()) == ("deliver", troubled, {})


def test_a_success_of_a_healthy_lane_writes_its_time_only() -> None:
    """One field: nearly all settlements are such."""
    step = settle(CONFIRMED, settlement(Completed()))
    assert step.fields() == {"last_success": format_time(NOON)}
    assert step.after == CONFIRMED


def test_a_lane_recovers_when_its_circuit_closes() -> None:
    """Not by each success, nor by one after which it fails again."""
    opened = replace(CONFIRMED, failures=OPEN_AFTER, failing_since=NOON)
    one, other = settlement(Completed()), settlement(RETRY, replace(LEASED, id="dlv_2"))
    assert settle(opened, one).recovered
    assert settle(opened, one, other).recovered
    assert not settle(opened, other).recovered
    assert not settle(CONFIRMED, one).recovered
    failures = [settlement(RETRY, replace(LEASED, id=f"dlv_{n}")) for n in range(2, OPEN_AFTER + 2)]
    assert not settle(opened, one, *failures).recovered


def test_only_the_attempt_that_disabled_tells_the_reason() -> None:
    """Later ones find the mark, and have nothing to report."""
    gone = settlement(Exhausted(disable="answered 410"))
    other = settlement(RETRY, replace(LEASED, id="dlv_2"))
    step = settle(CONFIRMED, gone, other)
    told = [(each.settled.lane, each.settled.disabled) for each in step.steps]
    assert told == [("disabled", "answered 410"), ("", "")]


def test_failures_are_counted_and_open_the_circuit() -> None:
    """Each in its order, with the first probe a minute later."""
    leased = [replace(LEASED, id=f"dlv_{n}") for n in range(OPEN_AFTER)]
    step = settle(CONFIRMED, *(settlement(RETRY, each) for each in leased))
    assert [each.event for each in step.steps] == ["", "", "", "", "opened"]
    assert step.fields() == {
        "failures": str(OPEN_AFTER),
        "failing_since": format_time(NOON),
        "last_failure": format_time(NOON),
        "next_probe": format_time(NOON + PROBE_EVERY),
    }


@pytest.mark.parametrize("verdict", [RetryLater(MINUTE, partly=True), Exhausted(refused=True)])
def test_an_answer_about_one_event_is_no_failure_of_the_lane(verdict: Verdict) -> None:
    """However often: a full mailbox must not keep the mail from the others."""
    leased = [replace(LEASED, id=f"dlv_{n}") for n in range(2 * OPEN_AFTER)]
    step = settle(CONFIRMED, *(settlement(verdict, each) for each in leased))
    assert step.after == CONFIRMED
    assert step.fields() == {}


def test_a_success_after_failures_clears_them() -> None:
    """And the probe, where the circuit was open."""
    health = LaneHealth(failures=OPEN_AFTER, failing_since=NOON)
    step = settle(health, settlement(Completed()))
    assert step.steps[0].event == "closed"
    assert step.fields() == {
        "failures": "",
        "failing_since": "",
        "confirmed": "1",
        "last_success": format_time(NOON),
        "next_probe": "",
    }


def test_a_refused_message_is_not_its_lanes_failure() -> None:
    """It says nothing about the receiver."""
    step = settle(CONFIRMED, settlement(Exhausted(refused=True)))
    assert (step.steps[0].action, step.after, step.fields()) == ("fail", CONFIRMED, {})


def test_a_lost_lease_counts_against_no_lane() -> None:
    """Its holder's answer does; that this one was slow counts."""
    step = settle(CONFIRMED, settlement(RETRY, took_ms=1_000), found=LOST)
    assert not step.steps[0].counted
    assert step.fields() == {"slow": "1"}


def test_a_pause_outlasts_a_success() -> None:
    """Of two answers one asked for a pause, the other was good."""
    busy = settlement(RetryLater(MINUTE, lane_pause=MINUTE), replace(LEASED, id="dlv_2"))
    step = settle(CONFIRMED, busy, settlement(Completed()))
    assert step.paused_until == NOON + MINUTE
    assert step.after.failures == 0


def test_the_second_attempt_of_a_delivery_sees_what_the_first_did() -> None:
    """And expects nothing of Redis itself."""
    again = replace(LEASED, token="second", attempt=2)
    step = settle(CONFIRMED, settlement(Completed()), settlement(RETRY, again))
    first, second = step.steps
    assert (first.action, first.expected) == ("deliver", HELD)
    assert (second.action, second.expected) == ("record", None)


def test_a_subscriber_that_is_disabled_has_no_probes() -> None:
    """Its deliveries are to fail as soon as they are due."""
    since = NOON - timedelta(days=6)
    span = timedelta(days=5)
    health = LaneHealth(OPEN_AFTER - 1, since, failing_for=span, last_failure=NOON)
    step = settle(health, settlement(RETRY))
    assert (step.steps[0].event, step.next_probe) == ("disabled", None)
    assert step.steps[0].settled.disabled == "nothing was delivered for 5 days"


def test_a_postponed_delivery_is_still_forced() -> None:
    """What somebody asked for has not been done."""
    mark = disabled_mark("moving house", NOON)
    held = replace(HELD, forced_past=mark)
    postponed = settlement(Postponed(MINUTE, "busy"))
    late = settlement(Completed(), replace(LEASED, token="late"))
    step = settle(replace(CONFIRMED, disabled=mark), postponed, late, found=held)
    assert [each.event for each in step.steps] == ["", "closed"]


@pytest.mark.parametrize("forced_past", ["", "1", "moving\nhouse"])
def test_a_state_is_read_as_it_is_compared(forced_past: str) -> None:
    """A mark by hand may have several lines."""
    state = DeliveryState("pending", "mine", forced_past)
    assert parse_delivery_state(state.text) == state
