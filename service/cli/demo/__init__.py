"""`tocsin demo`."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.demo.demo import demonstrate
from service.cli.input.context import context, wait_for

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: tocsin demo --once")
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End when every expected alert has arrived.")
    ] = False,
) -> None:
    """Run the full pipeline on sample articles. Sends nothing to the network."""
    here = context(quiet=True)
    if not wait_for(demonstrate(here.settings, here.mask, once=once)):
        raise typer.Exit(1)
