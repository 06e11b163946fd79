"""Copied text → title, lead and body: what stands around an article is cut, nothing of it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders.entries import IN_ITS_CHROME, PAGE_TEXT, PROSE, reasons
from service.articles.cut import Cut
from service.articles.page.extract import Page, from_text
from service.articles.paragraphs import BREAK

ROOT = Path(__file__).parents[4]
STAND_IN = ROOT / "tests" / "data" / "copied-page.txt"
"""A page of the shape of the one that this service was ordered with, in words of our own."""
SHARED_SAMPLE = ROOT.parent / "shared" / "samples" / "asian-lite.txt"


def test_a_copied_page_gives_title_standfirst_and_text() -> None:
    """All that stands around the article is cut, and every cut is recorded."""
    page = from_text(PAGE_TEXT)
    assert page.title == "Harwick and Oslona to share a shipyard"
    assert page.lead.endswith("and sell them…reports Mira Tolland")
    first, *_, last = page.body.split(BREAK)
    assert first.startswith("Harwick and Oslona are close")
    assert (
        last
        == "“Nobody will sign before the harvest,” said one of them. “But everybody will sign.”"
    )
    assert reasons(page) == [
        "date-line",
        "reading-time",
        "also-read",
        "also-read",
        "story-navigation",
        "story-navigation",
        "teaser-list",
        "to-top",
    ]
    zones = f"{page.title} {page.lead} {page.body}"
    assert not [word for word in IN_ITS_CHROME if word in zones]
    cut = " ".join(cut.text for cut in page.cuts)
    assert all(word in cut for word in IN_ITS_CHROME)


def test_the_stand_in_of_the_sample_page_is_right() -> None:
    """Date, menus and teasers around an article, as a browser copies them."""
    page = from_text(STAND_IN.read_text(encoding="utf-8"))
    assert page.title == "Pakistan, Turkey to build trainer and jet parts together"
    assert page.lead.endswith("fly the older one…reports Selma Ardıç")
    assert page.body.startswith("Pakistan and Turkey are about to sign a contract")
    assert page.body.endswith("and a choir of local children.")
    zones = f"{page.title} {page.lead} {page.body}"
    elsewhere = ["Chile", "Peru", "Glacier", "Quito", "Levy", "Sardine", "Lahore", "ferry",
                 "Norway", "harbour", "mins read", "March 9", "Top", "Coastal Desk"]  # fmt: skip
    assert not [word for word in elsewhere if word in zones]
    assert page.body.count(BREAK) == 6
    cut = " ".join(each.text for each in page.cuts)
    assert not [word for word in elsewhere if word not in cut]


@pytest.mark.skipif(
    not SHARED_SAMPLE.is_file(),
    reason="needs ../shared/samples/asian-lite.txt beside the checkout; the stand-in runs always",
)
def test_the_sample_page_is_right() -> None:
    """The page that this service was ordered with."""
    page = from_text(SHARED_SAMPLE.read_text(encoding="utf-8"))
    assert page.title == "Turkey, Pakistan to cement defence ties"
    assert page.lead.endswith("that Pakistan develops with China…reports Hamza Ameer")
    assert page.body.startswith("Turkey and Pakistan are on the verge")
    assert page.body.endswith("with the United States in the coming future.")
    zones = f"{page.title} {page.lead} {page.body}"
    elsewhere = ["Cambodia", "Thailand", "Baloch", "Taiwan", "Tariff", "Covid", "vax campaign",
                 "Michael Ellis", "mins read", "March 2", "Top"]  # fmt: skip
    assert not [word for word in elsewhere if word in zones]


def test_a_text_without_chrome_is_left_as_it_is() -> None:
    """Sentences are the article: the first is its lead, and no title is made of one."""
    assert from_text("\n\n".join(PROSE)) == Page(lead=PROSE[0], body=BREAK.join(PROSE[1:]))


def test_short_paragraphs_are_neither_title_nor_chrome() -> None:
    """Dialogue and one-line paragraphs stay, in order."""
    text = "He said no.\n\nShe said yes.\n\nNobody asked the child.\n\nThe yard was sold."
    page = from_text(text)
    assert page == Page(
        lead="He said no.",
        body=BREAK.join(["She said yes.", "Nobody asked the child.", "The yard was sold."]),
    )


@pytest.mark.parametrize(
    "poem",
    [
        "The herring boats go out at ten\nAnd no one sees them leave\nThey carry lamps and men",
        "An old yard\na gull walks in\nthe sound of paint",
        "Boats,\nlamps,\nand one of them will grieve the rope that held them to the quay.",
    ],
)
def test_short_lines_survive(poem: str) -> None:
    """A verse is not a headline above its text, and none of its lines is a menu."""
    page = from_text(poem)
    assert page.title == ""
    assert page.cuts == ()
    assert [page.lead, *page.body.split(BREAK)] == poem.split("\n")


@pytest.mark.parametrize(
    ("headline", "below"),
    [
        ("Harwick builds a yard", PROSE[0]),
        ("Will Harwick build a yard?", PROSE[0]),
        ("Harwick falls again", "Prices fell by two per cent."),
        ("“We build where it is cheapest”", PROSE[0]),
        (
            "ハーウィック、造船所を建設",
            "両海軍は同じ造船所でフリゲート艦を建造することで合意した。",
        ),
    ],
)
def test_a_headline_above_running_text_is_the_title(headline: str, below: str) -> None:
    """Short, not a sentence, and with longer text below."""
    page = from_text(f"{headline}\n\n{below}")
    assert (page.title, page.lead) == (headline, below)


def test_a_headline_may_stand_above_a_short_standfirst() -> None:
    """A standfirst has no full stop either; the running text is below it."""
    page = from_text(f"Harwick builds a yard\n\nBoth navies will share its halls\n\n{PROSE[0]}")
    assert page == Page("Harwick builds a yard", "Both navies will share its halls", PROSE[0])


def test_a_section_s_label_is_no_title() -> None:
    """A single word above the headline names a part of the paper."""
    assert from_text(f"World\n\nHarwick builds a yard\n\n{PROSE[0]}").title == ""


def test_a_given_title_is_the_title() -> None:
    """No other is made up, and a first line that repeats it is cut, wherever the date stands."""
    text = f"HARWICK BUILDS A YARD\n\n14 June 2026\n\n{PROSE[0]}\n\nA subhead\n\n{PROSE[1]}"
    page = from_text(text, title="Harwick builds a yard – Estuary Post")
    assert page.title == "Harwick builds a yard – Estuary Post"
    assert page.lead == PROSE[0]
    assert page.body == f"A subhead\n\n{PROSE[1]}"
    assert page.cuts == (
        Cut("repeated-title", "HARWICK BUILDS A YARD"),
        Cut("date-line", "14 June 2026"),
    )


def test_a_first_line_that_says_more_than_the_title_stays() -> None:
    """Only the title again is cut, not a paragraph that begins with it."""
    page = from_text(f"Harwick builds a yard and a school\n\n{PROSE[0]}", title="Harwick builds")
    assert page.lead == "Harwick builds a yard and a school"


def test_pointers_inside_the_text_are_cut_and_the_text_goes_on() -> None:
    """An "Also read" takes its own headline with it, and nothing else."""
    text = [PROSE[0], "Also read:", "Velden opens its museum", PROSE[1], "Related: Salt", PROSE[2]]
    page = from_text("\n\n".join(text))
    assert page.paragraphs() == list(PROSE)
    assert page.cuts == (
        Cut("also-read", f"Also read:{BREAK}Velden opens its museum"),
        Cut("also-read", "Related: Salt"),
    )


def test_a_list_inside_an_article_ends_where_the_text_goes_on() -> None:
    """Two paragraphs of running text in a row are the article again."""
    text = [PROSE[0], "Most read", "Velden opens", "Mirabel floods", PROSE[1], PROSE[2], "Top news"]
    page = from_text("\n\n".join(text))
    assert page.paragraphs() == list(PROSE)
    assert reasons(page) == ["teaser-list", "teaser-list"]


def test_teasers_that_are_sentences_are_cut_with_their_headlines() -> None:
    """Between teasers stand headlines; they do not make an article that goes on."""
    teasers = ["Related stories", "Velden opens", PROSE[1], "Mirabel floods", PROSE[2]]
    page = from_text("\n\n".join([PROSE[0], *teasers]))
    assert page.paragraphs() == [PROSE[0]]
    assert page.cuts == (Cut("teaser-list", BREAK.join(teasers)),)


def test_a_headline_that_a_list_names_is_another_story_s() -> None:
    """A box inside the text says nothing of being one, once it is copied."""
    listed = ["Most read", "Velden opens its museum", "Mirabel floods"]
    page = from_text("\n\n".join([PROSE[0], "Velden opens its museum", *PROSE[1:], *listed]))
    assert page.paragraphs() == list(PROSE)
    assert page.cuts == (
        Cut("teaser-list", BREAK.join(listed)),
        Cut("other-story", "Velden opens its museum"),
    )


@pytest.mark.parametrize(
    "listed",
    [
        ["Most read", "Harwick builds a yard", "A yard for two navies", "Mirabel floods"],
        ["Most read", "A yard for two", "Mirabel floods"],
        ["Previous story", "A yard for two navies"],
    ],
)
def test_a_subhead_is_no_other_story_s(listed: list[str]) -> None:
    """Not when it stands below this story's own title in the list, nor in part, nor elsewhere."""
    text = [PROSE[0], "A yard for two navies", PROSE[1], PROSE[2], *listed]
    page = from_text("\n\n".join(text), title="Harwick builds a yard")
    assert page.paragraphs() == text[:4]


def test_a_sentence_that_a_list_repeats_stays() -> None:
    """A box below may quote the article."""
    listed = ["Most read", "Mirabel floods", PROSE[1], "Velden opens its museum"]
    assert from_text("\n\n".join([*PROSE, *listed])).paragraphs() == list(PROSE)


def test_headings_above_the_article_take_nothing_with_them() -> None:
    """A menu at the top is not the end of a text that has not begun."""
    page = from_text("\n\n".join(["Most read", "Share this article", *PROSE]), title="T")
    assert page.paragraphs() == list(PROSE)
    assert reasons(page) == ["teaser-list", "share-bar"]


def test_words_of_chrome_inside_sentences_are_text() -> None:
    """A rule judges whole paragraphs."""
    text = (
        "Previous story lines suggest a darker end, and the next story in the series, also read "
        "by thousands, may go to top of the list: related, the minister said, to the latest from "
        "the yard."
    )
    assert from_text(f"{PROSE[0]}\n\n{text}").body == text


def test_a_last_paragraph_stays() -> None:
    """Even a short one, or one that credits a reporter."""
    for last in ("He was 71.", "With reporting by Mira Tolland in Oslona", "The trial continues"):
        assert from_text("\n\n".join([*PROSE, last])).body.endswith(last)
