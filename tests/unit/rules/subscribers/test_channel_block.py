"""How a subscriber is reached: what rules files may say, and the whole message where they err."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builders.rules import load
from service.delivery.channels.email.rules_block import Mail, Mailbox
from service.delivery.channels.relay.rules_block import Relay
from service.delivery.channels.slack.rules_block import SlackBot, SlackHook
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber

VALUES = {
    "DESK_SECRET": "whsec_" + "QUJD" * 8,
    "SLACK_URL": "https://hooks.slack.com/services/T0/B0/T0ken",
    "SLACK_TOKEN": "xoxb-1234-T0ken",
    "APPRISE_URL": "ntfys://ntfy.example/T0ken",
    "TOCSIN_SMTP_HOST": "mail.example",
}


def subscriber(channel: str) -> Subscriber:
    """The subscriber with this channel, which has no fault."""
    rules = load({"rules.yaml": f"subscribers:\n  - id: desk\n    {channel}\n"}, VALUES.get)
    assert rules.faults == ()
    return rules.subscribers["desk"]


def test_slack_takes_a_webhook_or_a_bot() -> None:
    """Both forms, with their secrets filled in."""
    hook = subscriber('slack: {webhook_url: "${SLACK_URL}"}')
    bot = subscriber('slack: {token: "${SLACK_TOKEN}", channel: C0123ABCD}')
    assert hook.channel == SlackHook(Secret(VALUES["SLACK_URL"]))
    assert bot.channel == SlackBot(Secret(VALUES["SLACK_TOKEN"]), "C0123ABCD")


def test_email_takes_addresses_with_and_without_names() -> None:
    """A domain of any script is written as servers name it; `{subscriber}` becomes the id."""
    mail = subscriber(
        "email: {to: [editors@example.org, Jörg Duty <duty@bücher.example>], "
        'from: Tocsin <alerts@example.org>, unsubscribe: "https://desk.example/u/{subscriber}"}'
    )
    assert mail.channel == Mail(
        (
            Mailbox("editors", "example.org"),
            Mailbox("duty", "xn--bcher-kva.example", "Jörg Duty"),
        ),
        Mailbox("alerts", "example.org", "Tocsin"),
        "https://desk.example/u/desk",
    )


def test_a_relay_takes_an_apprise_url() -> None:
    """It is secret as a whole."""
    relay = subscriber('relay: "${APPRISE_URL}"')
    assert relay.channel == Relay(Secret(VALUES["APPRISE_URL"]))


@pytest.mark.parametrize(
    "channel",
    [
        'slack: {webhook_url: "${SLACK_URL}"}',
        'slack: {token: "${SLACK_TOKEN}", channel: C0123ABCD}',
        'relay: "${APPRISE_URL}"',
    ],
)
def test_no_channel_shows_its_secrets(channel: str) -> None:
    """Not when it is printed; and the log is told what to mask."""
    found = subscriber(channel)
    assert "T0ken" not in repr(found)
    assert any("T0ken" in secret.reveal() for secret in found.channel.all_secrets)


def test_without_values_every_channel_can_be_checked() -> None:
    """`tocsin check --no-secrets` knows neither secrets nor settings."""
    text = """
subscribers:
  - {id: a, slack: {webhook_url: "${A}"}}
  - {id: b, slack: {token: "${B}", channel: "${C}"}}
  - {id: c, email: {to: ["${D}"], from: "${E}", unsubscribe: "${F}"}}
  - {id: d, relay: "${G}"}
"""
    rules = load({"rules.yaml": text}, None)
    assert rules.faults == ()
    assert len(rules.subscribers) == 4


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
    "one address where a list belongs": (
        "email: {to: editors@example.org, from: alerts@example.org}",
        """
rules.yaml:3:17: `to` must be a list
        email: {to: editors@example.org, from: alerts@example.org}
                    ^^^^^^^^^^^^^^^^^^^
    → Write `to: [editors@example.org]`.
""",
    ),
    "no sender": (
        "email: {to: [editors@example.org]}",
        """
rules.yaml:3:12: `from` is missing
        email: {to: [editors@example.org]}
               ^
    → Add, for example, `from: alerts@example.org`.
""",
    ),
    "address without a domain": (
        "email: {to: [editors@example.org, desk], from: alerts@example.org}",
        """
rules.yaml:3:39: this is not an e-mail address
        email: {to: [editors@example.org, desk], from: alerts@example.org}
                                          ^^^^
    → Write one, such as editors@example.org or News desk <editors@example.org>.
""",
    ),
    "unsubscribing without https": (
        "email: {to: [a@b.example], from: c@b.example, unsubscribe: http://b.example}",
        """
rules.yaml:3:64: this is not an https address, which unsubscribing with one click needs
        email: {to: [a@b.example], from: c@b.example, unsubscribe: http://*********}
                                                                   ^^^^^^^^^^^^^^^^
    → Write a whole address: https://desk.example/unsubscribe/{subscriber}
""",
    ),
    "relay that is no URL": (
        "relay: ntfy.example/alerts",
        """
rules.yaml:3:12: this is not an Apprise URL
        relay: *******************
               ^^^^^^^^^^^^^^^^^^^
    → Write one, such as ntfys://ntfy.example/alerts; Apprise's documentation lists them.
""",
    ),
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    channel, expected = MISTAKES[name]
    rules = load({"rules.yaml": f"subscribers:\n  - id: desk\n    {channel}\n"}, VALUES.get)
    assert "\n".join(map(str, rules.faults)) == expected.strip("\n")


def test_email_without_a_mail_server_is_a_fault() -> None:
    """Its alerts wait until there is one: an unknown subscriber's deliveries are kept."""
    text = "subscribers:\n  - id: a\n    email: {to: [a@b.example], from: c@b.example}\n"
    nothing: dict[str, str] = {}
    (fault,) = load({"rules.yaml": text}, nothing.get).faults
    assert (fault.line, fault.message) == (3, "e-mail needs a mail server, and none is set")
    assert fault.hint == "Set TOCSIN_SMTP_HOST (docs/settings.md)."


def test_a_slack_token_is_never_shown() -> None:
    """Neither one that stands in the file nor one that was looked up shows in a fault."""
    text = """
subscribers:
  - {id: a, slack: {token: xoxb-1234-hunter2, channel: "#x"}}
  - {id: b, slack: {token: xoxe.xoxb-1-hunter2, chanel: C01}}
  - {id: c, slack: {token: "${BAD}", channel: C0123}}
  - {id: d, relay: "${BAD}"}
"""
    said = "\n".join(map(str, load({"r.yaml": text}, {"BAD": "no-hunter2"}.get).faults))
    assert "is not the id of a Slack channel" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "text",
    [
        "a@b@c.example",
        "a b@c.example",
        "<a@c.example",
        "a@c.example>",
        "Name a@c.example",
        "a@c.example, b@c.example",
        "a@",
        "@c.example",
        "a@-c",
        "a@" + "c" * 70 + ".example",
        "a@c..example",
        "ä@c.example",
        "a@c.example\nBcc: x@y.example",
        "",
    ],
)
def test_what_is_no_address_is_a_fault(text: str) -> None:
    """One address, with or without a name, and nothing that could become a header."""
    rules = load(
        {"r.yaml": "subscribers:\n  - {id: a, email: {to: ['${A}'], from: d@c.example}}\n"},
        {"A": text, "TOCSIN_SMTP_HOST": "m"}.get,
    )
    assert [fault.message for fault in rules.faults] == ["this is not an e-mail address"]


PAGE = (Path(__file__).parents[4] / "docs" / "channels.md").read_text(encoding="utf-8")


def test_the_examples_of_the_page_load() -> None:
    """Each YAML block of docs/channels.md is a rules file without a fault."""
    found = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) >= 4
    for text in found:
        assert load({"page.yaml": text}, None).faults == ()
