"""The one place that builds clients and wires the parts together."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import structlog
from faststream.redis import RedisBroker
from redis.exceptions import RedisError

from service import minhash
from service.broker import broker
from service.channels import Mail, Relay, SlackBot, SlackHook, Webhook, secrets_of
from service.connection import outboxes, redis_url
from service.delivery.mail import MailSender, MailServer
from service.delivery.relay import RelaySender
from service.delivery.senders import Senders
from service.delivery.slack import SlackSender, Threads
from service.delivery.webhook import WebhookSender
from service.delivery.worker import DeliveryWorker
from service.digesting import tell_held
from service.errors import StoreError
from service.log import Mask
from service.openfiles import OWN, raise_limit
from service.outbox import Outbox
from service.pages import PagePool
from service.role import Role
from service.rulebook import Rulebook
from service.settings import Settings
from service.stream import ArticleReader
from service.subscriber import Subscriber
from service.watchlist import Rules
from service.web.health import Readiness, health_app
from service.web.server import serving

TRIM_EVERY = 3600.0
"""Seconds between two rounds of letting go of what is past its retention."""

log = structlog.get_logger(__name__)


@dataclass
class Service:
    """The parts of one running process."""

    settings: Settings
    rulebook: Rulebook
    outboxes: Mapping[str, Outbox]
    readers: list[ArticleReader]
    worker: DeliveryWorker | None
    broker: RedisBroker
    stop: asyncio.Event

    async def run(self) -> None:
        """Work until `stop` is set, then finish what is in hand within the drain timeout.

        Raises an ExceptionGroup when a part fails: the process is to end then; ConfigError where
        there are no rules.
        """
        await self.broker.connect()
        try:
            await asyncio.to_thread(minhash.prepare)
            await self.rulebook.open(self.stop)
            if self.rulebook.ready:
                # What stands now stands to the end: to look through it for garbage again and again
                # would hold up the articles.
                gc.collect()
                gc.freeze()
                await self._work()
        finally:
            await self.broker.stop()

    async def _work(self) -> None:
        drained = asyncio.timeout(None)
        try:
            async with drained, asyncio.TaskGroup() as tasks:
                for reader in self.readers:
                    tasks.create_task(reader.run())
                if self.readers:
                    tasks.create_task(self._tell_held())
                if self.worker is not None:
                    tasks.create_task(self.worker.run(self.stop))
                tasks.create_task(self.rulebook.watch(self.stop))
                tasks.create_task(self._trim())
                await self.stop.wait()
                log.info("service.draining")
                drained.reschedule(asyncio.get_running_loop().time() + self._patience)
                for reader in self.readers:
                    await reader.stop()
        except TimeoutError:
            log.warning("service.drain_timeout", seconds=self._patience)

    @property
    def _patience(self) -> float:
        return self.settings.run.drain_timeout

    async def _tell_held(self) -> None:
        await tell_held([*self.outboxes.values()], lambda: self.rulebook.current, self.stop, _now)

    async def _trim(self) -> None:
        while not self.stop.is_set():
            for outbox in self.outboxes.values():
                try:
                    articles, letters = await outbox.trim()
                except (RedisError, StoreError, OSError) as error:
                    log.warning("store.trim_failed", stream=outbox.stream, error=str(error))
                else:
                    log.debug("store.trimmed", articles=articles, dead_letters=letters)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TRIM_EVERY):
                    await self.stop.wait()

    async def readiness(self) -> Readiness:
        """What `/readyz` tells."""
        if not self.rulebook.ready:
            return Readiness(ready=False, troubles=("the rules are being compiled",))
        troubles = [
            f"stream {reader.stream} is not read: {reader.trouble}"
            for reader in self.readers
            if reader.trouble
        ]
        troubles += [
            f"stream {reader.stream}: decisions cannot be written to Redis"
            for reader in self.readers
            if not reader.committing
        ]
        lag: dict[str, int | None] = {}
        for stream, outbox in self.outboxes.items():
            try:
                async with asyncio.timeout(2):
                    lag[stream] = (await outbox.lag()).unread
            except (RedisError, StoreError, OSError, TimeoutError) as error:
                troubles.append(f"stream {stream}: {str(error) or type(error).__name__}")
        rules = self.rulebook.current
        return Readiness(
            ready=not troubles,
            troubles=tuple(troubles),
            watchlists=len(rules.watchlists),
            rules=rules.digest,
            faults=tuple(f"{f.file}:{f.line}: {f.message}" for f in rules.faults),
            kept=rules.kept,
            lag=lag,
        )


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
        readers = [
            ArticleReader(
                outbox,
                settings.stream,
                consumer=name,
                rules=lambda: rulebook.current,
                max_evidence=settings.match.max_evidence,
                pages=pages,
                now=_now,
            )
            for outbox in (found.values() if Role.MATCH in roles else ())
        ]
        for reader in readers:
            reader.subscribe(edge)
        # A subscriber's messages come off every stream; their threads are kept beside the first.
        sender = senders(settings, next(iter(found.values())).threads)
        worker = _worker(settings, found, rulebook, sender, name) if Role.DELIVER in roles else None
        running = Service(settings, rulebook, found, readers, worker, edge, stop)
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
        name=name,
        schedule=delivery.retry_schedule,
        spread=delivery.retry_jitter,
        concurrency=delivery.delivery_concurrency,
        lease=timedelta(seconds=delivery.delivery_lease),
        now=_now,
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


def _now() -> datetime:
    return datetime.now(UTC)
