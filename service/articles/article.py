"""A stream entry → an `Article`: its three zones, its id, and what was cut from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from service.articles.cut import Cut
from service.articles.entry import Draft, read_entry
from service.articles.identity import Identity, article_id, page_address, revision, scope_of
from service.articles.language import detect_language
from service.articles.page.extract import Page, from_html, from_text
from service.articles.paragraphs import BREAK, rejoined, squash
from service.articles.walls.wall import find_wall
from service.articles.walls.withdrawal import find_withdrawal
from service.errors import BadEntry

_FIRST_PAGE = (
    f"<h1>ErdoÄŸan</h1><p>A ship left Quill on Monday{', and the crowd on the quay waved' * 9}.</p>"
).encode()
"""It needs all that most pages need: the repair of letters, and a language to be found. Of shorter
text trafilatura would ask its lists of stop words, which take longer to load than all models: the
first short page that a process reads waits for them.
"""


@dataclass(frozen=True, slots=True)
class Article:
    """One article as watchlists see it; "" where something is not known."""

    id: str
    """As given, else from the URL ("url_…"), else from the text ("txt_…"); see `identity`."""
    revision: str
    """16 hex digits that change whenever the text does."""
    title: str
    lead: str
    """The summary, else the first paragraph; no paragraph is in two zones."""
    body: str
    url: str
    source: str
    author: str
    language: str
    """BCP 47 in lower case, the primary subtag first: "en", "pt-br"."""
    country: str
    """ISO 3166, upper case."""
    published_at: str
    """RFC 3339 in UTC."""
    tags: tuple[str, ...]
    cuts: tuple[Cut, ...] = ()
    """What the entry or page held that is not the article, for `tocsin explain`."""
    wall: str = ""
    """The kind of the wall that stands in place of its text; "" where the text is its own."""
    withdrawal: str = ""
    """What the text says of being taken back by its publisher; "" where it is not."""
    scope: str = ""
    """Within what the id is unique: the entry's source, else the host of its URL."""
    is_withdrawn: bool = False
    """Whether its entry says so, whatever the text: it matches nothing."""

    @property
    def identity(self) -> Identity:
        """What makes it the same article as another."""
        return Identity(self.scope, self.id)

    def zones(self) -> tuple[tuple[str, str], ...]:
        """The texts that are matched, strongest first; a blank line separates paragraphs."""
        return (("title", self.title), ("lead", self.lead), ("body", self.body))


def read_article(fields: Mapping[bytes, bytes], *, max_bytes: int) -> Article:
    """The article of a stream entry; HTML is read in this process. Raises BadEntry."""
    draft = read_entry(fields, max_bytes=max_bytes)
    page = from_html(draft.html, url=draft.url) if draft.needs_html else None
    return compose(draft, page)


class Call(NamedTuple):
    """An entry for a process that reads entries."""

    fields: Mapping[bytes, bytes]
    max_bytes: int


def warm_reader() -> Callable[[Call], Article | BadEntry]:
    """What such a process does; libraries and models are loaded: no entry's limits count for them.

    It stands here because such a process starts sooner without the event loop of those that wait.
    """
    _read(Call({b"html": _FIRST_PAGE}, len(_FIRST_PAGE) + 4))
    return _read


def _read(call: Call) -> Article | BadEntry:
    try:
        return read_article(call.fields, max_bytes=call.max_bytes)
    except BadEntry as error:
        return error


def compose(draft: Draft, page: Page | None = None) -> Article:
    """The article of a draft; `page` is what `extract.from_html` found when the draft needs it.

    Fields of the entry win over the page's own metadata. Raises BadEntry if no text is left or the
    text is a wall, ValueError if a page is needed and missing.
    """
    page = _page_of(draft, page)
    repeats = draft.summary and squash(draft.summary) == squash(draft.title)
    summary = "" if repeats else draft.summary
    paragraphs = page.paragraphs()
    lead, body = page.lead, page.body
    if summary or not lead:
        lead, body = _lead_and_body(rejoined(summary), paragraphs)
    title = draft.title or page.title
    withdrawal = find_withdrawal(title, [summary, *paragraphs] if summary else paragraphs)
    if draft.status:
        withdrawal = f"its publisher gives its status as “{draft.status}”"
    wall = None
    if not withdrawal:
        own = [text for text in (draft.title, draft.summary) if text]
        wall = find_wall(
            paragraphs, "" if draft.title else title, own, [cut.text for cut in page.cuts]
        )
    if wall is not None and wall.is_whole:
        raise BadEntry(wall.reason, "wall")
    if not (draft.title or lead or body or draft.status):
        raise BadEntry(_no_text(draft), "no_text")
    text = f"{title}\0{lead}\0{body}"
    return Article(
        # What a page says of itself is anybody's word: only the entry's own source is a scope.
        id=article_id(draft.id, page_address(draft.url, page.url), text),
        revision=revision(f"{text}\0{draft.status}" if draft.status else text),
        title=title,
        lead=lead,
        body=body,
        url=draft.url or page.url,
        source=draft.source or page.source,
        author=draft.author or page.author,
        # Sentences tell sooner than a headline does.
        language=(draft.language or page.language or detect_language(f"{lead}\n{body}\n{title}")),
        country=draft.country,
        published_at=draft.published_at or page.published_at,
        tags=draft.tags,
        cuts=(*draft.cuts, *page.cuts),
        wall=wall.kind if wall else "",
        withdrawal=withdrawal,
        scope=scope_of(draft.source, draft.url),
        is_withdrawn=bool(draft.status),
    )


def _page_of(draft: Draft, page: Page | None) -> Page:
    if not draft.needs_html:
        return from_text(draft.body, title=draft.title)
    if page is None:
        raise ValueError("this draft has HTML to be read by extract.from_html first")
    return page


def _lead_and_body(summary: list[str], text: list[str]) -> tuple[str, str]:
    """The summary is the lead; if the text begins with its words, these paragraphs are."""
    if not summary:
        return (text[0], BREAK.join(text[1:])) if text else ("", "")
    says = squash("".join(summary))
    so_far = ""
    for count, paragraph in enumerate(text, 1):
        so_far += squash(paragraph)
        if so_far.startswith(says):
            return BREAK.join(text[:count]), BREAK.join(text[count:])
        if not says.startswith(so_far):
            return BREAK.join(summary), BREAK.join(text)
    return BREAK.join(summary), ""


def _no_text(draft: Draft) -> str:
    if draft.needs_html:
        return (
            f"html: the page yields no text ({len(draft.html):,} characters of HTML); send the "
            "article's text as `body`, or the page that holds it"
        )
    return "body: nothing but page chrome is left of the text; send the article's own text"
