"""Suggestions on a terminal: first every alert that each would have removed."""

from __future__ import annotations

from math import ceil

from rich.table import Table
from rich.text import Text

from service.archive.suggestions.suggestion import RemovedAlert, Suggestion, Suggestions
from service.cli.output.terminal import console, one_line

LONGEST = 300
"""Characters of a line."""
_STYLES = {"useful": "bold red", "noise": "green", "none": "yellow"}


def print_suggestions(found: Suggestions, file: str) -> None:
    """Print all of them; `file` is that of the watchlist."""
    out = console()
    out.print(Text(found.watchlist, "bold"))
    out.print(Text(f"  {one_line(found.expression, LONGEST)}", "dim"))
    counts = found.verdicts
    out.print(
        f"  its alerts: {counts['useful']:,} useful, {counts['noise']:,} noise, "
        f"{counts['none']:,} without a verdict"
    )
    for number, why in (
        (found.no_text, "their text is not kept any more"),
        (found.no_match, "the watchlist does not find them any more"),
    ):
        if number:
            out.print(f"  {number:,} more with a verdict do not count: {why}")
    if found.missing:
        least = " and ".join(f"{number} more {word}" for word, number in found.missing.items())
        out.print(
            f"Too few verdicts: give {least} before anything can be suggested, with "
            "`tocsin verdict` or the links of messages."
        )
    elif not found.suggestions:
        out.print("No exception and no tighter match keeps enough noise away for what it loses.")
    for each in found.suggestions:
        out.print()
        _print_suggestion(found, each)
    if found.suggestions:
        out.print()
        out.print(f"--accept writes one of them into {one_line(file, LONGEST)}.", style="dim")
        out.print(
            f"For a bound of 10 %, {found.needed} useful verdicts are needed, none of them lost. "
            "The bounds hold together with 95 % confidence, if the alerts with a verdict are like "
            "those without.",
            style="dim",
        )


def _print_suggestion(found: Suggestions, each: Suggestion) -> None:
    out = console()
    count = len(each.removed)
    alerts = "this alert" if count == 1 else f"these {count:,} alerts"
    out.print(Text.assemble((each.id, "bold"), f" would have removed {alerts}:"))
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for one in each.removed:
        said = Text(
            "  no verdict" if one.verdict == "none" else f"  {one.verdict}", _STYLES[one.verdict]
        )
        table.add_row(said, one.at[:10], _about(one))
    out.print(table)
    for line in _change(each):
        out.print(line)
    useful, noise = found.verdicts["useful"], found.verdicts["noise"]
    out.print(
        f"  {each.noise:,} of {noise:,} noise would be gone, and {each.useful:,} of {useful:,} "
        f"useful. It may lose up to {percent(each.bound)} of useful alerts "
        f"({each.lost:,} of the {each.counted:,} that are counted)."
    )
    accept = f"tocsin suggest {found.watchlist} --accept {each.id}"
    out.print(Text.assemble("  ", (one_line(accept, LONGEST), "cyan")))


def percent(bound: float) -> str:
    """A bound as a percentage, never less than it is."""
    return f"{ceil(bound * 1000 - 1e-9) / 10:g} %"


def _about(one: RemovedAlert) -> Text:
    where = " · ".join(filter(None, (one.source, one.id)))
    return Text(one_line(one.headline, LONGEST)).append(f" {one_line(where, LONGEST)}", "dim")


def _change(each: Suggestion) -> list[Text]:
    written = one_line(each.written, LONGEST)
    if each.kind == "exception":
        name = one_line(each.name, LONGEST)
        return [Text.assemble("  except: ", (f"{name}: {written}", "bold"))]
    parts = (one_line(each.instead_of, LONGEST), one_line(each.becomes, LONGEST))
    return [
        Text.assemble("  match: ", (written, "bold")),
        Text(f"  ({parts[1]} in place of {parts[0]})", "dim"),
    ]
