"""Lines above a text that are not its headline, for where they stand or what they say of a day."""

from __future__ import annotations

import pytest

from service.articles.page.extract import from_text

MENU = ["Skip to main content", "Home", "News", "Harbour", "Courts", "Subscribe now"]
TITLE = "Oslona doubles its duty on frigates"
PROSE = [
    "Oslona will charge twice as much duty on frigates from June, its ministry of trade said.",
    "The yards of the north build nine in ten frigates, and most of them are sold abroad.",
    "Two navies have said that they will order from Wexland instead, which has no such duty.",
]
FOOTER = ["Share", "Facebook", "About us", "Privacy Policy", "© 2026 Oslona Post"]


def title_below(*masthead: str) -> str:
    """The title that is found where these lines stand between it and the text."""
    return from_text("\n".join([*MENU, *masthead, *PROSE, *FOOTER])).title


@pytest.mark.parametrize(
    "line",
    [
        "Submitted on Mon, 2026-03-02 13:49",
        "North Oslona 09:31 March 2, 2026",
        "Patrick Cand | Oslona City | 02/03/2026",
        "By Joan Biscuit, OPN Senior Navy Analyst",
    ],
)
def test_who_wrote_it_and_when_is_no_headline(line: str) -> None:
    """Whatever form the line has."""
    assert title_below(TITLE, line) == TITLE


def test_a_caption_below_the_date_is_no_headline() -> None:
    """Though it has the words of the text, and is next to the date."""
    caption = "A frigate of the northern yards, which sell most of them abroad, in Oslona"
    assert title_below(TITLE, "Mira Tolland", "2 March 2026", caption) == TITLE


def test_a_line_with_its_agency_is_no_headline() -> None:
    """A picture's caption may stand right above the date."""
    assert title_below(TITLE, "A frigate in Oslona. (The Harbour Press)", "2 March 2026") == TITLE


def test_items_of_a_list_are_no_headlines() -> None:
    """Videos of frigates between title and text, with the same words at each."""
    videos = ["Frigates of Oslona leave the yards", "Navies order frigates abroad", "Duty on trade"]
    listed = [each for video in videos for each in (video, "Now playing")]
    assert title_below(TITLE, "Now playing", *listed) == TITLE


def test_a_menu_alone_shows_that_a_text_was_copied() -> None:
    """Where but one line is known for what it is."""
    links = [f"Ward {number}" for number in range(14)]
    page = from_text("\n".join([*links, TITLE, "2 March 2026", *PROSE]))
    assert (page.title, page.paragraphs()) == (TITLE, PROSE)


def test_the_links_of_a_player_are_cut() -> None:
    """With the time that it shows; a subhead between paragraphs stays."""
    more = ["The ministry says that it will look at the duty again in two years.", "Orders abroad"]
    player = ["See a frigate leave", "00:48"]
    text = [*PROSE, *player, *more, PROSE[0]]
    page = from_text("\n".join([*MENU, TITLE, "2 March 2026", *text, *FOOTER]))
    assert page.paragraphs() == [*PROSE, *more, PROSE[0]]
    assert [cut.text for cut in page.cuts if cut.reason == "player"] == [
        "See a frigate leave\n\n00:48"
    ]


def test_the_items_of_a_list_do_not_end_the_text() -> None:
    """Lines that begin small go on with the sentence above them."""
    items = [
        "The duty is on:",
        "a frigate of more than two thousand tons",
        "its engines where they are sold alone",
        "guns of more than a hand in width",
    ]
    page = from_text("\n".join([*MENU, TITLE, "2 March 2026", *PROSE, *items, PROSE[0], *FOOTER]))
    assert page.paragraphs() == [*PROSE, *items, PROSE[0]]


@pytest.mark.parametrize(
    "line",
    [
        "Start > Sea > Yards > Duty on frigates of Oslona",
        "Oslona Post » Navies that order frigates abroad",
        "(First headline: Oslona doubles its duty on most frigates abroad)",
        f"Pass it on: {TITLE}",
        "Frigates of Oslona leave the northern yards. Photo of Navies Abroad Agency",
        "A frigate that is sold abroad by the northern yards leaves Oslona.Mira Tolland / Harbour",
    ],
)
def test_ways_labels_and_captions_are_no_headlines(line: str) -> None:
    """Though they stand right above the text, and have its words."""
    assert title_below(TITLE, "2 March 2026", line) == TITLE


def test_a_film_is_no_headline() -> None:
    """Its length is below its name."""
    film = "Frigates of Oslona leave the northern yards for navies abroad"
    assert title_below(TITLE, "2 March 2026", film, "2:02") == TITLE


@pytest.mark.parametrize(
    "headline",
    [
        "Why does Oslona double its duty on frigates?",
        "Oslona: twice the duty on frigates, and nobody was asked for it before!",
        "Minister of Oslona: \u201cWe had to double the duty on frigates\u201d",
    ],
)
def test_a_headline_may_be_a_sentence(headline: str) -> None:
    """A question, a call, what somebody said; above its date or right above the text."""
    for below in ([], ["2 March 2026"]):
        page = from_text("\n".join([*MENU, headline, *below, *PROSE, *FOOTER]))
        assert (page.title, page.paragraphs()) == (headline, PROSE)


def test_a_menu_and_a_footer_show_that_a_text_was_copied() -> None:
    """Where no line is known for what it is."""
    links = [f"Ward {number}" for number in range(24)]
    page = from_text("\n".join([*links, TITLE, "Mira Tolland", *PROSE, *PROSE, *links[:4]]))
    assert (page.title, page.paragraphs()) == (TITLE, [*PROSE, *PROSE])


def test_a_headline_below_its_date_is_no_teaser_above_it() -> None:
    """Where its deck has more words of the text than itself."""
    deck = "Frigates will cost twice as much abroad, where most are sold, and navies order less"
    teaser = "Frigates abroad: the navies that are sold most of them"
    assert title_below(teaser, "Sign in", "2 March 2026", TITLE, deck, "Mira Tolland") == TITLE


def test_a_question_with_nothing_below_but_itself_is_not_taken_out_of_the_text() -> None:
    """A page has its headlines twice: nothing would be left of it."""
    question = "Will the yards of the north close?"
    lines = ["Search", "Tags: a, b", "The frigates are coming!", question, question, "Courts"]
    page = from_text("\n".join([*lines, "Related articles", "Tolland wins", "Menu", "Share"]))
    assert question in page.paragraphs()
