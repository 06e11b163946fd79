"""The ends of a text among the lines of its page: what stands apart from it, below a box, a list
or a subhead.
"""

from __future__ import annotations

from service.articles.page.also_read import ALSO_READ
from service.articles.page.chrome_phrases import ADVERTISEMENT, COMMENTS, SHARE, TAGS
from service.articles.page.pasted.headline import stems
from service.articles.page.pasted.lines import SENTENCES, Kind, Lines
from service.articles.page.pasted.span import COLON, LAST, LEAST_LAST, MAX_BOX_LINES, Span

_CLOSING = (SHARE, TAGS, COMMENTS)
_NEAR_CLOSING = 3
_INTERRUPTIONS = (ALSO_READ, ADVERTISEMENT)
_MAX_APART = 16
"""Lines between a text and a sentence of it that stands apart."""
_LEAST_COMMON, _LEAST_COMMON_TOGETHER, _LEAST_SHARE = 4, 3, 0.2
"""Words, and share of its words, that such a sentence has in common with the text alone."""
_MAX_BOX, _LEAST_TOGETHER, _LEAST_SHARE_TOGETHER = 14, 5, 0.25
"""Lines of a box inside a text; words, and their share, that the text below has in common."""
_LEAST_RUN = 3
"""Sentences in a row that are no teasers."""
_MAX_LAST_LINES = 2
"""Lines right below a text that are its own."""


def with_strays(lines: Lines, span: Span, title: int | None) -> Span:
    """The span with sentences that stand apart from it, beyond a box or a list.

    Such a sentence has words of the text that no headline or link has, and no sentence far from it,
    or is the first of all.
    Above, none is looked for if there is a title: then it is clear where the article begins.
    """
    start, end = span
    end = _below_subheads(lines, end)
    near = [*lines.kinds[max(0, start - _MAX_APART) : start], *lines.kinds[end : end + _MAX_APART]]
    if Kind.PROSE not in near:
        return Span(start, end)
    own = _said(lines, start, end)
    own -= {
        stem
        for at, text in enumerate(lines.texts)
        if not start <= at < end and at != title
        if lines.kinds[at] is Kind.LINE or not start - _MAX_APART <= at < end + _MAX_APART
        for stem in stems(text)
    }
    own |= stems(lines.texts[title]) if title is not None else frozenset()
    for at in range(start - 1, -1 if title is None else start, -1):
        if at < span.start - _MAX_APART:
            break
        is_first = Kind.LINE not in lines.kinds[:at]
        if lines.kinds[at] is Kind.PROSE and (is_first or _has(lines.texts[at], own)):
            start = at
    return Span(start, _end_of_strays(lines, _end_below_boxes(lines, end, own), own))


def _end_below_boxes(lines: Lines, end: int, own: set[str]) -> int:
    """The end of a text that goes on below boxes.

    What goes on is two sentences or more, with a subhead between some of them. Together they have
    many words of the text, where those of teasers have few; or they are what stands right above
    the buttons that close an article, and nothing of the kind is above them.
    """
    while True:
        box = range(end, min(len(lines), end + _MAX_BOX))
        start = next((at for at in box if lines.kinds[at] in SENTENCES), None)
        if start is None or any(lines.rules[at] in LAST for at in range(end, start)):
            return end
        below, run = _section(lines, start)
        sentences = [at for at in range(start, below) if lines.kinds[at] in SENTENCES]
        said = {stem for at in sentences for stem in stems(lines.texts[at])}
        common = len(said & own)
        is_own = common >= _LEAST_TOGETHER and common >= _LEAST_SHARE_TOGETHER * len(said)
        closes = run >= _LEAST_RUN and _closes(lines, below) and not _is_closed(lines, end, start)
        if len(sentences) < 2 or not (is_own or closes):
            return end
        end = below


def _section(lines: Lines, start: int) -> tuple[int, int]:
    """The end of the sentences from `start` on, with a subhead or an advertisement between some of
    them, and how many there are in the longest row.
    """
    end = _run(lines, start)
    longest = end - start
    while True:
        at = end
        while lines.rules[at : at + 1] == [ADVERTISEMENT]:
            at += 1
        at += lines.kinds[at : at + 1] == [Kind.LINE]
        while lines.rules[at : at + 1] == [ADVERTISEMENT]:
            at += 1
        below = _run(lines, at)
        if below == at:
            return end, longest
        end, longest = below, max(longest, below - at)


def _closes(lines: Lines, end: int) -> bool:
    """Whether buttons or names of topics that close an article are below a text."""
    return any(rule in _CLOSING for rule in lines.rules[end : end + _NEAR_CLOSING])


def _is_closed(lines: Lines, start: int, end: int) -> bool:
    """Whether an article is closed among these lines, or another one begins."""
    near = zip(lines.rules[start:end], lines.kinds[start:end], strict=True)
    return any(rule in _CLOSING or kind is Kind.AROUND for rule, kind in near)


def _below_subheads(lines: Lines, start: int) -> int:
    """The end of paragraphs below a text with a subhead above each, if two of them follow each
    other: in a list of teasers, a headline is between any two.
    """
    at, end = start, start
    while at + 1 < len(lines) and lines.kinds[at : at + 2] == [Kind.LINE, Kind.PROSE]:
        at = _run(lines, at + 1)
        is_run = lines.kinds[at - 2] in SENTENCES
        end = at if is_run else end
    return end


def _end_of_strays(lines: Lines, end: int, own: set[str]) -> int:
    """The end of the last sentence below a text that belongs to it.

    Teasers are among headlines. One of them may have words of the text by chance, most of them do
    not. Three sentences in a row are no teasers, and one below a box and right above the buttons
    that close an article is its last.
    """
    below = range(end, min(len(lines), end + _MAX_APART))
    below = range(end, next((at for at in below if lines.rules[at] in LAST), below.stop))
    apart = [at for at in below if lines.kinds[at] is Kind.PROSE and lines.is_alone(at)]
    near = sum(_has(lines.texts[at], own) for at in apart)
    is_list = False
    for at in below:
        is_list = is_list or lines.kinds[at] is Kind.END
        run = _run(lines, at)
        if lines.kinds[at] not in SENTENCES:
            continue
        if lines.kinds[at] is Kind.PROSE and lines.is_alone(at):
            is_below_subhead = at == end + 1 and lines.kinds[end] is Kind.LINE
            is_own = not is_list and (is_below_subhead or 2 * near > len(apart))
            is_own = is_own and _has(lines.texts[at], own)
            end = at + 1 if is_own or _is_last(lines, end, at) else end
        elif run - at >= _LEAST_RUN and len(_said(lines, at, run) & own) >= _LEAST_COMMON_TOGETHER:
            end = max(end, run)
        elif lines.kinds[at] is Kind.PROSE and _has(lines.texts[at], own, _LEAST_COMMON_TOGETHER):
            end = max(end, at + 1)
    return end


def _said(lines: Lines, start: int, end: int) -> set[str]:
    return {stem for text in lines.texts[start:end] for stem in stems(text)}


def _run(lines: Lines, start: int) -> int:
    """The end of the sentences that follow each other from `start`."""
    others = (at for at in range(start, len(lines)) if lines.kinds[at] not in SENTENCES)
    return next(others, len(lines))


def _is_last(lines: Lines, end: int, at: int) -> bool:
    """Whether a sentence is between a box or a subhead and the buttons that close an article."""
    box = lines.kinds[end:at]
    is_box = 1 <= box.count(Kind.LINE) <= MAX_BOX_LINES and not {*box} - {Kind.LINE, Kind.END}
    closes = lines.rules[at + 1 : at + 2]
    return is_box and bool(closes) and closes[0] in (SHARE, TAGS)


def _has(text: str, words: set[str], least: int = _LEAST_COMMON) -> bool:
    said = {*stems(text)}
    common = len(said & words)
    return common >= least and common >= _LEAST_SHARE * len(said)


def with_last_lines(lines: Lines, span: Span) -> Span:
    """The span with the lines right below it that belong to it: a list that a colon announces, and
    one or two lines above the first of the page's own.
    """
    start, end = span
    from_end = end
    while from_end < len(lines) and lines.rules[from_end] in _INTERRUPTIONS:
        from_end += 1
    others = (at for at in range(from_end, len(lines)) if lines.kinds[at] is not Kind.LINE)
    below = next(others, len(lines))
    is_list = any(each.endswith(COLON) for each in lines.texts[max(0, end - 1) : below])
    last = lines.sizes[from_end:below]
    is_last = len(last) <= _MAX_LAST_LINES and all(words >= LEAST_LAST for words in last)
    return Span(start, below) if last and (is_list or is_last) else span
