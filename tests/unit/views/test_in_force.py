"""What differs between two sets of rules, as people see it."""

from __future__ import annotations

import pytest

from builders.rules import load
from service.rules.in_force.shared_set import SharedSet
from service.rules.rules import Rules
from service.views.rules import in_force
from service.views.rules.in_force import FieldChange, WatchlistChange, difference_view


def shared(*matches: str) -> SharedSet:
    """A set with a watchlist for each expression."""
    watchlists = [f"  - {{id: w{at}, match: {said}}}" for at, said in enumerate(matches)]
    rules: Rules = load({"/etc/r.yaml": "\n".join(["watchlists:", *watchlists])}, None)
    return rules.shared


def test_of_many_that_changed_the_first_show_their_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are named."""
    monkeypatch.setattr(in_force, "MAX_DIFFERENCES", 2)
    found = difference_view(shared("a", "b", "c", "same"), shared("x", "y", "z", "same"))
    fields = [(FieldChange("match", *pair),) for pair in (("a", "x"), ("b", "y"))]
    assert found.changed == (
        WatchlistChange("w0", fields[0]),
        WatchlistChange("w1", fields[1]),
        WatchlistChange("w2", ()),
    )
    assert not found.is_empty
    assert difference_view(shared("a"), shared("a")).is_empty
