"""What commands show on a terminal: the console, alerts and sums, at 80 columns and up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

HIGHLIGHT = "bold black on yellow"
SEVERITY = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold cyan",
    "info": "dim",
}


def console(*, error: bool = False) -> Console:
    """A console that keeps a message's own line breaks and colours only a terminal."""
    return Console(stderr=error, highlight=False, emoji=False, markup=False, soft_wrap=False)


def visible(text: str) -> str:
    """The text with its control characters made visible: garbage must not steer the terminal."""
    return "".join(
        char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in text
    )


def one_line(text: str, longest: int) -> str:
    """The same as one line of at most so many characters."""
    line = " ".join(visible(text.replace("\r", "\n").replace("\t", " ")).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def ago(seconds: float) -> str:
    """A length of time, to be taken in at a glance: `12s`, `5m`, `3h`, `41d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size:.0f}{unit}"
    return f"{max(0.0, seconds):.0f}s"


def alert_panel(event: Mapping[str, Any], footer: str) -> RenderableType:
    """One event as a subscriber received it; `footer` tells how the receiver took it."""
    data = event["data"]
    watchlist, article = data["watchlist"], data["article"]
    head = Text()
    head.append(f" {watchlist['severity'].upper()} ", SEVERITY[watchlist["severity"]])
    head.append(f" {watchlist['name']}", "bold")
    head.append(f"  {data['score']['value']:g}", "bold green")
    title = next((one for one in data["evidence"] if one["zone"] == "title"), None)
    lines: list[RenderableType] = []
    marks = [(one["start"], one["end"]) for one in data["evidence"] if one["zone"] == "title"]
    shown = article["title"] or article["summary"]
    lines.append(marked(shown, marks if title and shown == article["title"] else ()))
    where = " · ".join(part for part in (article["source"], article["url"]) if part)
    if where:
        lines.append(Text(where, "dim"))
    seen: set[str] = set()
    for one in data["evidence"]:
        if one["zone"] == "title" or one["sentence"] in seen:
            continue
        seen.add(one["sentence"])
        words = [each["text"] for each in data["evidence"] if each["sentence"] == one["sentence"]]
        lines.append(Padding(quoted(one["zone"], one["sentence"], words), (0, 0, 0, 2)))
    lines.append(sum_line(data["score"]))
    lines.append(Text(footer, "green"))
    return Panel(Group(*lines), title=head, title_align="left", border_style="dim")


def quoted(zone: str, sentence: str, words: Iterable[str]) -> Text:
    """A sentence of a zone, with the words highlighted that an alert rests on."""
    quote = Text(f"“{sentence}”", "default")
    for word in {" ".join(word.split()) for word in words}:
        # Whole words where the script has spaces between them: `us` is not part of `industrial`.
        whole = rf"(?<!\w){re.escape(word)}(?!\w)"
        if not quote.highlight_regex(whole, HIGHLIGHT):
            quote.highlight_words([word], HIGHLIGHT)
    return Text(f"{zone}: ", "dim").append_text(quote)


def marked(text: str, spans: Iterable[tuple[int, int]]) -> Text:
    """`text` with the stretches between code-point offsets highlighted."""
    out = Text(text)
    for start, end in spans:
        out.stylize(HIGHLIGHT, start, end)
    return out


def sum_line(score: Mapping[str, Any]) -> Text:
    """The score's sum in one line: `√(Pakistan 0.90 × Turkey 0.90) × 1 = 90`."""
    clauses = score["clauses"]
    root = {1: "", 2: "√", 3: "∛"}.get(len(clauses), f"{len(clauses)}√")
    product = " × ".join(f"{_short(one['clause'])} {one['value']:.2f}" for one in clauses)
    text = Text("score ", "dim")
    text.append("100 × " + (f"{root}({product})" if root else product))
    text.append(f" × closeness {score['closeness']:g}")
    for boost in score["boosts"]:
        text.append(f" {boost['points']:+g} ({_short(boost['when'])})")
    return text.append(f" = {score['value']:g}", "bold")


def _short(label: str) -> str:
    return label if len(label) <= 24 else label[:23] + "…"
