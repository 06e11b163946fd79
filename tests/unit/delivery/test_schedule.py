"""When a failed delivery is sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.delivery.outcome import GiveUp, Retry
from service.delivery.schedule import RETRY_DELAYS, max_delay, next_delay

MIDDLE = 0.5
DAY = timedelta(days=1)
FAILED = Retry("answered 500")

attempts = st.integers(min_value=1, max_value=len(RETRY_DELAYS))
draws = st.floats(min_value=0, max_value=1, exclude_max=True)


@pytest.mark.parametrize(
    ("attempt", "seconds"),
    [(1, 5), (2, 300), (3, 1800), (4, 7200), (5, 18000), (6, 36000), (7, 36000), (8, None)],
)
def test_the_schedule_is_the_contracts(attempt: int, seconds: float | None) -> None:
    """5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h after each failure; after the eighth, never."""
    delay = next_delay(attempt, FAILED, delays=RETRY_DELAYS, draw=MIDDLE)
    assert delay == (None if seconds is None else timedelta(seconds=seconds))


@given(attempts, draws)
def test_jitter_stays_within_a_fifth(attempt: int, draw: float) -> None:
    """A delay is at most 20 % shorter or longer than the schedule says."""
    delay = next_delay(attempt, FAILED, delays=RETRY_DELAYS, draw=draw)
    assert delay is not None
    assert 0.8 * RETRY_DELAYS[attempt - 1] <= delay <= 1.2 * RETRY_DELAYS[attempt - 1]


@given(attempts)
def test_jitter_spreads(attempt: int) -> None:
    """Deliveries that failed together do not return together."""
    early, late = (
        next_delay(attempt, FAILED, delays=RETRY_DELAYS, draw=draw) for draw in (0.1, 0.9)
    )
    assert early is not None
    assert late is not None
    assert late > 1.3 * early


@given(attempts, draws, st.timedeltas(timedelta(0), 10 * DAY))
def test_retry_after_is_honoured_up_to_a_day(attempt: int, draw: float, after: timedelta) -> None:
    """An attempt is never earlier than the receiver asked, and put off by a day at most."""
    plain = next_delay(attempt, FAILED, delays=RETRY_DELAYS, draw=draw)
    asked = next_delay(attempt, Retry("busy", after), delays=RETRY_DELAYS, draw=draw)
    assert asked == max(plain or timedelta(0), min(after, DAY))


@given(attempts, draws, st.booleans())
def test_giving_up_needs_no_schedule(attempt: int, draw: float, disable: bool) -> None:
    """An event that the receiver will never accept is not sent again, whichever attempt it was."""
    gone = GiveUp("answered 410", disable)
    assert next_delay(attempt, gone, delays=RETRY_DELAYS, draw=draw) is None


def test_a_schedule_of_ones_own() -> None:
    """The schedule is a setting: an empty one means a single attempt."""
    delays = (timedelta(seconds=1), timedelta(seconds=2))
    assert next_delay(1, FAILED, delays=(), draw=MIDDLE) is None
    assert next_delay(2, FAILED, delays=delays, draw=MIDDLE) == timedelta(seconds=2)


@pytest.mark.parametrize(
    ("delays", "hours"),
    [((), 49), (RETRY_DELAYS, 49), ((timedelta(seconds=5), 2 * DAY), 48 * 1.2 + 25)],
)
def test_the_longest_delay_is_beyond_all_others(
    delays: tuple[timedelta, ...], hours: float
) -> None:
    """A Retry-After or a wait of the schedule, and then the longest quiet hours."""
    assert max_delay(delays, 0.2) == timedelta(hours=hours)
