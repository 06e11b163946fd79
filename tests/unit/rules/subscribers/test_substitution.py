"""`${NAME}` is replaced by a value, or reported with its place."""

from __future__ import annotations

import pytest

from service.rules.subscribers.substitution import Unset, has_variables, substitute

VALUES = {"ONE": "1", "TWO_2": "${ONE}", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("plain $ONE {ONE} $ {ONE}", "plain $ONE {ONE} $ {ONE}"),
        ("${ONE}", "1"),
        ("a${ONE}b${ONE}c", "a1b1c"),
        ("${TWO_2}", "${ONE}"),
        ("<${EMPTY}>", "<>"),
        ("${2}${A-B}", "${2}${A-B}"),
    ],
)
def test_each_variable_becomes_its_value(text: str, filled: str) -> None:
    """A value is not looked into again, and other signs stay as they are."""
    assert substitute(text, VALUES.get) == filled


def test_the_first_name_without_a_value_is_reported() -> None:
    """With its place in the text, for the caret."""
    assert substitute("a ${ONE} ${NONE} ${NEITHER}", VALUES.get) == Unset("NONE", (9, 16))


@pytest.mark.parametrize(("text", "has"), [("a ${B} c", True), ("$B {B} ${}", False)])
def test_a_text_with_a_variable_is_known(text: str, *, has: bool) -> None:
    """Without values such a text is not checked."""
    assert has_variables(text) is has
