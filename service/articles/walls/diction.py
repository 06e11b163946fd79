"""Is nearly every word of a short text one that walls say to their readers?

Servers, browsers and sites say the same few things in sentences without number: that a page is not
there, was moved, needs JavaScript, or is for subscribers. So it is their words that are known, by
language, and not their sentences. News has other words: a name, a place, a day, a deed, somebody
who said so. A headline may have none of these ("Access to the site is blocked"), but it does not
speak to its reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from service.articles.walls.phrases import KINDS
from service.articles.walls.sentences import sentence_texts
from service.articles.walls.vocabulary import (
    NEWS,
    THIS,
    VOICE,
    WORDS,
    Meanings,
    counted_words,
    meanings_of,
)

MAX_CHARS, MAX_WORDS, LEAST_WORDS = 1_000, 160, 3
"""A text with more says what its words alone do not tell; one with fewer different words says
hardly anything."""
_ENGLISH = "en"
"""A program that is translated in part says the rest in it."""
_OWN = 0.5
"""The share of the known words that must be of the language itself."""


class _Least(NamedTuple):
    """What a text must have for so many words that walls do not say."""

    things: int
    """Different words of walls' kinds."""
    to_other: int
    """Different words to one that is in no list."""
    voices: int = 1


_LEAST = (_Least(8, 5, 2), _Least(5, 6), _Least(2, 1_000), _Least(6, 12, 0))
_LEAST_NEWS = 2
"""Words of news in a text from which it tells news."""
_LEAST_FOREIGN, _MOST_FOREIGN, _LEAST_BESIDE_NEWS = 6, 0.4, 2
"""Words of a sentence, the share of them that no wall says from which it tells something else, and
their number beside a word of news."""
_LEAST_THINGS = {"robot": 3, "paywall": 4}
"""Robots and subscriptions are in much news, too, and "this" says nothing of them."""
_NAMING, _LEAST_OF_NAMING, _TO_NAMED = "javascript", 3, 3
"""What needs JavaScript may be named: so many words of this kind, and words to one in no list."""
_EARLY_OTHERS = 2
"""So many words more than that, and the text is read no further."""
_USUAL = 8
"""The same where nothing is named."""


def kind_by_words(texts: Sequence[str]) -> str:
    """The kind of the wall that these texts are together, one of KINDS; "" for any other text."""
    if sum(map(len, texts)) > MAX_CHARS:
        return ""
    seen: dict[str, Meanings] = {}
    others = 0
    for at, word in enumerate(counted_words(texts)):
        if word not in seen:
            seen[word] = meanings_of(word)
            others += not seen[word]
        if others > _EARLY_OTHERS + len(seen) // _TO_NAMED or at >= MAX_WORDS:
            return ""  # most texts are news, and end here
    if len(seen) < LEAST_WORDS or others > len(seen) // _TO_NAMED:
        return ""
    meanings = [*seen.values()]
    languages = _languages(meanings)
    least = _OWN * sum(map(bool, meanings))
    found = [_kind_in(name, meanings) for name, known in languages.items() if known >= least]
    return max(found, default=(0, ""))[1]


def tells_news(texts: Sequence[str]) -> bool:
    """Whether texts that say what walls say tell something else, too.

    A report does so in a sentence whose words are mostly others, or by words of who acts and when.
    Of a language that is not known nobody can say so.
    """
    meanings = [meanings_of(word) for word in counted_words(texts)]
    languages = _languages(meanings)
    language = max(languages, key=lambda name: (languages[name], name), default="")
    if languages[language] < _OWN * len(meanings) or sum(map(len, texts)) > MAX_CHARS:
        return False
    news = {each for each in meanings if _sections(language, each) == {NEWS}}
    return len(news) >= _LEAST_NEWS or any(
        _is_foreign(language, sentence) for text in texts for sentence in sentence_texts(text)
    )


def _is_foreign(language: str, sentence: str) -> bool:
    words = [_sections(language, meanings_of(word)) for word in counted_words([sentence])]
    others = sum(not sections for sections in words)
    news = sum(sections == {NEWS} for sections in words)
    return len(words) >= _LEAST_FOREIGN and (
        others + news > _MOST_FOREIGN * len(words)
        or (news > 0 and others + news >= _LEAST_BESIDE_NEWS)
        or not any(_is_thing(sections) or sections & {VOICE, THIS} for sections in words)
    )


def _kind_in(language: str, meanings: Sequence[Meanings]) -> tuple[int, str]:
    """How many different words of a kind there are, and the kind that has most of them."""
    words = [_sections(language, each) for each in meanings]
    kinds = Counter(kind for sections in words for kind in sections & KINDS.keys())
    if {NEWS} in words or not kinds:
        return (0, "")
    count, kind = max((count, kind) for kind, count in kinds.items())
    # "This page" is the one that is read; "this robot" may be any.
    speaking = {VOICE} if kind in _LEAST_THINGS else {VOICE, THIS}
    things = sum(map(_is_thing, words))
    voices = sum(bool(sections & speaking) for sections in words)
    others = sum(not sections for sections in words)
    is_wall = things >= _LEAST_THINGS.get(kind, 0) and any(
        things >= least.things
        and voices >= least.voices
        and others <= len(meanings) // least.to_other
        for least in (*_LEAST, _naming(kinds))
    )
    return (count, kind) if is_wall else (0, "")


def _naming(kinds: Counter[str]) -> _Least:
    return _Least(3, _TO_NAMED if kinds[_NAMING] >= _LEAST_OF_NAMING else _USUAL)


def _is_thing(sections: set[str]) -> bool:
    """Whether it is a word of a wall's kind, and of few other texts."""
    return bool(sections & KINDS.keys()) and WORDS not in sections


def _sections(language: str, meanings: Meanings) -> set[str]:
    own = {one.section for one in meanings if one.language == language}
    return own or {one.section for one in meanings if one.language == _ENGLISH}


def _languages(meanings: Sequence[Meanings]) -> Counter[str]:
    """The languages, and how many of the words are theirs."""
    return Counter(name for each in meanings for name in {one.language for one in each})
