"""The `tocsin` command: thin, one module a command or group of commands."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

from typer import Option, Typer, TyperException
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from service.concurrency.end_signals import end_in_order
from service.errors import TocsinError, refusal

COMMANDS = {
    "run": "Read articles, match them and send alerts, until SIGTERM or Ctrl-C.",
    "demo": "Run the full pipeline on sample articles. Sends nothing to the network.",
    "publish": "Write articles to the input stream.",
    "check": "Check rules files. Lists every error with file, line and a suggested fix.",
    "rules": "Show the rules in force, their history, and what differs.",
    "schema": "Write the JSON Schema of rules files, for editors.",
    "import": "Write watchlists from the searches of another system. Says which it cannot.",
    "forms": "Show which forms a word of a rule finds, and which it does not.",
    "test": "Run the watchlists' own tests.",
    "backtest": "Show what rules would have alerted in past articles, and what a change "
    "of them changes.",
    "near-misses": "Show which past articles one clause of a watchlist kept out, "
    "and what each clause costs.",
    "explain": "Show how an article was read, which watchlists match and why, "
    "and what is missing where none matches.",
    "alerts": "List, show and export alerts: who has heard of them, and what holds them back.",
    "verdict": "Say whether an alert was useful, or noise. The last verdict on an alert counts.",
    "suggest": "Suggest from verdicts how a watchlist makes less noise. Changes nothing by itself.",
    "missed": "Follow an article from the stream to each subscriber: what stopped it, and when.",
    "stories": "Show what a story counted, and whether two articles are one story.",
    "status": "Show on one screen what waits and since when, rules, store and workers.",
    "deliveries": "List, show and resend deliveries.",
    "subscribers": "List, test, move, disable and enable subscribers.",
    "silence": "Mute alerts of a watchlist, tag or subscriber for a time. "
    "Muted alerts are recorded, not sent.",
    "dead": "List, show and replay dead letters.",
}
"""What `tocsin --help` says of each command; its module has the same name and the same text."""
VERSION = "show_version"
_ROOMS = {
    "alerts": "records.alerts",
    "verdict": "records.verdict",
    "stories": "records.stories",
    "deliveries": "records.deliveries",
    "silence": "records.silence",
    "dead": "records.dead",
    "backtest": "archive.backtest",
    "near-misses": "archive.near_misses",
    "missed": "archive.missed",
    "suggest": "archive.suggest",
    "check": "rules.check",
    "import": "rules.imports",
    "schema": "rules.schema",
    "rules": "rules.in_force",
    "test": "rules.test",
}
"""The modules that stand in a room with others of their kind."""


class Commands(TyperGroup):
    """The commands by name; each is imported when it is called.

    All of them together take over a second to load.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the options in front of a command's name; `--version` needs no command."""
        left = super().parse_args(ctx, args)
        if ctx.params.pop(VERSION, False):
            from service.cli.output.terminal import console  # noqa: PLC0415 - rich takes a while

            console().print(f"tocsin {version('tocsin')}")
            ctx.exit()
        return left

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Read the arguments in front of a command's name."""
        with _visible_mistakes():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        """Read the other arguments, and run the command."""
        with _visible_mistakes():
            return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The name and the command that the arguments begin with, and the other arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None:
            command = _command(name)
        return name, command, rest


@contextmanager
def _visible_mistakes() -> Iterator[None]:
    """Write out what is unseen in a wrong argument, such as a file's name: typer prints it."""
    try:
        yield
    except TyperException as error:
        error.message = _visible(error.message)
        raise


def _visible(text: str) -> str:
    from service.telemetry.log import visible  # noqa: PLC0415 - `tocsin --help` need not load the log

    return visible(text)


def module_of(name: str) -> str:
    """The module of a command."""
    return f"{__name__}.{_ROOMS.get(name, name)}"


def _command(name: str) -> Any:
    # Nothing that is imported is garbage; the collector would take an eighth of the time.
    gc.disable()
    try:
        return get_command(import_module(module_of(name)).app)
    finally:
        gc.enable()


def _options(
    *, show_version: Annotated[bool, Option("--version", help="Print the version.")] = False
) -> None:
    """Declares the options in front of a command's name; `Commands` carries them out."""


def _params() -> list[Any]:
    declared = Typer(add_completion=False)
    declared.callback()(_options)
    return get_command(declared).params


app = Commands(
    name="tocsin",
    params=_params(),
    help="News alerts: articles from a Redis stream, watchlists in YAML, signed webhooks.",
    commands=[TyperCommand(name, help=said) for name, said in COMMANDS.items()],
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line. Exit codes: 0 good, 1 findings or failures, 2 usage, 130 Ctrl-C."""
    end_in_order()
    try:
        app()
    except TocsinError as error:
        _fail(str(error))
    except ExceptionGroup as group:
        errors = [*_leaves(group)]
        if not all(isinstance(error, TocsinError) or _is_of_redis(error) for error in errors):
            raise
        _fail("\n".join(refusal(error) for error in errors))
    except KeyboardInterrupt:  # typer was not at work yet, or no more
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has closed it (`tocsin … | head`).
        sys.stderr.close()
        sys.exit(1)
    except UnicodeEncodeError:  # such words are good names of files, and no ids or texts
        if all(map(_is_text, sys.argv)):
            raise
        sys.stderr.write("tocsin: an argument is not UTF-8; write ids and texts in it\n")
        sys.exit(2)
    except Exception as error:
        if not _is_of_redis(error):
            raise
        _fail(f"Redis: {refusal(error)}")


def _is_text(word: str) -> bool:
    """Whether a word of the command line could be decoded."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_of_redis(error: BaseException) -> bool:
    """Whether Redis refused a command or did not answer; its client may not be loaded."""
    errors = sys.modules.get("redis.exceptions")
    return errors is not None and isinstance(error, errors.RedisError)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _fail(message: str) -> None:
    sys.stderr.write(f"tocsin: {_visible(message)}\n")
    sys.exit(1)
