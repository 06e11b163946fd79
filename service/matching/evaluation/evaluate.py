"""The plain evaluator: an expression against one article, node by node of its syntax tree.

It says whether each node holds and where, which score and evidence are made of. Tests compare the
engine with it, so it does each thing in the plainest way that takes nearly linear time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from service.matching.evaluation.article_index import ArticleIndex, Mention
from service.matching.evaluation.metadata import meta_holds
from service.matching.evaluation.proximity import WordRange, count_disjoint, ranges_in_chains
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

ZONES = frozenset({"title", "lead", "body"})


@dataclass(frozen=True, slots=True)
class NodeResult:
    """The result of one node: whether it holds and, for a term, every mention.

    A NEAR that holds keeps only the mentions that take part in it. One that does not hold keeps all
    of them, so that an explanation can say what was too far apart.
    """

    node: Node
    holds: bool
    label: str = ""
    """A term's name, with the field it was looked for in: `title:missile`."""
    mentions: tuple[Mention, ...] = ()
    children: tuple[NodeResult, ...] = ()


def evaluate(
    node: Node,
    index: ArticleIndex,
    language: str,
    zones: frozenset[str] = ZONES,
    field: str = "",
) -> NodeResult:
    """The result of `node` for one article; `language` (BCP 47) inflects the node's words."""
    if isinstance(node, Within):
        zones, field = zones & node.zones, f"{node.field}:"
    found = tuple([evaluate(below, index, language, zones, field) for below in children(node)])
    match node:
        case Term():
            mentions = index.mentions(node, language, zones)
            return NodeResult(node, bool(mentions), field + node.label, mentions)
        case Meta():
            return NodeResult(node, meta_holds(node, index.article))
        case Not():
            return NodeResult(node, not found[0].holds, children=found)
        case Within():
            return NodeResult(node, found[0].holds, children=found)
        case And():
            return NodeResult(node, all(part.holds for part in found), children=found)
        case Or():
            return NodeResult(node, any(part.holds for part in found), children=found)
        case Near():
            return _near(node, found, index)
        case AtLeast(least=least):
            return NodeResult(node, count(found[0]) >= least, children=found)
        case AnyOf(least=least):
            return NodeResult(node, sum(part.holds for part in found) >= least, children=found)


def _near(node: Near, operands: tuple[NodeResult, ...], index: ArticleIndex) -> NodeResult:
    together = ranges_in_chains([word_ranges(part) for part in operands], node.joints, index.words)
    if not all(together):
        return NodeResult(node, False, children=operands)
    parts = zip(operands, together, strict=True)
    return NodeResult(
        node, True, children=tuple(_with_mentions(part, kept) for part, kept in parts)
    )


def _with_mentions(result: NodeResult, kept: Collection[WordRange]) -> NodeResult:
    """The result of an operand with only those mentions that are in `kept`."""
    mentions = tuple(one for one in result.mentions if (one.first, one.last) in kept)
    children = tuple(_with_mentions(child, kept) for child in result.children)
    holds = bool(mentions) or any(child.holds for child in children)
    return replace(result, holds=holds, mentions=mentions, children=children)


def word_ranges(result: NodeResult) -> dict[WordRange, str]:
    """The word ranges of all mentions under a positional node, each with its zone."""
    found = {(one.first, one.last): one.zone for one in result.mentions}
    for child in result.children:
        found.update(word_ranges(child))
    return found


def occurrences(result: NodeResult) -> dict[str, int]:
    """How often a NEAR that holds occurs in each zone.

    It occurs as often as the operand that has the fewest mentions there that take part.
    """
    operands = [list(word_ranges(part).values()) for part in result.children]
    return {zone: min(operand.count(zone) for operand in operands) for zone in ZONES}


def count(result: NodeResult) -> int:
    """How often the child of `atleast` occurs; mentions that share a word count once."""
    match result.node:
        case Near():
            return sum(occurrences(result).values()) if result.holds else 0
        case Within(child=Near() | Within()):
            return count(result.children[0])
        case _:
            return count_disjoint(word_ranges(result))
