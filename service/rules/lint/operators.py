"""Advice on words of a phrase that look like operators: `jet and tank`, `missile near test`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import And, Node, Style, Term
from service.rules.lint.remark import Remark

_OPERATORS = frozenset({"AND", "OR", "NOT"})
_INSTEAD = {
    "ANDNOT": "AND NOT",
    "BUTNOT": "AND NOT",
    "EXCEPT": "AND NOT",
    "FOLLOWED": "ONEAR/5",
    "XOR": "(a OR b) AND NOT (a AND b)",
    "atleast": "atleast3(a OR b)",
}
_SPELLING = frozenset({"cs", "caps"})
"""Functions that are written without parentheses; followed by capitals, they are no words."""
_DISTANCE = re.compile(r"(?:N|W|NEAR|ONEAR|ADJ|PRE|WITHIN|SAME)(\d*)")

_IN_WORDS = re.compile(r"\bwithin (\d{1,3}) words?(?: of)?\b", re.IGNORECASE)


def find_operators(node: Node, parent: Node | None) -> Iterator[Remark]:
    """Advice on a phrase that contains operators of this or of another search system."""
    if not isinstance(node, Term) or node.style is not Style.INFLECTED or len(node.words) < 2:
        return
    label = node.label
    found = [word.upper() for word in node.words if word.upper() in _OPERATORS]
    if found:
        instead = _both_bracketings(node, parent) or found[0]
        message = (
            f"“{label}” is one phrase; write operators in capitals: {instead}. "
            "Put the phrase in quotes if you want it as it is."
        )
        yield Remark("T501", message, label)
        return
    for word in node.words:
        if word in _INSTEAD:
            message = f"“{label}” is one phrase; write {_INSTEAD[word]} instead of {word}"
            yield Remark("T502", message, label)
    if node.words[0] in _SPELLING and node.words[1] != node.words[1].lower():
        message = (
            f"“{label}” is one phrase; write {node.words[0]}({node.words[1]}) to look for this "
            "spelling. Put the phrase in quotes if you want it as it is."
        )
        yield Remark("T502", message, label)
    if said := _IN_WORDS.search(label):
        message = (
            f"“{label}” is one phrase; write NEAR/{said[1]} in place of “{said[0]}”. "
            "Put the phrase in quotes if you want it as it is."
        )
        yield Remark("T502", message, label)
    for word in node.words[1:-1]:
        distance = _DISTANCE.fullmatch(word)
        if distance or word == "near":
            most = (distance and distance.group(1)) or 5
            message = (
                f"“{label}” is one phrase; write NEAR/{most} between words that must be near "
                "each other. Put the phrase in quotes if you want it as it is."
            )
            yield Remark("T502", message, label)


def _both_bracketings(phrase: Node, parent: Node | None) -> str:
    """The two meanings of `apple or orange AND pie`, in which AND binds first; else ""."""
    if not isinstance(parent, And) or len(parent.children) != 2:
        return ""
    parts = re.split(r"\s+or\s+", unparse(phrase), flags=re.IGNORECASE)
    if len(parts) != 2:
        return ""
    (left, right), (first, last) = parts, parent.children
    if first is phrase:
        other = unparse(And((last,)))
        return f"({left} OR {right}) AND {other}, or {left} OR ({right} AND {other})"
    other = unparse(And((first,)))
    return f"{other} AND ({left} OR {right}), or ({other} AND {left}) OR {right}"
