"""Comments that have advice ignored."""

from __future__ import annotations

import pytest

from builders.findings import found_in
from service.rules.findings.suppression import find_suppressions

RULES = """\
watchlists:
{above}  - id: w{item}
{inside}    match: >{match}
      Apple
      AND factory
    notify: [desk]{notify}
    tests: [{{match: {{title: x}}}}]
{below}subscribers: [{{id: desk, relay: 'json://desk.example'}}]
"""
COMMENT = "# tocsin: ignore T504 because fruit has no factories"


def codes(**comments: str) -> list[str]:
    """What is found with these comments at their places."""
    places = dict.fromkeys(("above", "item", "inside", "match", "notify", "below"), "") | comments
    return [one.code for one in found_in(RULES.format(**places))]


@pytest.mark.parametrize(
    ("comments", "expected"),
    [
        ({}, ["T504"]),
        ({"item": f" {COMMENT}"}, []),
        ({"above": f"  {COMMENT}\n"}, []),
        ({"above": f"{COMMENT}\n\n  # more\n"}, []),
        ({"inside": f"    {COMMENT}\n"}, []),
        ({"match": f" {COMMENT}"}, []),
        ({"notify": f" {COMMENT}"}, ["T504", "T602"]),
        ({"below": f"    {COMMENT}\n"}, ["T504", "T602"]),
        ({"match": " # tocsin: ignore T504"}, ["T601"]),
        ({"match": " # tocsin:ignore T504, T503 because both"}, ["T602"]),
        ({"match": " # tocsin: ignore T503 because of C"}, ["T602", "T504"]),
        ({"match": " # tocsin: ignore"}, ["T603", "T504"]),
        ({"match": " # tocsin: ignore T777 because"}, ["T603", "T504"]),
        ({"match": " # tocsin: ignore T601 because"}, ["T603", "T504"]),
        ({"match": " # tocsin: ignored"}, ["T504"]),
    ],
)
def test_a_comment_is_about_its_line_and_what_is_indented_below(
    comments: dict[str, str], expected: list[str]
) -> None:
    """Alone on a line it is about the next line that says something."""
    assert codes(**comments) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"a: '{COMMENT}'",
        f'a: "x {COMMENT}"',
        f"a: |\n  x\n  {COMMENT}\nb: y",
        f"a: x{COMMENT}",
    ],
)
def test_a_part_of_a_text_is_no_comment(text: str) -> None:
    """It belongs to what a key says."""
    assert [one.codes for one in find_suppressions(text)] == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_comment_after_a_text_of_several_lines_is_one(end: str) -> None:
    """It is less indented than the text."""
    text = end.join(["a: |", "  x", COMMENT, "b: y", ""])
    assert [(one.line, one.first, one.last) for one in find_suppressions(text)] == [(3, 4, 5)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# tocsin: ignore T1\n\n  # more\n \na:\n  b: 2\nc: 3", (5, 6)),
        ("# tocsin: ignore T1\na:\n\n   \n  b: 2\n\n  c: 3\n\nd: 4", (2, 8)),
        ("a:\n  # tocsin: ignore T1\n  b: 2\n  c: 3", (3, 3)),
        ("a: # tocsin: ignore T1\n  b: 2\n\n# x\nc: 3", (1, 3)),
        ("a: 1\n# tocsin: ignore T1\n  # x\n\n", (2, 5)),
        ("a: 1 # tocsin: ignore T1", (1, 1)),
    ],
)
def test_what_a_comment_is_about(text: str, lines: tuple[int, int]) -> None:
    """From the first line that says something to the last that is indented below it."""
    (one,) = find_suppressions(text)
    assert (one.first, one.last) == lines


def test_a_mistake_cannot_be_ignored() -> None:
    """And what a comment ignores is not asked while there is one: advice may be missing for it."""
    text = f"match: (jet # tocsin: ignore T305 because\nname: w {COMMENT}"
    assert [one.code for one in found_in(text)] == ["T305", "T603"]
