"""Patterns with `*` and `?` → regular expressions over folded text (DESIGN.md §4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import regex

from service.matching.words.wordform import fold


def is_pattern(word: str) -> bool:
    """Whether a word of a term is a pattern for many words: `missil*`, `wom?n`."""
    return "*" in word or "?" in word


def literals(word: str) -> str:
    """The characters of a pattern other than `*` and `?`, folded."""
    return fold(word).replace("*", "").replace("?", "")


def stem(word: str) -> str:
    """The beginning of every word that fits the pattern, folded."""
    return fold(word).partition("*")[0].partition("?")[0]


def ending(word: str) -> str:
    """The ending of every word that fits the pattern, folded: `zyx` of `a*b?zyx`."""
    return fold(word).rpartition("*")[2].rpartition("?")[2]


def pattern_test(word: str) -> Callable[[str], object]:
    """A test of a folded word that has the stem and the ending: whether it fits the pattern."""
    return _anything if fold(word) == f"{stem(word)}*" else word_pattern(word).fullmatch


class PatternIndex:
    """Patterns with their keys, found by what their words begin and end with."""

    def __init__(self, patterns: Iterable[tuple[str, Sequence[int]]]) -> None:
        self._by_edges: defaultdict[
            tuple[str, str], list[tuple[Callable[[str], object], list[int]]]
        ]
        self._by_edges = defaultdict(list)
        for pattern, keys in patterns:
            entry = (pattern_test(pattern), list(keys))
            self._by_edges[stem(pattern), ending(pattern)].append(entry)
        self._sizes = sorted({(len(first), len(last)) for first, last in self._by_edges})

    def __len__(self) -> int:
        return len(self._by_edges)

    def keys(self, folded: str) -> list[int]:
        """The keys of the patterns that a folded word fits."""
        found: list[int] = []
        for first, last in self._sizes:
            edges = folded[:first], folded[max(len(folded) - last, 0) :]
            for means, keys in self._by_edges.get(edges, ()):
                if means(folded):
                    found += keys
        return found


def _anything(_: str) -> bool:
    return True


@lru_cache(maxsize=10_000)
def word_pattern(word: str) -> regex.Pattern[str]:
    """The expression for a whole folded word: `*` is any characters or none, `?` is one."""
    parts = fold(word).split("*")
    return _run_of([".".join(map(regex.escape, part.split("?"))) for part in parts])


@lru_cache(maxsize=10_000)
def value_pattern(value: str) -> regex.Pattern[str]:
    """The expression for a whole folded value of metadata: `*` is any characters or none."""
    return _run_of([regex.escape(part) for part in fold(value).split("*")])


def _run_of(parts: Sequence[str]) -> regex.Pattern[str]:
    """The parts in this order, with anything between them.

    Each inner part matches its first occurrence only (an atomic group). So a text of n characters
    takes n steps, not n to the power of the number of stars.
    """
    first, *rest = parts
    if not rest:
        return regex.compile(first, regex.DOTALL)
    inner = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return regex.compile(f"{first}{inner}.*{rest[-1]}", regex.DOTALL)
