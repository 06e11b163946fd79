"""The rulebook of a process, which agrees with all others on the rules in force."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from service.app.changed_rules import WaitingDeliveries
from service.app.rules_report import RulesReport
from service.delivery.channels.email.rules_block import SMTP_HOST
from service.delivery.channels.registry import CHANNELS
from service.rules.in_force.state import RulesChange
from service.rules.live.rulebook import Rulebook
from service.rules.rules import Rules
from service.rules.subscribers.subscriber import SubscriberReader
from service.rules.subscribers.substitution import Lookup
from service.settings import Settings
from service.store.outbox import Outbox
from service.telemetry.log import Mask


def rulebook_of(
    settings: Settings,
    lookup: Lookup,
    mask: Mask,
    outboxes: Sequence[Outbox],
    *,
    waiting: WaitingDeliveries,
    report: RulesReport,
    name: str,
) -> Rulebook:
    """The rulebook of the worker with this name; the rules of all are kept in the first outbox."""

    def masked(name: str) -> str | None:
        value = lookup(name)
        if value is not None:
            mask.add(value)
        return value

    async def replaced(before: Rules | None, after: Rules, change: RulesChange) -> None:
        await waiting.reach(before, after, change.subscribers)

    outbox = outboxes[0]
    return Rulebook(
        settings.match.rules,
        SubscriberReader(CHANNELS, masked, partial(_setting, settings)),
        outbox.rules,
        worker=name,
        every=settings.match.reload_every,
        cache=settings.store.data_dir / "compiled",
        on_change=lambda rules: _mask_secrets(mask, rules),
        on_replaced=replaced,
        on_faults=report.send,
    )


def _setting(settings: Settings, name: str) -> str | None:
    """The setting that a channel needs: there is one."""
    return settings.mail.smtp_host if name == SMTP_HOST else None


def _mask_secrets(mask: Mask, rules: Rules) -> None:
    channels = [subscriber.channel for subscriber in rules.subscribers.values()]
    mask.add(*(secret.reveal() for channel in channels for secret in channel.all_secrets))
