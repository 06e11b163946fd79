"""Rules with the channels that ship."""

from __future__ import annotations

from collections.abc import Mapping

from service.delivery.channels.registry import CHANNELS
from service.rules import rules
from service.rules.rules import Rules
from service.rules.subscribers.subscriber import SubscriberReader
from service.rules.subscribers.substitution import Lookup


def a_reader(lookup: Lookup | None = None) -> SubscriberReader:
    """Reads the subscribers of rules files; without a `lookup` no `${NAME}` is replaced."""
    return SubscriberReader(CHANNELS, lookup)


def load(files: Mapping[str, str], lookup: Lookup | None, previous: Rules | None = None) -> Rules:
    """The rules in `files` (name → text), as the service reads them."""
    return rules.load(files, a_reader(lookup), previous)
