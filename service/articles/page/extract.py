"""Raw page text or HTML → title, lead and body, without what the page puts around them."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from service.articles.cut import Cut
from service.articles.identity import web_address
from service.articles.language import language_tag
from service.articles.page.bylines import DATE, READING_TIME, author_in
from service.articles.page.chrome import (
    cut_author_note,
    cut_head,
    cut_masthead,
    cut_other_stories,
    cut_rest,
)
from service.articles.page.pasted import LONGEST_TITLE, cut_above, cut_below, headline_at, is_copied
from service.articles.page.prose import ends_sentence, is_prose
from service.articles.paragraphs import BREAK, line, lines, paragraphs, squash
from service.articles.timestamp import published_time
from service.errors import BadEntry

if TYPE_CHECKING:
    from lxml.html import HtmlElement
    from trafilatura.settings import Document

LARGEST_PAGE = 2_000_000
"""Characters of HTML: ten times an ordinary page; nothing but links, it takes 15 s to read."""

_NO_HEADLINE_END = re.compile(r"[.。।۔,;:،][\"'”’»)\]]*$")
_MIDNIGHT = "T00:00:00Z"
_NAMES = re.compile(r"[,;|]| (?:and|und|et|y|e|ve|и|&) ")
_WHOLE_PAGE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_PAGE_LANGUAGE = re.compile(r"<html\b[^>]{0,1000}?\blang\s*=\s*[\"']?([\w-]{2,35})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says, and what it says about itself; "" where it is silent."""

    title: str = ""
    lead: str = ""
    body: str = ""
    cuts: tuple[Cut, ...] = ()
    author: str = ""
    published_at: str = ""
    language: str = ""
    url: str = ""
    source: str = ""

    def paragraphs(self) -> list[str]:
        """Lead and body."""
        return [part for part in (self.lead, *self.body.split(BREAK)) if part]


def from_text(text: str, *, title: str = "") -> Page:
    """The article in a plain text, which may hold everything that stood on a page.

    With a `title`, a first line that repeats it is cut; without one, a first line that is a
    headline becomes it.
    """
    return _page(paragraphs(text), line(title))


def from_html(html: str, *, url: str = "") -> Page:
    """The article on a page, or in a fragment of one as feeds carry it; no text: an empty lead.

    Takes 20 ms of CPU for an ordinary page, so it belongs in another process. Raises BadEntry for
    a page that is too large or cannot be read.
    """
    if len(html) > LARGEST_PAGE:
        raise BadEntry(
            f"html: {len(html):,} characters are more than a page may have ({LARGEST_PAGE:,}); "
            "send the article's text as `body` instead"
        )
    try:
        found = _read(html, url)
    except Exception as error:  # whatever a hostile page brings out in the parsers
        raise BadEntry(
            f"html: the page cannot be read ({type(error).__name__}); send the article's text as "
            "`body` instead"
        ) from error
    language = _PAGE_LANGUAGE.search(html)
    return replace(found, language=language_tag(language[1]) if language else "")


def _read(html: str, url: str) -> Page:
    """What trafilatura makes of a page, and what it leaves out."""
    # Here, not above: it takes half a second, and only the processes that read HTML need it.
    from trafilatura import load_html  # noqa: PLC0415

    from service.articles.page import markup, masthead, omissions  # noqa: PLC0415

    # What these libraries report, a page without text for one, is told by the result.
    for library in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    whole = html if _WHOLE_PAGE.search(html) else f"<html><body><article>{html}</article>"
    tree = load_html(whole)
    if tree is None:
        return Page()
    markup.mend_letters(tree)
    markup.unfold_tables(tree)
    blocks = markup.blocks(tree)
    dates = masthead.published(tree)
    headline = masthead.headline(tree, blocks)
    author = masthead.author(tree, blocks, headline)
    found = _extracted(tree, url)
    if found is None:
        return Page()
    title = headline or line(found.title or "")
    author = line(found.author or "") or author
    kept = omissions.with_omissions(lines(found.text or ""), blocks, title)
    moments = [moment for moment in map(published_time, [*dates, found.date or ""]) if moment]
    exact = [moment for moment in moments if not moment.endswith(_MIDNIGHT)]
    return replace(
        _page(kept, title, author=author, is_html=True),
        author=author,
        published_at=next(iter([*exact, *moments]), ""),
        url=line(found.url) if found.url and web_address(found.url) else "",
        source=line(found.sitename or "") or masthead.site(tree, title),
    )


def _extracted(tree: HtmlElement, url: str) -> Document | None:
    """What trafilatura takes for the article, set to keep rather too little than too much."""
    from trafilatura import bare_extraction  # noqa: PLC0415

    found = bare_extraction(
        tree,
        url=url or None,
        favor_precision=True,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={
            "original_date": True,
            "extensive_search": False,
            "outputformat": "%Y-%m-%dT%H:%M:%S%z",
            "max_date": "2100-01-01",  # by default today, and the same page would differ
        },
    )
    return None if isinstance(found, dict) else found  # a dict only where one is asked for


def _page(found: list[str], title: str, *, author: str = "", is_html: bool = False) -> Page:
    """Title, lead and body of a page's paragraphs; `title` when it is known from elsewhere.

    Unless they come from HTML, they may be all that stood on a page, its menu and footer too.
    """
    cuts: list[Cut] = []
    copied = not is_html and is_copied(found)
    if copied or (is_html and title):
        headline = headline_at(found, lambda line: _repeats(line, title) if title else None)
        if headline is not None:
            cuts += cut_above(found, headline)
            title, found = title or found[headline], found[headline + (not title) :]
    found, dates = cut_head(found, (DATE, READING_TIME))
    cuts += dates
    if not title and _starts_with_headline(found):
        title, found = found[0], found[1:]
    while found and title and _repeats(found[0], title):
        cuts.append(Cut("repeated-title", found[0]))
        found = found[1:]
    found, masthead = cut_masthead(found)
    found, rest, places = cut_rest(found)
    cuts += masthead + rest
    if copied:
        found, below = cut_below(found, places)
        cuts += below
    found, others = cut_other_stories(found, cuts, title)
    cuts += others
    found, note = cut_author_note(found, _names(author, masthead))
    lead, body = (found[0], found[1:]) if found else ("", [])
    return Page(title, lead, BREAK.join(body), (*cuts, *note))


def _names(author: str, masthead: list[Cut]) -> list[str]:
    """The authors' names: as the page says them, and as they stand below the title."""
    bylines = [cut.text for cut in masthead if cut.reason == "byline"]
    said = [author, *(author_in(each) or each for each in bylines)]
    names = (_NAMES.split(each) for each in said)
    return [name.strip() for each in names for name in each if name.strip()]


def _starts_with_headline(found: list[str]) -> bool:
    """Whether the first paragraph is a headline: short, not a sentence, above running text.

    The text may begin below a standfirst. Neither a verse nor an ordinary short paragraph is a
    headline: what stands below it is no longer than itself, or as open.
    """
    if len(found) < 2:
        return False
    first, second, third = (*found, "")[:3]
    # A single word, in scripts that have capitals and so words, is the label of a section.
    says_something = " " in first or first.upper() == first.lower()
    is_short = len(first) <= LONGEST_TITLE and len(first.split()) <= 25
    if not (says_something and is_short) or _NO_HEADLINE_END.search(first):
        return False
    above_text = len(second) >= 60 or ends_sentence(second)
    return len(second) > len(first) and (above_text or is_prose(third))


def _repeats(paragraph: str, title: str) -> bool:
    """Whether the paragraph is the title again, perhaps without the site's name behind it."""
    said, again = squash(title), squash(paragraph)
    return (
        bool(again)
        and not is_prose(paragraph)
        and said.startswith(again)
        and (len(again) >= 0.6 * len(said))
    )
