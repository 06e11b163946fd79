"""One silence, and the streams in which it is in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.alerts.people.silence import Silence, Target


@dataclass(frozen=True, slots=True)
class SilenceView:
    """A silence as a list shows it."""

    id: str
    target: Target
    name: str
    """The watchlist's id, the tag, or the subscriber's id."""
    until: str
    """RFC 3339 in UTC."""
    reason: str
    at: str
    """When it was added: RFC 3339 in UTC."""
    streams: tuple[str, ...]


def silence_views(by_stream: Mapping[str, Iterable[Silence]]) -> list[SilenceView]:
    """Each silence once; first those that end first."""
    found: dict[str, tuple[Silence, list[str]]] = {}
    for stream, silences in by_stream.items():
        for silence in silences:
            found.setdefault(silence.id, (silence, []))[1].append(stream)
    views = (
        SilenceView(one.id, one.target, one.name, one.until, one.reason, one.at, tuple(streams))
        for one, streams in found.values()
    )
    return sorted(views, key=lambda view: (view.until, view.id))
