"""The counts themselves: what they are made for is tested where it happens."""

from __future__ import annotations

from typing import get_args

from service.delivery.channels.registry import CHANNELS
from service.errors import BadEntryKind
from service.store.lanes.health import LaneEvent
from service.telemetry import metrics


def test_every_reason_of_a_dead_letter_has_its_count() -> None:
    """The ground knows no errors: the list stands in two places."""
    assert set(metrics.DEAD_LETTERS) == set(get_args(BadEntryKind))


def test_every_channel_has_its_counts() -> None:
    """One that somebody adds is counted among the others, and breaks nothing."""
    assert set(metrics.CHANNELS) == {*(one.key for one in CHANNELS), metrics.OTHER_CHANNEL}
    before = metrics.ATTEMPTS["other", "delivered"]._value.get()
    metrics.count_attempt("pager", "delivered", 0.1)
    assert metrics.ATTEMPTS["other", "delivered"]._value.get() == before + 1


def test_every_change_of_a_lane_has_its_count() -> None:
    """What the log says of a lane, it counts."""
    assert set(metrics.LANE_CHANGES) == {each for each in get_args(LaneEvent) if each}


def test_a_failed_reload_leaves_the_rules_not_current() -> None:
    """Until a later one succeeds; the time since which rules are in force stays."""
    metrics.count_reload(0.5, {"watchlists": 7, "faults": 1})
    since = metrics.RULES_IN_FORCE._value.get()
    metrics.count_failed_reload()
    assert (metrics.RULES_CURRENT._value.get(), metrics.RULES_IN_FORCE._value.get()) == (0, since)
    assert since > 1.7e9
    metrics.count_reload(0.5, {"watchlists": 8, "faults": 0})
    assert (metrics.RULES_CURRENT._value.get(), metrics.RULES["watchlists"]._value.get()) == (1, 8)
