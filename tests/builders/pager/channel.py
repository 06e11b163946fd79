"""The pager channel, as a registry would list it."""

from __future__ import annotations

from builders.pager.rules_block import EXAMPLE, MIN_GAP, Pager, PagerSpec, read_pager
from service.delivery.senders import DeliveryChannel, Sender, SenderContext


def _open_sender(context: SenderContext) -> Sender:
    # Imported here: commands that only read rules do not wait for httpx to load.
    from builders.pager.sender import PagerSender

    return PagerSender(context.transport, timeout=context.timeout)


PAGER = DeliveryChannel(
    key=Pager.kind,
    spec=PagerSpec,
    example=EXAMPLE,
    read=read_pager,
    min_gap=MIN_GAP,
    open_sender=_open_sender,
)
