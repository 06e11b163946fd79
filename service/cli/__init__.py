"""The `tocsin` command: thin, one module a group of commands."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import typer

from service.cli import (
    articles,
    dead,
    deliveries,
    explain,
    rules,
    running,
    silences,
    subscribers,
)
from service.errors import TocsinError

app = typer.Typer(
    name="tocsin",
    help="News alerts: articles from a Redis stream, watchlists in YAML, signed webhooks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
running.register(app)
articles.register(app)
rules.register(app)
explain.register(app)
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(subscribers.app, name="subscribers")
app.add_typer(silences.app, name="silence")
app.add_typer(dead.app, name="dead")


def main() -> None:
    """Run the command line. Exit codes: 0 good, 1 findings or failures, 2 usage."""
    try:
        app()
    except TocsinError as error:
        _fail(str(error))
    except ExceptionGroup as group:
        told, rest = group.split(TocsinError)
        if rest is not None or told is None:
            raise
        _fail("\n".join(str(error) for error in _leaves(told)))
    except BrokenPipeError:
        # Whoever read our output has seen enough (`tocsin … | head`).
        sys.stderr.close()
        sys.exit(1)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _fail(message: str) -> None:
    sys.stderr.write(f"tocsin: {message}\n")
    sys.exit(1)
