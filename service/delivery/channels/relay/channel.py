"""The relay channel, as the registry lists it."""

from __future__ import annotations

from service.delivery.channels.relay.rules_block import EXAMPLE, MIN_GAP, Relay, read_relay
from service.delivery.senders import DeliveryChannel, Sender, SenderContext
from service.rules.schema import Text


def _open_sender(context: SenderContext) -> Sender:
    # Imported here: commands that only read rules do not wait for what sends to load.
    from service.delivery.channels.relay.sender import RelaySender  # noqa: PLC0415

    return RelaySender(
        environment=context.environment, allowed=context.allowed, timeout=context.timeout
    )


RELAY = DeliveryChannel(
    key=Relay.kind,
    spec=Text,
    example=EXAMPLE,
    read=read_relay,
    min_gap=MIN_GAP,
    open_sender=_open_sender,
)
