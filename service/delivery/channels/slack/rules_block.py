"""The `slack:` block of a rules file: an incoming webhook, or a bot and its channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar

from service.rules.schema import Meaning, Spec, Text
from service.rules.secret import Secret
from service.rules.subscribers.channel_block import ChannelBlock, TextFault
from service.rules.subscribers.web_address import is_web_address

EXAMPLE = "slack: {webhook_url: ${SLACK_URL}}"
_BOT_EXAMPLE = "slack: {token: ${SLACK_TOKEN}, channel: C0123ABCD}"

MIN_GAP = timedelta(seconds=1)
"""Between two messages to one channel, as Slack documents it."""


class SlackSpec(Spec):
    """The block as it is written: `webhook_url`, or a bot's `token` and its `channel`."""

    webhook_url: Annotated[Text | None, Meaning("An incoming webhook of Slack.")] = None
    token: Annotated[Text | None, Meaning("The token of a bot, which can write in threads.")] = None
    channel: Annotated[
        Text | None, Meaning("The channel that the bot writes to: its id, such as C0123ABCD.")
    ] = None


@dataclass(frozen=True, slots=True)
class SlackHook:
    """A Slack channel behind an incoming webhook; its URL is all that it takes to post there."""

    kind: ClassVar[str] = "slack"

    url: Secret

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """The URL."""
        return (self.url,)


@dataclass(frozen=True, slots=True)
class SlackBot:
    """A Slack channel that a bot posts to; unlike a webhook it can post into threads."""

    kind: ClassVar[str] = "slack"

    token: Secret
    channel: str
    """The channel's id, such as C0123ABCD."""

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """The token."""
        return (self.token,)


def read_slack(spec: SlackSpec, block: ChannelBlock) -> SlackHook | SlackBot | None:
    """The Slack channel of a block; faults are recorded in the block."""
    match spec.webhook_url, spec.token, spec.channel:
        case str(url), None, None:
            return SlackHook(block.secret(url, _hook_fault, "webhook_url"))
        case None, str(token), str(channel):
            return SlackBot(
                block.secret(token, _token_fault, "token"),
                block.text(channel, _channel_fault, "channel"),
            )
        case _:
            message = "Slack takes either a webhook or a bot's token with a channel"
            block.fault(TextFault(message, f"Write `{EXAMPLE}` or `{_BOT_EXAMPLE}`.", code="T412"))
            return None


def _hook_fault(text: str) -> TextFault | None:
    if is_web_address(text, "http", "https"):
        return None
    hint = "Copy the webhook's whole address from Slack: https://hooks.slack.com/services/…"
    return TextFault("this is not a web address", hint, code="T406")


def _token_fault(text: str) -> TextFault | None:
    if re.fullmatch(r"xox[\x21-\x7e]+", text):
        return None
    hint = "Copy the app's Bot User OAuth Token; it begins with xoxb-."
    return TextFault("this is not a Slack token", hint, code="T412")


def _channel_fault(text: str) -> TextFault | None:
    # An id: a name can be given to another channel.
    if re.fullmatch(r"[CDGU][A-Z0-9]{2,}", text):
        return None
    hint = "Write the id, such as C0123ABCD; Slack shows it at the end of the channel's details."
    return TextFault("this is not the id of a Slack channel", hint, code="T412")
