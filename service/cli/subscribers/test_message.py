"""`tocsin subscribers test`: one message through the real channel, now."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from service.alerts.alert import Event, alert_id, delivery_id, rfc3339
from service.alerts.events.payload import body
from service.cli.input.context import Context, context, wait_for
from service.cli.input.names import must_be_known, names
from service.cli.output.terminal import console, one_line, print_json
from service.delivery.outcome import Delivered, Report
from service.errors import ConfigError, Fault
from service.rules.subscribers.subscriber import Subscriber
from service.views.rules.names import RuleNames

TEST: Final = "subscriber.test"
MAX_RESPONSE_CHARS = 500
"""Of an answer, and of a reason, that are shown."""


@dataclass(frozen=True, slots=True)
class SentTest:
    """A test message and its result."""

    event_id: str
    report: Report
    duration_ms: int

    @property
    def delivered(self) -> bool:
        """Whether the subscriber accepted it."""
        return isinstance(self.report.outcome, Delivered)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("test", epilog="Example: tocsin subscribers test desk")(send_test)


def send_test(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A subscriber's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Send a subscriber a test message now, without the queue, and show the result."""
    here = context(quiet=True)
    known = names(here, here.rule_variables.get)
    must_be_known("subscriber", name, known.subscriber_ids)
    subscriber = known.subscribers.get(name)
    if subscriber is None:
        raise _unusable(name, known)
    here.mask.add(*(secret.reveal() for secret in subscriber.channel.all_secrets))
    sent = wait_for(_send(here, subscriber))
    if as_json:
        print_json(here.mask({}, "", _json_facts(subscriber, sent)))
    else:
        _print_result(here, subscriber, sent)
    if not sent.delivered:
        raise typer.Exit(1)


def _unusable(name: str, known: RuleNames) -> ConfigError:
    """Why a subscriber that the rules name cannot be used."""
    if name not in known.faulty:
        return ConfigError(f"{name} has `enabled: false` in the rules")
    faults: Sequence[Fault] = known.faults
    return ConfigError(f"{name} has errors in the rules:\n" + "\n".join(map(str, faults)))


async def _send(here: Context, subscriber: Subscriber) -> SentTest:
    # Imported here: the other commands would wait for it to load, and never use it.
    from service.app.senders import senders  # noqa: PLC0415

    at = datetime.now(UTC)
    event = make_test_event(subscriber.id, secrets.token_hex(8))
    text = body(event.kind, event.id, event.data, rfc3339(at))
    sender = senders(here.settings, NoThreads(), AllRecipients())
    loop = asyncio.get_running_loop()
    try:
        begun = loop.time()
        report = await sender.send(subscriber, delivery_id(event.id, subscriber.id), text, at)
        return SentTest(event.id, report, round((loop.time() - begun) * 1000))
    finally:
        await sender.aclose()


def make_test_event(subscriber: str, nonce: str) -> Event:
    """The event of a test; `nonce` gives each test an id of its own."""
    data = {"subscriber": subscriber, "message": "This is a test: alerts reach you here."}
    return Event(TEST, alert_id(TEST, subscriber, nonce), data, (subscriber,))


class NoThreads:
    """A test belongs to no story, so no thread is asked for."""

    async def get(self, _subscriber: str, _story: str) -> str | None:
        """None: there is no first message."""
        return None

    async def put(self, _subscriber: str, _story: str, _mark: str) -> None:
        """Nothing is remembered."""

    async def drop(self, _subscriber: str, _story: str) -> None:
        """Nothing is forgotten."""


class AllRecipients:
    """A test is sent once, to everybody."""

    async def done(self, _delivery: str) -> frozenset[str]:
        """Nobody has it."""
        return frozenset()

    async def add(self, _delivery: str, _addresses: Iterable[str]) -> None:
        """Nothing is remembered."""

    async def forget(self, _delivery: str) -> None:
        """Nothing is forgotten."""


def _print_result(here: Context, subscriber: Subscriber, sent: SentTest) -> None:
    report = sent.report
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    result = Text("delivered", "green") if sent.delivered else Text("not delivered", "red")
    facts.add_row(subscriber.id, result)
    if report.status is not None:
        facts.add_row("status", str(report.status))
    facts.add_row("took", f"{sent.duration_ms} ms")
    if not isinstance(report.outcome, Delivered):
        facts.add_row("reason", Text(_masked_line(here, report.outcome.reason)))
    if report.response:
        facts.add_row("response", Text(f"“{_masked_line(here, report.response)}”"))
    console().print(facts)


def _masked_line(here: Context, text: str) -> str:
    return one_line(here.mask.hide(text), MAX_RESPONSE_CHARS)


def _json_facts(subscriber: Subscriber, sent: SentTest) -> dict[str, object]:
    outcome = sent.report.outcome
    return {
        "subscriber": subscriber.id,
        "delivered": sent.delivered,
        "status": sent.report.status,
        "duration_ms": sent.duration_ms,
        "reason": "" if isinstance(outcome, Delivered) else outcome.reason,
        "response": sent.report.response,
    }
