"""`tocsin run`."""

from __future__ import annotations

from typing import Annotated

import typer

from service.app.role import Role
from service.app.wiring import run as work
from service.cli.input.context import context, wait_for

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: tocsin run --role match --role deliver")
def run(
    role: Annotated[
        list[Role] | None,
        typer.Option(help="What this process does; give it several times. Default: all."),
    ] = None,
) -> None:
    """Read articles, match them and send alerts, until SIGTERM or Ctrl-C."""
    here = context()
    roles = frozenset(role or Role)
    wait_for(work(here.settings, here.rule_variables.get, here.mask, roles))
