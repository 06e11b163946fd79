"""Mistakes in YAML, and mistakes whose place YAML moves, each with its whole message."""

from __future__ import annotations

import pytest

from builders.rules import fault_messages

MISTAKES = {
    "characters that YAML escapes": (
        r"""
watchlists:
  - {"id": "a", "match": "T\u00fcrkiye \x41ND (jet OR tank"}
  - id: b
    match: "caf\u00e9 AND \
      $no\u006cist AND\tx"
""",
        r"""
rules.yaml:3:47: this “(” is never closed
      - {"id": "a", "match": "T\u00fcrkiye \x41ND (jet OR tank"}
                                                  ^
    → Add a “)” where the group ends.
rules.yaml:6:7: there is no list $nolist
          $no\u006cist AND\tx"
          ^^^^^^^^^^^^
    → Add it under `lists:`, or write the words.
""",
    ),
    "an expression that YAML ends": (
        """
watchlists:
  - id: jets
    match: Turkey AND #defence
""",
        """
rules.yaml:4:19: nothing follows AND
        match: Turkey AND #defence
                      ^^^
    → Write what should follow it, or remove AND. In YAML, “ #” begins a comment.
""",
    ),
    "lines that end as on old Macs": (
        "\rwatchlists:\r  - id: jets\r    match: missile AND\r",
        """
rules.yaml:4:20: nothing follows AND
        match: missile AND
                       ^^^
    → Write what should follow it, or remove AND.
""",
    ),
    "unclosed parenthesis in a folded expression": (
        """
watchlists:
  - id: jets
    match: >
      Pakistan
      AND (Turkey OR Iran
""",
        """
rules.yaml:6:11: this “(” is never closed
          AND (Turkey OR Iran
              ^
    → Add a “)” where the group ends.
""",
    ),
    "expression that begins with a quotation mark": (
        """
watchlists:
  - id: jets
    match: "fighter jet" AND Turkey
""",
        """
rules.yaml:4:26: this is not YAML: did not find expected key
        match: "fighter jet" AND Turkey
                             ^
    → Put an expression that begins with a quotation mark in single quotes as a whole: \
match: '"fighter jet" AND Turkey'. Or indent the line as its neighbours.
""",
    ),
    "tab": (
        "watchlists:\n\t- id: jets\n",
        """
rules.yaml:2:1: this is not YAML: found character that cannot start any token
    \t- id: jets
    ^
    → Indent with spaces, not tabs.
""",
    ),
    "key twice": (
        """
watchlists:
  - id: jets
    match: fighter jet
    match: tank
""",
        """
rules.yaml:5:5: `match` appears twice here; the first is on line 4
        match: tank
        ^^^^^
    → Keep one of them.
""",
    ),
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    text, expected = MISTAKES[name]
    assert fault_messages(text) == expected.strip("\n")
