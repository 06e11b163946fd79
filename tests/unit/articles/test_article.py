"""Articles: three zones of text, and what an entry says before what its page says."""

from __future__ import annotations

import contextlib
import pickle
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.entries import IN_ITS_CHROME, MAX_BYTES, PAGE_TEXT, an_entry, composed
from service.articles.article import Article, compose
from service.articles.cut import Cut
from service.articles.entry import Draft, read_entry
from service.articles.identity import article_id
from service.articles.page.extract import Page
from service.articles.paragraphs import BREAK, squash
from service.errors import BadEntry

FIRST = "The two navies agreed on Monday to build their frigates in a single yard on the Sell."
SECOND = "The yard has stood empty since the spring floods, and both need new hulls by 2030."
THIRD = "“We build where it is cheapest,” said the admiral, who leaves his post in the autumn."


def a_draft(**fields: str) -> Draft:
    """The draft of a flat entry."""
    return read_entry(an_entry(**fields), max_bytes=MAX_BYTES)


# --- zones -----------------------------------------------------------------------------------


def test_without_a_summary_the_first_paragraph_leads() -> None:
    """And the body is the rest, each paragraph apart."""
    article = composed(title="Harwick builds", body=f"{FIRST}\n{SECOND}\n\n{THIRD}")
    assert article.zones() == (
        ("title", "Harwick builds"),
        ("lead", FIRST),
        ("body", f"{SECOND}\n\n{THIRD}"),
    )


def test_a_summary_leads_and_the_body_is_whole() -> None:
    """A summary with words of its own takes nothing from the body."""
    article = composed(title="T", summary="Two states, one yard.", body=f"{FIRST}\n\n{SECOND}")
    assert article.lead == "Two states, one yard."
    assert article.body == f"{FIRST}\n\n{SECOND}"


@pytest.mark.parametrize(
    ("summary", "lead", "body"),
    [
        (FIRST, FIRST, [SECOND, THIRD]),
        (FIRST.upper().replace(" ", "  "), FIRST, [SECOND, THIRD]),
        ("The two navies agreed on Monday to build…", FIRST, [SECOND, THIRD]),
        ("The two navies agreed on Monday to build [...]", FIRST, [SECOND, THIRD]),
        (f"{FIRST} The yard has stood", f"{FIRST}\n\n{SECOND}", [THIRD]),
        (f"{FIRST} {SECOND} {THIRD} And more.", f"{FIRST} {SECOND} {THIRD} And more.", []),
    ],
    ids=["the same", "other case", "cut short", "cut short in brackets", "longer", "holds it all"],
)
def test_a_summary_that_repeats_the_text_counts_once(
    summary: str, lead: str, body: list[str]
) -> None:
    """Feeds copy the text's beginning into the summary; no words stand in two zones."""
    article = composed(title="T", summary=summary, body=BREAK.join([FIRST, SECOND, THIRD]))
    assert article.lead == lead
    assert article.body == BREAK.join(body)


def test_a_summary_that_repeats_the_title_is_none() -> None:
    """A headline does not count twice."""
    article = composed(title="Harwick builds a yard", summary="HARWICK builds a yard.", body=FIRST)
    assert (article.lead, article.body) == (FIRST, "")


@pytest.mark.parametrize("name", ["title", "summary", "body"])
def test_one_text_is_enough(name: str) -> None:
    """A headline alone is an article, and so is a summary or a body."""
    article = composed(**{name: FIRST})
    assert [text for _, text in article.zones() if text] == [FIRST]


def test_a_copied_page_in_the_body_loses_its_chrome() -> None:
    """What was cut stands in no zone, and is kept with its reasons."""
    article = composed(body=PAGE_TEXT)
    assert article.title == "Harwick and Oslona to share a shipyard"
    text = " ".join(text for _, text in article.zones())
    assert not [word for word in IN_ITS_CHROME if word in text]
    assert {cut.reason for cut in article.cuts} >= {"also-read", "story-navigation"}


def test_a_body_of_nothing_but_chrome_is_refused() -> None:
    """An article without a word of its own is none."""
    with pytest.raises(BadEntry, match="body: nothing but page chrome is left"):
        composed(body="Share this article\n\nGo to Top")


words = st.lists(st.sampled_from([FIRST, SECOND, THIRD, "A line", "Go to Top", "x", "Ünïcøde"]))


@settings(deadline=None)  # the first one loads the language model
@given(st.sampled_from(["", "A line", FIRST]), words, words)
def test_no_text_is_lost_between_summary_body_and_zones(
    title: str, summary: list[str], body: list[str]
) -> None:
    """Every word of the summary and of the body is in a zone or in a cut."""
    fields = {"title": title, "summary": "\n".join(summary), "body": "\n".join(body)}
    try:
        article = composed(**fields)
    except BadEntry:
        return
    kept = [squash(text) for _, text in article.zones()] + [squash(c.text) for c in article.cuts]
    for paragraph in (*summary, *body):
        assert any(squash(paragraph) in text for text in kept)


# --- what the page says ----------------------------------------------------------------------

PAGE = Page(
    title="Page title",
    lead=FIRST,
    body=SECOND,
    cuts=(Cut("also-read", "Also read: x"),),
    author="Page author",
    published_at="2026-06-14T08:00:00Z",
    language="de",
    url="https://post.example/yard",
    source="Page source",
)


def test_the_page_fills_in_what_the_entry_does_not_say() -> None:
    """Title, text, author, time, address and source of the page stand where the entry is silent."""
    article = compose(a_draft(html="<p>x</p>"), PAGE)
    assert article.zones() == (("title", "Page title"), ("lead", FIRST), ("body", SECOND))
    assert (article.author, article.source) == ("Page author", "Page source")
    assert (article.url, article.published_at) == (PAGE.url, PAGE.published_at)
    assert article.cuts == PAGE.cuts
    assert article.id.startswith("txt_")
    assert article.scope == ""


def test_what_a_page_says_of_itself_is_no_scope_and_no_id_elsewhere() -> None:
    """Its canonical link counts on the host of the given URL; the name of its site never does."""
    linked = replace(PAGE, url="https://a.example/news/1")
    one = compose(a_draft(html="<p>x</p>", url="https://a.example/amp/1"), linked)
    same = compose(a_draft(html="<p>x</p>", url="https://a.example/print/1"), linked)
    elsewhere = compose(a_draft(html="<p>x</p>", url="https://b.example/1"), linked)
    assert one.identity == same.identity
    assert (one.scope, one.url) == ("a.example", "https://a.example/amp/1")
    assert elsewhere.identity.id == article_id("", "https://b.example/1", "")


def test_what_the_entry_says_wins() -> None:
    """Fields given are taken as given."""
    article = compose(
        a_draft(
            html="<p>x</p>",
            title="Given",
            author="A",
            source="S",
            url="https://a.example/1",
            published_at="2026-01-01",
            language="fr",
        ),
        PAGE,
    )
    assert (article.title, article.author, article.source) == ("Given", "A", "S")
    assert (article.url, article.language) == ("https://a.example/1", "fr")
    assert article.published_at == "2026-01-01T00:00:00Z"


def test_a_body_wins_over_html() -> None:
    """Clean text needs no page, and gets none."""
    draft = a_draft(body=FIRST, html="<p>other</p>")
    assert not draft.needs_html
    assert compose(draft).lead == FIRST


def test_a_page_without_text_is_refused() -> None:
    """Its title alone is no article; the title of a wall says what it is."""
    with pytest.raises(BadEntry, match="html: the page yields no text"):
        compose(a_draft(html="<p></p>"), Page(title="The Gazette"))
    with pytest.raises(BadEntry, match="a wall, no article"):
        compose(a_draft(html="<p></p>"), Page(title="Just a moment…"))


def test_a_given_headline_is_an_article_whatever_its_page_yields() -> None:
    """The feed's own words are not lost because its page could not be read."""
    article = compose(a_draft(title="Harwick builds", html="<p></p>"), Page(title="Just a moment…"))
    assert article.zones() == (("title", "Harwick builds"), ("lead", ""), ("body", ""))


def test_a_draft_that_needs_its_page_says_so() -> None:
    """Forgetting the page is a fault of the caller, not of the entry."""
    with pytest.raises(ValueError, match=r"extract\.from_html"):
        compose(a_draft(html="<p>x</p>"))


# --- identity and language -------------------------------------------------------------------


def test_a_changed_text_keeps_the_id_and_changes_the_revision() -> None:
    """With a URL, an article is the same whatever its words; without one it is its words."""
    url = "https://a.example/1"
    before, after = composed(url=url, body=FIRST), composed(url=f"{url}?utm_source=x", body=SECOND)
    assert before.id == after.id
    assert before.revision != after.revision
    assert composed(body=FIRST).id != composed(body=SECOND).id


def test_a_revision_is_of_the_text_alone() -> None:
    """Metadata and chrome do not make a new revision; a word that moves to another zone does."""
    one = composed(title="T", body=f"{FIRST}\n\nAlso read: x", author="A", id="1")
    other = composed(title="T", body=f"{FIRST}\n\nAlso read: y", author="B", id="2")
    assert one.revision == other.revision
    assert composed(title="a", body="b").revision != composed(title="b", body="a").revision


def test_the_language_is_the_given_one_else_the_page_s_else_detected() -> None:
    """What is declared wins over a guess."""
    assert composed(language="DE", body=FIRST).language == "de"
    assert composed(language="???", body=FIRST).language == "en"
    assert compose(a_draft(html="x"), PAGE).language == "de"
    assert compose(a_draft(html="x"), Page(lead=FIRST)).language == "en"
    assert composed(body="OK").language == ""


# --- all articles ----------------------------------------------------------------------------


def test_articles_can_be_pickled() -> None:
    """They may cross a process boundary."""
    article = composed(body=PAGE_TEXT)
    assert pickle.loads(pickle.dumps(article)) == article


@settings(deadline=None)  # the first one loads the language model
@given(st.text(min_size=1, max_size=300), st.text(max_size=60), st.text(max_size=120))
def test_every_draft_becomes_an_article_or_is_refused(body: str, title: str, summary: str) -> None:
    """Zones are clean paragraphs, and whatever is read is the same every time."""
    fields = an_entry(body=body, title=title, summary=summary)
    try:
        draft = read_entry(fields, max_bytes=MAX_BYTES)
        article = compose(draft)
    except BadEntry:
        return
    assert article == compose(draft)
    for _, text in article.zones():
        assert all(part == " ".join(part.split()) for part in text.split(BREAK))


texts = st.lists(
    st.sampled_from(
        [FIRST, SECOND, "RETRACTED: A yard", "Page not found", "By Mira Tolland", "Share"]
    )
    | st.text(st.sampled_from("aZ 9.,:é’“日ж")),
    max_size=9,
)


@settings(deadline=None)
@given(texts.map("\n\n".join), st.sampled_from(["", "A yard", "A yard: closed", "Most read"]))
def test_a_clean_text_is_read_as_one_that_has_to_be_cleaned(body: str, title: str) -> None:
    """A soft hyphen takes it the long way, and leaves no trace."""

    def read(end: str) -> Article | str:
        try:
            return composed(body=body + end, title=title)
        except BadEntry as error:
            return str(error)

    assert read("") == read("\u00ad")


@pytest.mark.parametrize(
    "body",
    ["a\n" * 500_000, "Share " * 170_000, "&" * 1_000_000, "\u00ad" * 500_000, "(" * 1_000_000,
     "Also read: " * 90_000, "x " * 500_000, f"{FIRST}\n\nMost read\n" + f"{SECOND}\nA\n" * 11_000,
     "3 comments\n" * 90_000],
    ids=["lines", "shares", "references", "invisible", "brackets", "labels", "words", "teasers",
         "counts"],
)  # fmt: skip
def test_the_largest_bodies_are_read_within_seconds(body: str) -> None:
    """No text of a megabyte takes a rule more than linear time."""
    began = time.process_time()
    with contextlib.suppress(BadEntry):
        composed(body=body)
    assert time.process_time() - began < 10
