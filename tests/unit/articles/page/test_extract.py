"""HTML → title, lead and body: the page's text, and what the page says of itself."""

from __future__ import annotations

import json
import logging
import pickle
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from builders.entries import PROSE
from service.articles.cut import Cut
from service.articles.page.extract import MAX_HTML_CHARS, Page, from_html, from_text
from service.articles.page.html.markup import blocks
from service.articles.page.html.trafilatura_gaps import restore_dropped
from service.articles.paragraphs import BREAK
from service.errors import BadEntry

OTHER = "Quill named to head the grain board"
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
<aside><h2>Most read</h2><ul><li><a href="/q">{OTHER}</a></li></ul>
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
            Cut(
                "around-article",
                BREAK.join(["Home", "Sarabande", "Most read", OTHER, "Imprint"]),
            ),
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
    return restore_dropped(kept, blocks(document_fromstring(body)), "Harwick builds a yard")


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
    said = [*PROSE, *(f"In Kells they say: {each}" for each in PROSE)]
    text = "".join(f"<p>{each}</p>" for each in said)
    page = from_html(
        "<html><head><title>Estuary Post: Harwick builds a yard</title></head><body><table><tr>"
        "<td><a href=a>Front page</a><br><a href=b>Small ads</a></td>"
        f"<td><b>Harwick builds a yard</b><br><i>By Mira Tolland</i>{text}</td></tr></table>"
    )
    assert page.title == "Harwick builds a yard"
    assert page.paragraphs() == said
    assert (page.author, page.source) == ("Mira Tolland", "Estuary Post")


def test_the_exact_moment_is_taken_before_the_day() -> None:
    """The day in an address says less than the hour in the page's own data."""
    moment = '<script type="application/ld+json">{"datePublished": "2026-06-14T10:00:00Z"}</script>'
    html = HTML.replace("2026-06-14T10:00:00+02:00", "2026-06-14").replace(
        "<meta", moment + "<meta", 1
    )
    assert from_html(html).published_at == "2026-06-14T10:00:00Z"


def a_page(body: str, head: str = "") -> str:
    """A page with these elements below its headline."""
    title = "Harwick builds a yard"
    return (
        f"<html><head><title>{title}</title>{head}</head><body><nav><a href=a>Home</a></nav>"
        f"<article><h1>{title}</h1>{body}</article></body></html>"
    )


TEXT = "".join(f"<p>{each}</p>" for each in PROSE)
FIGURES = (
    "<table><tr><td><p>Frigates</p></td><td><div>Seven</div></td></tr>"
    "<tr><td><p>Corvettes</p></td><td><div>Nineteen</div></td></tr></table>"
)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (TEXT.replace("frigates in a", "frigates\n   in a"), PROSE[0]),
        ("".join(f"<div>{each}</div>".replace(" ", "\n\t") for each in PROSE), PROSE[1]),
        ("<div>" + "<br>".join(PROSE).replace("frigates in", "frigates\nin") + "</div>", PROSE[0]),
        (TEXT + "It has fighter<ul><li>jets and</li></ul>tanks in it.", "fighter\n\n- jets and"),
        (TEXT + FIGURES, "Nineteen"),
        (f"<center>{PROSE[0]}</center>{TEXT}", PROSE[0]),
        (TEXT.replace(PROSE[1], f"<a href=x>{PROSE[1]}</a>"), PROSE[1]),
        (TEXT.replace("frigates", '<span class="link">frigates</span>'), PROSE[0]),
        (TEXT.replace("on Monday", "on <time datetime=2026>Monday</time>"), PROSE[0]),
        (TEXT.replace("on Monday", "on <label>Monday</label>"), PROSE[0]),
        (f"{PROSE[0]}<p>{PROSE[1]}</p>{PROSE[2]}", PROSE[2]),
        (TEXT.replace("frigates", "fri\0gates"), PROSE[0]),
    ],
)
def test_no_word_is_lost_to_the_markup_around_it(body: str, part: str) -> None:
    """White space is a space, a block parts words, and what trafilatura drops by its tag stays."""
    page = from_html(a_page(body))
    assert part in BREAK.join(page.paragraphs())
    assert all(page.paragraphs().count(each) <= 1 for each in PROSE[1:])


@pytest.mark.parametrize(
    "unseen", ["<template><p>{}</p></template>", "<p hidden>{}</p>", "<div hidden><p>{}</p></div>"]
)
def test_what_a_browser_does_not_show_is_no_text(unseen: str) -> None:
    """Not even as a cut."""
    said = "The wombat that nobody may see walks through the dark yard at night, and sings."
    page = from_html(a_page(TEXT + unseen.format(said)))
    assert page.paragraphs() == list(PROSE)
    assert "wombat" not in str(page.cuts)


@pytest.mark.parametrize(
    "above",
    [
        "<p>14 June 2026, 10:15</p>",
        "<p>By Mira Tolland</p>",
        "<div>Share</div><div>14 June 2026</div>",
        "<p>The yard on Monday. Photo: Jon Ask/MPA</p>",
        "<p>Sign up for our daily newsletter now.</p>",
        "<p class=wp-caption-text>A crane above the third dock of the yard on Monday.</p>",
        "<p>Mira Tolland</p>",
    ],
)
def test_the_lead_is_text(above: str) -> None:
    """No date, byline, caption or notice."""
    head = '<meta name="author" content="Mira Tolland">'
    assert from_html(a_page(above + TEXT, head)).lead == PROSE[0]


def test_a_page_without_text_has_what_its_metadata_tell() -> None:
    """Its article in JSON-LD, else its description; a page with text has its text."""
    told = json.dumps({"@graph": [{"headline": "Harwick builds", "articleBody": " ".join(PROSE)}]})
    script = f'<script type="application/ld+json">{told}</script>'
    og = '<meta property="og:title" content="Harwick"><meta property="og:description" content="{}">'
    og = og.format(PROSE[0])
    empty = "<html><head><title>x</title>{}</head><body><div id=root></div></body></html>"
    page = from_html(empty.format(script + og))
    assert (page.title, page.lead) == ("Harwick builds", " ".join(PROSE))
    page = from_html(empty.format(og))
    assert (page.title, page.lead) == ("Harwick", PROSE[0])
    assert from_html(a_page(TEXT, script + og)).paragraphs() == list(PROSE)
    short = [
        "Fire in Kells.",
        "Nobody was hurt.",
        "The yard is closed.",
        "The road is not.",
        "All is well.",
    ]
    page = from_html(a_page("".join(f"<p>{each}</p>" for each in short * 2), og))
    assert page.paragraphs()[0] == short[0]


def test_the_default_counts_where_precision_keeps_next_to_nothing() -> None:
    """A class that is named as those beside the text are makes trafilatura wary."""
    said = [
        f"In the {number}th week of the year it was said that {PROSE[0]}"
        for number in range(20, 40)
    ]
    text = "".join(f'<div class="sidebar">{each}</div>' for each in said)
    page = from_html(f"<html><body><h1>Harwick</h1><p>Read it all below.</p>{text}</body></html>")
    assert [each for each in said if each not in page.paragraphs()] == []


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
        from_html("x" * (MAX_HTML_CHARS + 1))


def test_what_the_page_s_parsers_raise_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that breaks the library is a bad entry, not a broken service."""

    def explode(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("service.articles.page.html.html_page.bare_extraction", explode)
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


def test_a_title_again_and_again_is_cut_at_once() -> None:
    """Half a million lines took minutes: for each, all below it were copied."""
    start = time.process_time()
    page = from_text("a\n" * 200_000 + "The yard is closed.", title="a")
    assert (page.lead, len(page.cuts)) == ("The yard is closed.", 200_000)
    lines = "By Jane Doe\nAlso read: x\n" + "b\n" * 20_000
    assert from_text(lines, title="storm " * 10_000).paragraphs()
    assert time.process_time() - start < 8


def test_a_list_of_sections_is_not_taken_for_the_article() -> None:
    """Where trafilatura, set to keep little, keeps a longer list and none of the text."""
    sections = "".join(f"<p>Section {number} of the gazette</p>" for number in range(60))
    text = "".join(f"<p>{each} So said the ministry of the ports.</p>" for each in PROSE)
    html = f"<div>{sections}</div><h1>Two navies</h1><div style='border:0'>{text * 2}</div>"
    page = from_html(f"<html><body>{html}</body></html>")
    assert page.lead.startswith(PROSE[0])
    assert not any(each.startswith("Section") for each in page.paragraphs())
