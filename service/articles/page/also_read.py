"""Pointers to other stories inside a text: "Also read: <another story's headline>"."""

from __future__ import annotations

import functools
import re

from service.articles.page.phrases import MAX_CHARS, phrases
from service.articles.page.prose import Rule, is_prose


def headline_after_label(paragraph: str) -> str | None:
    """The headline after "Also read:"; "" for the label alone, None if there is no such label."""
    if len(paragraph) > MAX_CHARS:
        return None
    capitals, label = _also_read()
    match = capitals.fullmatch(paragraph) or label.fullmatch(paragraph)
    return (match["headline"] or "").strip() if match else None


@functools.cache
def _also_read() -> tuple[re.Pattern[str], re.Pattern[str]]:
    capitals = "|".join(text.upper() for text in phrases().texts("also-read-capitals"))
    labels = "|".join(map(re.escape, phrases().texts("also-read"))).replace("'", "['’]?")
    return (
        re.compile(rf"(?:{capitals})\b(?P<headline>.*)"),
        re.compile(
            rf"(?:{labels})\s*(?:[:：|–—»›>-]\s*(?P<headline>.*))?",
            re.IGNORECASE,
        ),
    )


def _is_also_read(paragraph: str) -> bool:
    headline = headline_after_label(paragraph)
    return headline is not None and not is_prose(headline)


ALSO_READ = Rule("also-read", "Pointers to other stories interrupt the text.", _is_also_read)
