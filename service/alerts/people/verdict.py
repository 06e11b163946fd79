"""Verdicts: a reader says whether an alert was useful, or noise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

VerdictWord = Literal["useful", "noise"]
VERDICTS: tuple[VerdictWord, ...] = get_args(VerdictWord)
VerdictWay = Literal["command", "link"]
MOST_KEPT = 5
"""Verdicts of one alert that are kept: the last one counts, those before it show a dispute."""
MAX_BY_CHARS = 100


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """What somebody said of an alert."""

    verdict: VerdictWord
    by: str
    """Who said it: the name that the command was given, or the subscriber whose link was used."""
    way: VerdictWay
    at: str
    """RFC 3339 in UTC, by the clock of Redis."""


def verdict_text(given: GivenVerdict) -> str:
    """A verdict as it is kept: JSON."""
    return json.dumps(asdict(given), ensure_ascii=False)


def parse_verdicts(text: str) -> tuple[GivenVerdict, ...]:
    """Those that an alert's record has, the last one last; what nobody can read is left out."""
    try:
        said = json.loads(text) if text else []
    except ValueError:
        return ()
    listed = said if isinstance(said, list) else []
    return tuple(one for each in listed if (one := _verdict(each)) is not None)


def last_verdict(given: Sequence[GivenVerdict]) -> GivenVerdict | None:
    """The one that counts; None: there is none."""
    return given[-1] if given else None


def _verdict(said: object) -> GivenVerdict | None:
    if not isinstance(said, dict) or said.get("verdict") not in VERDICTS:
        return None
    try:
        found = GivenVerdict(**said)
    except TypeError:
        return None
    return found if all(isinstance(part, str) for part in (found.by, found.way, found.at)) else None
