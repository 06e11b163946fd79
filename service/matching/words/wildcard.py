"""Patterns with `*` and `?` → regular expressions over folded text (DESIGN.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import regex

from service.matching.words.wordform import fold


def is_pattern(word: str) -> bool:
    """Whether a term's word stands for many: `missil*`, `wom?n`."""
    return "*" in word or "?" in word


def literals(word: str) -> str:
    """The characters of a pattern that stand for themselves, folded."""
    return fold(word).replace("*", "").replace("?", "")


def stem(word: str) -> str:
    """What every word that the pattern means begins with, folded."""
    return fold(word).partition("*")[0].partition("?")[0]


def ending(word: str) -> str:
    """What every word that the pattern means ends with, folded: `zyx` of `a*b?zyx`."""
    return fold(word).rpartition("*")[2].rpartition("?")[2]


def fits(word: str) -> Callable[[str], object]:
    """What tells of a folded word with the stem and the ending whether the pattern means it."""
    return _any if fold(word) == f"{stem(word)}*" else word_pattern(word).fullmatch


def _any(_: str) -> bool:
    return True


@lru_cache(maxsize=10_000)
def word_pattern(word: str) -> regex.Pattern[str]:
    """What an article's folded word must match fully: `*` any characters, also none, `?` one."""
    parts = fold(word).split("*")
    return _run_of([".".join(map(regex.escape, part.split("?"))) for part in parts])


@lru_cache(maxsize=10_000)
def value_pattern(value: str) -> regex.Pattern[str]:
    """What a folded value of metadata must match fully: `*` any characters, also none."""
    return _run_of([regex.escape(part) for part in fold(value).split("*")])


def _run_of(parts: Sequence[str]) -> regex.Pattern[str]:
    """The parts in this order with anything between them.

    Each inner part is taken where it first occurs and stays there (an atomic group), so that a
    text of n characters takes n steps and not n to the power of the number of stars.
    """
    first, *rest = parts
    if not rest:
        return regex.compile(first, regex.DOTALL)
    inner = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return regex.compile(f"{first}{inner}.*{rest[-1]}", regex.DOTALL)
