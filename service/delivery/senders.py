"""The senders: one for each kind of channel, and one that chooses among them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from service.delivery.outcome import Report
from service.rules.channel import Channel
from service.rules.subscribers.subscriber import Subscriber


class Sender(Protocol):
    """Makes one attempt and reports it. It does not retry by itself."""

    @property
    def timeout(self) -> float:
        """Seconds that an attempt takes at most."""

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt."""

    async def aclose(self) -> None:
        """Close connections and end processes."""


class Senders:
    """Sends each event over its subscriber's channel; `timeout` is the longest of all senders."""

    def __init__(self, by_channel: Mapping[type[Channel], Sender]) -> None:
        self._by_channel = dict(by_channel)
        self.timeout = max(sender.timeout for sender in self._by_channel.values())

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt over the subscriber's channel."""
        sender = self._by_channel[type(subscriber.channel)]
        return await sender.send(subscriber, delivery_id, body, at)

    async def aclose(self) -> None:
        """Close all senders."""
        await asyncio.gather(*(sender.aclose() for sender in {*self._by_channel.values()}))
