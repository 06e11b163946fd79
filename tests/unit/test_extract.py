"""Pages → title, lead and body: what stands around an article is cut, and nothing of it is."""

from __future__ import annotations

import logging
import pickle
import socket
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from entries import IN_ITS_CHROME, PAGE_TEXT
from service.chrome import Cut
from service.errors import BadEntry
from service.extract import LARGEST_PAGE, Page, from_html, from_text
from service.markup import blocks
from service.omissions import with_omissions
from service.paragraphs import BREAK, line, paragraphs

SHARED_SAMPLE = Path(__file__).parents[3] / "shared" / "samples" / "asian-lite.txt"

PROSE = (
    "The two navies agreed on Monday to build their frigates in a single yard on the Sell.",
    "The yard has stood empty since the spring floods, and both need new hulls by 2030.",
    "“We build where it is cheapest,” said the admiral, who leaves his post in the autumn.",
)


def reasons(page: Page) -> list[str]:
    """The names of the rules that cut something, in order."""
    return [cut.reason for cut in page.cuts]


# --- plain text copied off a page --------------------------------------------------------------


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


@pytest.mark.skipif(not SHARED_SAMPLE.is_file(), reason="the sample is not part of this repository")
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


# --- all of a page, as it is copied ------------------------------------------------------------

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
        *["above-headline"] * 4,
        "notice",
        "byline",
        "date-line",
        "share-bar",
        "tags",
        "legal",
        "below-text",
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


# --- HTML ------------------------------------------------------------------------------------

HTML = f"""<!doctype html>
<html lang="en-GB"><head><title>Harwick builds a yard | Estuary Post</title>
<meta property="og:title" content="Harwick builds a yard">
<meta property="og:site_name" content="Estuary Post"><meta name="author" content="Mira Tolland">
<meta name="description" content="All the news from the estuary, twice a day.">
<meta property="article:published_time" content="2026-06-14T10:00:00+02:00">
<link rel="canonical" href="https://post.example/yard"></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/s">Sarabande</a></li></ul></nav>
<main><article><h1>Harwick builds a yard</h1>
<p>{PROSE[0].replace("frigates", "fri&shy;gates")}</p><p>{PROSE[1]}</p>
<p>Also read: <a href="/v">Velden opens its museum of salt</a></p><p>{PROSE[2]}</p></article>
<aside><h2>Most read</h2><ul><li><a href="/q">Quill named to head the grain board</a></li></ul>
</aside></main><footer>Imprint</footer></body></html>"""


def test_an_html_page_gives_its_text_and_what_it_says_of_itself() -> None:
    """Title, paragraphs and metadata; the description is no lead, and chrome inside is cut."""
    assert from_html(HTML, url="https://post.example/yard?utm_source=mail") == Page(
        title="Harwick builds a yard",
        lead=PROSE[0],
        body=BREAK.join(PROSE[1:]),
        cuts=(
            Cut("repeated-title", "Harwick builds a yard"),
            Cut("also-read", "Also read: Velden opens its museum of salt"),
        ),
        author="Mira Tolland",
        published_at="2026-06-14T08:00:00Z",
        language="en-gb",
        url="https://post.example/yard",
        source="Estuary Post",
    )


def test_what_trafilatura_leaves_out_is_put_back() -> None:
    """A standfirst that is no paragraph, and a subhead; but no heading of a box."""
    standfirst = "<div class=lead>The yard at the Sell will be the only one of two navies.</div>"
    subhead, box = "<h3>A yard for two</h3>", "<aside><h3>Velden opens</h3></aside>"
    html = HTML.replace("</h1>", f"</h1>{standfirst}<div>By Mira Tolland</div>")
    html = html.replace(f"<p>{PROSE[1]}", f"{subhead}<p>{PROSE[1]}")
    html = html.replace("<p>Also read", f"{box}<p>Also read")
    page = from_html(html)
    assert page.lead == "The yard at the Sell will be the only one of two navies."
    assert page.body.split(BREAK) == [PROSE[0], "A yard for two", *PROSE[1:]]


def completed(kept: list[str], body: str) -> list[str]:
    """The lines that trafilatura kept of a page with this body, its omissions put back."""
    return with_omissions(kept, blocks(document_fromstring(body)), "Harwick builds a yard")


POINTS = ["Both navies share the yard, officials say.", "It opens in 2030.", "No one signed."]
UNDER_A_TITLE = (
    "<h1>Harwick builds a yard</h1><p>By Mira Tolland</p>{above}<time>21:14</time>"
    f"<h2>No signature yet</h2><p>{PROSE[0]}</p><h2>What is known</h2><p>{PROSE[1]}</p>"
)


@pytest.mark.parametrize("kept", [["By Mira Tolland", *PROSE[:2]], list(PROSE[:2])])
def test_the_points_below_a_headline_are_put_back(kept: list[str]) -> None:
    """With their heading, and though a byline above them was kept."""
    items = "".join(f"<li>{each}</li>" for each in POINTS)
    body = UNDER_A_TITLE.format(above=f"<h2>Summary</h2><ul>{items}</ul>")
    points = ["Summary", *POINTS]
    byline, found = kept[:-2], completed(kept, body)
    assert found == [*byline, *points, PROSE[0], "What is known", PROSE[1]]


def test_below_a_standfirst_nothing_is_put_back_that_is_no_sentence() -> None:
    """Nor what stands in a box, nor a link, nor a notice; and the heading of a box is none."""
    standfirst = "Both navies will share its halls from 2030 on"
    boxes = (
        "<aside><p>Velden opens its museum.</p></aside><p><a href=q>Quill is named head.</a></p>"
        "<p>Subscribe now!</p><p>One of the halls</p>"
    )
    for above in (f"<p>{standfirst}</p>{boxes}", f"<p>{standfirst}.</p>{boxes}"):
        found = completed(list(PROSE[:2]), UNDER_A_TITLE.format(above=f"<h2>Yards</h2>{above}"))
        assert [each.rstrip(".") for each in found[:1]] == [standfirst]
        assert found[1:] == [PROSE[0], "What is known", PROSE[1]]


def test_what_was_kept_stands_as_it_does_on_the_page() -> None:
    """trafilatura may put what has a markup of its own above the text: a teaser, whose heading then
    comes back with it and says what it is. What the page holds twice goes with the line above.
    """
    text = "".join(f"<p>{each}</p>" for each in PROSE)
    teasers = "<h3>Velden opens its museum</h3><p>It is of salt.</p><h3>Mirabel floods</h3>"
    below = f"<h2>More from the estuary</h2>{teasers}<p>It is of salt.</p>"
    kept = ["Velden opens its museum", "It is of salt.", *PROSE]
    found = completed(kept, f"<h1>Harwick builds a yard</h1>{text}{below}")
    assert found == [*PROSE, "More from the estuary", "Velden opens its museum", "It is of salt."]
    assert completed(list(PROSE), f"<h1>Harwick builds a yard</h1>{text}{below}") == list(PROSE)


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    """Its cells are blocks of text, and its headline, byline and site are found without a head."""
    text = "".join(f"<p>{each}</p>" for each in PROSE * 2)
    page = from_html(
        "<html><head><title>Estuary Post: Harwick builds a yard</title></head><body><table><tr>"
        "<td><a href=a>Front page</a><br><a href=b>Small ads</a></td>"
        f"<td><b>Harwick builds a yard</b><br><i>By Mira Tolland</i>{text}</td></tr></table>"
    )
    assert page.title == "Harwick builds a yard"
    assert page.paragraphs() == list(PROSE * 2)
    assert (page.author, page.source) == ("Mira Tolland", "Estuary Post")


def test_the_exact_moment_is_taken_before_the_day() -> None:
    """The day in an address says less than the hour in the page's own data."""
    moment = '<script type="application/ld+json">{"datePublished": "2026-06-14T10:00:00Z"}</script>'
    html = HTML.replace("2026-06-14T10:00:00+02:00", "2026-06-14").replace(
        "<meta", moment + "<meta", 1
    )
    assert from_html(html).published_at == "2026-06-14T10:00:00Z"


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        (f"<p>{PROSE[0]}</p><p>{PROSE[1]}</p>", [PROSE[0], PROSE[1]]),
        ("<p>One short paragraph.</p>", ["One short paragraph."]),
        ("No tags at all, only text &amp; more.", ["No tags at all, only text & more."]),
        ("Line one.<br>Line two.", ["Line one.", "Line two."]),
    ],
)
def test_a_fragment_as_feeds_carry_it_is_enough(fragment: str, expected: list[str]) -> None:
    """Feeds hold an article's markup without the page around it."""
    assert from_html(fragment).paragraphs() == expected


@pytest.mark.parametrize(
    "html",
    [
        "",
        " ",
        "<html></html>",
        "<html><head><title>Just a moment…</title></head><body></body></html>",
        "<html><body><script>var a = 1;</script></body></html>",
        "\x00\x01\x02",
        "<html><body>" + "<div>" * 50_000,
        "<html><body>" + "<table><tr><td>" * 20_000,
    ],
    ids=["empty", "blank", "bare", "title", "script", "binary", "deep", "tables"],
)
def test_a_page_without_text_has_no_lead(html: str) -> None:
    """Neither emptiness nor depth is an error of the extraction."""
    page = from_html(html)
    assert (page.lead, page.body) == ("", "")


def test_a_page_beyond_all_measure_is_refused() -> None:
    """It would hold a process for minutes."""
    with pytest.raises(BadEntry, match="html: 2,000,001 characters are more than a page may have"):
        from_html("x" * (LARGEST_PAGE + 1))


def test_what_the_page_s_parsers_raise_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that breaks the library is a bad entry, not a broken service."""

    def explode(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("trafilatura.bare_extraction", explode)
    with pytest.raises(BadEntry, match=r"html: the page cannot be read \(RecursionError\)"):
        from_html("<p>x</p>")


def test_extraction_neither_logs_nor_connects(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A page is text to be read, not a list of things to fetch or to complain about."""

    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    from_html(HTML)  # the libraries' own imports come first
    monkeypatch.setattr(socket, "socket", refuse)
    with caplog.at_level(logging.DEBUG):
        from_html("<html><body></body></html>", url="https://post.example/yard")
        from_html(HTML)
    assert caplog.records == []


def test_pages_and_refusals_travel_between_processes() -> None:
    """Extraction runs in a pool: what goes in and comes out can be pickled."""
    page = from_html(HTML)
    assert pickle.loads(pickle.dumps(page)) == page
    refusal = pickle.loads(pickle.dumps(BadEntry("html: too large")))
    assert isinstance(refusal, BadEntry)
    assert str(refusal) == "html: too large"


@settings(max_examples=30, deadline=None)
@given(
    st.text(alphabet="<>/abp&;!-\"'= \n\x00é\ud800", max_size=200).map(
        lambda t: t.replace("\ud800", "")
    )
)
def test_any_markup_gives_a_page(html: str) -> None:
    """No text is an error but one that is too long."""
    page = from_html(html)
    assert isinstance(page, Page)
