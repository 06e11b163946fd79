"""Which channel a subscriber has, and the whole message if that is not clear."""

from __future__ import annotations

import pytest

from builders.rules import load
from builders.subscribers import fault_messages

MISTAKES = {
    "no channel": (
        "min_score: 3",
        """
rules.yaml:2:5: this subscriber has no channel
      - id: desk
        ^
    → Add `webhook:`, `slack:`, `email:` or `relay:`; docs/channels.md shows each.
""",
    ),
    "two channels": (
        'relay: "${APPRISE_URL}"\n    slack: {webhook_url: "${SLACK_URL}"}',
        """
rules.yaml:4:5: `slack` is a second channel; this subscriber already has `relay`
        slack: {webhook_url: "${SLACK_URL}"}
        ^^^^^
    → Keep one of them, and add a second subscriber for the other.
""",
    ),
    "misspelt channel": (
        "slak: {webhook_url: x}",
        """
rules.yaml:3:5: `slak` is not known here
        slak: {webhook_url: x}
        ^^^^
    → Did you mean `slack`?
""",
    ),
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    channel, expected = MISTAKES[name]
    assert fault_messages(channel) == expected.strip("\n")


def test_every_channel_can_be_checked_without_values() -> None:
    """`tocsin check --no-secrets` knows neither secrets nor settings."""
    text = """
subscribers:
  - {id: a, slack: {webhook_url: "${A}"}}
  - {id: b, slack: {token: "${B}", channel: "${C}"}}
  - {id: c, email: {to: ["${D}"], from: "${E}", unsubscribe: "${F}"}}
  - {id: d, relay: "${G}"}
  - {id: e, webhook: {url: "${H}", secret: ["${I}"], ca: "${J}"}}
"""
    rules = load({"rules.yaml": text}, None)
    assert rules.faults == ()
    assert len(rules.subscribers) == 5
