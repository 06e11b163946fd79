"""Lines around a headline that are not the article: authors, dates, reading times.

rule               cuts
date-line          a line that only says when
reading-time       "2 mins read"
byline             "By Jane Doe, Political Editor"
"""

from __future__ import annotations

import functools
import re

from service.articles.page.phrases import Words, phrases, words_of
from service.articles.page.prose import Rule

_DIGIT = re.compile(r"\d")
_NUMERIC_DATE = re.compile(r"\b\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?!\d)")
# A day without a year or a time may be news: "Tuesday, 1 March" above the report of a match.
_YEAR_OR_TIME = re.compile(r"\d{4}|\d{1,2}[:.h]\d\d")
_LONG_NUMBER = re.compile(r"\d{5}")
_HAN_DATE = re.compile(
    r"\d{2,4}年\d{1,2}月\d{1,2}日"
    r"(?: *(?:\d{1,2}[時时:]\d{0,2}分?|[(（][月火水木金土日一二三四五六][)）]))*"
)
_LAST_BEFORE_HAN = "\u3000"
_MAX_BYLINE_CHARS = 120


def _is_date_line(paragraph: str) -> bool:
    if _DIGIT.search(paragraph) is None:
        return False
    rest, han = _HAN_DATE.subn(" ", _source().sub(" ", paragraph))
    words = words_of(rest)
    months = _words("month")
    named = "0" in words and _YEAR_OR_TIME.search(paragraph) and any(w in months for w in words)
    says_a_day = han or named or _NUMERIC_DATE.search(paragraph)
    return bool(says_a_day) and _is_around_a_date(words) and not _LONG_NUMBER.search(rest)


def words_beside_date(paragraph: str) -> int | None:
    """How many words a line with a day and its year, or a day and a time, has beside these, two
    characters a word in Chinese; None if it has no such day.
    """
    if len(paragraph) > _MAX_BYLINE_CHARS or _DIGIT.search(paragraph) is None:
        return None
    words = words_of(_HAN_DATE.sub(" 0 ", paragraph))
    months, around = _words("month"), _words("date-word")
    is_named = words.count("0") > 1 and _YEAR_OR_TIME.search(paragraph)
    if not (
        (is_named and any(word in months for word in words))
        or _NUMERIC_DATE.search(paragraph)
        or _HAN_DATE.search(paragraph)
    ):
        return None
    beside = [word for word in words if word != "0" and word not in months and word not in around]
    han = sum(len(word) == 1 and word > _LAST_BEFORE_HAN for word in beside)
    return len(beside) - han // 2


def _is_around_a_date(words: Words) -> bool:
    """Whether all words are numbers, months, days, and what is usual around them."""
    months, around = _words("month"), _words("date-word")
    return all(word == "0" or word in months or word in around for word in words)


@functools.cache
def _words(kind: str) -> frozenset[str]:
    """The phrases of a kind that are one word."""
    return frozenset(words[0] for words in phrases().words(kind) if len(words) == 1)


@functools.cache
def _source() -> re.Pattern[str]:
    """The paper that had the text first, which follows the date."""
    return re.compile(rf"(?:{phrases().pattern('source')})[:：] ?\S+")


_CAPITAL = r"[^\W\d_a-zß-öø-ÿа-яё]"
_LETTER = r"[\w\u0900-\u0963.’'-]"
# Chinese, Japanese and Korean names are one word of a few characters.
_HAN_NAME = r"[\u30a0-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,4}"


class _Bylines:
    """The forms of bylines, made of the words of all languages."""

    def __init__(self) -> None:
        said = phrases()
        inside = said.pattern("name-particle")
        one = rf"{_CAPITAL}{_LETTER}*(?: (?:(?:{inside}) ){{0,2}}{_CAPITAL}{_LETTER}*)"
        name = rf"(?:{one}{{1,3}}|{_HAN_NAME})"
        role = rf"(?:[\w’'-]+ ){{0,3}}(?:{said.pattern('role')})"
        more = rf"(?:(?:,| (?:{said.pattern('and')}|[&/])) (?:{name}|(?i:{role})))*"
        where = rf"(?: ?\([^()]{{1,40}}\)| ?[|–—-] ?(?:{_CAPITAL}\w+|(?i:{role})))?"
        before = rf"\b(?i:{said.pattern('by')})\b ?[:：・/／]? ?(?P<names>{name}{more}){where}"
        after = rf"(?P<named>{name}) ?(?:{said.pattern('by-after')})"
        self.forms = [re.compile(rf"(?P<when>.*?){form}(?P<then>.*)") for form in (before, after)]
        of = rf"(?: ?[,|/] ?(?:{_CAPITAL}{_LETTER}+|(?i:{role}))| \([^()]{{2,30}}\))?"
        self.bare_name = re.compile(rf"{one}{{1,3}}{of}|@\w{{2,30}}|(?i:{role})")
        self.last_role = re.compile(rf", (?i:{role})$")
        self.between = re.compile(rf"[,;|/(]| (?:{said.pattern('and')}|&) ")
        self.words = {words[-1] for words in said.words("by") | said.words("by-after")}


@functools.cache
def _bylines() -> _Bylines:
    return _Bylines()


def author_in(paragraph: str) -> str:
    """The author that a byline names; "" if the paragraph is not a byline."""
    if len(paragraph) > _MAX_BYLINE_CHARS or _bylines().words.isdisjoint(words_of(paragraph)):
        return ""
    for form in _bylines().forms:
        match = form.fullmatch(paragraph)
        if match and _is_when(match["when"]) and _is_when(match["then"]):
            said = match.groupdict()
            return _bylines().last_role.split(said.get("names") or said["named"])[0]
    return ""


def names_in(authors: str) -> list[str]:
    """The single names of authors that are named together."""
    return [name.strip() for name in _bylines().between.split(authors) if name.strip()]


def _is_when(text: str) -> bool:
    """Whether a text is only a date, perhaps with a reading time before or after it."""
    words = words_of(_HAN_DATE.sub(" ", text))
    if _is_around_a_date(words):
        return True
    cuts = range(len(words))
    return any(
        (_is_around_a_date(words[:cut]) and _is_reading_time(words[cut:]))
        or (_is_reading_time(words[: cut + 1]) and _is_around_a_date(words[cut + 1 :]))
        for cut in cuts
    )


def _is_reading_time(words: Words) -> bool:
    return "reading-time" in phrases().kinds(words)


def is_bare_name(paragraph: str) -> bool:
    """Whether a line may be a name, with a role or a place; above a date it is a byline."""
    return len(paragraph) <= 60 and _bylines().bare_name.fullmatch(paragraph) is not None


DATE = Rule("date-line", "Templates print the day above or below the title.", _is_date_line)
READING_TIME = Rule(
    "reading-time",
    "Templates estimate how long the reading takes.",
    lambda paragraph: _is_reading_time(words_of(paragraph)),
)
BYLINE = Rule(
    "byline",
    "Templates print the authors' names next to the title; a name after the text may be news.",
    lambda paragraph: bool(author_in(paragraph)),
)
HEAD = (DATE, READING_TIME, BYLINE)
