"""`tocsin schema`: the JSON Schema of rules files."""

from __future__ import annotations

import typer

from service.cli.output.terminal import print_json
from service.delivery.channels.registry import CHANNELS
from service.rules.schema.json_schema import rules_schema
from service.rules.subscribers.channel import subscriber_spec

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: tocsin schema > rules.schema.json")
def schema() -> None:
    """Write the JSON Schema of rules files, for editors."""
    print_json(rules_schema(subscriber_spec(CHANNELS)))
