"""All of a page, as it is copied: what stands above, below and around the article is cut."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.entries import PAGE_TEXT, PROSE, reasons
from service.articles.cut import Cut
from service.articles.page.extract import from_text
from service.articles.paragraphs import BREAK, line, paragraphs

MENU = ["Estuary Post", "News", "Sport", "Small ads", "Subscribe now"]
FOOTER = ["Tags: salt", "Salt", "Shipyards", "Sarabande strikes again", "© 2026 Estuary Post Ltd."]


def test_what_stands_above_the_headline_is_cut() -> None:
    """The headline is the last long line above the text; byline and date below it go too."""
    masthead = ["Mira Tolland, Kells", "14 June 2026, 10:15", "Share"]
    text = [*MENU, "Harwick builds a yard", *masthead, *PROSE, *FOOTER]
    page = from_text("\n".join(text))
    assert page.title == "Harwick builds a yard"
    assert page.paragraphs() == list(PROSE)
    assert reasons(page) == [
        "above-headline",
        "notice",
        "byline",
        "date-line",
        "share-bar",
        "tags",
        "below-text",
        "legal",
    ]


def test_a_standfirst_stays_between_headline_and_byline() -> None:
    """Though it is longer than the headline, and no sentence."""
    standfirst = "Both navies want their frigates to come from the halls on the estuary of the Sell"
    text = [*MENU, "Harwick builds a yard", standfirst, "By Mira Tolland", "14 June 2026", *PROSE]
    page = from_text("\n".join(text))
    assert (page.title, page.lead) == ("Harwick builds a yard", standfirst)
    assert page.paragraphs() == [standfirst, *PROSE]


def test_a_known_title_tells_where_the_article_begins() -> None:
    """Even a short one, which no rule would take for a headline."""
    page = from_text("\n".join([*MENU, "Harwick builds", *PROSE, *FOOTER]), title="Harwick builds")
    assert page.paragraphs() == list(PROSE)


@pytest.mark.parametrize(
    "text",
    [
        ["Best yard", "Harwick", "Best gull", "A grey one from the quay", *PROSE],
        [*PROSE, "Harwick 3", "Oslona 1", "Velden 0"],
        ["Two yards,", "one river,", "and a gull that sees them both", *PROSE],
        ["KELLS", "Sunday", *PROSE, "Reporting by Mira Tolland", "Editing by Jon Ask"],
        [*PROSE, "The boats that sail on Sunday", "Calliope", "Grace Mabel"],
    ],
)
@pytest.mark.parametrize("title", ["", "Harwick builds a yard"])
def test_lines_in_a_text_that_was_not_a_page_stay(text: list[str], title: str) -> None:
    """A list or a verse at either end is cut from nothing that shows no trace of a page."""
    assert from_text("\n".join(text), title=title).paragraphs() == text


def test_a_single_last_line_of_a_page_stays() -> None:
    """It may be the end of the article: dates of a life, who else reported."""
    last = "Cornelius Abt, cartographer, born 14 March 1935; died 28 April 2026"
    page = from_text("\n".join([*MENU, "A maker of maps is dead", *PROSE, last, FOOTER[-1]]))
    assert page.paragraphs() == [*PROSE, last]


def test_a_list_at_the_end_of_a_page_s_article_stays() -> None:
    """Only what stands below the first of the page's own lines is cut."""
    fixtures = ["Harwick v Oslona", "Velden v Quill"]
    page = from_text("\n".join([*MENU, "Harwick meet Oslona again", *PROSE, *fixtures, *FOOTER]))
    assert page.paragraphs() == [*PROSE, *fixtures]


def test_a_list_that_a_page_announces_stays() -> None:
    """Below a colon, lines without a full stop are the article's."""
    boats = ["The boats are:", "Calliope", "Grace Mabel"]
    page = from_text("\n".join([*MENU, "Three boats sail again", *PROSE, *boats, FOOTER[-1]]))
    assert page.paragraphs() == [*PROSE, *boats]


def test_a_note_on_the_author_is_cut() -> None:
    """It begins with the name in the byline; a paragraph on somebody else is text."""
    note = "Mira Tolland is the author of a history of salt."
    text = ["Harwick builds a yard", "By Mira Tolland", "14 June 2026", *PROSE]
    page = from_text("\n".join([*text, note]))
    assert page.paragraphs() == list(PROSE)
    assert page.cuts[-1] == Cut("author-note", note)
    other = "Jon Ask is the author of a history of salt."
    assert from_text("\n".join([*text, other])).body.endswith(other)


def test_a_match_s_place_above_a_report_is_no_byline() -> None:
    """A day without a year is text, and a name above one that has a time is one."""
    for day in ("Tuesday, 1 March", "Tuesday, 1 March, 19.45"):
        page = from_text("\n".join(["Weir Lane", day, *PROSE]), title="Rovers v Town")
        assert page.lead == "Weir Lane"


lines = st.lists(
    st.sampled_from([*PROSE, *PAGE_TEXT.split("\n\n"), "A headline", "Share", "Also read:"])
    | st.text(max_size=80),
    max_size=12,
)


@settings(deadline=None)
@given(
    lines, st.just("") | st.sampled_from(["A headline", "Previous Story"]) | st.text(max_size=30)
)
def test_every_paragraph_is_in_one_zone_or_in_one_cut(parts: list[str], title: str) -> None:
    """Nothing is lost, nothing stands twice, and the same text gives the same page."""
    text = "\n\n".join(parts)
    page = from_text(text, title=title)
    found = [*page.paragraphs(), *(each for cut in page.cuts for each in cut.text.split(BREAK))]
    if page.title and not line(title):
        found.append(page.title)
    assert Counter(found) == Counter(paragraphs(text))
    assert from_text(text, title=title) == page
