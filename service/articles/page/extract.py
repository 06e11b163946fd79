"""The text or HTML of a page → title, lead and body, without page chrome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from service.articles.cut import Cut, Trimmed
from service.articles.language import language_tag
from service.articles.page.bylines import DATE, READING_TIME, author_in, names_in
from service.articles.page.chrome import (
    cut_author_note,
    cut_head,
    cut_masthead,
    cut_other_stories,
    cut_rest,
)
from service.articles.page.chrome_phrases import ALL, first_rule, rules_of
from service.articles.page.pasted.article import article_in, is_between_menus, is_copied
from service.articles.page.pasted.headline import MAX_TITLE_CHARS
from service.articles.page.prose import ends_sentence, is_prose, is_statement, size
from service.articles.paragraphs import BREAK, line, paragraphs, squash
from service.errors import BadEntry

MAX_HTML_CHARS = 2_000_000
"""Ten times an ordinary page; a page of this size that is only links takes 15 s to read."""

_MAX_HEAD_LINES = 80
"""Most lines above an article's text."""
_NO_HEADLINE_END = re.compile(r"[.。।۔,;:،][\"'”’»)\]]*$")
_PAGE_LANGUAGE = re.compile(r"<html\b[^>]{0,1000}?\blang\s*=\s*[\"']?([\w-]{2,35})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """The article on a page, and the page's own metadata; "" if something is not known."""

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
    """The article in a plain text, which may contain everything on a page.

    With a `title`, a first line that repeats it is cut; without one, a first line that is a
    headline becomes it.
    """
    return _page(paragraphs(text), line(title))


def from_html(html: str, *, url: str = "") -> Page:
    """The article on a page, or in a fragment of HTML from a feed; an empty lead if it has no text.

    Takes some 20 ms of CPU. Raises BadEntry for a page that is too large or cannot be read.
    """
    if len(html) > MAX_HTML_CHARS:
        raise BadEntry(
            f"html: {len(html):,} characters are more than a page may have ({MAX_HTML_CHARS:,}); "
            "send the article's text as `body` instead",
            "size",
        )
    try:
        from service.articles.page.html.html_page import read_html  # noqa: PLC0415 (half a second)

        found = read_html(html, url)
    except MemoryError:
        raise  # the process that reads the page has a limit, and says so
    except Exception as error:  # a hostile page can make the parsers raise anything
        raise BadEntry(
            f"html: the page cannot be read ({type(error).__name__}); send the article's text as "
            "`body` instead"
        ) from error
    language = _PAGE_LANGUAGE.search(html)
    page = _page(
        [*found.paragraphs], found.title, author=found.author, source=found.source, is_html=True
    )
    return replace(
        page,
        cuts=(*page.cuts, *found.cuts),
        author=found.author,
        published_at=found.published_at,
        language=language_tag(language[1]) if language else "",
        url=found.url,
        source=found.source,
    )


def _page(
    found: list[str], title: str, *, author: str = "", source: str = "", is_html: bool = False
) -> Page:
    """Title, lead and body of a page's paragraphs; `title` if it is known from elsewhere.

    Paragraphs that are not from HTML may be everything on a page, its menu and footer too.
    """
    if not (is_html or any(map(rules_of, found)) or is_between_menus(found)):
        return _plain_page(found, title)
    cuts: list[Cut] = []
    below: list[Cut] = []
    if is_html:
        found, cuts = _from_title(found, title)
    elif is_copied(found):
        pasted = article_in(found, partial(_repeats, said=squash(title)) if title else None)
        title, found = title or pasted.title, pasted.paragraphs
        cuts, below = pasted.cuts, pasted.below
    title, (found, top) = _below_title(found, title)
    if is_html:
        found, named = _below_names(found, [author, source])
        top += named
    found, masthead = cut_masthead(found)
    found, chrome = cut_rest(found)
    cuts = [*cuts, *top, *masthead, *chrome, *below]
    found, others = cut_other_stories(found, cuts, title)
    found, note = cut_author_note(found, _names(author, masthead))
    lead, body = (found[0], found[1:]) if found else ("", [])
    return Page(title, lead, BREAK.join(body), (*cuts, *others, *note))


def _plain_page(found: list[str], title: str) -> Page:
    """The page of a text without a trace of chrome: what an article's own text is."""
    title, (found, cuts) = _below_title(found, title)
    return Page(title, found[0] if found else "", BREAK.join(found[1:]), tuple(cuts))


def _from_title(found: list[str], title: str) -> Trimmed:
    """The paragraphs of a page from its title on, if nothing above that reads like text."""
    said = squash(title)
    for at, line_ in enumerate(found[:_MAX_HEAD_LINES]):
        if _repeats(line_, said):
            rules = [first_rule(ALL, each) for each in found[:at]]
            cuts = zip(rules, found, strict=False)
            return Trimmed(
                found[at:],
                [Cut(rule.name if rule else "above-headline", each) for rule, each in cuts],
            )
        is_text = is_prose(line_) or (is_statement(line_) and size(line_) > 2)
        if is_text and first_rule(ALL, line_) is None:
            break
    return Trimmed(found, [])


def _below_title(found: list[str], title: str) -> tuple[str, Trimmed]:
    """The title, and the paragraphs below it without dates above it and repetitions of it."""
    found, cuts = cut_head(found, (DATE, READING_TIME))
    if not title and _starts_with_headline(found):
        title, found = found[0], found[1:]
    said = squash(title)
    own = next((at for at, each in enumerate(found) if not _repeats(each, said)), len(found))
    cuts += [Cut("repeated-title", each) for each in found[:own]]
    return title, Trimmed(found[own:], cuts)


def _below_names(found: list[str], names: Sequence[str]) -> Trimmed:
    """The paragraphs below those that are no more than the author's name, or the site's."""
    said = {squash(name) for each in names for name in [each, *names_in(each)]} - {""}
    count = next((at for at, each in enumerate(found) if squash(each) not in said), len(found))
    return Trimmed(found[count:], [Cut("byline", each) for each in found[:count]])


def _names(author: str, masthead: list[Cut]) -> list[str]:
    """The authors' names: from the page's metadata, and from the bylines below the title."""
    bylines = [cut.text for cut in masthead if cut.reason == "byline"]
    said = [author, *(author_in(each) or each for each in bylines)]
    return [name for each in said for name in names_in(each)]


def _starts_with_headline(found: list[str]) -> bool:
    """Whether the first paragraph is a headline: short, not a sentence, above running text.

    The text may begin below a standfirst. A verse or an ordinary short paragraph is not a headline:
    the paragraph below it is not longer, or does not end a sentence either.
    """
    if len(found) < 2:
        return False
    first, second, third = (*found, "")[:3]
    # A single word is the label of a section, in scripts that separate words.
    says_something = " " in first or first.upper() == first.lower()
    is_short = len(first) <= MAX_TITLE_CHARS and len(first.split()) <= 25
    if not (says_something and is_short) or _NO_HEADLINE_END.search(first):
        return False
    above_text = len(second) >= 60 or ends_sentence(second)
    return len(second) > len(first) and (above_text or is_prose(third))


def _repeats(paragraph: str, said: str) -> bool:
    """Whether the paragraph repeats the title, squashed, perhaps without the site's name."""
    if is_prose(paragraph):
        return False
    again = squash(paragraph)
    return bool(again) and said.startswith(again) and len(again) >= 0.6 * len(said)
