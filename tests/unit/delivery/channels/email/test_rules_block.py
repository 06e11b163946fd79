"""The `email:` block: what it may say, and the whole message of each mistake."""

from __future__ import annotations

import pytest

from builders.rules import load
from builders.subscribers import a_subscriber, fault_messages
from service.delivery.channels.email.rules_block import Mail, Mailbox


def test_email_takes_addresses_with_and_without_names() -> None:
    """A domain of any script is written as servers name it; `{subscriber}` becomes the id."""
    mail = a_subscriber(
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


MISTAKES = {
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
    …ail: {to: [a@b.example], from: c@b.example, unsubscribe: http://*********}
                                                              ^^^^^^^^^^^^^^^^
    → Write a whole address: https://desk.example/unsubscribe/{subscriber}
""",
    ),
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    channel, expected = MISTAKES[name]
    assert fault_messages(channel) == expected.strip("\n")


def test_email_without_a_mail_server_is_a_fault() -> None:
    """Its alerts wait until there is one: an unknown subscriber's deliveries are kept."""
    text = "subscribers:\n  - id: a\n    email: {to: [a@b.example], from: c@b.example}\n"
    nothing: dict[str, str] = {}
    (fault,) = load({"rules.yaml": text}, nothing.get).faults
    assert (fault.line, fault.message) == (3, "e-mail needs a mail server, and none is set")
    assert fault.hint == "Set TOCSIN_SMTP_HOST (docs/settings.md)."


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
