"""The Slack channel, as the registry lists it."""

from __future__ import annotations

from service.delivery.channels.slack.rules_block import (
    EXAMPLE,
    MIN_GAP,
    SlackHook,
    SlackSpec,
    read_slack,
)
from service.delivery.senders import DeliveryChannel, Sender, SenderContext


def _open_sender(context: SenderContext) -> Sender:
    # Imported here: commands that only read rules do not wait for httpx to load.
    from service.delivery.channels.slack.sender import SlackSender  # noqa: PLC0415

    return SlackSender(
        context.transport,
        context.threads,
        version=context.version,
        timeout=context.timeout,
        verdict_links=context.verdict_links,
    )


SLACK = DeliveryChannel(
    key=SlackHook.kind,
    spec=SlackSpec,
    example=EXAMPLE,
    read=read_slack,
    min_gap=MIN_GAP,
    open_sender=_open_sender,
)
