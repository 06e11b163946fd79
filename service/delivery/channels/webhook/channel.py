"""The webhook channel, as the registry lists it."""

from __future__ import annotations

from service.delivery.channels.webhook.certificates import certificate_faults
from service.delivery.channels.webhook.rules_block import (
    EXAMPLE,
    Webhook,
    WebhookSpec,
    read_webhook,
)
from service.delivery.senders import DeliveryChannel, Sender, SenderContext


def _open_sender(context: SenderContext) -> Sender:
    # Imported here: commands that only read rules do not wait for httpx to load.
    from service.delivery.channels.webhook.sender import WebhookSender  # noqa: PLC0415

    return WebhookSender(context.transport, version=context.version, timeout=context.timeout)


WEBHOOK = DeliveryChannel(
    key=Webhook.kind,
    spec=WebhookSpec,
    example=EXAMPLE,
    read=read_webhook,
    inspect=certificate_faults,
    open_sender=_open_sender,
)
