"""The `relay:` line: what it may say, and the whole message of each mistake."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders.rules import load
from builders.subscribers import VALUES, a_subscriber, fault_messages
from service.delivery.channels.relay.rules_block import Relay
from service.rules.secret import Secret


def test_a_relay_takes_an_apprise_url() -> None:
    """It is secret as a whole, and has a second between two notifications."""
    relay = a_subscriber('relay: "${APPRISE_URL}"')
    assert relay.channel == Relay(Secret(VALUES["APPRISE_URL"]))
    assert relay.min_gap == timedelta(seconds=1)


MISTAKES = {
    "relay that is no URL": (
        "relay: ntfy.example/alerts",
        """
rules.yaml:3:12: this is not an Apprise URL
        relay: *******************
               ^^^^^^^^^^^^^^^^^^^
    → Write one, such as ntfys://ntfy.example/alerts; Apprise's documentation lists them.
""",
    ),
    "relay to this machine": (
        "relay: syslog://daemon",
        """
rules.yaml:3:12: a relay may not use `syslog`
        relay: ******:********
               ^^^^^^^^^^^^^^^
    → It may use services that are reached over HTTP and read no file of this machine: docs/channels.md. Mail goes by `email:`.
""",  # noqa: E501
    ),
    "relay to several services": (
        'relay: "ntfy://one,json://two.example"',
        """
rules.yaml:3:12: this names several services, and a relay has one
        relay: "****:*****,****:*************"
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    → Write a subscriber for each of them.
""",
    ),
    "relay that reads a file": (
        "relay: discord://12345/abcde?template=/etc/passwd",
        """
rules.yaml:3:12: `template` names a file, and a relay reads none of this machine
        relay: *******:**********************************
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    → Leave `template=…` out of the URL.
""",
    ),
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    channel, expected = MISTAKES[name]
    assert fault_messages(channel) == expected.strip("\n")


@pytest.mark.parametrize(
    "schema", ["file", "dbus", "macosx", "windows", "fcm", "vapid", "mqtt", "mailto", "rsyslog"]
)
def test_what_reads_or_writes_this_machine_is_no_relay(schema: str) -> None:
    """Nor what speaks another protocol than HTTP: nothing judges what it does."""
    assert f"a relay may not use `{schema}`" in fault_messages(f"relay: {schema}://name/key")


@pytest.mark.parametrize("url", ["ntfy://alerts", "TGRAM://1:a/2", "https://hooks.slack.com/a/b/c"])
def test_services_over_http_are(url: str) -> None:
    """By Apprise's name for them, or by the address that they give."""
    assert a_subscriber(f'relay: "{url}"').channel == Relay(Secret(url))


def test_the_url_of_a_relay_is_never_shown() -> None:
    """Any part of it may be a token."""
    text = 'subscribers: [{id: a, relay: "${BAD}"}, {id: b, relay: no-hunter2}]'
    faults = load({"r.yaml": text}, {"BAD": "no-hunter2"}.get).faults
    assert len(faults) == 2
    assert "hunter2" not in "\n".join(map(str, faults))
