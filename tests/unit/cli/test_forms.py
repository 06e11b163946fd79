"""`tocsin forms`: what a word finds, and what it does not."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from service.cli.forms import app


def said(*words: str) -> str:
    """What the command prints."""
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.output


def test_each_word_of_a_phrase() -> None:
    """The forms that it finds, itself first."""
    first, second = said("strike off").splitlines()
    assert first.startswith("strike finds strike, ")
    assert " struck" in first
    assert second.startswith("off finds off")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["US"], "  capitals are an acronym, which has no other forms but its plural"),
        (["qzxvb"], "  the list of forms does not have the word: write other forms with OR"),
        (["shot"], "  not the forms of “shoot” ("),
        (
            ["gemiler", "--language", "tr"],
            "  and every word whose dictionary form is “gemi”; there is no list of them for “tr”",
        ),
        (
            ["x", "--language", "ur-PK"],
            "  there is no list of forms for “ur”: try it with tocsin explain",
        ),
    ],
)
def test_what_it_cannot_find(words: list[str], line: str) -> None:
    """An acronym, a word that is not known, a word that is a form of another."""
    assert line in said(*words)


def test_other_ways_to_write_it() -> None:
    """Designations, and what is written as one word or as two."""
    assert said("F-16 air strike").splitlines()[-1] == (
        "also written F16 air strike, F 16 airstrike, F16 airstrike"
    )


def test_json() -> None:
    """The same for programs."""
    (word,) = json.loads(said("shot", "--json"))["words"]
    assert word["word"] == "shot"
    assert word["known"]
    assert "shots" in word["finds"]
    assert word["misses"][0]["lemma"] == "shoot"
