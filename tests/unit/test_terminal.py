"""What `tocsin explain` says of a watchlist that does not match."""

from __future__ import annotations

import pytest

from articles import judged
from service.terminal import reasons

TEXT = "A missile flew. It was a test of one missile, and of no more than that."


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("missile AND jet AND tank", ["not mentioned: jet", "not mentioned: tank"]),
        ("jet OR tank", ["none of these holds: jet, tank"]),
        ("missile AND NOT test", ["it must not hold, but does: test"]),
        ("title:missile", ["in title: not mentioned: missile"]),
        ("missile AND source:bbc", ["the metadata is another: source:bbc"]),
        ("missile NEAR/5 jet", ["not mentioned: jet"]),
        (
            "missile ONEAR/1 test",
            ["all mentioned, but nowhere so near: missile ONEAR/1 test"],
        ),
        (
            "title:(missile NEAR/s test)",
            ["in title: not mentioned: missile", "in title: not mentioned: test"],
        ),
        ("atleast3(missile)", ["only 2 of 3: atleast3(missile)"]),
        ("atleast3(jet)", ["not mentioned: jet"]),
        ("atleast2(missile NEAR/3 test)", ["only 1 of 2: atleast2(missile NEAR/3 test)"]),
        ("any2(missile, jet, tank)", ["only 1 of 2: any2(missile, jet, tank); not jet, tank"]),
        ("missil? AND jet*", ["not mentioned: jet*"]),
    ],
)
def test_reasons(expression: str, expected: list[str]) -> None:
    """The parts that failed, each with what was found of it."""
    assert reasons(judged(expression, TEXT).finding) == expected
