"""Where the expressions of rules files stand in their texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import yaml

from service.rules.yaml.document import Document

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ExpressionPath = tuple[str | int, ...]
"""Where an expression stands: `("lists", name)`, or a watchlist's id and the keys below it, such as
`("port-strikes", "boost", 0)`."""


class Expression(NamedTuple):
    """One expression of a file, as YAML has it."""

    file: str
    node: yaml.ScalarNode


class Place(NamedTuple):
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int
    width: int
    said: str
    """What stands there."""


class RulesSource:
    """The texts of rules files, with the places of their expressions.

    A file that is no YAML has none: that is a fault, and told as one.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self._documents = {file: Document(file, text) for file, text in files.items()}
        self._found: dict[ExpressionPath, list[Expression]] = {}
        for file, text in files.items():
            for path, node in _file_expressions(text):
                self._found.setdefault(path, []).append(Expression(file, node))

    def __iter__(self) -> Iterator[Expression]:
        """All expressions, file by file and in their order."""
        for found in self._found.values():
            yield from found

    def find(self, paths: Iterable[ExpressionPath], about: str) -> Place | None:
        """Where `about` stands in the first of these expressions that has it, else the first one;
        None where there is no such expression.
        """
        expressions = [each for path in paths for each in self._found.get(path, ())]
        for each in expressions if about else ():
            start, end = each.node.start_mark.index, each.node.end_mark.index
            pattern = r"\s+".join(map(re.escape, about.split()))
            found = re.compile(rf"(?<!\w){pattern}(?!\w)").search(self.files[each.file], start, end)
            if found:
                return self._place(each.file, *found.span())
        if not expressions:
            return None
        first = expressions[0].node
        return self._place(expressions[0].file, first.start_mark.index, first.end_mark.index)

    def _place(self, file: str, start: int, end: int) -> Place:
        document = self._documents[file]
        said = document.text[start:end]
        width = len(said.splitlines()[0]) if said else 1
        at = document.position(start)
        return Place(file, at.line + 1, at.column + 1, max(width, 1), said)


def _file_expressions(text: str) -> Iterator[tuple[ExpressionPath, yaml.ScalarNode]]:
    try:
        root = yaml.compose(text, _Loader)
    except (yaml.YAMLError, RecursionError):
        return
    for path, node in _watchlist_expressions(root):
        if isinstance(node, yaml.ScalarNode):
            yield path, node
    for name, items in _entries(_value(root, "lists")):
        block = items if isinstance(items, yaml.SequenceNode) else _value(items, "items")
        for node in _items(block):
            if isinstance(node, yaml.ScalarNode):
                yield ("lists", name), node


def _watchlist_expressions(
    root: yaml.Node | None,
) -> Iterator[tuple[ExpressionPath, yaml.Node | None]]:
    for watchlist in _items(_value(root, "watchlists")):
        id_ = _value(watchlist, "id")
        name = str(id_.value) if isinstance(id_, yaml.ScalarNode) else ""
        yield (name, "match"), _value(watchlist, "match")
        for exception, node in _entries(_value(watchlist, "except")):
            yield (name, "except", exception), node
        for number, boost in enumerate(_items(_value(watchlist, "boost"))):
            yield (name, "boost", number), _value(boost, "when")


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return next((value for key, value in _entries(node) if key == name), None)


def _entries(node: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(str(key.value), value) for key, value in node.value]


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
