"""Mistakes in the form of a watchlist, each with the whole message that its author reads."""

from __future__ import annotations

import pytest

from builders.rules import SUBSCRIBERS, fault_messages

MISTAKES = {
    "misspelt key": (
        """
watchlists:
  - id: jets
    mach: fighter jet
""",
        """
rules.yaml:3:5: `match` is missing
      - id: jets
        ^
    → Add, for example, `match: Pakistan AND Turkey AND fighter jet`.
rules.yaml:4:5: `mach` is not known here
        mach: fighter jet
        ^^^^
    → Did you mean `match`?
""",
    ),
    "a throttle of nothing": (
        """
watchlists:
  - {id: jets, match: missile, throttle: {max: 0, per: 1x}}
""",
        """
rules.yaml:3:48: `max` is `0`
      - {id: jets, match: missile, throttle: {max: 0, per: 1x}}
                                                   ^
    → Write a number from 1 to 100000, without decimals.
rules.yaml:3:56: `per` is `1x`
      - {id: jets, match: missile, throttle: {max: 0, per: 1x}}
                                                           ^^
    → Write a duration such as 90s, 20m, 6h or 2d; 30d is the longest.
""",
    ),
    "an article of a test with a field that none has": (
        """
watchlists:
  - id: jets
    match: jet
    tests:
      - no_match: {titel: a jet, body: rain}
      - match: {title: jet, tag: [a]}
""",
        """
rules.yaml:6:20: `titel` is not a field of an article
          - no_match: {titel: a jet, body: rain}
                       ^^^^^
    → Did you mean `title`?
rules.yaml:7:29: `tag` is not a field of an article
          - match: {title: jet, tag: [a]}
                                ^^^
    → Did you mean `tags`?
""",
    ),
    "test without a verdict": (
        """
watchlists:
  - id: jets
    match: fighter jet
    tests:
      - matches: {title: Jets}
""",
        """
rules.yaml:6:9: `matches` is not known here
          - matches: {title: Jets}
            ^^^^^^^
    → Did you mean `match`?
""",
    ),
    "an expression that is empty": (
        """
watchlists:
  - id: jets
    match: ''
""",
        """
rules.yaml:4:12: `match` is empty
        match: ''
               ^^
    → Write something after it, or remove it.
""",
    ),
    "an expression that YAML takes for a comment": (
        """
watchlists:
  - id: jets
    match: #metoo
""",
        """
rules.yaml:4:11: `match` is empty
        match: #metoo
              ^
    → In YAML “#” begins a comment. Put the text into single quotes: '#metoo'.
""",
    ),
    "an expression that YAML takes for a type": (
        """
watchlists:
  - id: jets
    match: !NASA
""",
        """
rules.yaml:4:12: `match` is empty
        match: !NASA
               ^^^^^
    → In YAML “!” begins the name of a type. Put the text into single quotes; to find a word only \
in this spelling and case, write cs(NASA).
""",
    ),
    "severity that does not exist": (
        """
watchlists:
  - id: jets
    match: fighter jet
    severity: urgent
""",
        """
rules.yaml:5:15: `urgent` is not a severity
        severity: urgent
                  ^^^^^^
    → Write info, low, medium, high or critical.
""",
    ),
    "threshold beyond the scale": (
        """
watchlists:
  - id: jets
    match: fighter jet
    threshold: 150
""",
        """
rules.yaml:5:16: `threshold` is `150`
        threshold: 150
                   ^^^
    → Write a number from 0 to 100.
""",
    ),
    "id with a space": (
        """
watchlists:
  - id: Fighter jets
    match: fighter jet
""",
        """
rules.yaml:3:9: `Fighter jets` cannot be an id
      - id: Fighter jets
            ^^^^^^^^^^^^
    → Use lower-case letters, digits and hyphens only: pak-turk-jets.
""",
    ),
    "one name where a list belongs": (
        """
watchlists:
  - id: jets
    match: fighter jet
    notify: desk
"""
        + SUBSCRIBERS,
        """
rules.yaml:5:13: `notify` must be a list
        notify: desk
                ^^^^
    → Write `notify: [desk]`.
""",
    ),
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    text, expected = MISTAKES[name]
    assert fault_messages(text) == expected.strip("\n")
