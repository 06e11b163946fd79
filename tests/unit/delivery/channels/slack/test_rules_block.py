"""The `slack:` block: what it may say, and the whole message of each mistake."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders.rules import load
from builders.subscribers import VALUES, a_subscriber, fault_messages
from service.delivery.channels.slack.rules_block import SlackBot, SlackHook
from service.rules.secret import Secret


def test_slack_takes_a_webhook_or_a_bot() -> None:
    """Both forms, with their secrets filled in, and a second between two messages."""
    hook = a_subscriber('slack: {webhook_url: "${SLACK_URL}"}')
    bot = a_subscriber('slack: {token: "${SLACK_TOKEN}", channel: C0123ABCD}')
    assert hook.channel == SlackHook(Secret(VALUES["SLACK_URL"]))
    assert bot.channel == SlackBot(Secret(VALUES["SLACK_TOKEN"]), "C0123ABCD")
    assert hook.min_gap == bot.min_gap == timedelta(seconds=1)


MISTAKES = {
    "Slack without a block": (
        'slack: "${SLACK_URL}"',
        """
rules.yaml:3:12: `slack` must be a block of `key: value` lines
        slack: "${SLACK_URL}"
               ^^^^^^^^^^^^^^
    → Write, for example, `slack: {webhook_url: ${SLACK_URL}}`.
""",
    ),
    "half a bot": (
        'slack: {token: "${SLACK_TOKEN}"}',
        """
rules.yaml:3:12: Slack takes either a webhook or a bot's token with a channel
        slack: {token: "${SLACK_TOKEN}"}
               ^
    → Write `slack: {webhook_url: ${SLACK_URL}}` or `slack: {token: ${SLACK_TOKEN}, \
channel: C0123ABCD}`.
""",
    ),
    "channel by its name": (
        'slack: {token: "${SLACK_TOKEN}", channel: "#alerts"}',
        """
rules.yaml:3:47: this is not the id of a Slack channel
        slack: {token: "${SLACK_TOKEN}", channel: "#alerts"}
                                                  ^^^^^^^^^
    → Write the id, such as C0123ABCD; Slack shows it at the end of the channel's details.
""",
    ),
    "token that is none": (
        'slack: {token: "${DESK_SECRET}", channel: C0123ABCD}',
        """
rules.yaml:3:20: this is not a Slack token
        slack: {token: "${DESK_SECRET}", channel: C0123ABCD}
                       ^^^^^^^^^^^^^^^^
    → Copy the app's Bot User OAuth Token; it begins with xoxb-.
""",
    ),
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    channel, expected = MISTAKES[name]
    assert fault_messages(channel) == expected.strip("\n")


def test_a_slack_token_is_never_shown() -> None:
    """A fault shows neither a token in the file nor one that was looked up."""
    text = """
subscribers:
  - {id: a, slack: {token: xoxb-1234-hunter2, channel: "#x"}}
  - {id: b, slack: {token: xoxe.xoxb-1-hunter2, chanel: C01}}
  - {id: c, slack: {token: "${BAD}", channel: C0123}}
"""
    shown = "\n".join(map(str, load({"r.yaml": text}, {"BAD": "no-hunter2"}.get).faults))
    assert "is not the id of a Slack channel" in shown
    assert "hunter2" not in shown
