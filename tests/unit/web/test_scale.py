"""How much work waits for each role."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from builders.figures import some_figures
from service.web.scale import UNMEASURED_SECONDS, Scale, scale
from service.web.store_figures import StreamFigures

ONE = some_figures()


def figures(unread: int | None, pending: int, due: int) -> StreamFigures:
    """A stream in which so much waits."""
    oldest = ONE.backlog.oldest if unread is None or unread or pending else None
    backlog = replace(ONE.backlog, unread=unread, pending=pending, oldest=oldest)
    return replace(ONE, backlog=backlog, deliveries=replace(ONE.deliveries, due=due))


def work(*streams: StreamFigures, **pace: float) -> Scale:
    """The work of these streams."""
    found = scale({f"s{number}": one for number, one in enumerate(streams)}, pace)
    assert found is not None
    return found


def test_it_is_what_waits_times_what_one_takes() -> None:
    """Of all streams; unread entries, and those that a worker has or had when it died."""
    found = work(figures(100, 20, 30), figures(0, 5, 10), match=0.02, deliver=0.5)
    assert (found.match.waiting, found.match.seconds) == (125, 2.5)
    assert (found.deliver.waiting, found.deliver.seconds) == (40, 20)
    assert found.match.measured


def test_entries_of_a_dead_worker_wait_when_nobody_runs() -> None:
    """Nothing is unread then, and an autoscaler must start a worker all the same."""
    found = work(figures(0, 1, 0))
    assert found.match.seconds == UNMEASURED_SECONDS["match"]
    assert not found.match.measured


def test_what_redis_cannot_count_is_one_at_least() -> None:
    """After an XDEL it does not know how many are unread, but that one is."""
    assert work(figures(None, 0, 0)).match.waiting == 1


@given(st.integers(0, 3), st.integers(0, 3), st.floats(1e-7, 1))
def test_it_is_0_only_where_nothing_waits(entries: int, due: int, seconds: float) -> None:
    """However little it is: a worker is started for it."""
    found = work(figures(entries, 0, due), match=seconds, deliver=seconds)
    assert (found.match.seconds > 0, found.deliver.seconds > 0) == (entries > 0, due > 0)


def test_a_stream_of_which_redis_tells_nothing_makes_all_unknown() -> None:
    """The work of the others would be too little."""
    assert scale({"a": ONE, "b": None}, {}) is None


def scaled(seconds_of_work: float, each: float, target: float = 60) -> int:
    """The workers that an autoscaler starts for that: KEDA's formula for an average value."""
    found = work(figures(round(seconds_of_work / each), 0, 0), match=each)
    return -int(-found.match.seconds // target)


def test_heavy_rules_get_more_workers_for_the_same_entries() -> None:
    """That is why seconds are told: entries would need another target for each set of rules."""
    assert scaled(30, 0.002) == scaled(30, 0.2) == 1
    assert scaled(600, 0.002) == scaled(600, 0.2) == 10


def test_its_clock_plays_no_part() -> None:
    """A machine whose clock is off scales as the others do."""
    late = replace(figures(10, 0, 0), clock_ahead=timedelta(hours=3))
    assert work(late) == work(figures(10, 0, 0))
