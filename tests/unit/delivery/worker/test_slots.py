"""How slots are shared out: lanes that hang can never take them all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.delivery.worker.slots import MAX_SLOTS_A_LEASE, share_out

TOTALS = st.integers(1, 500)
LANES = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 100)), max_size=300)
"""Who asks, again and again: a lane, and its concurrency."""


def hang(total: int, asking: list[tuple[int, int]]) -> dict[int, int]:
    """How many slots each lane has when none ever gives one back, and none is known to be slow."""
    out: dict[int, int] = {}
    for lane, most in asking:
        now = share_out(total, total - sum(out.values()), 0)
        has = out.get(lane, 0)
        out[lane] = has + max(0, min(now.free, (1 if now.idle_lanes_only else most) - has))
    return out


@given(TOTALS, LANES)
def test_lanes_that_hang_leave_a_slot_to_others(total: int, asking: list[tuple[int, int]]) -> None:
    """Unless there are as many of them as the last quarter has slots."""
    out = hang(total, asking)
    taken = sum(out.values())
    assert taken <= total
    if len(out) < total // 4:
        assert taken < total
        assert share_out(total, total - taken, 0).free > 0


@given(TOTALS, st.data())
def test_no_share_is_more_than_there_is(total: int, data: st.DataObject) -> None:
    """Nor more than others leave; and as long as any is free, something may begin."""
    free = data.draw(st.integers(1, total))
    impaired = data.draw(st.integers(0, total - free))
    now = share_out(total, free, impaired)
    assert 1 <= now.free <= min(free, MAX_SLOTS_A_LEASE)
    assert 0 <= now.for_impaired <= now.free
    assert impaired + now.for_impaired <= max(impaired, total // 2, 1)
    assert now.idle_lanes_only or free - now.free >= total // 4


def test_a_lone_worker_has_room_for_impaired_lanes() -> None:
    """A worker with one slot tries them too."""
    assert share_out(1, 1, 0).for_impaired == 1
