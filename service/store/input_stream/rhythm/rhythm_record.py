"""The rhythms of all series, and who is quiet: kept in the first stream of an installation."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.alerts.alert import Event, rfc3339
from service.alerts.rhythm.slot_counts import KINDS, Kind, Series
from service.alerts.rhythm.slots import slot_start
from service.store.client import Argument, Store, span_milliseconds
from service.store.commit.event_plan import event_arguments
from service.store.keys import QUIET, RHYTHM, RHYTHM_DUE, RHYTHMS

if TYPE_CHECKING:  # or every command that looks into the outbox would load numpy
    from service.alerts.rhythm.evaluation import Changes, Quiet
    from service.alerts.rhythm.head import Head

MOST_DUE = 2_000
"""Series that are looked at in one slot; the others have to wait for the next."""
_KINDS: dict[str, Kind] = {each: each for each in KINDS}
AT_ONCE = 500
"""States that one command reads."""


@dataclass(frozen=True, slots=True)
class QuietNote:
    """A series that is quiet for longer than usual."""

    kind: Kind
    name: str
    since: str
    """When it was seen last, RFC 3339, to five minutes."""
    usual_gap_seconds: float | None
    """At this hour of the week; null for a watchlist."""
    usual_gap_articles: float | None
    """Of a watchlist: one new story in so many articles."""
    stream: str
    """Of a source: where it came from."""


class RhythmRecord:
    """Its methods raise StoreError, and redis-py's own errors."""

    def __init__(self, store: Store, keep_alerts: timedelta) -> None:
        self._store = store
        self._keep_alerts = keep_alerts

    async def head(self) -> Head | None:
        """How far the slots are evaluated; None: none ever was."""
        from service.alerts.rhythm.head import Head  # noqa: PLC0415 - it loads numpy
        from service.alerts.rhythm.seen_slots import SeenSlots  # noqa: PLC0415

        async with self._store.guarded():
            found = await self._redis().hgetall(self._store.key(RHYTHM))
        fields = {name.decode(): value for name, value in found.items()}
        if "version" not in fields:
            return None
        bits: dict[str, dict[str, SeenSlots]] = {"looked": {}, "sent": {}}
        for name, value in fields.items():
            kind, colon, stream = name.partition(":")
            if colon and kind in bits:
                bits[kind][stream] = SeenSlots.unpacked(value)
        days = tuple((int(day), float(before)) for day, before in json.loads(fields["days"]))
        return Head(
            int(fields["slot"]),
            float(fields["articles"]),
            days,
            bits["looked"],
            bits["sent"],
            int(fields["version"]),
        )

    async def due(self, slot: int, articles: float) -> list[Series]:
        """Those that are to be looked at before a slot, or when so many articles were read."""
        found: list[bytes] = []
        async with self._store.guarded():
            for unit, most in (("slot", slot), ("article", articles)):
                key = self._store.key(RHYTHM_DUE, unit)
                found += await self._redis().zrange(
                    key, "-inf", most, byscore=True, offset=0, num=MOST_DUE
                )
        return [series for each in found if (series := _series(each))]

    async def states(self, series: Sequence[Series]) -> dict[Series, bytes]:
        """What is known of those of which anything is."""
        found: dict[Series, bytes] = {}
        async with self._store.guarded():
            for start in range(0, len(series), AT_ONCE):
                some = series[start : start + AT_ONCE]
                names = [*map(_name, some)]
                states = await self._redis().hmget(self._store.key(RHYTHMS), names)
                found |= {one: state for one, state in zip(some, states, strict=True) if state}
        return found

    async def count(self) -> int:
        """How many series are followed."""
        async with self._store.guarded():
            return int(await self._redis().hlen(self._store.key(RHYTHMS)))

    async def put(self, changes: Changes, events: Iterable[Event], *, at: datetime) -> bool:
        """Write what a slot has changed, and send the reports; False where another was first."""
        head, timestamp = changes.head, rfc3339(at)
        fields: dict[str, Argument] = {
            "slot": head.slot,
            "articles": repr(head.articles),
            "days": json.dumps(head.days),
        }
        fields |= {f"looked:{name}": one.packed() for name, one in head.looked.items()}
        fields |= {f"sent:{name}": one.packed() for name, one in head.sent.items()}
        args: list[Argument] = [timestamp, span_milliseconds(self._keep_alerts), head.version]
        args += _counted(fields)
        args.append(len(changes.due))
        for series, place in changes.due.items():
            unit = "article" if series[0] == "watchlist" else "slot"
            args += [_name(series), changes.states.get(series, b""), unit, repr(float(place))]
        args += [len(changes.dropped), *map(_name, changes.dropped)]
        args += _counted({_name((one.kind, one.name)): _note(one) for one in changes.quiet})
        args += [len(changes.back), *(_name((one.kind, one.name)) for one in changes.back)]
        listed = [*events]
        args.append(len(listed))
        for event in listed:
            args += event_arguments(event, timestamp)
        return bool(await self._store.run("input_stream/rhythm/put", args))

    async def quiet(self) -> list[QuietNote]:
        """Those that are quiet for longer than usual, the longest first."""
        async with self._store.guarded():
            found = await self._redis().hgetall(self._store.key(QUIET))
        notes = (_read_note(name, text) for name, text in found.items())
        return sorted(filter(None, notes), key=lambda one: one.since)

    async def quiet_counts(self) -> dict[Kind, int]:
        """How many of each kind are quiet."""
        async with self._store.guarded():
            found = await self._redis().hkeys(self._store.key(QUIET))
        counts = Counter(series[0] for each in found if (series := _series(each)))
        return {kind: counts[kind] for kind in KINDS}

    def _redis(self) -> Any:  # its replies are typed for both of redis-py's clients
        return self._store.redis


def next_version(head: Head) -> Head:
    """The head as it is read after it was put."""
    return replace(head, version=head.version + 1)


def _counted(pairs: Mapping[str, Argument]) -> list[Argument]:
    args: list[Argument] = [len(pairs)]
    for name, value in pairs.items():
        args += [name, value]
    return args


def _name(series: Series) -> str:
    return f"{series[0]}:{series[1]}"


def _series(name: bytes) -> Series | None:
    kind, colon, rest = name.decode().partition(":")
    return (_KINDS[kind], rest) if colon and kind in _KINDS else None


def _note(one: Quiet) -> str:
    is_watchlist = one.kind == "watchlist"
    return json.dumps(
        {
            "since": rfc3339(slot_start(one.last)),
            "usual_gap_seconds": None if is_watchlist else round(one.usual_seconds),
            "usual_gap_articles": round(one.usual, 1) if is_watchlist else None,
            "stream": one.stream,
        }
    )


def _read_note(name: bytes, text: bytes) -> QuietNote | None:
    series = _series(name)
    try:
        return QuietNote(*series, **json.loads(text)) if series else None
    except (ValueError, TypeError):  # somebody else wrote it
        return None
