"""The one place that builds clients and wires the parts together."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from functools import partial
from importlib.metadata import version

import structlog
from faststream.redis import RedisBroker
from starlette.applications import Starlette

from service.app.changed_rules import WaitingDeliveries
from service.app.jobs.heartbeat import Identity
from service.app.open_files import RESERVED_FILES, max_connections, raise_limit
from service.app.process import Process, now
from service.app.redis.broker import broker
from service.app.redis.call_counter import RedisCalls
from service.app.redis.clients import clients
from service.app.redis.data_version import take_over
from service.app.redis.embedded import restart_if_ended
from service.app.redis.outboxes import checked, redis_url, store_name
from service.app.role import Role
from service.app.rules_report import RulesReport
from service.app.senders import senders_for, verdict_links
from service.app.shared_rules import rulebook_of
from service.app.spans import recorder
from service.concurrency.end_signals import end_signals
from service.delivery.senders import (
    Senders,
)
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.rules.live.rulebook import Rulebook
from service.rules.subscribers.subscriber import Subscriber
from service.rules.subscribers.substitution import Lookup
from service.settings import Settings
from service.store.keys.data import DATA
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.group.store_mark import StoreMark
from service.stream.page_pool import PagePool
from service.stream.reader import ArticleReader
from service.telemetry.log import Mask
from service.web.health import health_app
from service.web.metrics_page import MetricsPage
from service.web.scale import ScalePage
from service.web.server import serving
from service.web.store_figures import StoreFigures
from service.web.verdict_form import VerdictForm

log = structlog.get_logger(__name__)


@asynccontextmanager
async def wire(
    settings: Settings,
    lookup: Lookup,
    mask: Mask,
    url: str,
    *,
    stop: asyncio.Event,
    roles: frozenset[Role] = frozenset(Role),
) -> AsyncIterator[Process]:
    """All parts that `roles` ask for; `Process.run` starts them, `stop` ends them.

    `lookup` finds the values of `${NAME}` in rules, which are masked in the log from then on.
    """
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    async with aclosing(recorder(settings.log)) as spans, clients(url) as client_of:
        found = await checked(settings, url, client_of, RedisCalls(), spans)
        async with (
            PagePool(settings.stream.extract_processes) as pages,
            aclosing(senders_for(settings, found)) as sender,
        ):
            store = settings.store
            waiting = WaitingDeliveries([*found.values()])
            report = RulesReport(next(iter(found.values())).rules, now)
            rulebook = rulebook_of(
                settings,
                lookup,
                mask,
                [*found.values()],
                waiting=waiting,
                report=report,
                name=name,
            )
            readers = (
                _readers(settings, found, rulebook, pages, name) if Role.MATCH in roles else {}
            )
            yield Process(
                rulebook,
                waiting,
                report,
                found,
                readers,
                _worker(settings, found, rulebook, sender, name) if Role.DELIVER in roles else None,
                [*_brokers(settings, found, readers)],
                partial(take_over, client_of(DATA)),
                stop,
                settings.run.drain_timeout,
                Identity(name, tuple(_names(roles)), version("tocsin"), now()),
                settings.match.false_alarms_a_year,
                partial(restart_if_ended, store.data_dir) if store.embedded else None,
            )


def _brokers(
    settings: Settings, found: Mapping[str, Outbox], readers: Mapping[str, ArticleReader]
) -> Iterator[RedisBroker]:
    """One for each reader, over the client of its stream."""
    for stream, reader in readers.items():
        one = broker(found[stream].redis, settings.run.drain_timeout)
        reader.subscribe(one)
        yield one


def _readers(
    settings: Settings,
    found: Mapping[str, Outbox],
    rulebook: Rulebook,
    pages: PagePool,
    name: str,
) -> dict[str, ArticleReader]:
    def decider(outbox: Outbox) -> BatchDecider:
        return BatchDecider(
            outbox,
            settings.stream,
            rules=lambda: rulebook.current,
            max_evidence=settings.match.max_evidence,
            pages=pages,
        )

    where = store_name(settings.store)
    return {
        stream: ArticleReader(
            outbox,
            settings.stream,
            decider(outbox),
            consumer=name,
            mark=StoreMark(settings.store.data_dir / "stores", where, stream),
        )
        for stream, outbox in found.items()
    }


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
            retry_delays=delivery.retry_schedule,
            jitter=delivery.retry_jitter,
            slots=min(delivery.delivery_concurrency, max_connections()),
            lease=delivery.delivery_lease,
        ),
        now=now,
        claims=next(iter(found.values())).claims if len(found) > 1 else None,
    )


async def run(
    settings: Settings,
    lookup: Lookup,
    mask: Mask,
    roles: frozenset[Role] = frozenset(Role),
) -> None:
    """`tocsin run`: work until SIGTERM or SIGINT, or until its terminal is closed."""
    files, needed = raise_limit(), settings.delivery.delivery_concurrency + RESERVED_FILES
    if files < needed and Role.DELIVER in roles:
        log.warning("service.file_limit_low", limit=files, needed=needed)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in end_signals():  # first, so that a start too is ended in order
        loop.add_signal_handler(number, stop.set)
    with redis_url(settings.store) as url:
        async with (
            wire(settings, lookup, mask, url, stop=stop, roles=roles) as process,
            StoreFigures(process.outboxes).kept() as figures,
            # Whatever a process does, somebody has to be able to ask it how it is.
            serving(
                web_app(settings, process, roles, figures), settings.web.host, settings.web.port
            ) as address,
        ):
            log.info("web.listening", url=address)
            log.info(
                "service.started",
                version=version("tocsin"),
                roles=_names(roles),
                store=store_name(settings.store),
                streams=list(settings.stream.streams),
            )
            await process.run()
            log.info("service.stopped")


def web_app(
    settings: Settings, process: Process, roles: frozenset[Role], figures: StoreFigures
) -> Starlette:
    """What a process answers over HTTP."""
    page = MetricsPage(
        figures,
        version=version("tocsin"),
        roles=_names(roles),
        reading=lambda: {name: not one.problem for name, one in process.readers.items()},
    )
    workers = next(iter(process.outboxes.values())).workers
    links = verdict_links(settings)
    form = VerdictForm([*process.outboxes.values()], links, now=now) if links else None
    return health_app(
        process.readiness,
        page.text,
        ScalePage(figures, workers).read,
        [form.route()] if form else (),
    )


def _names(roles: frozenset[Role]) -> list[str]:
    return sorted(role.value for role in roles)
