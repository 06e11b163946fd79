"""Advice on what is true for no article, and on exceptions that take everything."""

from __future__ import annotations

from collections.abc import Iterator

from service.matching.evaluation.evaluate import ZONES
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Near,
    Node,
    Not,
    Or,
    Style,
    Term,
    Within,
    children,
)
from service.rules.lint.remark import Remark

MAX_COMPARED = 50
"""Most parts of an OR that are compared with another expression one by one."""


def find_impossible(node: Node, fields: tuple[str, ...], zones: frozenset[str]) -> Iterator[Remark]:
    """Advice on what is true for no article, as far as that is easy to see."""
    never = False
    match node:
        case Or(name=name) | AnyOf(name=name) if name:
            return
        case Within(field=field, zones=narrower):
            fields, zones = (*fields, field), zones & narrower
            never = not zones
            node = node.child if never else node
        case And(children=below):
            denied = {child.child for child in below if isinstance(child, Not)}
            never = any(child in denied for child in below)
        case Near(operands=below):
            never = not frozenset.intersection(*map(_zones, below))
    if never:
        said = "".join(f"{field}:" for field in fields) + unparse(node)
        yield Remark("T508", f"“{said}” can never match", said)
        return
    for child in children(node):
        yield from find_impossible(child, fields, zones)


def _zones(node: Node) -> frozenset[str]:
    """The zones in which a positional node may match."""
    match node:
        case Within(zones=zones, child=child):
            return zones & _zones(child)
        case Or(name="", children=below):
            return frozenset[str]().union(*map(_zones, below))
        case _:
            return ZONES


def implies(node: Node, other: Node) -> bool:
    """Whether `other` holds wherever `node` does, as far as that is easy to see."""
    if node == other:
        return True
    match other:
        case Term() if isinstance(node, Term):
            return _has_within(node, other)
        case Or(children=below) if len(below) <= MAX_COMPARED:
            if any(implies(node, part) for part in below):
                return True
        case And(children=below):
            return all(implies(node, part) for part in below)
    match node:
        case And(children=below) | Near(operands=below):
            return any(implies(part, other) for part in below)
        case Or(children=below) if 0 < len(below) <= MAX_COMPARED:
            return all(implies(part, other) for part in below)
        case Within(child=child) | AtLeast(child=child) if not isinstance(other, Within):
            return implies(child, other)
        case _:
            return False


def _has_within(term: Term, other: Term) -> bool:
    """Whether one phrase of bare words contains the other: `fighter jet` contains `jet`."""
    if not term.style is other.style is Style.INFLECTED:
        return False
    size = len(other.words)
    rows = (term.words[at : at + size] for at in range(len(term.words) - size + 1))
    return any(row == other.words for row in rows)
