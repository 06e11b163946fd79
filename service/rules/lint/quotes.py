"""Advice on quotation marks that YAML takes: `match: "fighter jet"` has none left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import yaml

from service.rules.lint.advice import Advice

_BARE_PHRASE = re.compile(r"[\w'’-]+(?: [\w'’-]+)+")
_OPERATOR = re.compile(r"\b(?:AND|OR|NOT|O?NEAR)\b")
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def find_lost_quotes(files: Mapping[str, str]) -> list[Advice]:
    """Advice on the expressions of these files (name → text); a file that is no YAML has none."""
    return [advice for file, text in files.items() for advice in _find_in_file(file, text)]


def _find_in_file(file: str, text: str) -> Iterator[Advice]:
    try:
        root = yaml.compose(text, _Loader)
    except (yaml.YAMLError, RecursionError):  # which is a fault, and told as one
        return
    for node in _expressions(root):
        quote, said = node.style, node.value
        if quote in ("'", '"') and _BARE_PHRASE.fullmatch(said) and not _OPERATOR.search(said):
            yield Advice(
                file,
                node.start_mark.line + 1,
                f"YAML takes the quotes of {quote}{said}{quote}, so any form of the words counts: "
                f"write '\"{said}\"' for just these words, or no quotes",
            )


def _expressions(root: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """The scalars that are expressions."""
    for watchlist in _items(_value(root, "watchlists")):
        below = [_value(watchlist, "match"), *_values(_value(watchlist, "except"))]
        below += [_value(boost, "when") for boost in _items(_value(watchlist, "boost"))]
        yield from (node for node in below if isinstance(node, yaml.ScalarNode))
    for items in _values(_value(root, "lists")):
        yield from (node for node in _items(items) if isinstance(node, yaml.ScalarNode))


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name:
                found: yaml.Node = value
                return found
    return None


def _values(node: yaml.Node | None) -> list[yaml.Node]:
    return [value for _, value in node.value] if isinstance(node, yaml.MappingNode) else []


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
