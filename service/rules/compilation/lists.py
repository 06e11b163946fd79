"""The lists of rules files → trees. A list may name other lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import KW_ONLY, dataclass

from service.errors import Fix, QueryError
from service.matching.syntax.lists import NamedLists
from service.matching.syntax.parser import parse_item
from service.matching.syntax.tree import Node, Or
from service.rules.schema import ListSpec

ListSpecs = Mapping[str, ListSpec]
Parser = Callable[[str, NamedLists], Node]

MAX_LIST_DEPTH = 20
"""Longest chain of lists of which each names the next."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one expression, and what to write instead."""

    message: str
    hint: str
    at: tuple[int, int] | None = None
    """Start and end in the expression, in code points; None: all of it."""
    _: KW_ONLY
    code: str
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class ListMistake:
    """A mistake in one item of a list."""

    list_name: str
    item: int
    mistake: Mistake


@dataclass(frozen=True, slots=True)
class ParsedLists:
    """The trees of a set of lists, and all mistakes in them."""

    trees: ListTrees
    mistakes: tuple[ListMistake, ...]


class ListTrees:
    """The trees of a set of lists, by name."""

    def __init__(
        self, specs: ListSpecs, nodes: Mapping[str, Node], faulty: Collection[str]
    ) -> None:
        """`nodes`: trees of the lists without a mistake; `faulty`: names of the other lists."""
        self.specs = specs
        self.nodes = nodes
        self.faulty = faulty
        self._named = NamedLists(nodes)

    @property
    def good_specs(self) -> ListSpecs:
        """The specs of the lists without a mistake."""
        return {name: spec for name, spec in self.specs.items() if name in self.nodes}

    def parse(self, parser: Parser, text: str) -> Node | Mistake:
        """The tree of an expression that may name these lists, or what is wrong with it."""
        try:
            return parser(text, self._named)
        except QueryError as error:
            at = (error.start, error.end)
            if text[at[0] : at[0] + 1] == "$" and text[at[0] + 1 : at[1]] in self.faulty:
                message = f"the list {text[slice(*at)]} has a mistake itself"
                return Mistake(message, "Correct that list first.", at, code="T204")
            fix = None if error.fix is None else Fix(text[slice(*at)], error.fix)
            return Mistake(error.message, error.hint, at, code=error.code, fix=fix)


def parse_lists(specs: ListSpecs, faulty: Collection[str] = ()) -> ParsedLists:
    """The trees of lists.

    `faulty`: names of lists that are not in `specs` because their form is wrong.
    """
    parser = _ListParser(specs, faulty)
    for name in specs:
        parser.parse_list(name, ())
    return ParsedLists(parser.trees, tuple(parser.mistakes))


def parse_good_lists(specs: ListSpecs) -> ListTrees:
    """The trees of lists that had no mistake before. Raises AssertionError if they have one."""
    parsed = parse_lists(specs)
    if parsed.mistakes:
        raise AssertionError(f"lists that were good are faulty now: {parsed.mistakes}")
    return parsed.trees


class _ListParser:
    """Parses lists in any order: first the lists that a list names, then the list."""

    def __init__(self, specs: ListSpecs, faulty: Collection[str]) -> None:
        self._nodes: dict[str, Node] = {}
        self._faulty = set(faulty)
        self._begun: set[str] = set()
        self.trees = ListTrees(specs, self._nodes, self._faulty)
        self.mistakes: list[ListMistake] = []

    def parse_list(self, name: str, above: tuple[str, ...]) -> None:
        """Adds the list's tree; `above` are the lists that led here."""
        if name in self._begun:
            return
        self._begun.add(name)
        spec = self.trees.specs[name]
        texts = spec.items if spec.enabled else ()
        nodes: list[Node] = []
        for number, text in enumerate(texts):
            found = self._parse_item(text, (*above, name))
            if isinstance(found, Mistake):
                self.mistakes.append(ListMistake(name, number, found))
            else:
                nodes.append(found)
        if len(nodes) < len(texts):
            self._faulty.add(name)
        else:
            self._nodes[name] = Or(tuple(nodes), name)

    def _parse_item(self, text: str, above: tuple[str, ...]) -> Node | Mistake:
        named = [name for name in _LIST_REFERENCE.findall(text) if name in self.trees.specs]
        again = next((name for name in named if name in above), None)
        if again is not None:
            chain = " → ".join(f"${name}" for name in (*above, again))
            message = f"circular list reference: {chain}"
            return Mistake(message, "Remove one of these references.", code="T205")
        if named and len(above) > MAX_LIST_DEPTH:
            message = f"lists name one another more than {MAX_LIST_DEPTH} deep"
            return Mistake(
                message, "Write the words of the inner lists instead of their names.", code="T206"
            )
        for name in named:
            self.parse_list(name, above)
        return self.trees.parse(parse_item, text)


_LIST_REFERENCE = re.compile(r"\$([\w-]+)")
