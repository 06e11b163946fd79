"""What differs between two sets of rules."""

from __future__ import annotations

import pytest

from builders.rules import load
from service.rules.in_force.change import rules_change
from service.rules.in_force.shared_set import SharedSet
from service.rules.in_force.state import RulesChange

RULES = """
lists:
  {makers: [Saab, $others], others: [Dassault], towns: [Ankara], міста: [$інші], інші: [Lviv]}
watchlists:
  - {id: jets, match: $makers AND jet}
  - {id: tanks, match: tank}
  - {id: towns, match: $towns}
  - {id: cities, match: $міста}
subscribers:
  - {id: desk, min_score: 10, webhook: {url: "https://d.example", secret: "${S}"}}
"""


def shared(text: str) -> SharedSet:
    """The set of one file."""
    return load({"r.yaml": text}, None).shared


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("", "", RulesChange()),
        ("tank}", "tank OR tanks}", RulesChange(changed=("tanks",))),
        ("id: tanks", "id: armour", RulesChange(added=("armour",), removed=("tanks",))),
        ("[Ankara]", "[Izmir]", RulesChange(changed=("towns",))),
        ("[Dassault]", "[Boeing]", RulesChange(changed=("jets",))),  # a list within a list
        ("[Lviv]", "[Odesa]", RulesChange(changed=("cities",))),  # the names are no ASCII
        ("  - {id: tanks", "\n  - {id: tanks", RulesChange()),
        ("min_score: 10", "min_score: 11", RulesChange(subscribers=("desk",))),
        ("id: desk", "id: night", RulesChange(subscribers=("desk", "night"))),
    ],
)
def test_each_kind_of_change_is_named(was: str, now: str, expected: RulesChange) -> None:
    """Only the watchlists that are concerned; not for where they stand."""
    assert rules_change(shared(RULES), shared(RULES.replace(was, now))) == expected
    assert bool(expected) == (expected != RulesChange())


def test_a_first_set_is_all_new() -> None:
    """Nothing was before it."""
    found = rules_change(None, shared(RULES))
    assert found == RulesChange(added=("cities", "jets", "tanks", "towns"), subscribers=("desk",))
