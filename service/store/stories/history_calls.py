"""The histories of a batch, read in calls none of which holds the server for long.

All articles join their stories in one call: what each of them begins is known to the others. The
histories of their alerts are read in it, too, or, where there are many, in calls after it. So are
those of watchlists that an article alerted before and does not match any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MAX_LOOKED_UP = 10_000
"""Alerts and throttles that the first call looks up, at some 1 µs each."""
MAX_ROWS = 100
"""Alerts whose histories one call reads, with some eight commands each."""

Asked = dict[str, Any]
"""An article as `history.lua` reads it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some alerts of one article."""

    article: int
    asked: Asked


def calls(asked: Mapping[int, Asked]) -> list[list[Piece]]:
    """The alerts of these articles, in calls of so many rows."""
    calls: list[list[Piece]] = []
    room = 0
    for number, each in asked.items():
        for piece in _pieces(each):
            size = len(piece["watchlists"])
            if size > room:
                calls.append([])
                room = MAX_ROWS
            calls[-1].append(Piece(number, piece))
            room -= size
    return calls


def _pieces(asked: Asked) -> Iterator[Asked]:
    """An article's alerts, so many at a time; with the last ones all else that it has alerted."""
    watchlists = asked["watchlists"]
    for start in range(0, len(watchlists), MAX_ROWS):
        some = watchlists[start : start + MAX_ROWS]
        is_last = start + MAX_ROWS >= len(watchlists)
        others = [each["id"] for each in watchlists[:start]] if is_last else []
        about = {"article": asked["article"], "revision": asked["revision"], "joined": True}
        yield about | {"watchlists": some, "part": not is_last, "others": others}


def with_more(row: list[Any], more: list[Any]) -> list[Any]:
    """An article's row with the alerts of another one; what that counts was read later."""
    *story, _, _, alerts, _ = row
    *_, count, newest, found, left = more
    return [*story, count, newest, [*alerts, *found], left]


def left_pieces(asked: Asked, row: list[Any]) -> Iterator[Asked]:
    """What further calls ask for: alerts of an article that the script had no room for."""
    names = [each.decode() for each in row[-1]]
    watchlists = [
        {"id": id_, "alert": alert, "subscribers": []}
        for id_, alert in zip(names[::2], names[1::2], strict=True)
    ]
    about = {"article": asked["article"], "revision": asked["revision"], "joined": True}
    for start in range(0, len(watchlists), MAX_ROWS):
        yield about | {"watchlists": watchlists[start : start + MAX_ROWS], "part": True}


def with_left(row: list[Any], more: list[Any]) -> list[Any]:
    """An article's row with the alerts of a further call; it was counted before."""
    *first, alerts, left = row
    return [*first, [*alerts, *more[-2]], left]
