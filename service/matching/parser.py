"""An expression's text → its syntax tree, or an error that says where, what and what to write.

expr := or          or := and ("OR" and)*          and := not (("AND" | "AND NOT") not)*
not  := "NOT" not | atom
atom := "(" expr ")" | field ":" atom | func "(" words ")" | "$"list | "quoted words" | word+
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from service.errors import QueryError
from service.matching import text as texts
from service.matching.lexer import META_FIELDS, TEXT_FIELDS, Kind, Symbol, symbols
from service.matching.query import (
    And,
    Meta,
    Node,
    Not,
    Or,
    Style,
    Term,
    Within,
    needs_text,
)

MAX_LENGTH = 64 * 1024
"""Longest expression, in bytes of UTF-8."""
MAX_NESTING = 100
"""Deepest nesting of parentheses, NOTs and fields."""

_STYLES = {"cs": Style.CASED, "caps": Style.CAPITALISED}


def parse(text: str, lists: Mapping[str, Node] | None = None) -> Node:
    """The tree of one expression; `lists` holds the tree of every list it may name.

    Raises QueryError. An expression that could match without any positive text term is refused,
    because it would fire on nearly everything.
    """
    node = _parse(text, lists or {})
    if not needs_text(node):
        hint = "Add a word that must occur, with AND: for example “missile AND NOT test”."
        raise QueryError(
            "this would match articles in which none of your words occur",
            0,
            len(text),
            hint,
        )
    return node


def parse_item(text: str, lists: Mapping[str, Node] | None = None) -> Node:
    """The tree of one item of a list: an expression that may be metadata or a negation alone."""
    return _parse(text, lists or {})


def _parse(text: str, lists: Mapping[str, Node]) -> Node:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_LENGTH:
        hint = "Move groups of alternatives into `lists` and name them with $name."
        raise QueryError("the expression is longer than 64 KiB", 0, 1, hint)
    if not text.strip():
        raise QueryError("the expression is empty", 0, 1, "Write the words to look for.")
    return _Parser(text, symbols(text), lists).expression()


class _Parser:
    """One descent over the symbols of one expression."""

    def __init__(self, text: str, found: list[Symbol], lists: Mapping[str, Node]) -> None:
        self._text = text
        self._symbols = found
        self._lists = lists
        self._at = 0
        self._depth = 0

    def expression(self) -> Node:
        node = self._or()
        left = self._next
        if left.kind is Kind.CLOSE:
            hint = "Remove it, or add the “(” that it closes."
            raise QueryError("this “)” closes nothing", left.start, left.end, hint)
        if left.kind is not Kind.END:
            raise self._unjoined(left)
        return node

    @property
    def _next(self) -> Symbol:
        return self._symbols[self._at]

    def _take(self) -> Symbol:
        symbol = self._symbols[self._at]
        self._at += 1
        return symbol

    def _or(self) -> Node:
        begin = self._next.start
        parts: list[Node] = []
        mixed = False
        while True:
            node, joined = self._and()
            parts.append(node)
            mixed = mixed or joined
            if self._next.kind is not Kind.OR:
                break
            self._take()
        if len(parts) == 1:
            return parts[0]
        if mixed:
            raise self._mixture(begin, self._symbols[self._at - 1].end)
        return Or(tuple(parts))

    def _and(self) -> tuple[Node, bool]:
        """The conjunction, and whether an AND without parentheses made it."""
        parts = [self._not()]
        while self._next.kind is Kind.AND:
            self._take()
            parts.append(self._not())
        return (And(tuple(parts)), True) if len(parts) > 1 else (parts[0], False)

    def _not(self) -> Node:
        if self._next.kind is not Kind.NOT:
            return self._atom()
        self._deeper(self._take())
        node = Not(self._not())
        self._depth -= 1
        return node

    def _atom(self) -> Node:
        symbol = self._take()
        match symbol.kind:
            case Kind.OPEN:
                return self._group(symbol)
            case Kind.FIELD:
                return self._field(symbol)
            case Kind.FUNCTION:
                return self._function(symbol)
            case Kind.LIST:
                return self._list(symbol)
            case Kind.QUOTED:
                return self._term(symbol, symbol, Style.EXACT)
            case Kind.WORD:
                last = symbol
                while self._next.kind is Kind.WORD:
                    last = self._take()
                return self._term(symbol, last, Style.INFLECTED)
            case _:
                raise self._missing(symbol)

    def _deeper(self, symbol: Symbol) -> None:
        self._depth += 1
        if self._depth > MAX_NESTING:
            hint = "Move inner groups into `lists` and name them with $name."
            raise QueryError(f"nested more than {MAX_NESTING} deep", symbol.start, symbol.end, hint)

    def _group(self, opened: Symbol) -> Node:
        self._deeper(opened)
        node = self._or()
        self._close(opened)
        self._depth -= 1
        return node

    def _close(self, opened: Symbol) -> None:
        symbol = self._next
        if symbol.kind is Kind.END:
            raise _unclosed(opened)
        if symbol.kind is not Kind.CLOSE:
            raise self._unjoined(symbol)
        self._take()

    def _field(self, symbol: Symbol) -> Node:
        if symbol.text in META_FIELDS:
            value = self._take()
            pattern = " ".join(value.text.split())
            if value.kind not in (Kind.WORD, Kind.QUOTED) or not pattern:
                hint = f'Write one value, in quotes if it has spaces: {symbol.text}:"some value".'
                raise QueryError(f"{symbol.text}: needs a value", symbol.start, symbol.end, hint)
            return Meta(symbol.text, pattern)
        if self._next.kind in (Kind.END, Kind.CLOSE, Kind.AND, Kind.OR, Kind.NOT):
            hint = f"Write what to look for there: {symbol.text}:missile."
            raise QueryError(f"{symbol.text}: needs a word", symbol.start, symbol.end, hint)
        self._deeper(symbol)
        child = self._atom()
        self._depth -= 1
        if not needs_text(child):
            hint = f"{symbol.text}: takes words, phrases, lists or groups of them."
            raise QueryError(f"{symbol.text}: holds no text", symbol.start, symbol.end, hint)
        return Within(symbol.text, TEXT_FIELDS[symbol.text], child)

    def _function(self, symbol: Symbol) -> Node:
        parts: list[Symbol] = []
        while self._next.kind in (Kind.WORD, Kind.QUOTED):
            parts.append(self._take())
        if self._next.kind not in (Kind.CLOSE, Kind.END):
            wrong = self._next
            hint = f"Write one word or phrase: {symbol.text}(US) OR {symbol.text}(USA)."
            raise QueryError(
                f"{symbol.text}(…) takes words only, not {wrong.kind.value}",
                wrong.start,
                wrong.end,
                hint,
            )
        if not parts:
            hint = f"Write a word between the parentheses: {symbol.text}(Turkey)."
            raise QueryError(f"{symbol.text}(…) is empty", symbol.start, symbol.end, hint)
        self._close(symbol)
        found = texts.words(" ".join(part.text for part in parts))
        label = f"{symbol.text}({' '.join(part.text for part in parts)})"
        style = _STYLES[symbol.text]
        if style is Style.CAPITALISED and not any(map(str.isalpha, "".join(found))):
            hint = "Without a letter there is nothing to capitalise; write the word alone."
            raise QueryError(f"{label} holds no letter", symbol.start, symbol.end, hint)
        return Term(found, style, label)

    def _list(self, symbol: Symbol) -> Node:
        node = self._lists.get(symbol.text)
        if node is not None:
            return node
        near = difflib.get_close_matches(symbol.text, self._lists, n=1)
        hint = f"Did you mean ${near[0]}?" if near else "Add it under `lists:`, or write the words."
        raise QueryError(f"there is no list ${symbol.text}", symbol.start, symbol.end, hint)

    def _term(self, first: Symbol, last: Symbol, style: Style) -> Node:
        raw = self._text[first.start : last.end]
        said = first.text if style is Style.EXACT else raw
        found = texts.words(said)
        if not found:
            hint = "Write at least one letter or digit between the quotation marks."
            raise QueryError("there is no word to look for", first.start, last.end, hint)
        label = f'"{" ".join(said.split())}"' if style is Style.EXACT else " ".join(raw.split())
        return Term(found, style, label)

    def _missing(self, symbol: Symbol) -> QueryError:
        before = self._symbols[self._at - 2] if self._at > 1 else None
        if symbol.kind is Kind.CLOSE and before and before.kind is Kind.OPEN:
            hint = "Write something between the parentheses, or remove them."
            return QueryError("these parentheses are empty", before.start, symbol.end, hint)
        if symbol.kind is Kind.END and before and before.kind is Kind.OPEN:
            return _unclosed(before)
        operators = (Kind.AND, Kind.OR, Kind.NOT)
        if before and before.kind in operators and symbol.kind not in operators:
            hint = f"Write what should follow it, or remove {before.text}."
            message = f"nothing follows {before.text}"
            return QueryError(message, before.start, before.end, hint)
        if before and before.kind in operators:
            hint = f"Remove one of them, or write a word between {before.text} and {symbol.text}."
            message = f"{symbol.text} follows {before.text} directly"
            return QueryError(message, symbol.start, symbol.end, hint)
        hint = (
            f"Write a word before {symbol.text}. To look for the word itself, put it in quotes: "
            f'"{symbol.text.lower()}".'
        )
        return QueryError(f"nothing stands before {symbol.text}", symbol.start, symbol.end, hint)

    def _unjoined(self, symbol: Symbol) -> QueryError:
        if symbol.kind is Kind.NOT:
            return QueryError(
                "NOT cannot join two parts",
                symbol.start,
                symbol.end,
                "Write AND NOT instead.",
            )
        hint = "Write AND or OR between them; words of one phrase go into one pair of quotes."
        message = f"there is no operator before {symbol.kind.value}"
        return QueryError(message, symbol.start, symbol.end, hint)

    def _mixture(self, start: int, end: int) -> QueryError:
        """AND and OR side by side: peers disagree which binds closer, so both are shown."""
        parts = _operands(self._symbols, self._text, start, end)
        hint = f"Write {_and_first(parts)} or {_or_first(parts)}, whichever you mean."
        return QueryError("AND and OR stand side by side without parentheses", start, end, hint)


def _unclosed(opened: Symbol) -> QueryError:
    hint = "Add a “)” where the group ends."
    return QueryError("this “(” is never closed", opened.start, opened.end, hint)


def _operands(found: list[Symbol], text: str, start: int, end: int) -> list[str]:
    """The operands and operators that stand on the top level between two offsets, in turn."""
    out: list[str] = []
    depth, begin = 0, start
    for symbol in found:
        if not start <= symbol.start < end:
            continue
        if symbol.kind in (Kind.OPEN, Kind.FUNCTION):
            depth += 1
        elif symbol.kind is Kind.CLOSE:
            depth -= 1
        elif depth == 0 and symbol.kind in (Kind.AND, Kind.OR):
            out += [text[begin : symbol.start].strip(), symbol.kind.value]
            begin = symbol.end
    return [*out, text[begin:end].strip()]


def _and_first(parts: list[str]) -> str:
    return _grouped(parts, inner="AND", outer="OR")


def _or_first(parts: list[str]) -> str:
    return _grouped(parts, inner="OR", outer="AND")


def _grouped(parts: list[str], *, inner: str, outer: str) -> str:
    groups: list[list[str]] = [[parts[0]]]
    for operator, operand in zip(parts[1::2], parts[2::2], strict=True):
        if operator == inner:
            groups[-1].append(operand)
        else:
            groups.append([operand])
    said = [f" {inner} ".join(group) for group in groups]
    return f" {outer} ".join(
        f"({text})" if len(group) > 1 else text for text, group in zip(said, groups, strict=True)
    )
