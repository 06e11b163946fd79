"""One delivery as `tocsin deliveries show` prints it, and deliveries as JSON has them."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from service.alerts.alert import rfc3339
from service.cli.output.terminal import console, one_line, visible
from service.store.deliveries.delivery import Attempt, Delivery

LONGEST_RESPONSE = 200
"""Characters of an answer that are shown on a terminal; `--json` has all that is kept."""
_STYLES = {"delivered": "green", "failed": "red", "pending": "yellow"}


def state(one: Delivery) -> Text:
    """The delivery's state in its colour."""
    return Text(one.state, _STYLES[one.state])


def show(one: Delivery, why: str) -> None:
    """Print a delivery; `why` tells why it waits, if it does."""
    out = console()
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    facts.add_row("delivery", one.id)
    facts.add_row("state", state(one).append(f" since {rfc3339(one.since)}", "default"))
    facts.add_row("subscriber", one.subscriber)
    facts.add_row("watchlist", one.watchlist_id)
    facts.add_row("article", Text(visible(one.article_id)))
    facts.add_row("alert", one.alert_id)
    facts.add_row("created", rfc3339(one.created_at))
    if one.due_at:
        facts.add_row("lease ends" if one.sending else "due", rfc3339(one.due_at))
    if why:
        facts.add_row("waits", Text(why))
    if one.note and (not one.attempts or one.note != one.attempts[-1].error):
        facts.add_row("note", Text(one_line(one.note, LONGEST_RESPONSE)))
    for each in one.attempts:
        facts.add_row(f"attempt {each.number}", Text("\n".join(_lines(each))))
    out.print(facts)
    event = json.dumps(json.loads(one.body), indent=2, ensure_ascii=False) if one.body else ""
    out.print(visible(event) or "its event is gone: it cannot be sent again", soft_wrap=True)


def _lines(attempt: Attempt) -> list[str]:
    took = f" in {attempt.duration_ms} ms" if attempt.duration_ms is not None else ""
    told = f"answered {attempt.status}" if attempt.status else ""
    error = one_line(attempt.error, LONGEST_RESPONSE)
    # The error often says no more than the status does.
    said = [attempt.at, (told + took).strip(), "" if error == told else error]
    lines = ["  ".join(each for each in said if each)]
    if attempt.response:
        lines.append(f"“{one_line(attempt.response, LONGEST_RESPONSE)}”")
    return lines


def plain(one: Delivery) -> dict[str, object]:
    """The delivery as JSON has it; its event, where it was read, as an object."""
    out: dict[str, object] = asdict(one)
    out["created_at"] = rfc3339(one.created_at)
    out["since"] = rfc3339(one.since)
    out["due_at"] = rfc3339(one.due_at) if one.due_at else None
    body = out.pop("body")
    if isinstance(body, bytes) and body:
        out["event"] = json.loads(body)
    return out
