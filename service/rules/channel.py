"""The ways to reach a subscriber: what each needs to know, and which of it is secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class Secret:
    """A text that no log, error, `repr` or traceback shows; `reveal()` is the only way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM with which a receiver is connected to; "" for what the rules do not name."""

    authority: str = ""
    """Whose certificates are trusted, instead of the public authorities'."""
    certificate: str = ""
    """With which Tocsin shows who it is."""
    key: str = ""
    """The private key of that; "": it stands in the same file."""


Format = Literal["standard", "cloudevents"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a subscriber's program listens, and the secrets its signatures are made with."""

    url: Secret
    """Secret because many receivers carry a token in their path or query."""
    secrets: tuple[Secret, ...]
    """`whsec_…` or `whsk_…`, several while rotating; a delivery is signed with each."""
    headers: tuple[tuple[str, Secret], ...] = ()
    """What is sent besides; secret because many receivers want a token there."""
    format: Format = "standard"
    tls: Tls | None = None
    """None: the public authorities, and no certificate of its own."""


@dataclass(frozen=True, slots=True)
class SlackHook:
    """A Slack channel behind an incoming webhook; whoever has its URL may post there."""

    url: Secret


@dataclass(frozen=True, slots=True)
class SlackBot:
    """A Slack channel that a bot posts to; unlike a webhook it can post into threads."""

    token: Secret
    channel: str
    """The channel's id, such as C0123ABCD."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One e-mail address, and the name that mail programs show for it, if any."""

    local: str
    domain: str = ""
    """In ASCII, as servers name it."""
    name: str = ""

    @property
    def address(self) -> str:
        """The address alone."""
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Mail:
    """E-mail from one address to some."""

    to: tuple[Mailbox, ...]
    """Each sees the others."""
    sender: Mailbox
    unsubscribe: str = ""
    """An https address that ends the subscription when it is posted to (RFC 8058)."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Any service that Apprise knows, by its Apprise URL."""

    url: Secret


Channel = Webhook | SlackHook | SlackBot | Mail | Relay


SERVICE_GAP = 1.0
"""Seconds between two messages: what Slack documents, and most services behind a relay allow."""


def least_gap(channel: Channel) -> float:
    """Seconds that the channel's service wants between two messages."""
    return SERVICE_GAP if isinstance(channel, SlackHook | SlackBot | Relay) else 0.0


def secrets_of(channel: Channel) -> tuple[Secret, ...]:
    """What of a channel must never be shown."""
    match channel:
        case Webhook(url=url, secrets=secrets, headers=headers):
            return (url, *secrets, *(value for _, value in headers))
        case SlackHook(url=url) | Relay(url=url):
            return (url,)
        case SlackBot(token=token):
            return (token,)
        case Mail():
            return ()
