"""`tocsin rules status` in words."""

from __future__ import annotations

from service.cli.rules.in_force import status_lines
from service.views.rules.in_force import StatusView


def test_ages_are_by_the_clock_of_redis() -> None:
    """A machine whose clock is wrong does not say that rules come from the future."""
    since, at = "2026-11-23T09:00:00Z", "2026-11-23T12:00:00Z"
    found = StatusView("s", "r", "f", "rules", 1, since, "worker-1", (), (), (), at)
    assert ("in force", f"since {since} (3h), by worker-1") in status_lines(found)
