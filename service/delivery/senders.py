"""The senders: one for each kind of channel, and one that chooses among them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from service.delivery.outcome import Report
from service.delivery.verdict_links import VerdictLinks
from service.rules.secret import Secret
from service.rules.subscribers.channel import ChannelKind
from service.rules.subscribers.subscriber import Subscriber

if TYPE_CHECKING:  # commands that only read rules do not wait for it to load
    import httpx

    from service.delivery.http.address import Network


class Sender(Protocol):
    """Makes one attempt and reports it. It does not retry by itself."""

    @property
    def timeout(self) -> timedelta:
        """The time that an attempt takes at most."""

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt."""

    async def aclose(self) -> None:
        """Close all connections and end all processes."""


class Threads(Protocol):
    """Knows the first message of a story, by subscriber and story. No method raises."""

    async def get(self, subscriber: str, story: str) -> str | None:
        """The mark by which the service knows the first message, None if there is none."""

    async def put(self, subscriber: str, story: str, mark: str) -> None:
        """Remember the first message; one that is known already stays the first."""

    async def drop(self, subscriber: str, story: str) -> None:
        """Forget the first message."""


class Recipients(Protocol):
    """Knows which recipients of a mail need it no more. No method raises."""

    async def done(self, delivery: str) -> frozenset[str] | None:
        """The addresses that need it no more; None where that cannot be found out now."""

    async def add(self, delivery: str, addresses: Iterable[str]) -> None:
        """Remember that these need it no more."""

    async def forget(self, delivery: str) -> None:
        """The mail is through: whoever sends it once more sends it to all."""


class Claims(Protocol):
    """Knows which of several streams sends an event that more than one has. No method raises."""

    async def claim(self, delivery: str, stream: str, text: str) -> str | None:
        """The stream that sends it: this one, unless another was first; None: not known now.

        `text` tells events with one id from each other.
        """


@dataclass(frozen=True, slots=True)
class MailServer:
    """How to reach the mail server."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    username: str = ""
    password: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderContext:
    """What the process has that a sender may need."""

    version: str
    """Tocsin's own, for the user agent."""
    timeout: timedelta
    """The time that an attempt may take."""
    transport: httpx.AsyncBaseTransport
    """Carries HTTP requests to addresses that may receive; the senders share it."""
    allowed: Sequence[Network]
    """Networks that may receive although they are not public."""
    mail_server: MailServer | None
    """None: the settings name no mail server."""
    environment: Mapping[str, str]
    """The environment variables of the process."""
    threads: Threads
    recipients: Recipients
    verdict_links: VerdictLinks | None = None
    """None: messages ask nobody whether an alert was useful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryChannel(ChannelKind):
    """A kind of channel with what sends over it."""

    open_sender: Callable[[SenderContext], Sender]


class Senders:
    """The sender of each kind of channel, by its key; `timeout` is the longest of theirs."""

    def __init__(self, by_kind: Mapping[str, Sender]) -> None:
        self._by_kind = dict(by_kind)
        self.timeout = max(sender.timeout for sender in self._by_kind.values())

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt over the subscriber's channel."""
        sender = self._by_kind[subscriber.channel.kind]
        return await sender.send(subscriber, delivery_id, body, at)

    async def aclose(self) -> None:
        """Close all connections and end all processes of the senders."""
        await asyncio.gather(*(sender.aclose() for sender in self._by_kind.values()))


def open_senders(channels: Iterable[DeliveryChannel], context: SenderContext) -> Senders:
    """The senders of these channels."""
    return Senders({channel.key: channel.open_sender(context) for channel in channels})
