"""What commands show on a terminal."""

from __future__ import annotations

import json

import pytest

from service.cli.output.terminal import highlighted, one_line, print_json, quoted
from service.delivery.message.message import Quote, Stretch

SENTENCE = (Stretch("The "), Stretch("fighter jets", marked=True), Stretch(" left."))


def test_marked_words_are_highlighted() -> None:
    """The words that made a watchlist match, and no others."""
    text = highlighted(SENTENCE)
    assert text.plain == "The fighter jets left."
    assert [text.plain[span.start : span.end] for span in text.spans] == ["fighter jets"]


def test_a_quoted_sentence_names_its_zone() -> None:
    """A reader sees at once whether it is the title or the body."""
    assert quoted(Quote("lead", SENTENCE)).plain == "lead: “The fighter jets left.”"


def test_one_line_shows_controls_and_is_cut() -> None:
    """Text of others neither steers the terminal nor fills it."""
    assert one_line("a\tb\n\x1b[2J", 80) == "a b \\x1b[2J"
    assert one_line("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "text", ["Jagdflugzeuge für Türkiye 戦闘機", "\x1b[2J \x9b2J \x7f", "\ud800"]
)
def test_json_comes_back_as_it_was_and_steers_no_terminal(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Letters stay readable; controls and half characters are escaped."""
    print_json({"text": text})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"text": text}
    assert all(char.isprintable() or char == "\n" for char in printed)


def test_json_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """For programs that read a line at a time."""
    print_json({"a": [1, 2], "b": "x" * 200}, one_line=True)
    assert capsys.readouterr().out.count("\n") == 1
