"""What an answer changes in a lane's health: its circuit, its pace, its disabling."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.store.lanes.health import (
    OPEN_AFTER,
    DisabledMark,
    LaneHealth,
    after_failure,
    after_success,
    disabled_mark,
    format_time,
    parse_health,
    parse_mark,
    parse_time,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MARK = disabled_mark("moving house", NOON)


def fail(health: LaneHealth, times: int, *, at: datetime = NOON) -> list[str]:
    """The events of so many failures in a row."""
    events: list[str] = []
    for _ in range(times):
        change = after_failure(health, at=at, disable="", disable_after=HOUR)
        health = change.health
        events.append(change.event)
    return events


def test_the_fifth_failure_in_a_row_opens_the_circuit() -> None:
    """And no later one opens it again."""
    assert fail(LaneHealth(), 7) == ["", "", "", "", "opened", "", ""]


def test_a_success_forgets_the_failures() -> None:
    """It closes a circuit that was open, and confirms the receiver."""
    failing = LaneHealth(failures=OPEN_AFTER, failing_since=NOON, slow=True)
    change = after_success(failing, forced_past="")
    assert change.health == LaneHealth(confirmed=True, slow=True)
    assert change.event == "closed"


def test_a_success_of_a_healthy_lane_changes_nothing() -> None:
    """So that workers need not decide twice."""
    health = LaneHealth(confirmed=True)
    assert after_success(health, forced_past="").health is health


@pytest.mark.parametrize(
    ("failures", "age", "event"),
    [
        (OPEN_AFTER - 1, HOUR, "disabled"),
        (OPEN_AFTER - 1, HOUR - timedelta(seconds=1), "opened"),
        (OPEN_AFTER - 2, 24 * HOUR, ""),
        (40, HOUR, "disabled"),
    ],
)
def test_only_an_open_circuit_of_long_standing_disables(
    failures: int, age: timedelta, event: str
) -> None:
    """Two failures with days between them do not disable a subscriber."""
    health = LaneHealth(failures=failures, failing_since=NOON - age)
    change = after_failure(health, at=NOON, disable="", disable_after=HOUR)
    assert change.event == event
    assert bool(change.health.disabled) == (event == "disabled")


@pytest.mark.parametrize(
    ("hours", "failing_for"),
    [
        ([0, 1, 2, 3, 4, 13 * 24], DAY + 4 * HOUR),  # thirteen days with nothing to deliver
        ([0, 24, 48, 72, 96, 120], 5 * DAY),  # one alert a day
        ([0, 72, 144, 216, 288], 4 * DAY),  # one every third day
        ([0, 0, 0, -5, 0], 5 * HOUR),  # the server's clock was set back
    ],
)
def test_days_with_nothing_to_deliver_do_not_count(
    hours: list[int], failing_for: timedelta
) -> None:
    """A gap between two failures counts for a day at most; the sum disables after five."""
    health = LaneHealth()
    for hour in hours:
        assert not health.disabled
        change = after_failure(health, at=NOON + hour * HOUR, disable="", disable_after=5 * DAY)
        health = change.health
    assert health.failing_for == failing_for
    assert bool(health.disabled) == (failing_for >= 5 * DAY)


def test_the_reason_says_for_how_long_nothing_was_delivered() -> None:
    """In days, with a tenth where the setting has one."""
    health = LaneHealth(9, NOON - 9 * DAY, failing_for=9 * DAY, last_failure=NOON)
    for days, said in ((5.0, "5 days"), (2.5, "2.5 days")):
        change = after_failure(health, at=NOON, disable="", disable_after=timedelta(days=days))
        reason = f"nothing was delivered for {said}"
        assert parse_mark(change.health.disabled) == DisabledMark(reason, NOON)


def test_a_receiver_that_wants_nothing_more_disables_at_once() -> None:
    """As by 410; a mark that is there stays."""
    change = after_failure(LaneHealth(), at=NOON, disable="answered 410", disable_after=HOUR)
    assert change.event == "disabled"
    assert parse_mark(change.health.disabled).reason == "answered 410"
    again = after_failure(
        LaneHealth(disabled=MARK), at=NOON, disable="answered 410", disable_after=HOUR
    )
    assert (again.event, again.health.disabled) == ("", MARK)


def test_what_the_receiver_says_is_the_reason_however_long_it_has_failed() -> None:
    """Its own word tells more than the number of days."""
    health = LaneHealth(9, NOON - 9 * DAY, failing_for=9 * DAY, last_failure=NOON)
    change = after_failure(health, at=NOON, disable="answered 410", disable_after=HOUR)
    assert parse_mark(change.health.disabled).reason == "answered 410"


@pytest.mark.parametrize(
    ("forced_past", "event", "mark"),
    [("", "", MARK), ("1", "", MARK), ("another mark", "", MARK), (MARK, "closed", "")],
)
def test_only_a_delivery_that_was_sent_past_this_mark_lifts_it(
    forced_past: str, event: str, mark: str
) -> None:
    """What was on its way when its subscriber was disabled proves nothing against that."""
    health = LaneHealth(confirmed=True, disabled=MARK)
    change = after_success(health, forced_past=forced_past)
    assert (change.event, change.health.disabled) == (event, mark)


@pytest.mark.parametrize(
    "mark", ["moving house", "[1]", "{", '"x"', '{"at": "never", "reason": "r"}', '{"at": 3}']
)
def test_a_mark_by_hand_is_its_own_reason(mark: str) -> None:
    """Whatever somebody wrote in Redis."""
    assert parse_mark(mark) == DisabledMark(mark, None)


def test_a_reason_by_hand_is_text() -> None:
    """Whatever JSON somebody wrote for it."""
    assert parse_mark('{"reason": 410}') == DisabledMark("410", None)


times = st.integers(1_577_836_800_000, 4_102_444_800_000).map(
    lambda ms: datetime.fromtimestamp(ms / 1000, UTC)
)


@given(
    st.builds(
        LaneHealth,
        failures=st.integers(0, 99),
        failing_since=st.none() | times,
        failing_for=st.integers(0, 10**12).map(lambda ms: timedelta(milliseconds=ms)),
        last_failure=st.none() | times,
        confirmed=st.booleans(),
        slow=st.booleans(),
        disabled=st.text(),
    )
)
def test_health_is_read_as_the_script_writes_it(health: LaneHealth) -> None:
    """A field a line, absent ones empty; a mark may have lines of its own."""
    span = health.failing_for / timedelta(milliseconds=1)
    fields = (
        str(health.failures) if health.failures else "",
        format_time(health.failing_since) if health.failing_since else "",
        f"{span:.3f}" if span else "",
        format_time(health.last_failure) if health.last_failure else "",
        "1" if health.confirmed else "",
        "1" if health.slow else "",
        health.disabled,
    )
    assert parse_health("\n".join(fields)) == health


def test_a_time_passes_through_redis() -> None:
    """To a thousandth of a millisecond."""
    at = NOON.replace(microsecond=250_000)
    assert parse_time(format_time(at)) == at


def test_slowness_is_no_failure() -> None:
    """A failure leaves it as it is."""
    slow = LaneHealth(confirmed=True, slow=True)
    change = after_failure(slow, at=NOON, disable="", disable_after=HOUR)
    assert change.health == replace(slow, failures=1, failing_since=NOON, last_failure=NOON)
