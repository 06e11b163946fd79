"""`tocsin import`: watchlists from the searches of other systems."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from service.articles.files.entries import UnreadableError
from service.cli.input.files import source
from service.cli.output.terminal import console, print_json
from service.errors import ConfigError
from service.rules.imports.search import Untranslatable
from service.rules.imports.watchlists import SYSTEMS, Imported, imported, rules_file

app = typer.Typer(add_completion=False)
MAX_SHOWN_CHARS = 100
"""Of a search that is refused, on a terminal."""

System = Enum("System", {name: name for name in SYSTEMS}, type=str)  # type: ignore[misc]


@app.command("import", epilog="Example: tocsin import brandwatch queries.csv --notify desk")
def import_searches(  # noqa: PLR0917 - each is an option
    system: Annotated[System, typer.Argument(help="Where the searches come from.")],
    file: Annotated[
        str,
        typer.Argument(
            help="A table with a column of searches, a text with one in each line, or for "
            "google-alerts and opml an export. `-` is stdin.",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option(help="The rules file to write; it must not exist.")
    ] = None,
    notify: Annotated[
        list[str] | None, typer.Option(help="A subscriber of the watchlists; repeatable.")
    ] = None,
    language: Annotated[str, typer.Option(help="The watchlists' language.")] = "en",
    forms: Annotated[
        bool,
        typer.Option("--forms", help="Words find their other forms too."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Write watchlists from the searches of another system. Says which it cannot."""
    if as_json and output:
        raise typer.BadParameter("--output writes a rules file, --json none; leave one of them out")
    try:
        given = source(file)
        results = imported(system.value, given.content, with_forms=forms)
    except UnreadableError as error:
        raise ConfigError(str(error)) from error
    except Untranslatable as error:
        raise ConfigError(f"{file}: {error}") from error
    if not results:
        raise ConfigError(f"{file}: no searches; see docs/imports.md for what a file may be")
    if as_json:
        print_json(results)
    else:
        _write(rules_file(results, file=file, notify=notify or [], language=language), output)
        _report(results, file, aside=output is None)
    if any(each.refused for each in results):
        raise typer.Exit(1)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        console().print(text, end="", soft_wrap=True)
        return
    try:
        with output.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        raise ConfigError(f"{output}: this file exists; name a new one") from None
    except OSError as error:
        raise ConfigError(f"{output}: {error.strerror}") from error


def _report(results: list[Imported], file: str, *, aside: bool) -> None:
    """What was imported and what was refused; `aside`: on stderr, as stdout is the rules file."""
    out = console(error=aside)
    refused = [each for each in results if each.refused]
    for each in refused:
        searched = " ".join(each.search.split())
        shown = searched[:MAX_SHOWN_CHARS] + "…" * (len(searched) > MAX_SHOWN_CHARS)
        out.print(f"{file}, line {each.line}: {each.refused}", soft_wrap=True)
        if shown:
            out.print(f"    {shown}", style="dim", soft_wrap=True)
    noted = sum(1 for each in results if each.notes)
    done = len(results) - len(refused)
    said = f"{done} of {len(results)} searches became watchlists"
    if noted:
        said += f"; {noted} of them differ a little, as their comments say"
    out.print(said, style="red" if refused else "green", soft_wrap=True)
