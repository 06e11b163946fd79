"""What must never happen to a copied page, whatever stands around its article."""

from __future__ import annotations

import pytest

from builders.entries import PROSE
from service.articles.page.extract import from_text
from service.articles.page.prose import is_prose, size

MENU = ["Estuary Post", "News", "Sport", "Small ads", "Weather", "Subscribe now", "Tides"]
TEASERS = [
    line
    for headline, teaser in [
        ("Velden opens its museum of salt", "It is of salt, and of the people who made it there."),
        ("Mirabel floods for the second time", "Nobody was hurt, but the cellars are full of mud."),
        ("Quill is named to head the board", "He has been a farmer and a banker for forty years."),
    ]
    for line in (headline, f"{teaser} The council wants to say more about it on Thursday.")
]
FOOTER = ["Most read", *TEASERS, "Imprint", "© 2026 Estuary Post Ltd."]
HEADLINE = "Oslona doubles duty on frigates"
DECKS = [
    "The duty on hulls rises to a fifth, and both navies say that they will build elsewhere",
    "The duty on hulls rises to a fifth, and both navies say that they will build elsewhere.",
]


@pytest.mark.parametrize("deck", DECKS)
@pytest.mark.parametrize("around", [[], ["By Mira Tolland", "14 June 2026"], ["14 June 2026"]])
@pytest.mark.parametrize(
    "above", [[], MENU, [*MENU, *TEASERS], [*MENU, *(each for each in TEASERS[::2])]]
)
def test_a_headline_with_a_deck_below_it_stays(
    deck: str, around: list[str], above: list[str]
) -> None:
    """It is the title, the deck the lead, whatever is above and between."""
    page = from_text("\n".join([*above, HEADLINE, deck, *around, *PROSE, *FOOTER]))
    assert page.title == HEADLINE
    assert page.paragraphs() == [deck, *PROSE]


@pytest.mark.parametrize("headline", ["Oslona doubles duty", "Oslona doubles duty on frigates"])
def test_a_short_headline_below_a_date_stays(headline: str) -> None:
    """Though its deck is longer, and has none of its words."""
    deck = "Shipowners warn that the hulls will cost a fifth more by spring"
    page = from_text("\n".join(["14 June 2026", "2 mins read", headline, deck, *PROSE, *FOOTER]))
    assert (page.title, page.paragraphs()) == (headline, [deck, *PROSE])


@pytest.mark.parametrize("link", ["Next Post", "Previous story", "Nächster Artikel", "3 comments"])
def test_what_is_below_a_link_to_the_next_story_stays_where_the_text_is(link: str) -> None:
    """Templates have it above the text, too."""
    above = [*MENU, link, "Velden opens its museum of salt"]
    page = from_text("\n".join([*above, HEADLINE, "14 June 2026", *PROSE, *FOOTER]))
    assert page.title == HEADLINE
    assert page.paragraphs() == list(PROSE)


@pytest.mark.parametrize("title", ["", HEADLINE])
def test_the_only_paragraph_is_no_teaser(title: str) -> None:
    """A brief of one paragraph looks like one, but for its headline and its date."""
    only = f"{PROSE[0]} The duty on frigates doubles in Oslona at the end of the year."
    text = [*MENU, HEADLINE, "14 June 2026", only, "Share", *FOOTER]
    assert only in from_text("\n".join(text), title=title).paragraphs()


@pytest.mark.parametrize("title", ["", HEADLINE])
def test_not_more_running_text_is_cut_than_kept(title: str) -> None:
    """An article in pieces, each below a subhead and a time, is one."""
    pieces = [
        line
        for hour in range(10, 18)
        for line in (
            f"{hour}:15",
            "What the navies say",
            f"At {hour} the navies of both coasts spoke of the yard again. {PROSE[0]}",
            "The yard and its frigates were the subject, and no other yard was named by anybody.",
        )
    ]
    text = [*MENU, HEADLINE, "By Mira Tolland", *pieces, "Share", *FOOTER]
    kept = from_text("\n".join(text), title=title).paragraphs()
    running = sum(size(each) for each in pieces if is_prose(each))
    assert sum(size(each) for each in kept if is_prose(each)) > running / 2
    assert kept[-1] == pieces[-1]


@pytest.mark.parametrize("times", [1, 2, 12])
def test_a_title_is_known_however_long_the_menu_is(times: int) -> None:
    """And though a list above has it, too."""
    above = [*MENU * times, *TEASERS, HEADLINE, *MENU * times]
    page = from_text("\n".join([*above, HEADLINE, "14 June 2026", *PROSE, *FOOTER]), title=HEADLINE)
    assert page.paragraphs() == list(PROSE)
    unknown = from_text("\n".join([*above, HEADLINE, "14 June 2026", *PROSE, *FOOTER]))
    assert (unknown.title, unknown.paragraphs()) == (HEADLINE, list(PROSE))
