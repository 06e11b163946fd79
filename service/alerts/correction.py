"""A corrected article (same id, new text): what has changed in what subscribers see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Data = Mapping[str, Any]
"""The `data` object of an event."""


def changes(before: Data, after: Data) -> list[dict[str, Any]]:
    """What a subscriber sees change: `{"field": …, "from": …, "to": …}` for each such thing.

    The fields are `title`, `summary`, `score`, and `evidence`: the sentences that are shown. Fields
    that were sent shortened are not compared: what of them has changed is not known.
    """
    found: list[dict[str, Any]] = []
    if not before:  # its record is gone
        return found
    for name in ("title", "summary"):
        found += _change(name, before["article"][name], after["article"][name])
    found += _change("score", _score(before), _score(after))
    found += _change("evidence", _sentences(before), _sentences(after))
    return [change for change in found if change["field"] not in before.get("shortened", ())]


def _change(name: str, before: Any, after: Any) -> list[dict[str, Any]]:
    return [] if before == after else [{"field": name, "from": before, "to": after}]


# What was retracted has neither.
def _score(data: Data) -> float:
    return data["score"]["value"] if "score" in data else 0


def _sentences(data: Data) -> Sequence[str]:
    return list(dict.fromkeys(one["sentence"] for one in data.get("evidence", ())))
