"""`tocsin check`: every error in the rules, and what may not mean what its author thinks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from service.cli.input.context import Context, context
from service.cli.input.files import named
from service.cli.input.rules import Paths, rules_texts
from service.cli.output.rules_file import replace_file
from service.cli.output.terminal import console, print_json
from service.delivery.channels.registry import CHANNELS
from service.errors import Fault
from service.rules.findings.fixes import fix_files
from service.rules.findings.review import ByArchive, Review, review
from service.rules.lint.advice import Advice
from service.rules.subscribers.subscriber import SubscriberReader
from service.views.rules.finding import findings
from service.views.rules.sarif import sarif_log

app = typer.Typer(add_completion=False)


class Format(Enum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


NoSecrets = Annotated[
    bool,
    typer.Option("--no-secrets", help="Do not look up ${NAME}, on a machine without the secrets."),
]


@app.command(epilog="Example: tocsin check rules --format github")
def check(
    paths: Paths = None,
    *,
    format: Annotated[Format, typer.Option(help="How findings are written.")] = Format.TEXT,  # noqa: A002 - the option's own name
    no_secrets: NoSecrets = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Correct in the files what has one correction only.")
    ] = False,
    archive: Annotated[
        bool,
        typer.Option(
            "--archive", help="Look for what the articles kept in the streams never needed."
        ),
    ] = False,
    articles: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="The same for the articles of a file; may be repeated."),
    ] = None,
) -> None:
    """Check rules files. Lists every error with file, line and a suggested fix.

    docs/lint.md lists the codes; `# tocsin: ignore T504 because …` has advice ignored.
    """
    here = context(quiet=True)
    lookup = None if no_secrets else here.rule_variables.get
    reader = SubscriberReader(CHANNELS, lookup, here.environment.get)
    texts = rules_texts(here, paths)
    if fix:
        texts = _fix(texts, reader)
    files = [named(name) for name in articles or ()]
    found = review(texts, reader, _past_articles(here, files) if archive or files else None)
    if format is Format.JSON:
        print_json(findings(found.faults, found.advice))
    elif format is Format.SARIF:
        print_json(sarif_log(found.findings, version("tocsin")))
    elif format is Format.GITHUB:
        for one in found.findings:
            console().print(_annotation(one), soft_wrap=True)
    else:
        _print(found)
    if found.faults:
        raise typer.Exit(1)


def _past_articles(here: Context, files: Sequence[str]) -> ByArchive:
    from service.cli.rules.archive_advice import PastArticles  # noqa: PLC0415 - rules alone load faster

    return PastArticles(here, files)


def _fix(texts: Mapping[str, str], reader: SubscriberReader) -> dict[str, str]:
    """The texts with their corrections, which are written to the files too."""
    fixed = fix_files(texts, lambda now: review(now, reader).findings)
    for file, text in fixed.texts.items():
        replace_file(Path(file), text)
    files = _count(len(fixed.texts), "file")
    said = f"{_count(fixed.count, 'correction')} in {files}" if fixed.count else "no corrections"
    console(error=True).print(said, soft_wrap=True)
    return {**texts, **fixed.texts}


def _annotation(one: Fault | Advice) -> str:
    """A workflow command of GitHub Actions."""
    place = f"file={_in_a_place(one.file)},line={one.line},col={one.column}"
    if isinstance(one, Fault):
        said = _in_one_line(f"{one.message}. {one.hint}")
        return f"::error {place},title={one.code}::{said}"
    return f"::notice {place},title={one.code}::{_in_one_line(one.message)}"


def _in_one_line(text: str) -> str:
    """As GitHub reads it in a workflow command: a line of its own would be another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_a_place(text: str) -> str:
    """The same for a file's name: a comma or a colon would end it."""
    return _in_one_line(text).replace(":", "%3A").replace(",", "%2C")


def _print(found: Review) -> None:
    out = console()
    for fault in found.faults:
        out.print(str(fault), soft_wrap=True)
    for one in found.advice:
        out.print(str(one), style="dim", soft_wrap=True)
    rules, faults = found.rules, len(found.faults)
    watchlists, subscribers = len(rules.watchlists), len(rules.subscribers)
    state = f"{_count(faults, 'error')}" if faults else "no errors"
    out.print(
        f"{_count(watchlists, 'watchlist')} and {_count(subscribers, 'subscriber')} good; {state}",
        style="red" if faults else "green",
    )


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
