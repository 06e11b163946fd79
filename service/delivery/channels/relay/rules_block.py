"""The `relay:` line of a rules file: the Apprise URL of one service."""

from __future__ import annotations

import pkgutil
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import ClassVar

from service.rules.secret import Secret
from service.rules.subscribers.channel_block import ChannelBlock, TextFault

EXAMPLE = "relay: ${APPRISE_URL}"

MIN_GAP = timedelta(seconds=1)
"""Between two notifications: most services behind a relay allow one a second."""

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://\S+")
_ANOTHER_URL = re.compile(r"[,;][A-Za-z][A-Za-z0-9+.-]*://")
# Apprise reads the text of a message from the file or the address that it names.
_TEMPLATE = re.compile(r"[?&]template=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Relay:
    """A service that Apprise knows, by its Apprise URL."""

    kind: ClassVar[str] = "relay"

    url: Secret

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """The URL."""
        return (self.url,)


def read_relay(text: str, block: ChannelBlock) -> Relay:
    """The relay of a line; faults are recorded in the block."""
    return Relay(block.secret(text, _url_fault))


@cache
def allowed_schemas() -> frozenset[str]:
    """How the URLs of the services begin that a relay may use: those in `services.txt`."""
    data = pkgutil.get_data("service.delivery.channels.relay", "services.txt")
    if data is None:
        raise FileNotFoundError("services.txt is missing from the package; install it again")
    return frozenset(line for line in data.decode().split("\n") if line and line[0] != "#")


def _url_fault(text: str) -> TextFault | None:
    found = _URL.fullmatch(text)
    if found is None:
        hint = "Write one, such as ntfys://ntfy.example/alerts; Apprise's documentation lists them."
        return TextFault("this is not an Apprise URL", hint, code="T411")
    if _ANOTHER_URL.search(text):
        return TextFault(
            "this names several services, and a relay has one",
            "Write a subscriber for each of them.",
            code="T411",
        )
    schema = found[1].lower()
    if schema not in allowed_schemas():
        return TextFault(
            f"a relay may not use `{schema}`",
            "It may use services that are reached over HTTP and read no file of this machine: "
            "docs/channels.md. Mail goes by `email:`.",
            code="T411",
        )
    if _TEMPLATE.search(text):
        return TextFault(
            "`template` names a file, and a relay reads none of this machine",
            "Leave `template=…` out of the URL.",
            code="T411",
        )
    return None
