"""A syntax tree → the expression that it is the tree of."""

from __future__ import annotations

import re

from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Joint,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Term,
    Unit,
    Within,
)


def unparse(node: Node) -> str:
    """`node` as an expression, with parentheses around an operator inside another."""
    match node:
        case Term(label=label):
            return label
        case Or(name=name) if name:
            return f"${name}"
        case And(children=below):
            return " AND ".join(map(_bracketed, below))
        case Or(children=below):
            return " OR ".join(map(_bracketed, below))
        case Near(operands=operands, joints=joints):
            first, *rest = map(_bracketed, operands)
            return " ".join(
                [first, *(f"{_operator(j)} {said}" for j, said in zip(joints, rest, strict=True))]
            )
        case AtLeast(least=least, child=child):
            return f"atleast{least}({unparse(child)})"
        case AnyOf(least=least, name=name) if name:
            return f"any{least}(${name})"
        case AnyOf(least=least, children=below):
            return f"any{least}({', '.join(map(unparse, below))})"
        case Not(child=child):
            return f"NOT {_bracketed(child)}"
        case Within(field=field, child=child):
            return f"{field}:{_bracketed(child)}"
        case Meta(field=field, pattern=pattern):
            return f"{field}:{_quoted_value(pattern)}"


def _quoted_value(pattern: str) -> str:
    """A value of metadata, in quotes if it would otherwise end too early."""
    if _BARE_VALUE.fullmatch(pattern) and pattern not in ("AND", "OR", "NOT"):
        return pattern
    return f"«{pattern}»" if any(mark in pattern for mark in '"“”') else f'"{pattern}"'


_BARE_VALUE = re.compile(r'[^\s"“”„«»(),$][^\s"“”„«»(),]*')


def _operator(joint: Joint) -> str:
    name = "ONEAR" if joint.ordered else "NEAR"
    match joint.unit:
        case Unit.WORDS:
            return f"{name}/{joint.most}"
        case Unit.SENTENCE:
            return f"{name}/s"
        case Unit.PARAGRAPH:
            return f"{name}/p"


def _bracketed(node: Node) -> str:
    text = unparse(node)
    compound = isinstance(node, And | Near) or (isinstance(node, Or) and not node.name)
    return f"({text})" if compound else text
