"""Mistakes in expressions and lists, each with the whole message that its author reads."""

from __future__ import annotations

import pytest

from builders.rules import SUBSCRIBERS, fault_messages

MISTAKES = {
    "lists that no expression can name": (
        """
lists:
  Gulf states!: [Qatar, Oman]
  "": [jet]
  über-Länder: [Qatar]
""",
        """
rules.yaml:3:3: `Gulf states!` is not a valid list name
      Gulf states!: [Qatar, Oman]
      ^^^^^^^^^^^^
    → Use letters, digits, - and _ only: Gulf-states. Expressions name it $Gulf-states.
rules.yaml:4:3: `` is not a valid list name
      "": [jet]
      ^^
    → Use letters, digits, - and _ only: places. Expressions name it $places.
""",
    ),
    "AND mixed with OR": (
        """
watchlists:
  - id: jets
    match: Pakistan AND Turkey OR Iran
""",
        """
rules.yaml:4:12: AND and OR are mixed without parentheses
        match: Pakistan AND Turkey OR Iran
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    → Write (Pakistan AND Turkey) OR Iran or Pakistan AND (Turkey OR Iran), whichever you mean.
""",
    ),
    "unknown list": (
        """
lists:
  turkey: [Turkey, Ankara]
watchlists:
  - id: jets
    match: $turky AND jet
""",
        """
rules.yaml:6:12: there is no list $turky
        match: $turky AND jet
               ^^^^^^
    → Did you mean $turkey?
""",
    ),
    "unknown subscriber": (
        """
watchlists:
  - id: jets
    match: fighter jet
    notify: [dsk]
"""
        + SUBSCRIBERS,
        """
rules.yaml:5:14: there is no subscriber dsk
        notify: [dsk]
                 ^^^
    → Did you mean desk?
""",
    ),
    "only negations": (
        """
watchlists:
  - id: quiet
    match: NOT cricket
""",
        """
rules.yaml:4:12: this would match articles in which none of your words occur
        match: NOT cricket
               ^^^^^^^^^^^
    → Add a word that must occur, with AND: for example “missile AND NOT test”.
""",
    ),
    "lists that go round": (
        """
lists:
  army: [soldier, $navy]
  navy: [sailor, $army]
""",
        """
rules.yaml:3:19: the list $navy has a mistake itself
      army: [soldier, $navy]
                      ^^^^^
    → Correct that list first.
rules.yaml:4:18: circular list reference: $army → $navy → $army
      navy: [sailor, $army]
                     ^^^^^
    → Remove one of these references.
""",
    ),
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    text, expected = MISTAKES[name]
    assert fault_messages(text) == expected.strip("\n")
