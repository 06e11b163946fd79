"""The registry lists every channel, and each says the same things about itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builders.rules import load
from builders.subscribers import a_subscriber
from service.delivery.channels.registry import CHANNELS
from service.rules.rules import Rules
from service.rules.rules import load as load_rules
from service.rules.subscribers.subscriber import SubscriberReader

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
KEYS = [channel.key for channel in CHANNELS]


def an_example(key: str) -> Rules:
    """The rules with the example of a channel, without the values of its variables."""
    (channel,) = (each for each in CHANNELS if each.key == key)
    example = re.sub(r"\$\{\w+\}", r'"\g<0>"', channel.example)
    text = f"subscribers:\n  - id: desk\n    {example}\n"
    return load_rules({"rules.yaml": text}, SubscriberReader(CHANNELS, None))


def test_a_channel_has_the_folder_of_its_key() -> None:
    """Whoever knows the rules file finds the code, and no folder is left out of the registry."""
    folders = (ROOT / "service" / "delivery" / "channels").glob("*/channel.py")
    assert sorted(KEYS) == sorted(path.parent.name for path in folders)


@pytest.mark.parametrize("key", KEYS)
def test_the_example_of_a_channel_is_right(key: str) -> None:
    """Hints show it; its channel is of the kind that the senders look up."""
    rules = an_example(key)
    assert rules.faults == ()
    assert rules.subscribers["desk"].channel.kind == key


@pytest.mark.parametrize(
    "channel",
    [
        'webhook: {url: "https://desk.example/T0ken", secret: "${DESK_SECRET}"}',
        'slack: {webhook_url: "${SLACK_URL}"}',
        'slack: {token: "${SLACK_TOKEN}", channel: C0123ABCD}',
        'relay: "${APPRISE_URL}"',
    ],
)
def test_no_channel_shows_its_secrets(channel: str) -> None:
    """It does not print them, and names them for the mask of the log."""
    subscriber = a_subscriber(channel)
    assert "T0ken" not in repr(subscriber)
    assert any("T0ken" in secret.reveal() for secret in subscriber.channel.all_secrets)


def test_the_examples_of_the_page_load() -> None:
    """Each YAML block of docs/channels.md is a rules file without a fault; each channel has one."""
    found = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    kinds = set()
    for text in found:
        rules = load({"page.yaml": text}, None)
        assert rules.faults == ()
        kinds |= {each.channel.kind for each in rules.subscribers.values()}
    assert kinds == set(KEYS)
