"""Mistakes in the sections of a rules file, each with the whole message that its author reads."""

from __future__ import annotations

import pytest

from builders.rules import SECRETS, fault_messages, load

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


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_subscriber_that_is_there_twice_is_not_used(order: tuple[int, int]) -> None:
    """Nor does it count as one that is off on purpose: files that lose all others are refused."""
    desk = (
        "  - {id: desk, ENABLED, webhook: {url: 'https://d.example', secret: '${DESK_SECRET}'}}\n"
    )
    both = [desk.replace("ENABLED", f"enabled: {each}") for each in ("true", "false")]
    text = "subscribers:\n" + "".join(both[number] for number in order)
    rules = load({"rules.yaml": text}, SECRETS.get)
    assert (rules.subscribers, rules.disabled_subscribers) == ({}, frozenset())
    assert rules.faulty_subscribers == {"desk"}
