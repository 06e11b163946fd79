"""Mistakes in the sections of a rules file, each with the whole message that its author reads."""

from __future__ import annotations

import pytest

from builders.rules import fault_messages

MISTAKES = {
    "misspelt section": (
        "watchlist:\n  - id: jets\n    match: fighter jet\n",
        """
rules.yaml:1:1: `watchlist` is not known here
    watchlist:
    ^^^^^^^^^
    → Did you mean `watchlists`?
""",
    ),
    "id used twice": (
        """
watchlists:
  - id: jets
    match: fighter jet
  - id: jets
    match: tank
""",
        """
rules.yaml:3:9: `jets` is here and in rules.yaml line 5
      - id: jets
            ^^^^
    → Give one of them another name; until then neither is used.
rules.yaml:5:9: `jets` is here and in rules.yaml line 3
      - id: jets
            ^^^^
    → Give one of them another name; until then neither is used.
""",
    ),
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    text, expected = MISTAKES[name]
    assert fault_messages(text) == expected.strip("\n")
