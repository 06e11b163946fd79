"""Comments of readers below a text, under no heading that is known."""

from __future__ import annotations

from builders.entries import PROSE
from service.articles.page.extract import from_text

ABOVE = ["News", "Sport", "Small ads", "Oslona doubles duty on frigates", "14 June 2026", "Share"]
BELOW = ["Most read", "Velden opens its museum of salt", "© 2026 Post Ltd."]
TEXT = [f"{each} So said the ministry of the two ports, and its minister." for each in PROSE]
READERS = ["Ada Fenn writes:", "harbourman:", "T. Quill says:", "Mirabel Otto:"]
COMMENT = "Frigates are too dear for us as it is, and the yard has never built one in time anyway."


def paragraphs_of(*text: str) -> list[str]:
    """What is taken of a page with these lines."""
    return from_text("\n".join([*ABOVE, *text, *BELOW])).paragraphs()


def test_signed_comments_are_not_the_article() -> None:
    """They are longer than it: each has a name, a day and a time."""
    comments = [
        line
        for number, reader in enumerate(READERS)
        for line in (reader, f"1{number}. June 2026 at 1{number}:05", *[COMMENT] * 2)
    ]
    assert paragraphs_of(*TEXT, *comments) == TEXT


def test_a_live_report_stays() -> None:
    """Its entries have a day and a time, and nobody's name."""
    entries = [
        line
        for hour, paragraph in enumerate(PROSE)
        for line in (f"14 June 2026, 1{hour}:05", paragraph, COMMENT)
    ]
    found = paragraphs_of(*TEXT, *entries)
    assert found.count(COMMENT) == len(PROSE)


def test_a_live_report_of_several_reporters_stays() -> None:
    """Each signs an entry with a name, a day and a time, as readers sign comments."""
    names = ["Ada Fenn", "Tam Quill", "Mirabel Otto", "Ada Fenn", "Tam Quill"]
    entries = [
        line
        for hour, name in enumerate(names)
        for line in (name, f"14 June 2026, 1{hour}:05", f"{TEXT[0]} Entry {hour}.", COMMENT)
    ]
    found = paragraphs_of(TEXT[1], *entries)
    assert [each for each in found if each.startswith(TEXT[0])] == entries[2::4]
    assert found.count(COMMENT) == len(names)


def test_the_cases_of_a_police_report_stay() -> None:
    """Above each is where and when it happened."""
    places = ["Brenn, Hohentor", "Brenn, Altstadt", "Brenn, Westend", "Velden, Hafen"]
    cases = [
        line
        for hour, place in enumerate(places)
        for line in (
            f"Ort: {place}, 14.06.2026, 1{hour}:05 Uhr",
            f"{TEXT[0]} Fall {hour}.",
            COMMENT,
        )
    ]
    found = paragraphs_of(COMMENT, *cases)
    assert [each for each in found if each.startswith(TEXT[0])] == cases[1::3]


def test_an_article_between_signed_lists_stays() -> None:
    """Teasers above it and comments below have names and times; it is much longer than both."""
    teasers = [
        line
        for number, reader in enumerate(READERS[:3])
        for line in (reader, f"1{number}. June 2026 at 1{number}:05", COMMENT)
    ]
    long = [f"{paragraph} {paragraph}" for paragraph in PROSE] * 3
    found = paragraphs_of(COMMENT, *[COMMENT] * 3, *teasers, "Frigates", *long, *teasers)
    assert [each for each in found if each in long] == long


def test_comments_under_their_heading_need_no_names() -> None:
    """Days and times tell them, however much longer than the article they are."""
    comments = [
        line
        for minute in range(10, 30)
        for line in (f"(22 June 2026 @11h{minute})", ":", "Good evening", *[COMMENT] * 2)
    ]
    assert paragraphs_of(*TEXT, *TEXT, "20 comments", *comments) == [*TEXT, *TEXT]


def test_what_stands_below_comments_is_not_the_article() -> None:
    """Nor where the article is a single paragraph, and a list of sentences has more of them."""
    comments = [
        line
        for number, reader in enumerate(READERS)
        for line in (reader, f"1{number}. June 2026 at 1{number}:05", "Build it at last.")
    ]
    article = " ".join([*TEXT, *TEXT])
    assert paragraphs_of(article, *comments, "Elsewhere", *TEXT, COMMENT) == [article]


def test_a_live_report_below_a_count_of_comments_stays() -> None:
    """Its entries are as long as what is above them."""
    entries = [
        line for hour in range(4) for line in (f"14 June 2026, 1{hour}:05", *TEXT, f"{hour} a.m.")
    ]
    found = paragraphs_of(*TEXT, "12 comments", *entries)
    assert found.count(TEXT[0]) == 5
