"""What the lines of a page are that only those around them tell.

newsletter     a field for the reader's address, with what is above and below it
pull-quote     a part of the text that is printed once more, large
author-note    who the author is, between the byline and the date
"""

from __future__ import annotations

from collections.abc import Iterator

from service.articles.page.bylines import author_in, is_bare_name, names_in
from service.articles.page.chrome_phrases import EMAIL, NOTICE, OFFER
from service.articles.page.pasted.headline import stems
from service.articles.page.pasted.lines import SENTENCES, Kind, Lines
from service.articles.page.prose import Rule, size

PULL_QUOTE = Rule(
    "pull-quote",
    "Magazines print the best sentence of a text twice; only the text itself tells.",
    lambda _: False,
)
AUTHOR_NOTE = Rule(
    "author-note",
    "Sites introduce the author next to the name; only the name above tells.",
    lambda _: False,
)
BOXES = (NOTICE, PULL_QUOTE, AUTHOR_NOTE)

_ASKING = (EMAIL, NOTICE, OFFER)
_MAX_SENTENCE = 30
"""Words of a sentence that says what a newsletter is about, or who the author is."""
_MAX_BUTTON = 3
_MAX_HEAD = 12
"""Lines between an article's headline and what stands below its date."""
_LEAST_QUOTED, _NEAR, _LEAST_OWN = 4, 3, 3
_CHROME = (Kind.AROUND, Kind.INSIDE)
_MARKS = '"“”„‟«»‹›「」『』‘’'
_CUT_OFF = "… ."


def with_boxes(lines: Lines) -> Lines:
    """The lines with those told apart that stand in such a box."""
    found = {at: NOTICE for box in _newsletters(lines) for at in box}
    found |= dict.fromkeys(_pull_quotes(lines), PULL_QUOTE)
    found |= dict.fromkeys(_author_notes(lines), AUTHOR_NOTE)
    if not found:
        return lines
    rules, kinds = [*lines.rules], [*lines.kinds]
    for at, rule in found.items():
        rules[at], kinds[at] = rules[at] or rule, Kind.INSIDE
    return Lines(lines.texts, rules, kinds, lines.sizes)


def _newsletters(lines: Lines) -> Iterator[range]:
    """The lines around each field for the reader's address, and above each offer.

    Other notices are around the field, a sentence or a link among them; above it what the letter
    is about, with a heading, and below it a button.
    """
    for at in [at for at, rule in enumerate(lines.rules) if rule in (EMAIL, OFFER)]:
        start, end = _first(lines, _asking(lines, at, -1)), _asking(lines, at, 1) + 1
        is_line = end < len(lines) and lines.kinds[end] is Kind.LINE
        end += is_line and lines.rules[at] is EMAIL and lines.sizes[end] <= _MAX_BUTTON
        yield range(start, end)


def _asking(lines: Lines, at: int, step: int) -> int:
    """The last of the notices from one on, up or down; a short line may be between two."""
    while True:
        near = [at + step, at + 2 * step]
        asking = [each for each in near if 0 <= each < len(lines) and lines.rules[each] in _ASKING]
        if not asking or lines.sizes[at + step] > _MAX_SENTENCE:
            return at
        at = asking[0]


def _first(lines: Lines, start: int) -> int:
    """The first line of a box whose notices begin at `start`: a heading, a sentence below it.

    The line above notices may be an article's headline, where no date or sentence is above it.
    """
    if start >= 2 and lines.kinds[start - 1] in SENTENCES:
        is_what = lines.kinds[start - 2] is Kind.LINE
        return start - 2 if is_what and lines.sizes[start - 1] <= _MAX_SENTENCE else start
    above = {*lines.kinds[max(0, start - _MAX_HEAD) : max(0, start - 1)]}
    is_heading = start >= 1 and lines.kinds[start - 1] is Kind.LINE
    return start - 1 if is_heading and above & {Kind.AROUND, *SENTENCES} else start


def _pull_quotes(lines: Lines) -> Iterator[int]:
    """Lines between sentences that say what a paragraph of the page says, too; a subhead may quote
    the paragraph below it.
    """
    for at, (text, kind) in enumerate(zip(lines.texts, lines.kinds, strict=True)):
        is_cut_off = text.endswith(("…", "..."))
        is_quote = text[0] in _MARKS and kind in (Kind.LINE, Kind.SENTENCE)
        if not (is_quote or (is_cut_off and kind in (Kind.LINE, *SENTENCES))):
            continue
        if Kind.PROSE not in lines.kinds[max(0, at - _NEAR) : at]:
            continue
        said = text.strip(_MARKS + _CUT_OFF)
        prose = [n for n, other in enumerate(lines.kinds) if other is Kind.PROSE and n != at]
        places = [n for n in prose if said in lines.texts[n]]
        if size(said) >= _LEAST_QUOTED and places and (is_cut_off or at + 1 not in places):
            yield at


def _author_notes(lines: Lines) -> Iterator[int]:
    """Sentences between a name, which they begin with, and a date or other chrome; where they are
    once more, too.
    """
    found: set[str] = set()
    for at in range(1, len(lines) - 1):
        if lines.kinds[at] not in SENTENCES:
            continue
        if lines.texts[at] in found:
            yield at
            continue
        if lines.kinds[at - 1] in SENTENCES or lines.kinds[at + 1] not in _CHROME:
            continue
        above = lines.texts[at - 1]
        names = names_in(author_in(above) or (above if is_bare_name(above) else ""))[:1]
        if lines.sizes[at] <= _MAX_SENTENCE and lines.texts[at].startswith(tuple(names)):
            found.add(lines.texts[at])
            yield at


def inner_teasers(lines: Lines) -> set[int]:
    """Inside a text, two or more headlines in a row with a sentence below each, none of which has
    the text's words.
    """
    pairs = [
        at
        for at in range(len(lines) - 1)
        if lines.kinds[at] is Kind.LINE and lines.kinds[at + 1] is Kind.PROSE
        if lines.sizes[at] >= _LEAST_QUOTED and lines.sizes[at + 1] <= _MAX_SENTENCE
    ]
    runs = [at for at in pairs if at + 2 in pairs or at - 2 in pairs]
    if not runs:
        return set()
    found = {place for at in runs for place in (at, at + 1)}
    own = {
        stem
        for at, kind in enumerate(lines.kinds)
        if kind in SENTENCES and at not in found
        for stem in stems(lines.texts[at])
    }
    said = [stems(lines.texts[at + 1]) for at in runs]
    is_own = any(len(each & own) >= max(_LEAST_OWN, len(each) / 3) for each in said)
    if len(runs) == 2 and lines.kinds[runs[1] + 2 : runs[1] + 3] == [Kind.PROSE]:
        # The second headline may be a subhead with its paragraphs, and the first is no list then.
        second = stems(lines.texts[runs[1]]) | said[1]
        is_own = is_own or len(second & own) >= _LEAST_OWN
    return set() if is_own or not own else found
