"""`tocsin deliveries`: what became of every alert on its way to a subscriber."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import Enum
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from service.alert import rfc3339
from service.cli.context import context, opened, wait_for
from service.errors import TocsinError
from service.ledger import Delivery
from service.settings import Settings
from service.terminal import console

app = typer.Typer(no_args_is_help=True, help="List, show and resend deliveries.")

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="A delivery's id: dlv_…")]


class Which(Enum):
    """The states of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@app.command("list", epilog="Example: tocsin deliveries list --state failed")
def list_(
    state: Annotated[Which | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List deliveries, newest first."""
    here = context(quiet=True)
    found = wait_for(_list(here.settings, state, limit))
    out = console()
    if as_json:
        out.print(json.dumps([_plain(one) for one in found], indent=2), soft_wrap=True)
        return
    if not found:
        out.print("no deliveries" + (f" are {state.value}" if state else " yet"))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("DELIVERY", no_wrap=True)
    table.add_column("STATE", no_wrap=True)
    table.add_column("TRIES", justify="right", no_wrap=True)
    table.add_column("WATCHLIST → SUBSCRIBER", overflow="fold")
    for one in found:
        what = f"{one.watchlist_id} → {one.subscriber}"
        table.add_row(one.id, _state(one), str(len(one.attempts)), what)
    out.print(table)


async def _list(settings: Settings, state: Which | None, limit: int) -> list[Delivery]:
    async with opened(settings) as outboxes:
        each = [
            await outbox.ledger.deliveries(state=state.value if state else None, limit=limit)
            for outbox in outboxes.values()
        ]
    found = [one for part in each for one in part]
    return sorted(found, key=lambda one: one.created_at, reverse=True)[:limit]


def _state(one: Delivery) -> Text:
    style = {"delivered": "green", "failed": "red", "pending": "yellow"}[one.state]
    return Text(one.state, style)


@app.command(epilog="Example: tocsin deliveries show dlv_1f0c…")
def show(delivery: Id, as_json: AsJson = False) -> None:
    """Show one delivery: every attempt, and the event it carries."""
    here = context(quiet=True)
    found = wait_for(_find(here.settings, delivery))
    out = console()
    if as_json:
        out.print(json.dumps(_plain(found), indent=2, ensure_ascii=False), soft_wrap=True)
        return
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    facts.add_row("delivery", found.id)
    facts.add_row("state", _state(found))
    facts.add_row("subscriber", found.subscriber)
    facts.add_row("watchlist", found.watchlist_id)
    facts.add_row("article", found.article_id)
    facts.add_row("alert", found.alert_id)
    facts.add_row("created", rfc3339(found.created_at))
    if found.due_at:
        facts.add_row("next try", rfc3339(found.due_at))
    if found.note:
        facts.add_row("note", found.note)
    for one in found.attempts:
        took = f" in {one.duration_ms} ms" if one.duration_ms is not None else ""
        told = f"answered {one.status}" if one.status else ""
        said = " · ".join(part for part in (told + took, one.error, one.response) if part.strip())
        facts.add_row(f"attempt {one.number}", f"{one.at}  {said}")
    out.print(facts)
    out.print(json.dumps(json.loads(found.body), indent=2, ensure_ascii=False), soft_wrap=True)


async def _find(settings: Settings, delivery: str) -> Delivery:
    async with opened(settings) as outboxes:
        for outbox in outboxes.values():
            found = await outbox.ledger.delivery(delivery)
            if found is not None:
                return found
    raise _unknown(delivery)


@app.command(epilog="Example: tocsin deliveries retry dlv_1f0c…")
def retry(deliveries: Annotated[list[str], typer.Argument(metavar="ID…", help="dlv_…")]) -> None:
    """Send deliveries again now, whatever their state; their webhook-id stays the same."""
    here = context(quiet=True)
    wait_for(_retry(here.settings, deliveries))


async def _retry(settings: Settings, deliveries: list[str]) -> None:
    async with opened(settings) as outboxes:
        for one in deliveries:
            done = [await outbox.ledger.retry(one) for outbox in outboxes.values()]
            if not any(done):
                raise _unknown(one)
            console().print(f"{one} is due now")


def _unknown(delivery: str) -> TocsinError:
    return TocsinError(f"there is no delivery {delivery}; `tocsin deliveries list` shows them")


def _plain(one: Delivery) -> dict[str, object]:
    """The delivery as JSON has it; its event, where it was read, as an object."""
    out: dict[str, object] = asdict(one)
    out["created_at"] = rfc3339(one.created_at)
    out["due_at"] = rfc3339(one.due_at) if one.due_at else None
    body = out.pop("body")
    if isinstance(body, bytes) and body:
        out["event"] = json.loads(body)
    return out
