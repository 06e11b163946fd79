"""When a failed delivery is tried again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.delivery.outcome import GiveUp, Retry
from service.delivery.schedule import DAY, HOUR, SCHEDULE, longest_delay, next_delay

MIDDLE = 0.5
FAILED = Retry("answered 500")

attempts = st.integers(min_value=1, max_value=len(SCHEDULE))
jitters = st.floats(min_value=0, max_value=1, exclude_max=True)


@pytest.mark.parametrize(
    ("attempt", "seconds"),
    [(1, 5), (2, 300), (3, 1800), (4, 7200), (5, 18000), (6, 36000), (7, 36000), (8, None)],
)
def test_the_schedule_is_the_contracts(attempt: int, seconds: float | None) -> None:
    """5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h after each failure; after the eighth, never."""
    delay = next_delay(attempt, FAILED, schedule=SCHEDULE, jitter=MIDDLE)
    assert delay == (None if seconds is None else pytest.approx(seconds))


@given(attempts, jitters)
def test_jitter_stays_within_a_fifth(attempt: int, jitter: float) -> None:
    """A delay is at most 20 % shorter or longer than the schedule says."""
    delay = next_delay(attempt, FAILED, schedule=SCHEDULE, jitter=jitter)
    assert delay is not None
    assert 0.8 * SCHEDULE[attempt - 1] <= delay <= 1.2 * SCHEDULE[attempt - 1]


@given(attempts)
def test_jitter_spreads(attempt: int) -> None:
    """What failed together does not return together."""
    early, late = (
        next_delay(attempt, FAILED, schedule=SCHEDULE, jitter=jitter) for jitter in (0.1, 0.9)
    )
    assert early is not None
    assert late is not None
    assert late > 1.3 * early


@given(attempts, jitters, st.floats(min_value=0, max_value=10 * DAY))
def test_retry_after_is_honoured_up_to_a_day(attempt: int, jitter: float, after: float) -> None:
    """It is never tried earlier than the receiver asked, nor later than a day for its sake."""
    plain = next_delay(attempt, FAILED, schedule=SCHEDULE, jitter=jitter)
    asked = next_delay(attempt, Retry("busy", after), schedule=SCHEDULE, jitter=jitter)
    assert asked == max(plain or 0, min(after, DAY))


@given(attempts, jitters, st.booleans())
def test_giving_up_needs_no_schedule(attempt: int, jitter: float, disable: bool) -> None:
    """What the receiver will never take is not tried again, whichever attempt it was."""
    gone = GiveUp("answered 410", disable)
    assert next_delay(attempt, gone, schedule=SCHEDULE, jitter=jitter) is None


def test_a_schedule_of_ones_own() -> None:
    """The schedule is a setting: an empty one means a single attempt."""
    assert next_delay(1, FAILED, schedule=(), jitter=MIDDLE) is None
    assert next_delay(2, FAILED, schedule=(1, 2), jitter=MIDDLE) == pytest.approx(2)


@pytest.mark.parametrize(
    ("schedule", "hours"), [((), 49), (SCHEDULE, 49), ((5.0, 2 * DAY), 48 * 1.2 + 25)]
)
def test_the_longest_delay_is_beyond_all_others(schedule: tuple[float, ...], hours: float) -> None:
    """A Retry-After or a wait of the schedule, and then the longest quiet hours."""
    assert longest_delay(schedule, 0.2) == pytest.approx(hours * HOUR)
