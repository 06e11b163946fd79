"""What is unusual after a slot, as events for subscribers with `reports: true`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from service.alerts.alert import Event, alert_id, rfc3339
from service.alerts.events.event_types import EventType
from service.alerts.rhythm.evaluation import Back, Changes, Quiet, Spiking
from service.alerts.rhythm.slot_counts import Kind
from service.alerts.rhythm.slots import slot_start

COMMAND: Final = "tocsin status"
ALERTS: Final = "tocsin alerts list{} --since {:%Y-%m-%d}"
"""Of one watchlist, if it is one; and the day."""
MOST_LISTED = 100
MOST_NAMED = 3
"""In a message for people."""
EVENTS: dict[Kind, EventType] = {
    "source": "source.quiet",
    "stream": "stream.quiet",
    "watchlist": "watchlist.quiet",
}
Names = Callable[[str], str]
"""The name of the watchlist with an id."""


def rhythm_events(
    changes: Changes, slot: int, subscribers: tuple[str, ...], watchlist_name: Names
) -> Iterator[Event]:
    """One event for all of a kind; none where nobody wants reports."""
    if not subscribers:
        return
    for kind, event in EVENTS.items():
        for state in ("quiet", "back"):
            data = _silence(kind, state, changes, watchlist_name)
            if data:
                yield Event(event, alert_id(event, state, str(slot)), data, subscribers)
    if changes.spikes:
        data = _spikes(changes.spikes, slot, watchlist_name)
        yield Event("watchlist.spike", alert_id("watchlist.spike", str(slot)), data, subscribers)


def _silence(kind: Kind, state: str, changes: Changes, names: Names) -> dict[str, Any] | None:
    quiet = [one for one in changes.quiet if one.kind == kind] if state == "quiet" else []
    back = [one for one in changes.back if one.kind == kind] if state == "back" else []
    if not quiet and not back:
        return None
    shown = [(_quiet_facts(one, names), _quiet_words(one, names)) for one in quiet]
    shown += [(_back_facts(one, names), _back_words(one, names)) for one in back]
    shown.sort(key=lambda one: -one[0]["gaps"])
    facts = [one for one, _ in shown[:MOST_LISTED]]
    return {
        "message": f"{_message([words for _, words in shown])} To see all: {COMMAND}",
        "command": COMMAND,
        "state": state,
        "count": len(shown),
        f"{kind}s": facts,
    }


def _spikes(spikes: Sequence[Spiking], slot: int, names: Names) -> dict[str, Any]:
    shown = sorted(spikes, key=lambda one: one.spike.a_year)
    only = f" --watchlist {shlex.quote(shown[0].name)}" if len(shown) == 1 else ""
    command = ALERTS.format(only, slot_start(slot))
    said = _message([_spike_words(one, names) for one in shown])
    return {
        "message": f"{said} To see them: {command}",
        "command": command,
        "count": len(shown),
        "watchlists": [
            {
                "id": one.name,
                "name": names(one.name),
                "stories": one.spike.stories,
                "usual_stories": round(one.spike.usual, 1),
                "by_chance_a_year": round(one.spike.a_year, 3),
            }
            for one in shown[:MOST_LISTED]
        ],
    }


def _message(said: Sequence[str]) -> str:
    more = len(said) - MOST_NAMED
    return " ".join(said[:MOST_NAMED]) + (f" And {more:,} more." if more > 0 else "")


def _quiet_facts(one: Quiet, names: Names) -> dict[str, Any]:
    seen, gaps = rfc3339(slot_start(one.last)), round(one.gaps, 1)
    if one.kind == "watchlist":
        return {
            "id": one.name,
            "name": names(one.name),
            "last_seen": seen,
            "articles": one.articles,
            "usual_gap_articles": round(one.usual, 1),
            "gaps": gaps,
        }
    return {
        "name": one.name,
        "stream": one.stream,
        "last_seen": seen,
        "usual_gap_seconds": round(one.usual_seconds),
        "gaps": gaps,
    }


def _back_facts(one: Back, names: Names) -> dict[str, Any]:
    seen = rfc3339(slot_start(one.last))
    if one.kind == "watchlist":
        about: dict[str, Any] = {"id": one.name, "name": names(one.name), "last_seen": seen}
        return about | {"articles": 0, "usual_gap_articles": 0.0, "gaps": 0.0}
    about = {"name": one.name, "stream": one.stream, "last_seen": seen}
    return about | {"usual_gap_seconds": 0, "gaps": 0.0}


def _quiet_words(one: Quiet, names: Names) -> str:
    since = _time(one.last)
    if one.kind == "watchlist":
        return (
            f"“{names(one.name)}” has had no new story in {one.articles:,} articles, since "
            f"{since}; one in {one.usual:,.0f} is usual."
        )
    usual = _span(timedelta(seconds=one.usual_seconds))
    if one.kind == "stream":
        return (
            f"No article has come to stream {one.name} since {since}; at this hour of the week one "
            f"every {usual} is usual."
        )
    return (
        f"{one.name} has sent nothing to stream {one.stream} since {since}; at this hour of the "
        f"week an article every {usual} is usual."
    )


def _back_words(one: Back, names: Names) -> str:
    quiet = _span(slot_start(one.slot) - slot_start(one.last))
    if one.kind == "watchlist":
        return f"“{names(one.name)}” has a new story again, after {quiet}."
    if one.kind == "stream":
        return f"Articles come to stream {one.name} again, after {quiet}."
    return f"{one.name} sends again, after {quiet}."


def _spike_words(one: Spiking, names: Names) -> str:
    spike = one.spike
    rare = (
        f"on {spike.a_year:.1f} days a year"
        if spike.a_year >= 0.1
        else "less than once in ten years"
    )
    return (
        f"“{names(one.name)}” has {spike.stories:,} new stories today; {spike.usual:,.1f} are "
        f"usual in a day. Chance alone makes so many {rare}."
    )


def _time(slot: int) -> str:
    return f"{slot_start(slot):%Y-%m-%d %H:%M} UTC"


def _span(span: timedelta) -> str:
    minutes = max(1, round(span / timedelta(minutes=1)))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days}d {hours}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h {rest}m" if rest else f"{hours}h"
    return f"{rest}m"
