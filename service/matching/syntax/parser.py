"""An expression's text → its syntax tree, or an error: where, what, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.articles.paragraphs import visible
from service.errors import QueryError
from service.matching.syntax.grammar import ExpressionParser
from service.matching.syntax.lexer import symbols
from service.matching.syntax.lists import NamedLists
from service.matching.syntax.tree import Node, needs_text

MAX_LENGTH = 64 * 1024
"""Longest expression, in bytes of UTF-8."""
_WIDE = {0xFEE0 + code: code for code in range(0x21, 0x7F) if not chr(code).isalnum()}
"""Full-width signs, which are typed between Chinese words, mean the same as the usual ones."""


def parse(text: str, lists: NamedLists | Mapping[str, Node] | None = None) -> Node:
    """The tree of one expression; `lists` holds the tree of every list it may name.

    Raises QueryError. An expression that could match without any positive text term is refused,
    because it would match nearly every article.
    """
    node = parse_item(text, lists)
    if not needs_text(node):
        hint = "Add a word that must occur, with AND: for example “missile AND NOT test”."
        raise QueryError(
            "this would match articles in which none of your words occur",
            0,
            len(text),
            hint,
            code="T303",
        )
    return node


def parse_item(text: str, lists: NamedLists | Mapping[str, Node] | None = None) -> Node:
    """The tree of one item of a list: an expression that may be metadata or a negation alone."""
    if len(text) > MAX_LENGTH or len(text.encode("utf-8", "surrogatepass")) > MAX_LENGTH:
        hint = "Move groups of alternatives into `lists` and name them with $name."
        raise QueryError("the expression is longer than 64 KiB", 0, 1, hint, code="T302")
    places: Sequence[int] = range(len(text))
    said = text
    if not text.isascii():
        places = visible(text)
        said = "".join([text[at] for at in places]).translate(_WIDE)
    if not said.strip():
        raise QueryError(
            "the expression is empty", 0, 1, "Write the words to look for.", code="T301"
        )
    known = lists if isinstance(lists, NamedLists) else NamedLists(lists or {})
    try:
        return ExpressionParser(said, symbols(said), known).expression()
    except QueryError as error:
        if len(said) < len(text):
            error.start, error.end = _moved(error, places)
        raise


def _moved(error: QueryError, places: Sequence[int]) -> tuple[int, int]:
    """The place of a mistake in the full text; only its characters at `places` were read."""
    last = len(places) - 1
    return places[min(error.start, last)], places[min(error.end - 1, last)] + 1
