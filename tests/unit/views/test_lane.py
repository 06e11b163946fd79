"""The state of a lane, and why a delivery waits, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.store.deliveries.delivery import QUIET_HOURS, Attempt, Delivery
from service.store.lanes.state import LaneState
from service.views.lane import lane_words, why_waiting

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OK = LaneState(
    subscriber="desk",
    at=NOON,
    pending=7,
    held=0,
    confirmed=True,
    last_success=NOON - HOUR,
    slow=False,
    failures=0,
    failing_since=None,
    next_probe=None,
    paused_until=None,
    disabled="",
    disabled_at=None,
)
FAILING = replace(OK, failures=3, failing_since=NOON - 2 * HOUR)
OPEN = replace(FAILING, next_probe=NOON + timedelta(seconds=40))
PAUSED = replace(OK, paused_until=NOON + timedelta(minutes=4))
DISABLED = replace(OK, disabled="moving", disabled_at=NOON - 3 * HOUR)
WAITING = Delivery(
    id="dlv_1",
    alert_id="alr_1",
    subscriber="desk",
    watchlist_id="jets",
    article_id="a1",
    state="pending",
    created_at=NOON - HOUR,
    since=NOON - HOUR,
    due_at=NOON,
    sending=False,
    note="",
    attempts=(),
)
LATER = replace(WAITING, due_at=NOON + HOUR)


@pytest.mark.parametrize(
    ("lane", "words"),
    [
        (OK, "ok"),
        (replace(OK, confirmed=False), "new: nothing delivered yet"),
        (replace(OK, slow=True), "slow: its last answer took longer than a second"),
        (FAILING, "failing: 3 failures in a row in 2h"),
        (replace(FAILING, failures=1), "failing: 1 failure in 2h"),
        (replace(FAILING, failing_since=None), "failing: 3 failures in a row"),
        (OPEN, "open: 3 failures in a row in 2h, next attempt in 40s"),
        (PAUSED, "paused for 4m (Retry-After)"),
        (DISABLED, "disabled for 3h: moving"),
        (replace(DISABLED, disabled_at=None), "disabled: moving"),
    ],
)
def test_each_state_of_a_lane_has_its_words(lane: LaneState, words: str) -> None:
    """With the times that an operator wants to know."""
    assert lane_words(lane, known=True) == words


def test_a_lane_of_an_unknown_subscriber_says_so() -> None:
    """Whatever its state is: nothing is sent before the rules have the subscriber again."""
    assert lane_words(OPEN, known=False) == "not in the rules"
    assert lane_words(replace(OPEN, held=3), known=False) == "not in the rules; its digest holds 3"


@pytest.mark.parametrize(
    ("delivery", "lane", "why"),
    [
        (WAITING, OK, "waiting in its queue of 7; is `tocsin run` running?"),
        (LATER, OK, "it is due 2026-11-23T13:00:00.000Z"),
        (
            replace(LATER, note=QUIET_HOURS),
            OK,
            "its subscriber's quiet hours, until 2026-11-23T13:00:00.000Z",
        ),
        (
            replace(LATER, attempts=(Attempt("2026-11-23T11:00:00Z", "w"),)),
            OK,
            "its next attempt is due 2026-11-23T13:00:00.000Z",
        ),
        (replace(LATER, sending=True), OK, "it is being sent"),
        (
            replace(WAITING, sending=True),
            OK,
            "its worker stopped; another one will send it",
        ),
        (WAITING, PAUSED, "its lane is paused for 4m (Retry-After)"),
        (WAITING, OPEN, "its lane is open: 3 failures in a row in 2h, next attempt in 40s"),
        (WAITING, DISABLED, "its subscriber is disabled, so it fails when it is due: moving"),
        (replace(WAITING, state="delivered", due_at=None), OK, ""),
    ],
)
def test_why_a_delivery_waits(delivery: Delivery, lane: LaneState, why: str) -> None:
    """The first reason that holds; nothing for a delivery that does not wait."""
    assert why_waiting(delivery, lane, known=True) == why


def test_a_delivery_to_an_unknown_subscriber_waits_for_the_rules() -> None:
    """It is sent when the subscriber is in the rules again."""
    why = why_waiting(WAITING, OK, known=False)
    assert why == (
        "its subscriber is not in the rules; it waits until it is, or until `tocsin subscribers "
        "move` gives it to another"
    )
