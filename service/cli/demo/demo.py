"""`tocsin demo`: the full pipeline on this machine, with sample articles and an inbox."""

from __future__ import annotations

import asyncio
import base64
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

from rich.console import Console
from rich.status import Status

from service.app.process import Process
from service.app.redis.outboxes import redis_url
from service.app.role import Role
from service.app.wiring import wire
from service.articles.files.entries import Source, UnreadableError, entries
from service.articles.files.feeds import Fields
from service.cli.demo.inbox import Inbox
from service.cli.demo.own_articles import OwnArticles
from service.cli.demo.tally import Tally, expected_deliveries
from service.cli.output.terminal import console
from service.concurrency.end_signals import end_signals
from service.concurrency.waits import finished_before
from service.delivery.channels.webhook.rules_block import Webhook
from service.errors import ConfigError
from service.rules.rules import Rules
from service.settings import Settings
from service.settings.sections import MatchSettings
from service.telemetry.log import Mask
from service.web.server import serving

EXAMPLE = Path(__file__).with_name("example")
"""Rules and articles for where there is no folder of rules, such as an installed wheel."""
ARRIVAL_TIMEOUT_SECONDS = 60.0
"""How long the expected alerts may take; they take about two seconds."""


async def demonstrate(settings: Settings, mask: Mask, *, once: bool) -> bool:
    """Run the demo; whether all expected alerts arrived, with good signatures.

    Without `once` it goes on, for articles that the reader publishes, until Ctrl-C.
    """
    out = console()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    inbox = Inbox(secret)
    with _own_settings(settings) as own, redis_url(own.store) as url:
        async with serving(inbox.app(), "127.0.0.1", 0) as address:
            names = _Inboxes(address, secret)
            roles = frozenset({Role.MATCH, Role.DELIVER})
            async with wire(
                own, names.get, mask, url, stop=asyncio.Event(), roles=roles
            ) as process:
                await process.rulebook.open(process.stop)
                _refuse_other_addresses(process.rulebook.current, address)
                working = asyncio.create_task(process.run())
                try:
                    return await _show(process, inbox, working, own, out, once=once)
                finally:
                    process.stop.set()
                    await working


@contextmanager
def _own_settings(settings: Settings) -> Iterator[Settings]:
    """The settings with an embedded server and an empty data directory for this run only."""
    match = demo_match(settings.match)
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as folder:
        store = type(settings.store)(data_dir=Path(folder))
        loopback = (ip_network("127.0.0.0/8"),)
        delivery = settings.delivery.model_copy(update={"allow_networks": loopback})
        yield settings.model_copy(update={"store": store, "match": match, "delivery": delivery})


def demo_match(settings: MatchSettings) -> MatchSettings:
    """With the example where nobody named a folder of rules, and the usual one is not here."""
    if "rules" in settings.model_fields_set or settings.rules.exists():
        return settings
    return settings.model_copy(update={"rules": EXAMPLE})


class _Inboxes(dict[str, str]):
    """Answers every `${NAME}` of the rules with the inbox's address or secret."""

    def __init__(self, address: str, secret: str) -> None:
        super().__init__()
        self._address, self._secret = address, secret

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        del default
        return f"{self._address}/{name.lower()}" if name.endswith("URL") else self._secret


def _refuse_other_addresses(rules: Rules, address: str) -> None:
    for subscriber in rules.subscribers.values():
        channel = subscriber.channel
        if not isinstance(channel, Webhook) or not channel.url.reveal().startswith(f"{address}/"):
            raise ConfigError(
                f"{subscriber.file}: the demo sends to its own inbox only, and subscriber "
                f"{subscriber.id} has an address of its own; write `url: ${{DESK_URL}}`"
            )


async def _show(
    process: Process,
    inbox: Inbox,
    working: asyncio.Task[None],
    settings: Settings,
    out: Console,
    *,
    once: bool,
) -> bool:
    rules = process.rulebook.current
    samples = _samples(settings)
    tally = Tally(dict(expected_deliveries(samples, rules, settings)))
    out.print(
        f"{len(rules.watchlists)} watchlists · {len(samples)} articles · "
        f"{tally.expected_counts} expected\n",
        style="bold",
    )
    stream = next(iter(process.outboxes.values())).input_stream
    await stream.ensure_group()
    last = (await stream.publish(samples))[-1]
    with out.status("") as status:
        arrived = asyncio.create_task(_receive(inbox, tally, out, status))
        await asyncio.wait({arrived, working}, return_when=asyncio.FIRST_COMPLETED)
        arrived.cancel()
    if working.done():
        await working  # raises what ended it
    tally.sum_up(out)
    good = tally.good  # before the reader publishes more
    if not once:
        own = OwnArticles(stream, rules, settings, last, out)
        await _go_on(inbox, tally, out, settings, own)
    return good


def _samples(settings: Settings) -> list[Fields]:
    """The articles in the folder of the rules. Raises ConfigError where there are none."""
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


async def _receive(inbox: Inbox, tally: Tally, out: Console, status: Status) -> None:
    try:
        async with asyncio.timeout(ARRIVAL_TIMEOUT_SECONDS):
            while tally.missing:
                status.update(f"{len(tally.arrived)} of {len(tally.expected)} deliveries arrived …")
                tally.take(await inbox.received.get(), out)
    except TimeoutError:
        return


def _command() -> str:
    """What to type for this program: its name where a shell finds it, else where it lies."""
    program = Path(sys.executable).with_name("tocsin")
    if shutil.which("tocsin") or not program.exists():
        return "tocsin"
    here = Path.cwd()
    return str(program.relative_to(here) if program.is_relative_to(here) else program)


async def _go_on(
    inbox: Inbox, tally: Tally, out: Console, settings: Settings, own: OwnArticles
) -> None:
    """Show what else arrives, and what is read, until Ctrl-C."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in end_signals():
        loop.add_signal_handler(number, stopped.set)
    out.print("\nNow try your own, from another terminal (Ctrl-C ends the demo):", style="bold")
    typed = f"TOCSIN_DATA_DIR={settings.store.data_dir} {_command()} publish article.txt"
    out.print(f"  {typed}", soft_wrap=True)  # whole, to be copied

    async def receive() -> None:
        while True:
            tally.take(await inbox.received.get(), out)

    async def both() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(receive())
            tasks.create_task(own.tell())

    await finished_before(stopped, both())
