"""The lists that an expression may name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from service.matching.syntax.tree import AnyOf, Node, Or, children


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a tree is, with every list that it names written out."""

    terms: int
    """Terms and tests of metadata."""
    depth: int
    """Nodes above the deepest of them."""


class NamedLists:
    """Lists by name, with the extent of each worked out once, when first asked for.

    Ten lists that each name the one before ten times stand for ten thousand million words. So
    the parser has to know how large a list is before it takes it, and must not count to know it.
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        """`nodes` stays the caller's: lists that are put into it later are seen."""
        self._nodes = nodes
        self._extents: dict[str, Extent] = {}

    def get(self, name: str) -> Node | None:
        """The list's tree, None where there is no such list."""
        return self._nodes.get(name)

    def like(self, name: str) -> str | None:
        """The name of a list that is spelt nearly so."""
        return next(iter(difflib.get_close_matches(name, self._nodes, n=1)), None)

    def extent(self, name: str) -> Extent:
        """How large the list is."""
        if name not in self._extents:
            self._extents[name] = self._sum(self._nodes[name])
        return self._extents[name]

    def _sum(self, node: Node) -> Extent:
        below = [self._measure(child) for child in children(node)]
        if not below:
            return Extent(1, 0)
        return Extent(sum(each.terms for each in below), 1 + max(each.depth for each in below))

    def _measure(self, node: Node) -> Extent:
        if isinstance(node, Or | AnyOf):
            known = self._nodes.get(node.name)
            if known is not None and children(known) is children(node):
                return self.extent(node.name)
        return self._sum(node)
