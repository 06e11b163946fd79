"""One slot is over: what is learnt of each series, and which ones are quiet, or send again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from service.alerts.rhythm.head import Head
from service.alerts.rhythm.reading import Reading
from service.alerts.rhythm.seen_slots import KEPT, SeenSlots
from service.alerts.rhythm.slot_counts import Kind, Series, SlotCounts
from service.alerts.rhythm.slots import SLOT, SLOTS_A_DAY, SLOTS_A_WEEK
from service.alerts.rhythm.source import SourceRhythm
from service.alerts.rhythm.watchlist import Digests, Spike, WatchlistRhythm

FORGOTTEN_AFTER = 2 * SLOTS_A_WEEK
"""A series of which little is known is forgotten when it is not seen for so long."""
MOST_SERIES = 60_000
"""New ones are not followed beyond."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """A series is quiet for far longer than usual."""

    kind: Kind
    name: str
    last: int
    """The slot in which it was seen last."""
    gaps: float
    """For so many usual gaps."""
    usual: float
    """The usual gap: in slots, of a watchlist in articles."""
    stream: str = ""
    """Of a source: where it came from last."""
    articles: int = 0
    """That were read meanwhile, for a watchlist."""

    @property
    def usual_seconds(self) -> float:
        """The usual gap of a source or stream."""
        return self.usual * SLOT.total_seconds()


@dataclass(frozen=True, slots=True)
class Back:
    """A series that was told to be quiet has sent again."""

    kind: Kind
    name: str
    last: int
    """The slot in which it was seen before."""
    slot: int
    stream: str = ""


@dataclass(frozen=True, slots=True)
class Spiking:
    """A watchlist has far more new stories today than usual."""

    name: str
    spike: Spike


@dataclass
class Changes:
    """What one slot changes."""

    head: Head
    states: dict[Series, bytes] = field(default_factory=dict)
    due: dict[Series, float] = field(default_factory=dict)
    """When to ask whether a series is quiet: before which slot, or with which article."""
    dropped: set[Series] = field(default_factory=set)
    quiet: list[Quiet] = field(default_factory=list)
    back: list[Back] = field(default_factory=list)
    spikes: list[Spiking] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Terms:
    """By which rules and how rarely something is told."""

    alarms_a_year: float
    """False ones, of one series; 0: nothing is told."""
    digests: Digests
    tells: bool = True
    """False while slots are evaluated that were over long ago."""


def series_of(counts: Mapping[str, SlotCounts]) -> Iterator[Series]:
    """Every series that came in a slot."""
    for stream, one in counts.items():
        if one.articles:
            yield "stream", stream
        yield from (("source", name) for name in one.sources)
        yield from (("watchlist", name) for name in one.stories)


def evaluate(
    head: Head,
    counts: Mapping[str, SlotCounts],
    states: Mapping[Series, bytes],
    terms: Terms,
    known_series: int = 0,
) -> Changes:
    """What the slot `head.slot` changes; `states` has those that came in it, or are due.

    `known_series`: how many there are.
    """
    changes = Changes(head.after(counts))
    arrived = dict.fromkeys(series_of(counts))
    streams = {name: stream for stream, one in counts.items() for name in one.sources}
    for series in arrived:
        kind, name = series
        if series not in states and known_series + len(changes.states) >= MOST_SERIES:
            continue
        if kind == "watchlist":
            stories = sum(one.stories.get(name, 0) for one in counts.values())
            _story(changes, name, stories, states.get(series), terms)
        else:
            stream = name if kind == "stream" else streams[name]
            _arrival(changes, series, stream, states.get(series), terms)
    if terms.tells:
        for series, state in states.items():
            if series not in arrived:
                _look(changes, series, state, terms)
    return changes


def _arrival(
    changes: Changes, series: Series, stream: str, state: bytes | None, terms: Terms
) -> None:
    """A source or a stream has sent in this slot."""
    slot, known = changes.head.slot - 1, _source(state)
    if known is None:
        _keep_source(changes, series, replace(SourceRhythm.begun(slot), stream=stream), terms)
    elif known.last < slot:
        if known.told:
            changes.back.append(Back(*series, known.last, slot, stream))
        seen = _seen(changes.head, series[0], known.stream)
        learnt = known.arrived(slot, seen, terms.alarms_a_year)
        _keep_source(changes, series, replace(learnt, stream=stream), terms)


def _keep_source(changes: Changes, series: Series, rhythm: SourceRhythm, terms: Terms) -> None:
    changes.states[series] = rhythm.packed()
    slot = changes.head.slot
    known = rhythm.known
    changes.due[series] = (
        rhythm.due(slot, 0.0, terms.alarms_a_year) if known else slot + FORGOTTEN_AFTER
    )


def _story(changes: Changes, name: str, stories: int, state: bytes | None, terms: Terms) -> None:
    """A watchlist has new stories in this slot."""
    digest = terms.digests(name)
    if digest is None:
        return
    series: Series = ("watchlist", name)
    reading, known = changes.head.reading, _watchlist(state)
    if known is None or known.digest != digest:
        rhythm = WatchlistRhythm.begun(digest, reading, stories)
    elif known.last >= reading.slot:
        return
    else:
        if known.told:
            changes.back.append(Back(*series, known.last, reading.slot))
        rhythm = known.arrived(reading, stories, terms.alarms_a_year)
        spike = rhythm.spikes(reading, terms.alarms_a_year) if terms.tells else None
        if spike:
            changes.spikes.append(Spiking(name, spike))
            rhythm = replace(rhythm, spike=rhythm.day)
    changes.states[series] = rhythm.packed()
    changes.due[series] = _due_article(rhythm, reading, terms)


def _due_article(rhythm: WatchlistRhythm, reading: Reading, terms: Terms) -> float:
    """With which article it is to be looked at."""
    if rhythm.known and math.isfinite(due := rhythm.due(reading, terms.alarms_a_year)):
        return due
    return reading.articles + max(1.0, reading.a_day) * FORGOTTEN_AFTER / SLOTS_A_DAY


def _look(changes: Changes, series: Series, state: bytes, terms: Terms) -> None:
    """It is time to see whether a series is quiet that has not come in this slot."""
    if series[0] == "watchlist":
        _look_at_watchlist(changes, series, _watchlist(state), terms)
    else:
        _look_at_source(changes, series, _source(state), terms)


def _look_at_source(
    changes: Changes, series: Series, rhythm: SourceRhythm | None, terms: Terms
) -> None:
    slot = changes.head.slot
    if rhythm is None or rhythm.told or not rhythm.known:  # silent ever since, for so long
        changes.dropped.add(series)
        return
    seen = _seen(changes.head, series[0], rhythm.stream)
    gaps, limit = rhythm.quiet_gaps(slot, seen), rhythm.limit(terms.alarms_a_year)
    if gaps < limit:
        changes.due[series] = max(slot + 1, rhythm.due(slot, gaps, terms.alarms_a_year))
        return
    usual = rhythm.usual_gap_slots(slot)
    changes.quiet.append(Quiet(*series, rhythm.last, gaps, usual, stream=rhythm.stream))
    changes.states[series] = replace(rhythm, told=slot).packed()
    changes.due[series] = slot + KEPT


def _look_at_watchlist(
    changes: Changes, series: Series, rhythm: WatchlistRhythm | None, terms: Terms
) -> None:
    reading = changes.head.reading
    is_other = rhythm is None or terms.digests(series[1]) != rhythm.digest
    if rhythm is None or is_other or rhythm.told or not rhythm.known:
        changes.dropped.add(series)
        return
    due = rhythm.due(reading, terms.alarms_a_year)
    if reading.articles < due:
        changes.due[series] = due
        return
    read = reading.articles - rhythm.last_articles
    gaps, usual = rhythm.quiet_gaps(reading.articles), 1 / rhythm.rate
    changes.quiet.append(Quiet(*series, rhythm.last, gaps, usual, articles=round(read)))
    changes.states[series] = replace(rhythm, told=reading.slot).packed()
    changes.due[series] = reading.articles + max(1.0, reading.a_day) * KEPT / SLOTS_A_DAY


def _seen(head: Head, kind: Kind, stream: str) -> SeenSlots:
    """The slots by which the silence of a series is measured."""
    known = (head.looked if kind == "stream" else head.sent).get(stream)
    return known or SeenSlots.begun(head.slot)


def _source(state: bytes | None) -> SourceRhythm | None:
    """What is known of a source or stream; None where that is nothing, or cannot be read."""
    try:
        return SourceRhythm.unpacked(state) if state else None
    except ValueError:
        return None


def _watchlist(state: bytes | None) -> WatchlistRhythm | None:
    """The same of a watchlist."""
    try:
        return WatchlistRhythm.unpacked(state) if state else None
    except (ValueError, TypeError):
        return None
