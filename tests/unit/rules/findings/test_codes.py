"""The kinds of finding: each has a code, examples for and against, and a place on docs/lint.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builders.findings import PAGE, codes_in, lint_page
from service.rules.findings.codes import Code, all_codes

SERVICE = Path(__file__).parents[4] / "service"
SHOWN = [about for about in all_codes().values() if about.wrong]
DEEP = "".join(f"  l{n}: [$l{n + 1}]\n" for n in range(30))
LIMITS = {
    "T004": "watchlists: " + "[" * 200 + "]" * 200,
    "T206": f"lists:\n{DEEP}  l30: [jet]\n",
    "T302": f"match: {'jet ' * 20_000}",
    "T321": f"match: {'(' * 200}jet{')' * 200}",
    "T322": "lists:\n"
    f"  a: [{', '.join(f'w{n}' for n in range(1000))}]\n"
    f"  b: [{', '.join(['$a'] * 200)}]\n  c: [{', '.join(['$b'] * 200)}]\n",
}
"""Kinds whose examples are too long for a page."""


def test_every_code_that_is_made_is_listed_and_the_other_way_round() -> None:
    """No finding can be made without one: the type checker asks for it."""
    made = {
        code
        for path in SERVICE.rglob("*.py")
        if path.name != "codes.py"
        for code in re.findall(r'"(T\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert made == all_codes().keys()


@pytest.mark.parametrize("about", SHOWN, ids=lambda about: about.code)
def test_the_examples_show_it_and_nothing_else(about: Code) -> None:
    """One has just this, the other has nothing that could be found."""
    beside = {about.beside} - {""}
    past = about.archive
    found = codes_in(about.wrong, secrets=about.secrets, headlines=past)
    assert found == sorted({about.code, *beside})
    assert codes_in(about.right, secrets=about.secrets, headlines=past) == []


@pytest.mark.parametrize("code", LIMITS)
def test_a_limit_has_its_code(code: str) -> None:
    """Other mistakes may come of it."""
    assert code in codes_in(LIMITS[code])


def test_each_kind_without_an_example_is_a_limit() -> None:
    """But for what only the service's report says."""
    assert all_codes().keys() - {one.code for one in SHOWN} == {*LIMITS, "T009"}


def test_the_page_is_what_the_registry_makes_of_it() -> None:
    """`make events` writes it."""
    assert PAGE.read_text(encoding="utf-8") == lint_page()


def test_what_the_page_shows_of_ignoring_is_found_nowhere() -> None:
    """The example of comments above the codes."""
    (block, *_) = re.findall("```yaml\n(.+?)```", lint_page(), re.DOTALL)
    assert codes_in(block) == []
