"""Senders that may reach this machine."""

from __future__ import annotations

from datetime import timedelta

from harness.receiver import LOOPBACK
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.http.transport import AiohttpTransport


def webhook_sender(*, version: str = "1", timeout: float = 5.0) -> WebhookSender:
    """Sends webhooks, to loopback addresses too; `timeout` is in seconds."""
    return WebhookSender(
        AiohttpTransport(allowed=LOOPBACK), version=version, timeout=timedelta(seconds=timeout)
    )
