"""The portions of a worker's slots: nobody who hangs can take them all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.delivery.worker.slots import AT_ONCE, portion

TOTALS = st.integers(1, 500)
LANES = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 100)), max_size=300)
"""Who asks, again and again: a lane, and its concurrency."""


def hang(total: int, asking: list[tuple[int, int]]) -> dict[int, int]:
    """How many slots each lane has when none ever gives one back, and none is known to be slow."""
    out: dict[int, int] = {}
    for lane, most in asking:
        now = portion(total, total - sum(out.values()), 0)
        has = out.get(lane, 0)
        out[lane] = has + max(0, min(now.slots, (1 if now.alone else most) - has))
    return out


@given(TOTALS, LANES)
def test_lanes_that_hang_leave_a_slot_to_others(total: int, asking: list[tuple[int, int]]) -> None:
    """Unless there are as many of them as the last quarter has slots."""
    out = hang(total, asking)
    taken = sum(out.values())
    assert taken <= total
    if len(out) < total // 4:
        assert taken < total
        assert portion(total, total - taken, 0).slots > 0


@given(TOTALS, st.data())
def test_no_portion_is_more_than_there_is(total: int, data: st.DataObject) -> None:
    """Nor more than others leave; and as long as any is free, something may begin."""
    free = data.draw(st.integers(1, total))
    doubtful = data.draw(st.integers(0, total - free))
    now = portion(total, free, doubtful)
    assert 1 <= now.slots <= min(free, AT_ONCE)
    assert 0 <= now.doubtful <= now.slots
    assert doubtful + now.doubtful <= max(doubtful, total // 2, 1)
    assert now.alone or free - now.slots >= total // 4


def test_a_lone_worker_has_room_for_the_doubtful() -> None:
    """A worker with one slot tries them too."""
    assert portion(1, 1, 0).doubtful == 1
