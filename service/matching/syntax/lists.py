"""The lists that an expression may name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from service.matching.syntax.tree import AnyOf, Node, Or, children


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a tree is, if every list that it names is written out."""

    terms: int
    """Terms and tests of metadata."""
    depth: int
    """Nodes above the deepest of them."""


class NamedLists:
    """Lists by name, with the extent of each worked out once, when first asked for.

    If each of ten lists names the one before ten times, the last has ten thousand million words. So
    the parser has to know the size of a list without counting its words one by one.
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        """`nodes` is not copied: lists that the caller adds later are found, too."""
        self._nodes = nodes
        self._extents: dict[str, Extent] = {}

    def get(self, name: str) -> Node | None:
        """The list's tree; None if there is no such list."""
        return self._nodes.get(name)

    def like(self, name: str) -> str | None:
        """The name of a list that is spelt similarly."""
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
