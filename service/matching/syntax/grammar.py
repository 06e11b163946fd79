"""An expression's symbols → its syntax tree.

expr := or          or := and ("OR" and)*          and := not (("AND" | "AND NOT") not)*
not  := "NOT" not | near          near := atom (("NEAR/"n | "ONEAR/"n | "NEAR/s" | "NEAR/p") atom)*
atom := "(" expr ")" | field ":" atom | func "(" words ")" | "atleast"n "(" expr ")"
      | "any"n "(" expr ("," expr)* ")" | "$"list | "quoted words" | word+

After a field of metadata the words, and those of a group, are values.
"""

from __future__ import annotations

from service.errors import QueryError
from service.matching.syntax.lexer import EXAMPLES
from service.matching.syntax.lists import NamedLists
from service.matching.syntax.misplaced import (
    empty,
    list_for_value,
    missing,
    mixture,
    no_value,
    not_a_word,
    too_deep,
    too_many,
    unclosed,
    unjoined,
    unknown,
    unopened,
    without_text,
    without_value,
    without_word,
)
from service.matching.syntax.near import joint
from service.matching.syntax.operands import check_any, check_atleast, check_chain, check_near
from service.matching.syntax.phrase import bare, quoted, styled
from service.matching.syntax.symbols import (
    AND,
    CLOSE,
    COMMA,
    COUNT,
    END,
    FIELD,
    FUNCTION,
    LIST,
    META,
    NEAR,
    NOT,
    OPEN,
    OR,
    QUOTED,
    TEXT_FIELDS,
    WORD,
    Symbol,
)
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Within,
    needs_text,
)

MAX_NESTING = 100
"""Deepest nesting of parentheses, functions, NOTs and fields."""
MAX_TERMS = 100_000
"""Most words and phrases of an expression, with the items of the lists that it names."""


def _outside(function: Symbol, node: Node) -> str:
    """How a count of a list's items is written that stands within fields or parentheses."""
    fields = ""
    while isinstance(node, Within):
        fields, node = f"{fields}{node.field}:", node.child
    return f"{fields}{function.text}(${node.name})" if isinstance(node, Or) and node.name else ""


_HOLDING = (WORD, QUOTED, LIST, FIELD, META, FUNCTION, COUNT)


class Descent:
    """One way over the symbols of one expression; `text` is shown in messages."""

    def __init__(self, text: str, found: list[Symbol], lists: NamedLists) -> None:
        self._text = text
        self._symbols = found
        self._lists = lists
        self._at = 0
        self._depth = 0
        self._listed = 0
        self._valued: Symbol | None = None
        """The field of metadata whose group of values is read."""

    def expression(self) -> Node:
        """The tree. Raises QueryError."""
        node = self._operation()
        left = self._symbols[self._at]
        if left.kind is CLOSE:
            raise unopened(left)
        if left.kind is not END:
            raise self._unjoined()
        return node

    def _operation(self) -> Node:
        begin = self._at
        first = self._chain()
        operator = self._symbols[self._at].kind
        if operator is not AND and operator is not OR:
            return first
        parts = [first]
        while (kind := self._symbols[self._at].kind) is operator:
            self._at += 1
            parts.append(self._chain())
        if kind is AND or kind is OR:
            raise self._mixture(begin)
        return And(tuple(parts)) if operator is AND else Or(tuple(parts))

    def _mixture(self, begin: int) -> QueryError:
        """Reads on to the end of the group, whose own mistakes are told first."""
        while self._symbols[self._at].kind in (AND, OR):
            self._at += 1
            self._chain()
        return mixture(self._text, self._symbols[begin : self._at])

    def _chain(self) -> Node:
        begin = self._at
        symbol = self._symbols[begin]
        if symbol.kind is NOT:
            self._at += 1
            self._deeper(symbol)
            node = Not(self._chain())
            self._depth -= 1
            return node
        first = self._atom()
        if self._symbols[self._at].kind is not NEAR:
            return first
        operands, joints = [first], []
        check_near(first, *self._place(begin))
        while (symbol := self._symbols[self._at]).kind is NEAR:
            joints.append(joint(symbol.text, symbol.start))
            self._at += 1
            begin = self._at
            operands.append(self._atom())
            check_near(operands[-1], *self._place(begin))
            check_chain(len(operands), symbol)
        return Near(tuple(operands), tuple(joints))

    def _place(self, begin: int) -> tuple[int, int]:
        """From where to where the symbols stand that were taken since `begin`."""
        return self._symbols[begin].start, self._symbols[self._at - 1].end

    def _atom(self) -> Node:
        begin = self._at
        symbol = self._symbols[begin]
        kind = symbol.kind
        self._at += 1
        if self._valued is not None and kind in _HOLDING:
            return self._value(self._valued, symbol)
        if kind is WORD:
            while self._symbols[self._at].kind is WORD:
                self._at += 1
            return bare(self._symbols[begin : self._at])
        if kind is OPEN:
            return self._group(symbol)
        if kind is QUOTED:
            return quoted(symbol)
        if kind is LIST:
            return self._list(symbol)
        if kind is FIELD:
            return self._field(symbol)
        if kind is META:
            return self._meta(symbol)
        if kind is FUNCTION:
            return self._styled(symbol)
        if kind is COUNT:
            return self._count(symbol)
        raise missing(self._symbols[begin - 1] if begin else None, symbol)

    def _unjoined(self) -> QueryError:
        """Of the symbol that would come next, which is never the first one."""
        before, symbol, *after = self._symbols[self._at - 1 : self._at + 2]
        return unjoined(before, symbol, after[0] if after else symbol)

    def _deeper(self, symbol: Symbol, by: int = 1) -> None:
        self._depth += by
        if self._depth > MAX_NESTING:
            raise too_deep(symbol, MAX_NESTING)

    def _group(self, opened: Symbol) -> Node:
        self._deeper(opened)
        node = self._operation()
        self._close(opened)
        return node

    def _close(self, opened: Symbol) -> None:
        """Takes the parenthesis that closes what `_deeper` began."""
        kind = self._symbols[self._at].kind
        if kind is END:
            raise unclosed(opened)
        if kind is not CLOSE:
            raise self._unjoined()
        self._at += 1
        self._depth -= 1

    def _meta(self, symbol: Symbol) -> Node:
        value = self._symbols[self._at]
        if value.kind is not OPEN:
            if value.kind not in (WORD, QUOTED):
                raise without_value(symbol)
            self._at += 1
            return self._value(symbol, value)
        self._at += 1
        self._valued = symbol
        node = self._group(value)
        self._valued = None
        return node

    def _value(self, field: Symbol, first: Symbol) -> Node:
        """One value of metadata: what is in quotes, or the words that stand side by side."""
        if first.kind is LIST or (first.kind is WORD and first.text[0] == "$"):
            raise list_for_value(field, first)
        if first.kind not in (WORD, QUOTED):
            raise no_value(field, first)
        parts = [first.text]
        while first.kind is WORD and self._valued and self._symbols[self._at].kind is WORD:
            parts.append(self._symbols[self._at].text)
            self._at += 1
        pattern = " ".join(" ".join(parts).split())
        if not pattern:
            raise without_value(field)
        return Meta(field.text, pattern)

    def _field(self, symbol: Symbol) -> Node:
        if self._symbols[self._at].kind in (END, CLOSE, COMMA, AND, OR, NOT, NEAR):
            raise without_word(symbol)
        self._deeper(symbol)
        child = self._atom()
        self._depth -= 1
        if not needs_text(child):
            raise without_text(symbol)
        return Within(symbol.text, TEXT_FIELDS[symbol.text], child)

    def _styled(self, function: Symbol) -> Node:
        begin = self._at
        while self._symbols[self._at].kind in (WORD, QUOTED):
            self._at += 1
        last = self._symbols[self._at]
        if last.kind is END:
            raise unclosed(function)
        if last.kind is not CLOSE:
            raise not_a_word(function, last)
        self._at += 1
        return styled(function, self._symbols[begin : self._at - 1])

    def _count(self, function: Symbol) -> Node:
        name = function.text.rstrip("0123456789")
        least = int(function.text[len(name) :])
        if self._symbols[self._at].kind is CLOSE:
            raise empty(function, EXAMPLES[name])
        self._deeper(function)
        if name == "atleast":
            begin = self._at
            child = self._operation()
            check_atleast(child, *self._place(begin))
            self._close(function)
            return AtLeast(least, child)
        return self._any(function, least)

    def _any(self, function: Symbol, least: int) -> Node:
        begin = self._at
        parts = [self._operation()]
        while self._symbols[self._at].kind is COMMA:
            self._at += 1
            parts.append(self._operation())
        self._close(function)
        alone, first = parts[0], self._symbols[begin]
        if first.kind is LIST and self._at == begin + 2:
            items = alone.children if isinstance(alone, Or) else (alone,)
            if items:  # a list that is switched off holds nothing, and then this never holds
                check_any(least, len(items), function, f"the list ${first.text} has")
            return AnyOf(least, items, first.text)
        check_any(least, len(parts), function, "its parentheses hold", _outside(function, alone))
        return AnyOf(least, tuple(parts))

    def _list(self, symbol: Symbol) -> Node:
        node = self._lists.get(symbol.text)
        if node is None:
            said = self._text[symbol.start :].split(maxsplit=1)[0].rstrip("),;.")
            raise unknown(symbol, self._lists.like(symbol.text), said)
        extent = self._lists.extent(symbol.text)
        self._deeper(symbol, extent.depth)
        self._depth -= extent.depth
        self._listed += extent.terms
        if self._listed > MAX_TERMS:
            raise too_many(symbol, MAX_TERMS)
        return node
