"""The `relay:` line of a rules file: an Apprise URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from service.rules.secret import Secret
from service.rules.subscribers.channel_block import ChannelBlock, TextFault

EXAMPLE = "relay: ${APPRISE_URL}"

MIN_GAP = timedelta(seconds=1)
"""Between two notifications: most services behind a relay allow one a second."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Any service that Apprise knows, by its Apprise URL."""

    kind: ClassVar[str] = "relay"

    url: Secret

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """The URL."""
        return (self.url,)


def read_relay(text: str, block: ChannelBlock) -> Relay:
    """The relay of a line; faults are recorded in the block."""
    return Relay(block.secret(text, _url_fault))


def _url_fault(text: str) -> TextFault | None:
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://\S+", text):
        return None
    hint = "Write one, such as ntfys://ntfy.example/alerts; Apprise's documentation lists them."
    return TextFault("this is not an Apprise URL", hint)
