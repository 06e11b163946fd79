"""`tocsin subscribers test`: one message through the real channel, now."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from service.alerts.alert import alert_id, delivery_id, rfc3339
from service.alerts.events.payload import body
from service.cli.input.context import Context, context, wait_for
from service.cli.input.names import Names, must_be_known, names
from service.cli.output.terminal import console, one_line
from service.delivery.outcome import Delivered, Report
from service.errors import ConfigError, Fault
from service.rules.subscribers.subscriber import Subscriber

TEST: Final = "subscriber.test"
LONGEST = 500
"""Characters of an answer that are shown."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a test."""

    event_id: str
    report: Report
    duration_ms: int

    @property
    def delivered(self) -> bool:
        """Whether the subscriber has it."""
        return isinstance(self.report.outcome, Delivered)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("test", epilog="Example: tocsin subscribers test desk")(try_out)


def try_out(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A subscriber's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Send a subscriber a test message now, past queue and lane, and show what came of it."""
    here = context(quiet=True)
    known = names(here, here.environment.get)
    must_be_known("subscriber", name, known.subscriber_ids)
    subscriber = known.subscribers.get(name)
    if subscriber is None:
        raise _unusable(name, known)
    here.mask.add(*(secret.reveal() for secret in subscriber.channel.all_secrets))
    tried = wait_for(_try(here, subscriber))
    if as_json:
        told = here.mask({}, "", _plain(subscriber, tried))
        console().print(json.dumps(told, indent=2), soft_wrap=True)
    else:
        _show(here, subscriber, tried)
    if not tried.delivered:
        raise typer.Exit(1)


def _unusable(name: str, known: Names) -> ConfigError:
    """Why a subscriber that the rules name cannot be used."""
    if name not in known.faulty:
        return ConfigError(f"{name} has `enabled: false` in the rules")
    faults: Sequence[Fault] = known.faults
    return ConfigError(f"{name} is faulty in the rules:\n" + "\n".join(map(str, faults)))


async def _try(here: Context, subscriber: Subscriber) -> Tried:
    # Imported here: the other commands would wait for it to load, and never use it.
    from service.app.wiring import senders  # noqa: PLC0415

    at = datetime.now(UTC)
    message = "This is a test: alerts reach you here."
    data = {"subscriber": subscriber.id, "message": message}
    event_id = alert_id(TEST, subscriber.id, secrets.token_hex(8))
    text = body(TEST, event_id, data, rfc3339(at))
    sender = senders(here.settings, NoThreads())
    loop = asyncio.get_running_loop()
    try:
        begun = loop.time()
        report = await sender.send(subscriber, delivery_id(event_id, subscriber.id), text, at)
        return Tried(event_id, report, round((loop.time() - begun) * 1000))
    finally:
        await sender.aclose()


class NoThreads:
    """A test belongs to no story, so no thread is asked for."""

    async def get(self, _subscriber: str, _story: str) -> str | None:
        """None: there is no first message."""
        return None

    async def put(self, _subscriber: str, _story: str, _mark: str) -> None:
        """Nothing is remembered."""

    async def drop(self, _subscriber: str, _story: str) -> None:
        """Nothing is forgotten."""


def _show(here: Context, subscriber: Subscriber, tried: Tried) -> None:
    report = tried.report
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    came = Text("delivered", "green") if tried.delivered else Text("not delivered", "red")
    facts.add_row(subscriber.id, came)
    if report.status is not None:
        facts.add_row("status", str(report.status))
    facts.add_row("took", f"{tried.duration_ms} ms")
    if not isinstance(report.outcome, Delivered):
        facts.add_row("reason", Text(_safe(here, report.outcome.reason)))
    if report.response:
        facts.add_row("response", Text(f"“{_safe(here, report.response)}”"))
    console().print(facts)


def _safe(here: Context, text: str) -> str:
    return one_line(here.mask.hide(text), LONGEST)


def _plain(subscriber: Subscriber, tried: Tried) -> dict[str, object]:
    outcome = tried.report.outcome
    return {
        "subscriber": subscriber.id,
        "delivered": tried.delivered,
        "status": tried.report.status,
        "duration_ms": tried.duration_ms,
        "reason": "" if isinstance(outcome, Delivered) else outcome.reason,
        "response": tried.report.response,
    }
