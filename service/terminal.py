"""What commands show on a terminal: alerts, explanations and lists, at 80 columns and up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from service.article import Article
from service.matching.evaluate import Finding, count
from service.matching.judgement import Judgement, Verdict
from service.matching.query import (
    And,
    AnyOf,
    AtLeast,
    Meta,
    Near,
    Not,
    Or,
    Term,
    Within,
    unparse,
)
from service.matching.score import Evidence, Score, geometric_mean

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
        lines.append(Padding(_quoted(one["zone"], one["sentence"], words), (0, 0, 0, 2)))
    lines.append(sum_line(data["score"]))
    lines.append(Text(footer, "green"))
    return Panel(Group(*lines), title=head, title_align="left", border_style="dim")


def _quoted(zone: str, sentence: str, words: Iterable[str]) -> Text:
    text = Text(f"{zone}: ", "dim")
    quote = Text(f"“{sentence}”", "default")
    for word in words:
        quote.highlight_words([word], HIGHLIGHT)
    return text.append_text(quote)


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


def article_view(article: Article, proof: Sequence[Evidence]) -> RenderableType:
    """The article as the watchlists saw it: zones, highlights, and what was cut."""
    rows = Table.grid(padding=(0, 1))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    for zone, text in article.zones():
        if text:
            spans = [(one.start, one.end) for one in proof if one.zone == zone]
            rows.add_row(zone, marked(text, spans))
    facts = {
        "id": article.id,
        "language": article.language or "unknown",
        "source": article.source,
        "author": article.author,
        "published": article.published_at,
        "url": article.url,
        "tags": ", ".join(article.tags),
    }
    for name, value in facts.items():
        if value:
            rows.add_row(name, Text(value, "dim"))
    for cut in article.cuts:
        words = " ".join(cut.text.split())
        shown = words if len(words) <= 200 else words[:199] + "…"
        rows.add_row("cut", Text(f"[{cut.reason}] ", "magenta").append(shown, "dim strike"))
    return rows


def verdict_view(name: str, judgement: Judgement) -> RenderableType:
    """Why a watchlist matched or did not, line by line."""
    word = {
        Verdict.MATCHED: Text("matched", "bold green"),
        Verdict.MISSED: Text("missed", "bold red"),
        Verdict.EXCEPTED: Text("excepted", "bold yellow"),
        Verdict.BELOW: Text("below its threshold", "bold yellow"),
    }[judgement.verdict]
    head = Text("■ ").append(name, "bold").append(" ").append_text(word)
    lines: list[RenderableType] = [head]
    if judgement.score is None:
        lines += [Padding(Text(reason), (0, 0, 0, 2)) for reason in reasons(judgement.finding)]
        return Group(*lines)
    lines.append(Padding(score_table(judgement.score), (0, 0, 0, 2)))
    if judgement.exceptions:
        held = ", ".join(judgement.exceptions)
        lines.append(Text(f"  suppressed: the exception {held} holds", "yellow"))
    if judgement.verdict is Verdict.BELOW:
        least = judgement.query.threshold
        lines.append(Text(f"  it scores {judgement.score.value:g}, its threshold is {least:g}"))
    return Group(*lines)


def score_table(score: Score) -> RenderableType:
    """The sum, a line each: clauses, closeness, boosts, total."""
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(overflow="fold", max_width=40)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for one in score.clauses:
        table.add_row(one.label, f"{one.value:.3f}", f"mass {one.mass:g}: {one.mass:g}/(1+mass)")
    if len(score.clauses) > 1:
        value = geometric_mean([one.value for one in score.clauses])
        table.add_row("geometric mean", f"{value:.3f}", "")
    near = {1.0: "all in one sentence", 0.9: "all in one paragraph"}
    table.add_row("× closeness", f"{score.closeness:g}", near.get(score.closeness, "far apart"))
    for boost in score.boosts:
        table.add_row(f"boost {boost.when}", f"{boost.points:+g}", "points")
    table.add_row(Text("score", "bold"), Text(f"{score.value:g}", "bold"), "")
    return table


def reasons(finding: Finding) -> list[str]:
    """Why an expression does not hold: the clauses that failed, as an analyst would say it."""
    match finding.node:
        case And():
            failed = [child for child in finding.children if not child.holds]
            return [reason for child in failed for reason in reasons(child)]
        case Or(children=parts):
            name = unparse(finding.node)
            head = f"{name}: " if name.startswith("$") else ""
            return [f"{head}none of these holds: {_first([unparse(part) for part in parts])}"]
        case Not(child=child):
            return [f"it must not hold, but does: {unparse(child)}"]
        case Within():
            return [f"in {finding.node.field}: {why}" for why in reasons(finding.children[0])]
        case Meta():
            return [f"the metadata is another: {unparse(finding.node)}"]
        case Near():
            missing = [child for child in finding.children if not child.holds]
            if missing:
                return [reason for child in missing for reason in reasons(child)]
            return [f"all mentioned, but nowhere so near: {unparse(finding.node)}"]
        case AtLeast(least=least):
            (counted,) = finding.children
            if not counted.holds:
                return reasons(counted)
            return [f"only {count(counted)} of {least}: {unparse(finding.node)}"]
        case AnyOf(least=least):
            missing = [child for child in finding.children if not child.holds]
            held = len(finding.children) - len(missing)
            shown = _first([unparse(child.node) for child in missing])
            return [f"only {held} of {least}: {unparse(finding.node)}; not {shown}"]
        case Term():
            return [f"not mentioned: {unparse(finding.node)}"]


def _first(said: Sequence[str], most: int = 8) -> str:
    more = f" and {len(said) - most} more" if len(said) > most else ""
    return ", ".join(said[:most]) + more
