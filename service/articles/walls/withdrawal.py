"""Does a text take back the article in whose place it stands?

Agencies kill a story that cannot be corrected ("Please kill the story …", "STORY WITHDRAWN"), sites
say under its address that it was removed, and journals put "RETRACTED:" before its title. Such a
notice speaks of "this story". It means something for an article only that was alerted before: the
first text under an id is judged as any other.
"""

from __future__ import annotations

import functools
import pkgutil
import re
from collections.abc import Sequence
from typing import NamedTuple

from service.articles.paragraphs import line
from service.articles.walls.phrases import Phrase, parse, sentence_texts, stands_in, words_of

MAX_WORDS = 120
"""Of a notice; a longer text is an article with a note."""
MAX_CHARS = 1_500
"""Of a notice, in code points: nothing longer is divided into words and sentences."""
LONGEST_REASON = 300
"""Code points."""
_PREFIX, _WITHDRAWN = "prefix", "withdrawn"
_HEAD = re.compile(r"\s*(?P<words>[^\W\d_][\w ]{2,40}?)\s*(?:[:：|/–—]|-(?=\S)|\s-\s)")


class _Notices(NamedTuple):
    prefixes: frozenset[tuple[str, ...]]
    by_word: dict[str, tuple[Phrase, ...]]
    """The phrases, by their first word."""


def find_withdrawal(title: str, paragraphs: Sequence[str]) -> str:
    """What the text says of being taken back, all of a notice or its title; "" where it is not."""
    if _is_notice(title, paragraphs):
        return line(" ".join(paragraphs) or title)[:LONGEST_REASON]
    return line(title)[:LONGEST_REASON] if unmarked_title(title) else ""


def unmarked_title(title: str) -> str:
    """What a title was before "RETRACTED:" was put before it; "" for a title without such a mark.

    A headline may begin with the same word ("Withdrawn: the last troops"). So the mark counts only
    where the rest was the article's title, or stood in its text.
    """
    head = _HEAD.match(title)
    if head and tuple(words_of(head["words"])) in _notices().prefixes:
        return title[head.end() :].strip()
    return ""


def _is_notice(title: str, paragraphs: Sequence[str]) -> bool:
    if sum(map(len, paragraphs)) + len(title) > MAX_CHARS:
        return False
    if sum(len(each.split()) for each in paragraphs) > MAX_WORDS:
        return False
    sentences = (one for text in (*paragraphs, title) for one in sentence_texts(text))
    return any(stands_in(words_of(sentence), _notices().by_word) for sentence in sentences)


@functools.cache
def _notices() -> _Notices:
    data = pkgutil.get_data("service.articles.walls", "withdrawals.txt")
    if data is None:
        raise FileNotFoundError("withdrawals.txt is missing from the package; install it again")
    prefixes: set[tuple[str, ...]] = set()
    by_word: dict[str, list[Phrase]] = {}
    for phrase in parse(data.decode(), (_PREFIX, _WITHDRAWN)):
        if phrase.kind == _PREFIX:
            prefixes.add(phrase.parts[0])
        else:
            by_word.setdefault(phrase.parts[0][0], []).append(phrase)
    return _Notices(frozenset(prefixes), {word: tuple(each) for word, each in by_word.items()})
