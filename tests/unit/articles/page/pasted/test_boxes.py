"""Boxes on a copied page that only the lines around them tell."""

from __future__ import annotations

import pytest

from builders.entries import PROSE
from service.articles.page.extract import from_text

HEADLINE = "Oslona doubles duty on frigates"
ABOVE = [
    "News",
    "Sport",
    "Small ads",
    "Tides",
    HEADLINE,
    "By Mira Tolland",
    "14 June 2026",
    "Share",
]
BELOW = ["Topics: Shipping", "Most read", "Velden opens its museum of salt", "© 2026 Post Ltd."]


def cuts_of(*text: str) -> dict[str, str]:
    """What is cut of a page with these lines as its article, and why; the rest is PROSE."""
    page = from_text("\n".join([*ABOVE, *text, *BELOW]))
    assert page.title == HEADLINE
    assert page.paragraphs() == list(PROSE)
    return {cut.text: cut.reason for cut in page.cuts}


@pytest.mark.parametrize("field", ["Enter your email", "Votre adresse e-mail", "E-Mail-Adresse"])
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_newsletter_is_cut_with_its_heading_and_its_button(field: str, at: int) -> None:
    """None of them is chrome by itself; the field is."""
    box = ["The Morning Tide", "What the estuary speaks of, at six.", field, "Count me in"]
    cuts = cuts_of(*PROSE[:at], *box, *PROSE[at:])
    assert {cuts.get(line) for line in box if line != field} == {"notice"}


def test_a_paragraph_above_a_field_stays() -> None:
    """It has no heading, or it is too long for one."""
    cuts_of(PROSE[0], PROSE[1], "Enter your email", "Sign up", PROSE[2])


@pytest.mark.parametrize("end", ["…", "...", ""])
def test_a_quote_that_is_printed_twice_is_cut(end: str) -> None:
    """It repeats a paragraph that is not right below it."""
    quote = f"“We build where it is cheapest{end}”"
    cuts = cuts_of(*PROSE, quote)
    assert cuts[quote] == "pull-quote"


def test_a_subhead_that_quotes_the_paragraph_below_it_stays() -> None:
    """It is the article's own."""
    quote = "“We build where it is cheapest”"
    page = from_text("\n".join([*ABOVE, *PROSE[:2], quote, PROSE[2], *BELOW]))
    assert quote in page.paragraphs()


def test_who_the_author_is_is_cut_between_name_and_date() -> None:
    """A person of the same name in the article is not."""
    note = "Mira Tolland has sailed the Sell since 2011."
    head = [*ABOVE[:6], note, *ABOVE[6:]]
    page = from_text("\n".join([*head, *PROSE, *BELOW]))
    assert page.paragraphs() == list(PROSE)
    assert {cut.text: cut.reason for cut in page.cuts}[note] == "author-note"
    page = from_text("\n".join([*ABOVE, note, *PROSE, *BELOW]))
    assert page.paragraphs() == [note, *PROSE]


def test_the_points_of_an_article_stay_below_their_heading() -> None:
    """Though they are no sentences."""
    points = ["Key points", "Duty on hulls rises to a fifth", "Both navies build elsewhere"]
    page = from_text("\n".join([*ABOVE, *points, *PROSE, *BELOW]))
    assert page.paragraphs() == [*points, *PROSE]


def test_short_sentences_below_a_box_stay() -> None:
    """Three in a row are no teasers."""
    first = "What do both navies say of the yard that has stood empty since spring?"
    last = [first, "They will build.", "Where is the yard of the navies?", "On the Sell."]
    box = ["Recommended Stories", "Velden opens its museum", "Quill is named to head the board"]
    page = from_text("\n".join([*ABOVE, *PROSE, *box, *last, *BELOW]))
    assert page.paragraphs() == [*PROSE, *last]


def test_a_numbered_list_below_the_date_has_no_headline() -> None:
    """Though its last line is right above the text, and its words are in it."""
    items = ["Both navies need new hulls", "The yard has stood empty", "Admiral leaves his post"]
    most = [line for at, item in enumerate(items, 1) for line in (str(at), item)]
    page = from_text("\n".join([*ABOVE, "Most read in News", *most, *PROSE, *BELOW]))
    assert page.title == HEADLINE


@pytest.mark.parametrize("at", [1, 3])
def test_a_request_for_money_is_cut_with_its_heading(at: int) -> None:
    """The link below it says what it is."""
    box = ["While you are here", "Nine thousand readers pay for what we write.", "Donate now"]
    cuts = cuts_of(*PROSE[:at], *box, *PROSE[at:])
    assert [cuts.get(line) for line in box] == ["notice", "notice", "offer"]


TEASERS = [
    "Bakers warn of dearer bread by spring",
    "Flour costs a tenth more than last autumn, millers told us in Quill.",
]


def test_teasers_inside_a_text_are_cut() -> None:
    """Two in a row, with none of its words."""
    more = [
        "Choir looks for tenors in town",
        "Four men can begin in church, if they know how to read their notes.",
    ]
    last = "The admiral said that the yard is the cheapest that both navies have on the Sell."
    page = from_text("\n".join([*ABOVE, *PROSE, *TEASERS, *more, *PROSE[1:], last, *BELOW]))
    assert page.paragraphs() == [*PROSE, *PROSE[1:], last]
    cuts = {cut.text: cut.reason for cut in page.cuts}
    assert cuts["\n\n".join(TEASERS)] == cuts["\n\n".join(more)] == "other-story"


def test_subheads_with_a_paragraph_each_stay() -> None:
    """Their paragraphs have the words of the text."""
    parts = [
        "What the admiral said to reporters",
        "The admiral said both navies need the yard on the Sell before the spring.",
        "Where both of the new hulls are built",
        "Hulls for both navies are built in the single yard that stood empty.",
    ]
    page = from_text("\n".join([*ABOVE, *PROSE[:2], *parts, PROSE[2], *BELOW]))
    assert page.paragraphs() == [*PROSE[:2], *parts, PROSE[2]]


@pytest.mark.parametrize("name", ["Mira Tolland", "Mira Tolland (Velden)", "Mira Tolland / VELDEN"])
def test_a_name_below_a_standfirst_is_no_headline(name: str) -> None:
    """It stands next to the date, and the headline above both."""
    lead = "Shipowners warn that hulls cost a fifth more, and nobody knows who pays."
    head = [*ABOVE[:4], HEADLINE, lead, name, "14 June 2026", "Share"]
    page = from_text("\n".join([*head, *PROSE, *BELOW]))
    assert (page.title, page.lead) == (HEADLINE, lead)


def test_a_caption_below_byline_and_date_is_no_headline() -> None:
    """Though it has the words of the text, and no headline has."""
    lead = "Shipowners warn that hulls cost a fifth more, and nobody knows who pays."
    caption = "The single yard on the Sell that both navies build in"
    head = [*ABOVE[:4], HEADLINE, lead, "By Mira Tolland", "14 June 2026", caption]
    page = from_text("\n".join([*head, *PROSE, *BELOW]))
    assert (page.title, page.lead) == (HEADLINE, lead)


def test_the_last_paragraphs_stay_below_subheads() -> None:
    """One below each, where two of them follow each other in the end."""
    section = [
        "Where both fleets would have to meet",
        "The strait is narrow, and the tide in it turns four times on most days of a month.",
        "Who pays in the end",
        "The navies will build their frigates in the yard by halves, says the admiral of one.",
        "A vote on it is expected before the summer, when both houses meet for the last time.",
    ]
    page = from_text("\n".join([*ABOVE, *PROSE, *section, "Share", *BELOW]))
    assert page.paragraphs() == [*PROSE, *section]


def test_a_text_goes_on_below_a_box() -> None:
    """What is right above the buttons at its end is no list of teasers."""
    box = ["Not to be missed", "Velden opens its museum of salt", "Mirabel floods again"]
    rest = [
        "Taxpayers will have the last word, by all that is known of the plans of the ministry.",
        "A date for it",
        "A vote on it is expected before the summer, when both houses meet for the last time.",
        "Neither side would comment.",
        "Whatever comes of it, the harbour master says that he has seen worse winters than this.",
    ]
    page = from_text("\n".join([*ABOVE, *PROSE, "Read more", *box, *rest, "Share", *BELOW]))
    assert page.paragraphs()[-len(rest) :] == rest
