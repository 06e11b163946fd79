"""Where sentences and paragraphs end."""

from __future__ import annotations

import pytest

from service.matching.text import sentences, tokenise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("U.S. officials said. Mr. Khan left.", ["U.S. officials said.", "Mr. Khan left."]),
        ("In the U.S. The plan works.", ["In the U.S.", "The plan works."]),
        ("The U.S. Army came. It left.", ["The U.S. Army came.", "It left."]),
        ("J. Smith spoke. No. 5 fell.", ["J. Smith spoke.", "No. 5 fell."]),
        ("He said “No.” Then he left.", ["He said “No.”", "Then he left."]),
        ("Really?! Yes… 5.5 is it.", ["Really?!", "Yes…", "5.5 is it."]),
        ("¿Qué? ¡No! Ya.", ["¿Qué?", "¡No!", "Ya."]),
        ("日本は。中国と「はい。」次", ["日本は。", "中国と「はい。」", "次"]),
        ("Он сказал. Она ушла.", ["Он сказал.", "Она ушла."]),
        ("It cost 5.5 or e.g. six.", ["It cost 5.5 or e.g. six."]),
        ("One\n\nTwo", ["One", "Two"]),
        ("One\n \t\n\nTwo", ["One", "Two"]),
        ("One\ntwo", ["One\ntwo"]),
        ("", [""]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    """Abbreviations, initials, decimals and acronyms do not end a sentence; blank lines do."""
    assert [text[found.start : found.end] for found in sentences(text)] == expected


def test_every_word_knows_its_sentence_and_paragraph() -> None:
    """Numbers count from 0 through the text."""
    tokens = tokenise("A b. C d.\n\nE f.")
    assert [(token.surface, token.sentence, token.paragraph) for token in tokens] == [
        ("A", 0, 0),
        ("b", 0, 0),
        ("C", 1, 0),
        ("d", 1, 0),
        ("E", 2, 1),
        ("f", 2, 1),
    ]
