"""Which rules files take the place of the set in force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.rules.in_force.refusal import Offered, refusal
from service.rules.in_force.state import RulesInForce

BEFORE = RulesInForce("s", "c", "old", "d", 10, 2, "/rules", "worker")
OFFERED = Offered("new", "/rules", 10, 2)


@pytest.mark.parametrize(
    ("offered", "lost"),
    [
        (OFFERED, ""),
        (replace(OFFERED, watchlists=500), ""),
        (replace(OFFERED, watchlists=5), ""),
        (replace(OFFERED, watchlists=4), "/rules has 4 of the 10 watchlists in force"),
        (replace(OFFERED, watchlists=0), "/rules has none of the 10 watchlists in force"),
        (replace(OFFERED, watchlists=4, root="/other"), ""),
        (
            replace(OFFERED, watchlists=0, root="/other"),
            "/other has none of the 10 watchlists in force",
        ),
        (replace(OFFERED, subscribers=1), ""),
        (replace(OFFERED, subscribers=0), "none of the 2 subscribers in force can be used"),
    ],
)
def test_what_lost_most_is_refused(offered: Offered, lost: str) -> None:
    """It says what is missing, and how to have it all the same."""
    found = refusal(offered, BEFORE)
    assert bool(found) == bool(lost)
    assert lost in found
    assert not found or found.endswith("tocsin rules accept new")


def test_nothing_is_refused_where_nothing_was() -> None:
    """At the first start, and where there was nothing to lose."""
    empty = replace(OFFERED, watchlists=0, subscribers=0)
    assert refusal(empty, None) == ""
    assert refusal(empty, replace(BEFORE, watchlists=0, subscribers=0)) == ""


def test_what_an_operator_accepts_is_not_refused() -> None:
    """These files, and no others."""
    empty = replace(OFFERED, watchlists=0)
    assert refusal(empty, replace(BEFORE, accepted="new")) == ""
    assert refusal(empty, replace(BEFORE, accepted="newer"))


def test_one_of_one_is_told_in_the_singular() -> None:
    """A reader notices."""
    assert "none of the 1 watchlist in force" in refusal(
        replace(OFFERED, watchlists=0), replace(BEFORE, watchlists=1)
    )
