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
    "a key without a space": (
        "watchlists:\n  - id:jets\n    match: fighter jet\n",
        """
rules.yaml:2:7: this is not YAML: mapping values are not allowed in this context
      - id:jets
          ^
    → Write a space after `id:`.
""",
    ),
    "an expression in a block that begins with a quotation mark": (
        """
watchlists:
  - id: jets
    match: jet
    except: {x: "stocks to buy" OR rating}
""",
        """
rules.yaml:5:13: this is not YAML: did not find expected ',' or '}'
        except: {x: "stocks to buy" OR rating}
                ^
    → Close the block with “}” or put a comma between its keys. A text with a comma, a colon or \
quotation marks goes whole into single quotes: '"fighter jet" OR tank'.
""",
    ),
    "a comma in a text of a block": (
        """
watchlists:
  - id: jets
    match: jet
    tests: [{match: {title: Fed, ECB cut rates}}]
""",
        """
rules.yaml:5:34: `ECB cut rates` is not a field of an article
        tests: [{match: {title: Fed, ECB cut rates}}]
                                     ^^^^^^^^^^^^^
    → A comma ends a text here. Put the whole text into single quotes.
""",
    ),
    "an expression for a list of blocks, and lists for a text": (
        """
watchlists:
  - id: jets
    match: [jet, tank]
    language: [en, de]
    boost: title:iPhone
""",
        """
rules.yaml:4:12: `match` must be a text
        match: [jet, tank]
               ^
    → Write one text, and join its parts with OR or AND: `match: jet OR tank`.
rules.yaml:5:15: `language` must be a text
        language: [en, de]
                  ^
    → Write one: that of the watchlist's words. The article's own counts too.
rules.yaml:6:12: `boost` must be a list
        boost: title:iPhone
               ^^^^^^^^^^^^
    → Write `boost: [{when: "title:iPhone", points: 10}]`.
""",
    ),
    "a regular expression": (
        """
watchlists:
  - id: jets
    match: "\\d jets"
""",
        """
rules.yaml:4:13: this is not YAML: found unknown escape character
        match: "\\d jets"
                ^
    → Put the text into single quotes: they keep a backslash as it is. There are no regular \
expressions here; * and ? stand for any letters.
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
