"""Entries of files as a stream would have them: each added when its article was published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from service.archive.kept.reader import RawEntry
from service.archive.moments import to_ms
from service.articles.entry import read_entry
from service.errors import BadEntry


def file_entries(found: Iterable[Mapping[str, str]], *, now: int, max_bytes: int) -> list[RawEntry]:
    """The entries in the order of their time; `now`, in ms, is when an article is read at last.

    One without a time is added with the one before it in its file, or the first one behind it;
    where none has a time, all are added now.
    """
    entries = [{name.encode(): text.encode() for name, text in one.items()} for one in found]
    times = [_published(fields, now, max_bytes) for fields in entries]
    last = next((one for one in times if one is not None), now)
    placed = []
    for order, (fields, time) in enumerate(zip(entries, times, strict=True)):
        last = last if time is None else time
        placed.append((last, order, fields))
    raw: list[RawEntry] = []
    sequence, moment = 0, -1
    for time, _, fields in sorted(placed, key=lambda one: one[:2]):
        sequence = sequence + 1 if time == moment else 0
        moment = time
        raw.append(RawEntry(f"{time}-{sequence}", fields))
    return raw


def _published(fields: Mapping[bytes, bytes], now: int, max_bytes: int) -> int | None:
    """When its article says it was published; never after now."""
    try:
        text = read_entry(fields, max_bytes=max_bytes).published_at
        return max(1, min(now, to_ms(datetime.fromisoformat(text)))) if text else None
    except BadEntry:
        return None
