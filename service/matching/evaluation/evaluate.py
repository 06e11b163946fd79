"""The plain evaluator: an expression against one article, read off the syntax tree.

It says not only whether each node holds but where, which score and evidence are made of. It is what
the fast engine is compared with, so it does each thing in the plainest way that stays near linear.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from service.matching.evaluation.metadata import is_so
from service.matching.evaluation.proximity import Span, apart, taking_part
from service.matching.evaluation.reading import Mention, Reading
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Term,
    Within,
    children,
)

__all__ = ["ZONES", "Finding", "Mention", "Reading", "count", "evaluate", "occurrences", "spans"]

ZONES = frozenset({"title", "lead", "body"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one node: whether it holds and, for a term, every mention.

    Below a NEAR that holds stand only the mentions that take part in it; below one that does not,
    all of them, so that it can be told what was too far apart.
    """

    node: Node
    holds: bool
    label: str = ""
    """A term's name, with the field it was looked for in: `title:missile`."""
    mentions: tuple[Mention, ...] = ()
    children: tuple[Finding, ...] = ()


def evaluate(
    node: Node,
    reading: Reading,
    language: str,
    zones: frozenset[str] = ZONES,
    field: str = "",
) -> Finding:
    """`node` against one article; `language` (BCP 47) inflects the expression's words."""
    if isinstance(node, Within):
        zones, field = zones & node.zones, f"{node.field}:"
    found = tuple([evaluate(below, reading, language, zones, field) for below in children(node)])
    match node:
        case Term():
            mentions = reading.mentions(node, language, zones)
            return Finding(node, bool(mentions), field + node.label, mentions)
        case Meta():
            return Finding(node, is_so(node, reading.article))
        case Not():
            return Finding(node, not found[0].holds, children=found)
        case Within():
            return Finding(node, found[0].holds, children=found)
        case And():
            return Finding(node, all(part.holds for part in found), children=found)
        case Or():
            return Finding(node, any(part.holds for part in found), children=found)
        case Near():
            return _near(node, found, reading)
        case AtLeast(least=least):
            return Finding(node, count(found[0]) >= least, children=found)
        case AnyOf(least=least):
            return Finding(node, sum(part.holds for part in found) >= least, children=found)


def _near(node: Near, operands: tuple[Finding, ...], reading: Reading) -> Finding:
    together = taking_part([spans(part) for part in operands], node.joints, reading.words)
    if not all(together):
        return Finding(node, False, children=operands)
    parts = zip(operands, together, strict=True)
    return Finding(node, True, children=tuple(_only(part, kept) for part, kept in parts))


def _only(finding: Finding, kept: Collection[Span]) -> Finding:
    """The finding of an operand, with the mentions that are kept and no others."""
    mentions = tuple(one for one in finding.mentions if (one.first, one.last) in kept)
    children = tuple(_only(child, kept) for child in finding.children)
    holds = bool(mentions) or any(child.holds for child in children)
    return replace(finding, holds=holds, mentions=mentions, children=children)


def spans(finding: Finding) -> dict[Span, str]:
    """The different mentions under a positional node, each with its zone."""
    found = {(one.first, one.last): one.zone for one in finding.mentions}
    for child in finding.children:
        found.update(spans(child))
    return found


def occurrences(finding: Finding) -> dict[str, int]:
    """How often a NEAR that holds occurs in each zone.

    That is as often as the operand with the fewest different mentions that take part there.
    """
    operands = [list(spans(part).values()) for part in finding.children]
    return {zone: min(operand.count(zone) for operand in operands) for zone in ZONES}


def count(finding: Finding) -> int:
    """How often what `atleast` counts occurs; mentions that share a word count once."""
    match finding.node:
        case Near():
            return sum(occurrences(finding).values()) if finding.holds else 0
        case Within(child=Near() | Within()):
            return count(finding.children[0])
        case _:
            return apart(spans(finding))
