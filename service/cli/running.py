"""`tocsin run` and `tocsin demo`."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.context import context, wait_for
from service.role import Role


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog="Example: tocsin run --role match --role deliver")(run)
    app.command(epilog="Example: tocsin demo --once")(demo)


def run(
    role: Annotated[
        list[Role] | None,
        typer.Option(help="What this process does; give it several times. Default: all."),
    ] = None,
) -> None:
    """Read articles, judge them, deliver alerts, until SIGTERM or Ctrl-C."""
    # Imported here: the other commands would wait for FastStream to load, and never use it.
    from service.app import run as work  # noqa: PLC0415

    here = context()
    roles = frozenset(role or Role)
    wait_for(work(here.settings, here.environment, here.mask, roles))


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End when every expected alert has arrived.")
    ] = False,
) -> None:
    """Show the whole way with sample articles; nothing leaves this machine."""
    from service.demo import demonstrate  # noqa: PLC0415 - as above

    here = context(quiet=True)
    if not wait_for(demonstrate(here.settings, here.mask, once=once)):
        raise typer.Exit(1)
