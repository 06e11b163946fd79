"""The one place that builds clients and wires the parts together."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from importlib.metadata import version

import structlog

from service.app.embedded import revive
from service.app.open_files import OWN, connections, raise_limit
from service.app.redis import outboxes, redis_url
from service.app.role import Role
from service.app.service import Service, now
from service.delivery.channels.mail.sender import MailSender, MailServer
from service.delivery.channels.relay.sender import RelaySender
from service.delivery.channels.slack.sender import SlackSender, Threads
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.senders import Senders
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.log import Mask
from service.rules.channel import Mail, Relay, SlackBot, SlackHook, Webhook, secrets_of
from service.rules.live.rulebook import Rulebook
from service.rules.rules import Rules
from service.rules.subscribers.subscriber import Subscriber
from service.settings import Settings
from service.store.outbox import Outbox
from service.stream.broker import broker
from service.stream.decider import Decider
from service.stream.page_pool import PagePool
from service.stream.reader import ArticleReader
from service.web.health import health_app
from service.web.server import serving

log = structlog.get_logger(__name__)


@asynccontextmanager
async def service(
    settings: Settings,
    secrets_by_name: Mapping[str, str],
    mask: Mask,
    url: str,
    *,
    stop: asyncio.Event,
    roles: frozenset[Role] = frozenset(Role),
) -> AsyncIterator[Service]:
    """All parts that `roles` ask for, wired; `Service.run` sets them going, `stop` ends it.

    `secrets_by_name` is where the rules' `${NAME}` are looked up; their values are masked in the
    log from then on.
    """
    rulebook = Rulebook(
        settings.match.rules,
        secrets_by_name.get,
        every=settings.match.reload_every,
        folder=settings.store.data_dir / "compiled",
        changed=lambda rules: _hide(mask, rules),
    )
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    async with (
        outboxes(settings, url) as found,
        PagePool(settings.stream.extract_processes) as pages,
    ):
        edge = broker(url, settings.run.drain_timeout)
        readers = _readers(settings, found, rulebook, pages, name) if Role.MATCH in roles else []
        for reader in readers:
            reader.subscribe(edge)
        # A subscriber's messages come off every stream; their threads are kept beside the first.
        sender = senders(settings, next(iter(found.values())).threads)
        worker = _worker(settings, found, rulebook, sender, name) if Role.DELIVER in roles else None
        store = settings.store
        server = partial(revive, store.data_dir) if store.embedded else None
        running = Service(settings, rulebook, found, readers, worker, edge, stop, server)
        try:
            if Role.WEB in roles:
                web = settings.web
                app = health_app(running.readiness)
                async with serving(app, web.host, web.port) as address:
                    log.info("web.listening", url=address)
                    yield running
            else:
                yield running
        finally:
            await sender.aclose()


def senders(settings: Settings, threads: Threads) -> Senders:
    """The sender of each kind of channel."""
    timeout, mail = settings.delivery.delivery_timeout, settings.mail
    ours, allowed = version("tocsin"), settings.delivery.allow_networks
    slack = SlackSender(threads, version=ours, allowed=allowed, timeout=timeout)
    server = MailServer(
        mail.smtp_host,
        mail.smtp_port,
        mail.smtp_security,
        mail.smtp_username,
        mail.smtp_password,
    )
    return Senders(
        {
            Webhook: WebhookSender(version=ours, allowed=allowed, timeout=timeout),
            SlackHook: slack,
            SlackBot: slack,
            Mail: MailSender(server if mail.smtp_host else None, timeout=timeout),
            Relay: RelaySender(environment=os.environ, timeout=timeout),
        }
    )


def _readers(
    settings: Settings,
    found: Mapping[str, Outbox],
    rulebook: Rulebook,
    pages: PagePool,
    name: str,
) -> list[ArticleReader]:
    def decider(outbox: Outbox) -> Decider:
        return Decider(
            outbox,
            settings.stream,
            rules=lambda: rulebook.current,
            max_evidence=settings.match.max_evidence,
            pages=pages,
            now=now,
        )

    return [
        ArticleReader(outbox, settings.stream, decider(outbox), consumer=name)
        for outbox in found.values()
    ]


def _worker(
    settings: Settings,
    found: Mapping[str, Outbox],
    rulebook: Rulebook,
    sender: Senders,
    name: str,
) -> DeliveryWorker:
    def subscribers() -> Mapping[str, Subscriber]:
        return rulebook.current.subscribers

    delivery = settings.delivery
    return DeliveryWorker(
        list(found.values()),
        subscribers,
        sender,
        WorkerSettings(
            name=name,
            retry_delays=tuple(timedelta(seconds=each) for each in delivery.retry_schedule),
            jitter=delivery.retry_jitter,
            slots=min(delivery.delivery_concurrency, connections()),
            lease=timedelta(seconds=delivery.delivery_lease),
        ),
        now=now,
    )


async def run(
    settings: Settings,
    secrets_by_name: Mapping[str, str],
    mask: Mask,
    roles: frozenset[Role] = frozenset(Role),
) -> None:
    """`tocsin run`: work until SIGTERM or SIGINT."""
    files, needed = raise_limit(), settings.delivery.delivery_concurrency + OWN
    if files < needed and Role.DELIVER in roles:
        log.warning("service.few_files", limit=files, needed=needed)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):  # first, so that a start too is ended in order
        loop.add_signal_handler(number, stop.set)
    with redis_url(settings.store) as url:
        async with service(settings, secrets_by_name, mask, url, stop=stop, roles=roles) as running:
            log.info("service.started", version=version("tocsin"), roles=_names(roles))
            await running.run()
            log.info("service.stopped")


def _names(roles: frozenset[Role]) -> list[str]:
    return sorted(role.value for role in roles)


def _hide(mask: Mask, rules: Rules) -> None:
    channels = [subscriber.channel for subscriber in rules.subscribers.values()]
    mask.add(*(secret.reveal() for channel in channels for secret in secrets_of(channel)))
