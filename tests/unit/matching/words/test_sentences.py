"""Where sentences and paragraphs end."""

from __future__ import annotations

import time

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
        ("It climbed 2.4. September was worse.", ["It climbed 2.4.", "September was worse."]),
        (
            "It cost Rs. 500 crore, see p. 5 and pp. 7. Khan paid.",
            ["It cost Rs. 500 crore, see p. 5 and pp. 7.", "Khan paid."],
        ),
        (
            "He posted on X. A spokesman said. It lacks vitamin D. I know.",
            ["He posted on X.", "A spokesman said.", "It lacks vitamin D.", "I know."],
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
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Roe v. Wade fell.|In Boston, Mass. Khan met Wu.|It is in Lowell, Mass.|The end."),
        ("en", "Cpl. Khan met Drs. Smith and Wu.|He likes the mass.|Then he left."),
        ("en", "He left.|- Who?|- Khan."),
        ("de", "Am 5. Mai fiel sie.|Er hat 5.|Dann ging er."),
        ("de", "Der 3. Platz im 2. Weltkrieg.|Es waren 5 Mrd. Euro.|300 v. Chr. Rom fiel."),
        ("de", "Im Jahr 2024.|Mai kam."),
        ("de", "Das sind z. B. Raketen.|Mehr nicht."),
        ("fr", "M. Dupont et Mme. Durand partent.|Le 5 janv. 2024 il vient.|Il reste."),
        ("es", "EE. UU. lanzó un misil.|Irán no."),
        ("es", "El barco está en el mar.|Irán no.|La Sra. Gómez salió."),
        ("it", "Il Dott. Rossi e l’Ing. Bianchi.|Ecco l’art. 5 della legge.|Poi partì."),
        ("nl", "Dhr. Jansen en drs. Smit.|Zie art. 5.|Hij ging."),
        ("pl", "Muzeum im. Jana Matejki przy ul. Długiej.|To m.in. Polska.|On wyszedł."),
        ("ru", "Он жил на ул. Ленина.|Она ушла."),
        ("ru", "Цена — 500 руб.|Компания продала."),
        ("ru", "Он стоит 5 руб. 30 коп.|Компания продала."),
        ("ru", "В 2024 г. он ушёл.|Она сказала им.|Потом г. Москва."),
        ("el", "Ποιος είναι;|Είναι εδώ.|Πάμε."),
        ("hy", "Նա եկավ։|Նա գնաց։"),
        ("am", "እሱ መጣ።|እሷ ሄደች።"),
    ],
)
def test_sentences_of_a_language(language: str, text: str) -> None:
    """Its own abbreviations and openers; `|` is where a sentence ends."""
    expected = text.split("|")
    assert sentences(" ".join(expected), language) == expected


def test_full_stops_without_a_space() -> None:
    """Burmese and Khmer end a sentence by the mark alone."""
    assert sentences("လာသည်။သွားသည်။") == ["လာသည်။", "သွားသည်။"]
    assert sentences("គាត់មក។គាត់ទៅ។") == ["គាត់មក។", "គាត់ទៅ។"]


def sentences(text: str, language: str = "") -> list[str]:
    """The sentences of a text."""
    found = split_text(text, language).sentences
    return [text[sentence.start : sentence.end] for sentence in found]


def test_a_run_of_stops_is_read_once() -> None:
    """Where no sentence ends behind it: 20,000 took half a minute, and an article may have more."""
    start = time.process_time()
    assert len(split_text(f"Khan left{'.' * 20_000}khan.").sentences) == 1
    assert time.process_time() - start < 5


@pytest.mark.parametrize("gap", [f"{' ' * 40_000}\n", f". {' ' * 40_000}§"])
def test_a_run_of_spaces_is_read_once(gap: str) -> None:
    """Each of them was looked at as the first one of a paragraph's end: five seconds and more."""
    start = time.process_time()
    assert len(split_text(f"Khan left{gap}Khan").sentences) == 1
    assert time.process_time() - start < 2


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
