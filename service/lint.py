"""Advice on rules that are valid and yet may not say what their author means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.matching.query import Style, terms
from service.watchlist import Rules, Watchlist

_OPERATORS = frozenset({"and", "or", "not"})


@dataclass(frozen=True, slots=True, order=True)
class Advice:
    """Something worth a second look; it never fails a check."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: advice: {self.message}"


def advise(rules: Rules) -> list[Advice]:
    """All advice on a set of rules, by file and line."""
    return sorted(
        Advice(watchlist.file, watchlist.line, f"{watchlist.id}: {message}")
        for watchlist in rules.watchlists.values()
        for message in _advice(watchlist)
    )


def _advice(watchlist: Watchlist) -> Iterator[str]:
    for term in terms(watchlist.query.node):
        found = _OPERATORS.intersection(term.words)
        if term.style is Style.INFLECTED and found:
            word = min(found)
            yield (
                f"“{term.label}” is one phrase; operators are written in capitals: "
                f"{word.upper()}. Put the phrase in quotes if you mean it."
            )
    if not watchlist.notify:
        yield "it notifies nobody: its alerts are recorded only"
    if not watchlist.checks:
        yield "it has no tests: add one article that must match and one that must not"
