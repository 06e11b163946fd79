"""What an expression is refused with."""

from __future__ import annotations

import pytest

from service.errors import QueryError
from service.matching.syntax.lists import NamedLists
from service.matching.syntax.parser import parse
from service.matching.syntax.tree import Node, Or

LISTS: dict[str, Node] = {
    "turkey": Or((parse("Turkey"), parse("Ankara")), "turkey"),
    "jet": Or((parse("jet"), parse("plane AND NOT toy")), "jet"),
}


def mistake(expression: str, lists: NamedLists | dict[str, Node] | None = None) -> QueryError:
    """The error that an expression is refused with."""
    with pytest.raises(QueryError) as caught:
        parse(expression, lists if lists is not None else LISTS)
    return caught.value
