"""The operands that NEAR, atleast and any take, and what to write instead of others."""

from __future__ import annotations

from service.errors import QueryError
from service.matching.syntax.symbols import Symbol
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
    children,
    positional,
)

MAX_CHAIN = 20
"""Most operands that one chain of NEARs joins."""

_NEAR = "NEAR takes words, phrases, lists and ORs of them"
_INSIDE_NEAR = {
    And: ("AND", "Write a NEAR for each: (a NEAR/5 b) AND (a NEAR/5 c)."),
    Not: ("NOT", "Write the NOT before both: a AND NOT (a NEAR/5 b)."),
    Near: ("another NEAR", "Write a chain without parentheses: a NEAR/5 b NEAR/5 c."),
    Meta: ("metadata", "Write the test outside it: (a NEAR/5 b) AND source:reuters."),
    AtLeast: ("atleast", "Count the NEAR itself: atleast2(a NEAR/5 b)."),
    AnyOf: ("any", "Write OR between the alternatives: a NEAR/5 (b OR c)."),
}
_ATLEAST = "atleast counts words, phrases, lists, ORs of them, or one NEAR"
_INSIDE_ATLEAST = {
    And: ("AND", "Write a count for each: atleast3(a) AND atleast3(b)."),
    Not: ("NOT", "Write the NOT before it: b AND NOT atleast3(a)."),
    Near: ("a NEAR and more", "Write a count for each: atleast3(a NEAR/5 b) OR atleast3(c)."),
    Meta: ("metadata", "Write the test outside it: atleast3(a) AND source:reuters."),
    AtLeast: ("another atleast", "Write one number: atleast3(a OR b)."),
    AnyOf: ("any", "Write OR to count the mentions of all: atleast3(a OR b OR c)."),
}


def check_near(node: Node, start: int, end: int) -> None:
    """Raises QueryError if NEAR cannot take this operand, written from `start` to `end`."""
    if not positional(node):
        raise _refusal(node, start, end, _NEAR, _INSIDE_NEAR)


def check_atleast(node: Node, start: int, end: int) -> None:
    """Raises QueryError if atleast cannot count this operand, written from `start` to `end`."""
    counted = node
    while isinstance(counted, Within):
        counted = counted.child
    if not isinstance(counted, Near) and not positional(counted):
        raise _refusal(counted, start, end, _ATLEAST, _INSIDE_ATLEAST)


def check_chain(length: int, joint: Symbol) -> None:
    """Raises QueryError if a chain is too long, at the first NEAR beyond the limit."""
    if length > MAX_CHAIN:
        message = f"NEAR joins {MAX_CHAIN} parts at most"
        hint = "Write two chains and AND between them."
        raise QueryError(message, joint.start, joint.end, hint, code="T315")


def check_any(least: int, found: int, function: Symbol, holder: str, instead: str = "") -> None:
    """Raises QueryError if `any` asks for more parts than there are.

    `holder` says where the parts are; `instead`, if its only part is a list, how to count the
    list's items.
    """
    if least <= found:
        return
    hint = f"Write any{found}(…), or add parts with commas between them: any2(a, b, c)."
    if instead:
        hint = f"Write {instead} to count the list's items."
    elif found == 1:
        hint = "Put commas between the parts, each with a space after it: any2(a, b, c)."
    message = f"{function.text} asks for {least} parts, but {holder} {found}"
    raise QueryError(message, function.start, function.end, hint, code="T313")


def count_of_list(function: Symbol, node: Node) -> str:
    """How to count the items of a list that is inside fields or parentheses; else empty."""
    fields = ""
    while isinstance(node, Within):
        fields, node = f"{fields}{node.field}:", node.child
    return f"{fields}{function.text}(${node.name})" if isinstance(node, Or) and node.name else ""


def _refusal(
    node: Node, start: int, end: int, takes: str, inside: dict[type, tuple[str, str]]
) -> QueryError:
    """The error about the first node below that is not positional, and about its list."""
    holder = ""
    while isinstance(node, Or | Within):
        if isinstance(node, Or) and node.name:
            holder = node.name
        node = next(child for child in children(node) if not positional(child))
    what, hint = inside[type(node)]
    message = f"{takes}; the list ${holder} contains {what}" if holder else f"{takes}, not {what}"
    return QueryError(message, start, end, hint, code="T315")
