"""`tocsin demo`: the whole way on this machine, with sample articles and an inbox that verifies."""

from __future__ import annotations

import asyncio
import base64
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

from rich.console import Console
from rich.status import Status

from service.alerts.alert import delivery_id
from service.alerts.correction import Past
from service.alerts.create import alerts
from service.app.process import Process
from service.app.redis.outboxes import redis_url
from service.app.role import Role
from service.app.wiring import wire
from service.articles.feeds import Fields
from service.articles.files import Source, UnreadableError, article_of, entries
from service.cli.demo.inbox import Inbox, Received
from service.cli.output.terminal import alert_panel, console, one_line
from service.delivery.channels.webhook.rules_block import Webhook
from service.errors import BadEntry, ConfigError
from service.log import Mask
from service.rules.rules import Rules
from service.settings import Settings
from service.web.server import serving

PATIENCE = 60.0
"""Seconds that the expected alerts may take; they take about two."""

Expected = dict[str, str]
"""The ids of deliveries, and what each is about."""


@dataclass
class Tally:
    """What should arrive, and what did."""

    expected: Expected
    arrived: Expected = field(default_factory=dict)
    refused: int = 0
    """Webhooks whose signature was wrong."""

    @property
    def missing(self) -> set[str]:
        """What has not arrived yet."""
        return self.expected.keys() - self.arrived.keys()

    @property
    def good(self) -> bool:
        """Whether just what was expected arrived, and all of it verified."""
        return self.arrived.keys() == self.expected.keys() and not self.refused


async def demonstrate(settings: Settings, mask: Mask, *, once: bool) -> bool:
    """Run the demo; whether all expected alerts arrived, with good signatures.

    Without `once` it goes on, for articles that the reader publishes, until Ctrl-C.
    """
    out = console()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    inbox = Inbox(secret)
    with _own_place(settings) as own, redis_url(own.store) as url:
        async with serving(inbox.app(), "127.0.0.1", 0) as address:
            names = _Inboxes(address, secret)
            roles = frozenset({Role.MATCH, Role.DELIVER})
            async with wire(own, names, mask, url, stop=asyncio.Event(), roles=roles) as running:
                await running.rulebook.open(running.stop)
                _refuse_strangers(running.rulebook.current, address)
                working = asyncio.create_task(running.run())
                try:
                    return await _show(running, inbox, working, own, out, once=once)
                finally:
                    running.stop.set()
                    await working


@contextmanager
def _own_place(settings: Settings) -> Iterator[Settings]:
    """The settings with an embedded server and data of the demo's own: it always starts afresh."""
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as folder:
        store = type(settings.store)(data_dir=Path(folder))
        loopback = (ip_network("127.0.0.0/8"),)
        delivery = settings.delivery.model_copy(update={"allow_networks": loopback})
        yield settings.model_copy(update={"store": store, "delivery": delivery})


class _Inboxes(dict[str, str]):
    """Answers every `${NAME}` of the rules with the inbox's address or secret."""

    def __init__(self, address: str, secret: str) -> None:
        super().__init__()
        self._address, self._secret = address, secret

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        del default
        return f"{self._address}/{name.lower()}" if name.endswith("URL") else self._secret


def _refuse_strangers(rules: Rules, address: str) -> None:
    for subscriber in rules.subscribers.values():
        channel = subscriber.channel
        if not isinstance(channel, Webhook) or not channel.url.reveal().startswith(f"{address}/"):
            raise ConfigError(
                f"{subscriber.file}: the demo sends to its own inbox only, and subscriber "
                f"{subscriber.id} has an address of its own; write `url: ${{DESK_URL}}`"
            )


async def _show(
    running: Process,
    inbox: Inbox,
    working: asyncio.Task[None],
    settings: Settings,
    out: Console,
    *,
    once: bool,
) -> bool:
    rules = running.rulebook.current
    samples = _samples(settings)
    tally = Tally(dict(_expected(samples, rules, settings)))
    out.print(
        f"{len(rules.watchlists)} watchlists · {len(samples)} articles · "
        f"{len(tally.expected)} alerts expected\n",
        style="bold",
    )
    outbox = next(iter(running.outboxes.values()))
    await outbox.input_stream.ensure_group()
    await outbox.input_stream.publish(samples)
    with out.status("") as status:
        arrived = asyncio.create_task(_receive(inbox, tally, out, status, PATIENCE))
        await asyncio.wait({arrived, working}, return_when=asyncio.FIRST_COMPLETED)
        arrived.cancel()
    if working.done():
        await working  # raises what ended it
    _sum_up(tally, out)
    good = tally.good  # what the reader publishes is no more and no less than that
    if not once:
        await _go_on(inbox, tally, out, settings)
    return good


def _samples(settings: Settings) -> list[Fields]:
    """The articles beside the rules. Raises ConfigError where there are none."""
    folder = settings.match.rules / "samples"
    paths = sorted(path for path in folder.glob("*") if path.is_file())
    found: list[Fields] = []
    for path in paths:
        for each in entries(Source(str(path), path.read_bytes())):
            if isinstance(each, UnreadableError):
                raise each
            found.append(each)
    if not found:
        raise ConfigError(f"{folder}: no sample articles; start the demo in a checkout of Tocsin")
    return found


def _expected(
    samples: Sequence[Fields], rules: Rules, settings: Settings
) -> Iterator[tuple[str, str]]:
    """What each sample should bring to whom, worked out without stream, Redis or network."""
    for fields in samples:
        try:
            article = article_of(fields, max_bytes=settings.stream.max_article_bytes)
        except BadEntry:
            continue
        matches = rules.engine.match(article, max_evidence=settings.match.max_evidence)
        for alert in alerts(article, matches, rules, Past(), at=datetime.now(UTC)):
            for subscriber in alert.created.subscribers:
                about = f"{alert.watchlist_id} → {subscriber} for {alert.article_id}"
                yield delivery_id(alert.id, subscriber), about


async def _receive(
    inbox: Inbox, tally: Tally, out: Console, status: Status, patience: float
) -> None:
    try:
        async with asyncio.timeout(patience):
            while tally.missing:
                status.update(f"{len(tally.arrived)} of {len(tally.expected)} alerts arrived …")
                _take(await inbox.received.get(), tally, out)
    except TimeoutError:
        return


def _take(received: Received, tally: Tally, out: Console) -> None:
    if received.problem:
        tally.refused += 1
        out.print(f"✗ {received.webhook_id}: {received.problem}", style="bold red")
        return
    kind, data = received.event["type"], received.event["data"]
    number = received.webhook_id
    again = " (again, under the same webhook-id)" if number in tally.arrived else ""
    watchlist, article = data.get("watchlist", {}), data.get("article", {})
    tally.arrived[number] = f"{watchlist.get('id')} for {article.get('id')}"
    footer = f"✓ signature verified: {number} at /{received.path}{again}"
    if kind != "alert.created":
        footer = f"{kind}\n{footer}"
    if "score" in data:
        out.print(alert_panel(received.event, footer))
    else:  # a retraction, or news of a story, of an alert that was shown before
        about = one_line(f"{watchlist.get('name')}: {article.get('title')}", 80)
        out.print(f"{about}\n{footer}", style="green")


def _sum_up(tally: Tally, out: Console) -> None:
    good = len(tally.expected) - len(tally.missing)
    style = "bold green" if tally.good else "bold red"
    out.print(f"\n{good} of {len(tally.expected)} expected alerts arrived", style=style)
    if tally.refused:
        out.print(f"{tally.refused} webhooks had a wrong signature", style="red")
    for number in sorted(tally.missing):
        out.print(f"missing: {tally.expected[number]}", style="red")
    for number in sorted(tally.arrived.keys() - tally.expected.keys()):
        out.print(f"not expected: {tally.arrived[number]}", style="red")


def _command() -> str:
    """What to type for this program: its name where a shell finds it, else where it lies."""
    beside = Path(sys.executable).with_name("tocsin")
    if shutil.which("tocsin") or not beside.exists():
        return "tocsin"
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)


async def _go_on(inbox: Inbox, tally: Tally, out: Console, settings: Settings) -> None:
    """Show what else arrives until Ctrl-C."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    out.print("\nNow try your own, from another terminal (Ctrl-C ends the demo):", style="bold")
    typed = f"TOCSIN_DATA_DIR={settings.store.data_dir} {_command()} publish article.txt"
    out.print(f"  {typed}", soft_wrap=True)  # whole, to be copied

    async def receive() -> None:
        while True:
            _take(await inbox.received.get(), tally, out)

    receiving = asyncio.create_task(receive())
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait({receiving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if receiving.done():
        await receiving  # raises what ended it
    receiving.cancel()
