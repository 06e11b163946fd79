"""A place among the symbols of one expression, and how deep it is nested."""

from __future__ import annotations

from service.errors import QueryError
from service.matching.syntax.symbol_errors import (
    missing_operator,
    nested_too_deep,
    unclosed_parenthesis,
)
from service.matching.syntax.symbols import CLOSE, END, Symbol

MAX_NESTING = 100
"""Deepest nesting of parentheses, functions, NOTs and fields."""


class SymbolCursor:
    """Moves over the symbols of one expression, the last of which is of kind END."""

    def __init__(self, symbols: list[Symbol]) -> None:
        self._symbols = symbols
        self._at = 0
        """The index of the next symbol."""
        self._depth = 0

    def _place(self, begin: int) -> tuple[int, int]:
        """The start and the end, in the text, of the symbols taken since symbol `begin`."""
        return self._symbols[begin].start, self._symbols[self._at - 1].end

    def _unjoined(self) -> QueryError:
        """The error about the next symbol, which is never the first one."""
        before, symbol, *after = self._symbols[self._at - 1 : self._at + 2]
        return missing_operator(before, symbol, after[0] if after else symbol)

    def _deeper(self, symbol: Symbol, by: int = 1) -> None:
        """Enters a level of nesting, or more. Raises QueryError if that is too deep."""
        self._depth += by
        if self._depth > MAX_NESTING:
            raise nested_too_deep(symbol, MAX_NESTING)

    def _close(self, opened: Symbol) -> None:
        """Takes the parenthesis that closes what `_deeper` opened."""
        kind = self._symbols[self._at].kind
        if kind is END:
            raise unclosed_parenthesis(opened)
        if kind is not CLOSE:
            raise self._unjoined()
        self._at += 1
        self._depth -= 1
