"""What commands show on a terminal: the console, alerts and sums, at 80 columns and up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.segment import Segment, Segments
from rich.text import Text

from service.delivery.message.message import Marked, Quote
from service.telemetry.log import visible
from service.views.alerts.alert import AlertView
from service.views.json_value import indented_json, json_value

HIGHLIGHT = "bold black on yellow"
SEVERITY = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold cyan",
    "info": "dim",
}


class SafeConsole(Console):
    """The one way to a terminal: whatever is printed, `visible` has made harmless.

    Only what rich writes itself steers the terminal: colours, and the lines of a progress bar.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """A text, made visible before it is measured and laid out."""
        return super().render_str(visible(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of anything else; those that rich made to steer the terminal stay."""
        for each in super().render(renderable, options):
            yield each if each.control else Segment(visible(each.text), each.style)


def console(*, error: bool = False) -> Console:
    """A console that keeps a message's own line breaks and colours only a terminal."""
    return SafeConsole(stderr=error, highlight=False, emoji=False, markup=False, soft_wrap=False)


def print_json(value: Any, *, one_line: bool = False) -> None:
    """Print a value or a view as JSON, for programs; indented, or in one line.

    What `visible` would write out is escaped as JSON has it, so that it is read as it was.
    """
    if one_line:
        text = json.dumps(json_value(value), ensure_ascii=False)
    else:
        text = indented_json(value)
    if visible(text) != text:
        text = "".join(char if visible(char) == char else json.dumps(char)[1:-1] for char in text)
    # One segment: as a text, rich would take each of its lines apart, and thousands take seconds.
    console().print(Segments([Segment(f"{text}\n")]), soft_wrap=True)


def one_line(text: str, longest: int) -> str:
    """The same as one line of at most so many characters."""
    line = " ".join(visible(text.replace("\r", "\n").replace("\t", " ")).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def counted(number: int, name: str) -> str:
    """The number with its noun: `1 watchlist`, `1,200 watchlists`."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def alert_panel(view: AlertView, footer: str) -> RenderableType:
    """One alert as a subscriber received it; `footer` says how the receiver took it."""
    head = Text().append(f" {view.severity.upper()} ", SEVERITY[view.severity])
    head.append(f" {view.watchlist}", "bold")
    if view.score is not None:
        head.append(f"  {view.score:g}", "bold green")
    lines: list[RenderableType] = [highlighted(view.headline)]
    where = " · ".join(part for part in (view.source, view.url) if part)
    if where:
        lines.append(Text(where, "dim"))
    lines += [Padding(quoted(one), (0, 0, 0, 2)) for one in view.quotes]
    if view.score_sum:
        lines.append(_sum_line(view.score_sum))
    lines.append(Text(footer, "green"))
    return Panel(Group(*lines), title=head, title_align="left", border_style="dim")


def quoted(quote: Quote) -> Text:
    """A sentence of a zone, its words highlighted that made a watchlist match."""
    return Text.assemble((f"{quote.zone}: ", "dim"), "“", highlighted(quote.sentence), "”")


def highlighted(stretches: Marked) -> Text:
    """A text in stretches, the marked ones highlighted."""
    return Text.assemble(*((one.text, HIGHLIGHT if one.marked else "") for one in stretches))


def highlighted_at(text: str, spans: Iterable[tuple[int, int]]) -> Text:
    """`text` with the stretches between code-point offsets highlighted."""
    out = Text(text)
    for start, end in spans:
        out.stylize(HIGHLIGHT, start, end)
    return out


def _sum_line(score_sum: str) -> Text:
    """The score's sum: what it is a sum of in dim, the result in bold."""
    label, _, rest = score_sum.partition(" ")
    terms, equals, value = rest.rpartition(" = ")
    return Text.assemble((f"{label} ", "dim"), terms, (f"{equals}{value}", "bold"))
