"""`tocsin run` and `tocsin demo`."""

from __future__ import annotations

from typing import Annotated

import typer

from service import app as wiring
from service.cli.context import context, wait_for
from service.demo import demonstrate


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog="Example: tocsin run --role match --role deliver")(run)
    app.command(epilog="Example: tocsin demo --once")(demo)


def run(
    role: Annotated[
        list[wiring.Role] | None,
        typer.Option(help="What this process does; give it several times. Default: all."),
    ] = None,
) -> None:
    """Read articles, judge them, deliver alerts, until SIGTERM or Ctrl-C."""
    here = context()
    roles = frozenset(role or wiring.Role)
    wait_for(wiring.run(here.settings, here.environment, here.mask, roles))


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End when every expected alert has arrived.")
    ] = False,
) -> None:
    """Show the whole way with sample articles; nothing leaves this machine."""
    here = context(quiet=True)
    if not wait_for(demonstrate(here.settings, here.mask, once=once)):
        raise typer.Exit(1)
