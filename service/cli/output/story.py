"""A story on a terminal: the alerts that told it, and what was counted into it."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from service.cli.output.terminal import console
from service.views.alerts.story import StoryView
from service.views.times import short_duration


def print_story(found: StoryView) -> None:
    """Print a story with its first articles."""
    out = console()
    age = short_duration(datetime.now(UTC) - found.first_seen)
    sources = f", {len(found.sources)} sources" if found.sources else ""
    head = Text(found.id, "bold").append(f"  {found.articles} articles{sources}, began {age} ago")
    out.print(head, soft_wrap=True)
    for watchlist, alert in found.told_by.items():
        out.print(Text(f"told by {alert} ({watchlist})"), soft_wrap=True)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("ENTRY", no_wrap=True)
    table.add_column("SOURCE", overflow="fold")
    table.add_column("ARTICLE", overflow="fold")
    for one in found.copies:
        article = Text(one.title or one.url or one.article_id)
        gone = "" if one.is_kept else "no longer in the stream: it cannot tell the story any more"
        for line in filter(None, (one.url, one.why, gone)):
            article.append(f"\n{line}", "dim")
        table.add_row(one.entry_id, Text(one.source), article)
    out.print(table)
    more = found.articles - len(found.copies)
    if more > 0:
        out.print(f"and {more} more", style="dim")
