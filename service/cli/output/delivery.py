"""Deliveries as `tocsin deliveries` prints them: one with its attempts, and a list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from service.alerts.alert import rfc3339
from service.cli.output.rows import Column, Row, print_rows
from service.cli.output.terminal import console, one_line
from service.store.deliveries.delivery import Attempt
from service.views.delivery import DeliveryDetails, DeliveryView
from service.views.times import short_duration

MAX_HEADLINE_CHARS = 120
"""Of a headline in a list."""
MAX_RESPONSE_CHARS = 200
"""Of an answer, and of its error, on a terminal; `--json` has all that is kept."""
MAX_REASON_CHARS = 300
"""Of the reason for which a delivery waits."""
_STYLES = {"delivered": "green", "failed": "red", "pending": "yellow"}


def print_deliveries(found: Sequence[DeliveryView], now: datetime) -> None:
    """Print deliveries, two lines each: the state, then what is sent to whom."""
    numbers = (Column("AGE", right=True), Column("TRIES", right=True))
    rows = []
    for one in found:
        age, tries = short_duration(now - one.since), str(len(one.attempts))
        cells = ((one.id, ""), (one.state, _STYLES[one.state]), (age, ""), (tries, ""))
        way = f"{one.watchlist_id} → {one.subscriber}".lstrip()
        about = [(f"{way}  ", "dim"), (one_line(one.headline, MAX_HEADLINE_CHARS), "bold")]
        rows.append(Row(cells, [[(one.event_type, "")]], [about]))
    print_rows((Column("DELIVERY"), Column("STATE"), *numbers), "EVENT", rows)


def print_delivery(one: DeliveryDetails) -> None:
    """Print everything about a delivery."""
    out = console()
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    facts.add_row("delivery", one.id)
    since = f" since {rfc3339(one.since)}"
    facts.add_row("state", Text(one.state, _STYLES[one.state]).append(since, "default"))
    facts.add_row("subscriber", one.subscriber)
    facts.add_row("watchlist", one.watchlist_id)
    facts.add_row("article", one.article_id)
    facts.add_row("alert", one.alert_id)
    facts.add_row("created", rfc3339(one.created_at))
    if one.due_at:
        facts.add_row("lease ends" if one.sending else "due", rfc3339(one.due_at))
    if one.waits:
        facts.add_row("waits", one_line(one.waits, MAX_REASON_CHARS))
    if one.note and (not one.attempts or one.note != one.attempts[-1].error):
        facts.add_row("note", one_line(one.note, MAX_RESPONSE_CHARS))
    for each in one.attempts:
        facts.add_row(f"attempt {each.number}", "\n".join(_attempt_lines(each)))
    out.print(facts)
    event = json.dumps(one.event, indent=2, ensure_ascii=False) if one.event else ""
    out.print(event or "its event is gone: it cannot be sent again", soft_wrap=True)


def _attempt_lines(attempt: Attempt) -> list[str]:
    took = f" in {attempt.duration_ms} ms" if attempt.duration_ms is not None else ""
    answered = f"answered {attempt.status}" if attempt.status else ""
    error = one_line(attempt.error, MAX_RESPONSE_CHARS)
    # The error often says no more than the status does.
    parts = [attempt.at, (answered + took).strip(), "" if error == answered else error]
    lines = ["  ".join(part for part in parts if part)]
    if attempt.response:
        lines.append(f"“{one_line(attempt.response, MAX_RESPONSE_CHARS)}”")
    return lines
