"""One attempt over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from harness.receiver import LOOPBACK, SECRET
from service.delivery.channels.webhook.rules_block import Webhook
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.http.transport import AiohttpTransport
from service.delivery.outcome import Report
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber

BODY = '{"type":"alert.created","data":{"title":"Türkiye"}}'.encode()


async def attempt(
    subscriber: Subscriber, *, seconds: float = 10.0, sender: WebhookSender | None = None
) -> Report:
    """Send one event to the subscriber."""
    used = sender or WebhookSender(
        AiohttpTransport(allowed=LOOPBACK), version="1.2", timeout=timedelta(seconds=seconds)
    )
    try:
        return await used.send(subscriber, "dlv_1", BODY, datetime.now(UTC))
    finally:
        if sender is None:
            await used.aclose()


def at_url(url: str) -> Subscriber:
    """A subscriber at this address."""
    return Subscriber("desk", Webhook(Secret(url), (Secret(SECRET),)))
