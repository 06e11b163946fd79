"""What came in one slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["source", "stream", "watchlist"]
Series = tuple[Kind, str]
KINDS: tuple[Kind, ...] = ("stream", "source", "watchlist")


@dataclass(frozen=True, slots=True)
class SlotCounts:
    """What came to one stream in one slot."""

    articles: int = 0
    sources: frozenset[str] = frozenset()
    """Those with an article."""
    stories: Mapping[str, int] = field(default_factory=dict)
    """New ones, by watchlist."""
    whole: bool = True
    """False where more names came than are counted: who is not among them may have been there."""
