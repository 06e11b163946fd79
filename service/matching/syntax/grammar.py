"""An expression's symbols → its syntax tree.

expr := or          or := and ("OR" and)*          and := not (("AND" | "AND NOT") not)*
not  := "NOT" not | near          near := atom (("NEAR/"n | "ONEAR/"n | "NEAR/s" | "NEAR/p") atom)*
atom := "(" expr ")" | field ":" atom | func "(" words ")" | "atleast"n "(" expr ")"
      | "any"n "(" expr ("," expr)* ")" | "$"list | "quoted words" | word+

After a field of metadata the words, and those of a group, are values.
"""

from __future__ import annotations

from service.errors import QueryError
from service.matching.syntax import operands
from service.matching.syntax import symbol_errors as errors
from service.matching.syntax.lexer import EXAMPLES
from service.matching.syntax.lists import NamedLists
from service.matching.syntax.phrase import bare, quoted, styled
from service.matching.syntax.proximity import joint
from service.matching.syntax.symbol_cursor import SymbolCursor
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

MAX_TERMS = 100_000
"""Most words and phrases of the lists that an expression names."""
_OPERAND_KINDS = (WORD, QUOTED, LIST, FIELD, META, FUNCTION, COUNT)


class ExpressionParser(SymbolCursor):
    """Builds the tree of one expression by recursive descent."""

    def __init__(self, text: str, symbols: list[Symbol], lists: NamedLists) -> None:
        """`text` is what the symbols were read from, for messages."""
        super().__init__(symbols)
        self._text = text
        self._lists = lists
        self._listed = 0
        """Words and phrases of the lists that were named so far."""
        self._valued: Symbol | None = None
        """Inside a group of values: the field of metadata before it."""

    def expression(self) -> Node:
        """The tree. Raises QueryError."""
        node = self._read_operation()
        left = self._symbols[self._at]
        if left.kind is CLOSE:
            raise errors.unopened_parenthesis(left)
        if left.kind is not END:
            raise self._unjoined()
        return node

    def _read_operation(self) -> Node:
        begin = self._at
        first = self._read_chain()
        operator = self._symbols[self._at].kind
        if operator is not AND and operator is not OR:
            return first
        parts = [first]
        while (kind := self._symbols[self._at].kind) is operator:
            self._at += 1
            parts.append(self._read_chain())
        if kind is AND or kind is OR:
            raise self._mixture(begin)
        return And(tuple(parts)) if operator is AND else Or(tuple(parts))

    def _mixture(self, begin: int) -> QueryError:
        """Reads to the end of the group first: a mistake inside it is reported instead."""
        while self._symbols[self._at].kind in (AND, OR):
            self._at += 1
            self._read_chain()
        return errors.mixed_operators(self._text, self._symbols[begin : self._at])

    def _read_chain(self) -> Node:
        begin = self._at
        symbol = self._symbols[begin]
        if symbol.kind is NOT:
            self._at += 1
            self._deeper(symbol)
            node = Not(self._read_chain())
            self._depth -= 1
            return node
        first = self._read_atom()
        if self._symbols[self._at].kind is not NEAR:
            return first
        parts, joints = [first], []
        operands.check_near(first, *self._place(begin))
        while (symbol := self._symbols[self._at]).kind is NEAR:
            joints.append(joint(symbol.text, symbol.start))
            self._at += 1
            begin = self._at
            parts.append(self._read_atom())
            operands.check_near(parts[-1], *self._place(begin))
            operands.check_chain(len(parts), symbol)
        return Near(tuple(parts), tuple(joints))

    def _read_atom(self) -> Node:
        begin = self._at
        symbol = self._symbols[begin]
        kind = symbol.kind
        self._at += 1
        if self._valued is not None and kind in _OPERAND_KINDS:
            return self._read_value(self._valued, symbol)
        if kind is WORD:
            while self._symbols[self._at].kind is WORD:
                self._at += 1
            return bare(self._symbols[begin : self._at])
        if kind is OPEN:
            return self._read_group(symbol)
        if kind is QUOTED:
            return quoted(symbol)
        if kind is LIST:
            return self._read_list(symbol)
        if kind is FIELD:
            return self._read_field(symbol)
        if kind is META:
            return self._read_metadata(symbol)
        if kind is FUNCTION:
            return self._read_styled(symbol)
        if kind is COUNT:
            return self._read_count(symbol)
        raise errors.missing_operand(self._symbols[begin - 1] if begin else None, symbol)

    def _read_group(self, opened: Symbol) -> Node:
        self._deeper(opened)
        node = self._read_operation()
        self._close(opened)
        return node

    def _read_metadata(self, symbol: Symbol) -> Node:
        value = self._symbols[self._at]
        if value.kind is not OPEN:
            if value.kind not in (WORD, QUOTED):
                raise errors.missing_value(symbol)
            self._at += 1
            return self._read_value(symbol, value)
        self._at += 1
        self._valued = symbol
        node = self._read_group(value)
        self._valued = None
        return node

    def _read_value(self, field: Symbol, first: Symbol) -> Node:
        """One value of metadata: the text in quotes, or words that follow one another."""
        errors.check_value(field, first)
        parts = [first.text]
        while first.kind is WORD and self._valued and self._symbols[self._at].kind is WORD:
            parts.append(self._symbols[self._at].text)
            self._at += 1
        pattern = " ".join(" ".join(parts).split())
        if not pattern:
            raise errors.missing_value(field)
        return Meta(field.text, pattern)

    def _read_field(self, symbol: Symbol) -> Node:
        if self._symbols[self._at].kind in (END, CLOSE, COMMA, AND, OR, NOT, NEAR):
            raise errors.missing_word(symbol)
        self._deeper(symbol)
        child = self._read_atom()
        self._depth -= 1
        if not needs_text(child):
            raise errors.field_without_text(symbol)
        return Within(symbol.text, TEXT_FIELDS[symbol.text], child)

    def _read_styled(self, function: Symbol) -> Node:
        begin = self._at
        while self._symbols[self._at].kind in (WORD, QUOTED):
            self._at += 1
        last = self._symbols[self._at]
        if last.kind is END:
            raise errors.unclosed_parenthesis(function)
        if last.kind is not CLOSE:
            raise errors.not_a_word(function, last)
        self._at += 1
        return styled(function, self._symbols[begin : self._at - 1])

    def _read_count(self, function: Symbol) -> Node:
        name = function.text.rstrip("0123456789")
        least = int(function.text[len(name) :])
        if self._symbols[self._at].kind is CLOSE:
            raise errors.empty_function(function, EXAMPLES[name])
        self._deeper(function)
        if name == "atleast":
            begin = self._at
            child = self._read_operation()
            operands.check_atleast(child, *self._place(begin))
            self._close(function)
            return AtLeast(least, child)
        return self._read_any(function, least)

    def _read_any(self, function: Symbol, least: int) -> Node:
        begin = self._at
        parts = [self._read_operation()]
        while self._symbols[self._at].kind is COMMA:
            self._at += 1
            parts.append(self._read_operation())
        self._close(function)
        alone, first = parts[0], self._symbols[begin]
        if first.kind is LIST and self._at == begin + 2:
            items = alone.children if isinstance(alone, Or) else (alone,)
            if items:  # a list that is switched off has no items, and the count never holds
                operands.check_any(least, len(items), function, f"the list ${first.text} has")
            return AnyOf(least, items, first.text)
        of_list = operands.count_of_list(function, alone)
        operands.check_any(least, len(parts), function, "its parentheses contain", of_list)
        return AnyOf(least, tuple(parts))

    def _read_list(self, symbol: Symbol) -> Node:
        node = self._lists.get(symbol.text)
        if node is None:
            said = self._text[symbol.start :].split(maxsplit=1)[0].rstrip("),;.")
            raise errors.unknown_list(symbol, self._lists.like(symbol.text), said)
        extent = self._lists.extent(symbol.text)
        self._deeper(symbol, extent.depth)
        self._depth -= extent.depth
        self._listed += extent.terms
        if self._listed > MAX_TERMS:
            raise errors.too_many_terms(symbol, MAX_TERMS)
        return node
