"""How a search is written as an expression."""

from __future__ import annotations

import pytest

from service.rules.imports.expression import MAX_CHARS, expression
from service.rules.imports.search import (
    TOO_DEEP,
    All,
    AnyOf,
    Near,
    Search,
    Spelling,
    Term,
    Untranslatable,
    Within,
    Without,
)


def a_word(text: str) -> Term:
    """A word with its forms."""
    return Term(text, Spelling.FORMS)


SHIP, PORT, CREW = map(a_word, ("ship", "port", "crew"))


@pytest.mark.parametrize(
    ("search", "text"),
    [
        (All((Without(SHIP), PORT, CREW)), "port AND crew AND NOT ship"),
        (
            Near(Near(SHIP, PORT, 3, ordered=True), CREW, 3, ordered=True),
            "ship ONEAR/3 port ONEAR/3 crew",
        ),
        (Near(SHIP, AnyOf((PORT, CREW)), "s"), "ship NEAR/s (port OR crew)"),
        (All((a_word("OR"), PORT)), '"OR" AND port'),
        (All((a_word("NEAR"), PORT)), '"NEAR" AND port'),
        (All((a_word("F16"), PORT)), '"F16" AND port'),
        (Within("title", All((SHIP, PORT))), "title:(ship AND port)"),
        (Term("Ship", Spelling.CASED), "cs(Ship)"),
    ],
)
def test_a_search_is_written_as_people_write_it(search: Search, text: str) -> None:
    """What is excluded stands last, a chain has no parentheses, an operator's word has quotes."""
    assert expression(search).text == text


def test_what_would_be_too_long_or_too_deep_is_not_written() -> None:
    """With what to do."""
    words = [a_word(f"word{number:06}") for number in range(MAX_CHARS // 10)]
    with pytest.raises(Untranslatable, match=r"it would take \d+ characters here; divide it"):
        expression(AnyOf(tuple(words)))
    deep: Search = SHIP
    for _ in range(5_000):
        deep = Without(Without(deep))
    with pytest.raises(Untranslatable, match=TOO_DEEP):
        expression(deep)
