"""The summary of what a throttle held."""

from __future__ import annotations

from itertools import permutations

from service.alerts.bundles.throttle_summary import HeldAlert, summaries


def test_the_best_alert_is_first_and_of_equal_ones_the_earliest() -> None:
    """Whichever id it has, and in whichever order they come."""
    best = HeldAlert("alr_c", 90, ("desk", "phone"), "2026-11-23T12:00:09Z")
    early = HeldAlert("alr_b", 70, ("desk", "phone"), "2026-11-23T12:00:01Z")
    late = HeldAlert("alr_a", 70, ("desk",), "2026-11-23T12:00:05Z")
    for held in permutations((best, early, late)):
        found = {each.subscribers: each.alerts for each in summaries(held)}
        assert found == {("desk",): (best, early, late), ("phone",): (best, early)}
