"""What sends messages, as the settings have it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from importlib.metadata import version

from service.delivery.channels.registry import CHANNELS
from service.delivery.http.transport import AiohttpTransport
from service.delivery.senders import (
    MailServer,
    Recipients,
    SenderContext,
    Senders,
    Threads,
    open_senders,
)
from service.delivery.verdict_links import VerdictLinks
from service.settings import Settings
from service.store.outbox import Outbox


def senders_for(settings: Settings, found: Mapping[str, Outbox]) -> Senders:
    """The sender of each kind of channel, for a process with these outboxes."""
    # A subscriber's messages come off every stream; what is known of them is kept in the first.
    first = next(iter(found.values()))
    return senders(settings, first.threads, first.recipients)


def senders(settings: Settings, threads: Threads, recipients: Recipients) -> Senders:
    """The sender of each kind of channel."""
    mail = settings.mail
    server = MailServer(
        mail.smtp_host,
        mail.smtp_port,
        mail.smtp_security,
        mail.smtp_username,
        mail.smtp_password,
    )
    context = SenderContext(
        version=version("tocsin"),
        timeout=settings.delivery.delivery_timeout,
        transport=AiohttpTransport(allowed=settings.delivery.allow_networks),
        allowed=settings.delivery.allow_networks,
        mail_server=server if mail.smtp_host else None,
        environment=os.environ,
        threads=threads,
        recipients=recipients,
        verdict_links=verdict_links(settings),
    )
    return open_senders(CHANNELS, context)


def verdict_links(settings: Settings) -> VerdictLinks | None:
    """What signs the links for verdicts; None where the settings ask for none."""
    web = settings.web
    if not web.public_url:
        return None
    keep = timedelta(days=settings.store.keep_alerts_days)
    return VerdictLinks(web.public_url, web.verdict_secret, keep)
