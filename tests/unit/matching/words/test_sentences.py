"""Where sentences and paragraphs end."""

from __future__ import annotations

import pytest

from service.matching.words.text import split_text


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
        ("„Die Rakete flog.“ Khan ging.", ["„Die Rakete flog.“", "Khan ging."]),
        ("Er ging. „Die Rakete flog“, sagte er.", ["Er ging.", "„Die Rakete flog“, sagte er."]),
        ("»Die Rakete flog.« »Ach!« Khan ging.", ["»Die Rakete flog.«", "»Ach!«", "Khan ging."]),
        ("Han gick. ”Raketen flög.” Khan sa.", ["Han gick.", "”Raketen flög.”", "Khan sa."]),
        ("Il part. « Le missile. » Khan reste.", ["Il part.", "« Le missile. »", "Khan reste."]),
        ("— Jet here. — Tank there. (No.) Yes.", ["— Jet here.", "— Tank there.", "(No.)", "Yes."]),
        ("He left.“Khan stayed.", ["He left.“Khan stayed."]),
        ("The answer was no. Turkey flew.", ["The answer was no.", "Turkey flew."]),
        (
            "See art. 5 of it. He studies art. We left.",
            ["See art. 5 of it.", "He studies art.", "We left."],
        ),
        (
            "Lockheed Martin Corp. said so. Apple Inc. The company sold. It was Plan B. The end.",
            [
                "Lockheed Martin Corp. said so.",
                "Apple Inc.",
                "The company sold.",
                "It was Plan B.",
                "The end.",
            ],
        ),
        (
            "He is 5 ft. The missile fell. Ft. Worth won, etc. The next.",
            ["He is 5 ft.", "The missile fell.", "Ft. Worth won, etc.", "The next."],
        ),
        ("Mr. No and Gen. An left.", ["Mr. No and Gen. An left."]),
        (
            "P. Chidambaram met J. A. Smith and T. I. Khan. A deal.",
            ["P. Chidambaram met J. A. Smith and T. I. Khan.", "A deal."],
        ),
        (
            "See Vol. II and Art. IV of it. Then no. I left.",
            ["See Vol. II and Art. IV of it.", "Then no.", "I left."],
        ),
        ("Цена — 500 руб. Компания продала.", ["Цена — 500 руб.", "Компания продала."]),
        ("It climbed 2.4. September was worse.", ["It climbed 2.4.", "September was worse."]),
        (
            "It cost Rs. 500 crore, see p. 5 and pp. 7. Khan paid.",
            ["It cost Rs. 500 crore, see p. 5 and pp. 7.", "Khan paid."],
        ),
        (
            "Am 5. Mai fiel sie. Er hat 5. Dann ging er.",
            ["Am 5. Mai fiel sie.", "Er hat 5.", "Dann ging er."],
        ),
        ("Im Jahr 2024. Mai kam.", ["Im Jahr 2024.", "Mai kam."]),
        ("EE. UU. lanzó un misil. Irán no.", ["EE. UU. lanzó un misil.", "Irán no."]),
        ("Das sind z. B. Raketen. Mehr nicht.", ["Das sind z. B. Raketen.", "Mehr nicht."]),
        ("Он жил на ул. Ленина. Она ушла.", ["Он жил на ул. Ленина.", "Она ушла."]),
        (
            "He posted on X. A spokesman said. It lacks vitamin D. I know.",
            ["He posted on X.", "A spokesman said.", "It lacks vitamin D.", "I know."],
        ),
        (
            "Он стоит 5 руб. 30 коп. Компания продала.",
            ["Он стоит 5 руб. 30 коп.", "Компания продала."],
        ),
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
    assert [text[found.start : found.end] for found in split_text(text).sentences] == expected


def test_every_word_knows_its_sentence_and_paragraph() -> None:
    """Numbers count from 0 through the text."""
    read = split_text("A b. C d.\n\nE f.")
    numbers = zip(read.surfaces, read.sentence_numbers, read.paragraphs, strict=True)
    assert list(numbers) == [
        ("A", 0, 0),
        ("b", 0, 0),
        ("C", 1, 0),
        ("d", 1, 0),
        ("E", 2, 1),
        ("f", 2, 1),
    ]
