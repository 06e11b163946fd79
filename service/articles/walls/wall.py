"""Is this a text of an article, or the wall that a fetcher met in its place?

A wall speaks to its reader: most of its words are phrases of walls. An article about walls quotes
them: most of its words are others. A wall without an article's own title or summary is whole, and
no article. With one of these, or with a teaser above a paywall's lines, it is a stub: what it says
of the article counts, but it is not the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.articles.walls.diction import MAX_CHARS as MAX_CHARS_BY_WORDS
from service.articles.walls.diction import kind_by_words, tells_news
from service.articles.walls.phrases import KINDS, NOTHING, Reading, may_speak, read
from service.articles.walls.sentences import unquoted, words_of

MAX_CHARS = 8_000
"""A longer text is no wall; walls that list their partners have some 4,000."""
MAX_STUB_WORDS = 200
"""Words of a teaser above a paywall's lines; a longer text is an article with an advertisement."""
_SHORT, _EDGE = 1_000, 200
"""Of a text with more characters, so many at both ends are looked at first: walls speak there."""
_LEAST_EDGE = 0.2
"""The share of their words below which no wall speaks."""
_MAX_CUTS = 20
"""Paragraphs that were cut, the last ones, which may be a paywall's lines."""
_TITLE = 0.8
"""The share from which a title without any text is a wall's."""
_ENOUGH = ((1, 0.5), (2, 0.4), (3, 0.3))
"""Phrases that only walls say, and the share of all words that walls say, of a wall."""
_BRIEF, _IN_BRIEF, _IN_SENTENCE = 12, 0.8, 0.6
"""Of so few words, and of any single sentence, such shares must be words of phrases: a headline
may have some ("Extradition request has been blocked by a judge"), and so may a report in a line."""
_STATUS_WORDS = 60
"""A text with no more words is a server's, where a paragraph of it is nothing but a status of HTTP:
servers explain it in their own words, in any language."""
_PARAGRAPH = 0.4
"""The share from which a single paragraph is a wall's."""
_END = 4
"""Paragraphs at the end among which a paywall's lines are."""
_TEASER = 8
"""Words of a paragraph in which no wall speaks."""
_LEAST_SPOKEN = 3
"""Words outside of quotations from which these are quoted; a fetcher may quote the whole text."""
_OFFERS = {"paywall", "login"}


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall in place of an article's text."""

    kind: str
    """A key of KINDS."""
    is_whole: bool
    """Whether nothing is there of an article."""

    @property
    def reason(self) -> str:
        """What is wrong with the text, and what to do."""
        return (
            f"a wall, no article: the text is {KINDS[self.kind]}; have the fetcher get past it, or "
            "send the article's text"
        )


def find_wall(
    paragraphs: Sequence[str], page_title: str, own: Sequence[str], cuts: Sequence[str] = ()
) -> Wall | None:
    """The wall that a text is; None for an article.

    `own` is what the entry says of the article itself: its title and summary; `cuts` are paragraphs
    that were cut from the text, as some lines of paywalls are.
    """
    found = _find(paragraphs, page_title, own, cuts)
    if not found or not found.is_whole:
        return found
    spoken = [unquoted(each) for each in paragraphs]
    if spoken != list(paragraphs) and len(words_of(" ".join(spoken))) >= _LEAST_SPOKEN:
        found = _find(spoken, page_title, own, cuts)
    return None if found and found.is_whole and tells_news(spoken) else found


def _find(
    paragraphs: Sequence[str], page_title: str, own: Sequence[str], cuts: Sequence[str]
) -> Wall | None:
    length = sum(map(len, paragraphs))
    if length > MAX_CHARS:
        return None
    last = [each for each in cuts[-_MAX_CUTS:] if len(each) <= _SHORT]
    speaking = [each for each in last if may_speak(each)]
    found = _find_by_phrases([*paragraphs, *speaking], page_title, own)
    if found or length > MAX_CHARS_BY_WORDS:
        return found
    return _find_by_words([*paragraphs, *last], page_title, own)


def _find_by_words(paragraphs: Sequence[str], page_title: str, own: Sequence[str]) -> Wall | None:
    """A wall in whatever sentences; the title of the article itself makes it none."""
    around = [each for each in (page_title, *own) if each]
    if kind := kind_by_words([*around, *paragraphs]):
        return Wall(kind, is_whole=True)
    kind = kind_by_words(paragraphs) if around else ""
    return Wall(kind, is_whole=not _has_own_title(page_title, own)) if kind else None


def _has_own_title(page_title: str, own: Sequence[str]) -> bool:
    """Whether a title is the article's, and not a wall's with the name of its site."""
    return any(_is_own(read(each), 1) for each in own) or _is_own(read(page_title), 4)


def _find_by_phrases(paragraphs: Sequence[str], page_title: str, own: Sequence[str]) -> Wall | None:
    text = "\n".join(paragraphs)
    if not _may_be_wall(text or "\n".join([page_title, *own])):
        return None
    is_real = _has_own_title(page_title, own)
    given, title = read("\n".join(own)), read(page_title)
    of_title = replace(title, words=title.said)  # what else it says may be the site's name
    if not paragraphs:
        title += given
        is_wall = not is_real and title.share >= _TITLE and _is_wall(title, _IN_BRIEF)
        return Wall(_kind(title), is_whole=True) if is_wall else None
    readings = [read(each) for each in paragraphs]
    found = sum(readings, NOTHING)
    least = _IN_SENTENCE if found.sentences == 1 else 0
    least = _IN_BRIEF if found.words <= _BRIEF else least
    is_spoken = found.spoken > 0  # a report has its phrases within sentences of its own
    if not is_real and text not in (page_title, *own):  # a title that stands twice says it once
        found += given + of_title
    has_status = found.words <= _STATUS_WORDS and any(map(_is_status, readings))
    if has_status or (is_spoken and _is_wall(found, least)):
        kind = _kind(found)
        has_teaser = any(not one.said and one.words >= _TEASER for one in readings)
        return Wall(kind, is_whole=not (is_real or (kind in _OFFERS and has_teaser)))
    return Wall("paywall", is_whole=False) if _is_stub(readings) else None


def _may_be_wall(text: str) -> bool:
    """A cheap first look; most of a longer text is not looked at."""
    if len(text) <= _SHORT:
        return may_speak(text)
    edges = f"{text[:_EDGE]}\n{text[-_EDGE:]}"
    return may_speak(edges) and read(edges).share >= _LEAST_EDGE


def _is_own(reading: Reading, least: int) -> bool:
    """Whether a title says something of the article."""
    return reading.share < 0.5 and reading.words - reading.said >= least


def _is_wall(reading: Reading, least: float) -> bool:
    """Whether walls say most of it; `least` is the share that must be words of phrases."""
    sure = len(reading.sure)
    if reading.exact_share < least:
        return False
    return any(sure >= n and reading.share >= s for n, s in _ENOUGH)


def _kind(reading: Reading) -> str:
    return Counter(phrase.kind for phrase in sorted(reading.sure)).most_common(1)[0][0]


def _is_status(paragraph: Reading) -> bool:
    """Whether it is a status, such as "Error 404" and "403 Forbidden", and no word more."""
    return 1 < paragraph.words == paragraph.exact and any(
        word.isdigit() for phrase in paragraph.sure for part in phrase.parts for word in part
    )


def _is_stub(readings: Sequence[Reading]) -> bool:
    """Whether it is a teaser above a paywall's lines."""
    left = sum(reading.words - reading.said for reading in readings)
    return (
        len(readings) > 1
        and left <= MAX_STUB_WORDS
        and any(
            reading.share >= _PARAGRAPH and any(phrase.kind in _OFFERS for phrase in reading.sure)
            for reading in readings[-_END:]
        )
    )
