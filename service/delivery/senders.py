"""Every channel behind one sender: each event goes the way its subscriber's channel asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from service.delivery.outcome import Report
from service.rules.channel import Channel
from service.rules.subscribers.subscriber import Subscriber


class ChannelSender(Protocol):
    """Makes one attempt over one kind of channel and reports it; it does not retry by itself."""

    @property
    def timeout(self) -> float:
        """Seconds that an attempt takes at most."""

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt."""

    async def aclose(self) -> None:
        """Let go of connections and processes."""


class Senders:
    """The sender of each kind of channel; `timeout` is the longest of theirs."""

    def __init__(self, by_channel: Mapping[type[Channel], ChannelSender]) -> None:
        self._by_channel = dict(by_channel)
        self.timeout = max(sender.timeout for sender in self._by_channel.values())

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt over the subscriber's channel."""
        sender = self._by_channel[type(subscriber.channel)]
        return await sender.send(subscriber, delivery_id, body, at)

    async def aclose(self) -> None:
        """Let go of all that the senders hold."""
        await asyncio.gather(*(one.aclose() for one in {*self._by_channel.values()}))
