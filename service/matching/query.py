"""What a watchlist looks for: its expression, exceptions and boosts."""

from __future__ import annotations

from dataclasses import dataclass

from service.matching.syntax.tree import Node


@dataclass(frozen=True, slots=True)
class Suppressor:
    """A named expression; if it holds, the match is suppressed."""

    name: str
    node: Node


@dataclass(frozen=True, slots=True)
class BoostRule:
    """Points that a match gets if an expression holds."""

    when: str
    node: Node
    points: float


@dataclass(frozen=True, slots=True)
class Query:
    """What a watchlist looks for; `language` (BCP 47) inflects the words of its expressions."""

    id: str
    node: Node
    language: str
    exceptions: tuple[Suppressor, ...] = ()
    boosts: tuple[BoostRule, ...] = ()
    threshold: float = 0.0
    """Least score, 0–100, that counts as a match."""
