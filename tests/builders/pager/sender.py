"""Pages: one POST with the title of the message."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import httpx

from builders.pager.rules_block import Pager
from service.delivery.http.answer import RESPONSE_MAX_CHARS, judge
from service.delivery.http.exchange import NoAnswer, exchange
from service.delivery.http.request import post
from service.delivery.message.wording import message
from service.delivery.outcome import Report, Retry
from service.rules.subscribers.subscriber import Subscriber


class PagerSender:
    """Sends the titles of messages over `transport`."""

    def __init__(self, transport: httpx.AsyncBaseTransport, *, timeout: timedelta) -> None:
        self.timeout = timeout
        self._transport = transport

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt. It does not raise for what the pager service does."""
        pager = subscriber.channel
        if not isinstance(pager, Pager):
            raise TypeError(f"{subscriber.id} has no pager")
        headers = {
            "authorization": f"Bearer {pager.token.reveal()}",
            "idempotency-key": delivery_id,
        }
        page = json.dumps({"page": message(body).title}).encode()
        try:
            request = post(pager.url, page, headers)
        except ValueError as error:
            return Report(Retry(str(error)))
        answer = await exchange(self._transport, request, self.timeout)
        if isinstance(answer, NoAnswer):
            return Report(Retry(answer.reason))
        text = answer.text.replace(pager.token.reveal(), "***")
        outcome = judge(answer.status, answer.headers, at)
        return Report(outcome, answer.status, text[:RESPONSE_MAX_CHARS])

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()
