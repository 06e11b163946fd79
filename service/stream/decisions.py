"""Matched articles and their histories → what becomes of each entry."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from service.alerts.create import ArticleAlerts
from service.alerts.history import BatchHistory
from service.alerts.people.silence import Silence
from service.alerts.stories.fingerprint import Fingerprint, fingerprint, read_zones
from service.alerts.stories.overlap import TextSketch, is_cut, sketch
from service.alerts.stories.placement import Placement
from service.alerts.stories.story import StoryNote, source_of
from service.alerts.stories.wording import place_texts, why
from service.articles.article import Article
from service.articles.paragraphs import BREAK, line
from service.articles.walls.wall import Wall
from service.articles.walls.withdrawal import LONGEST_REASON, notice_words, unmarked_title
from service.errors import BadEntryKind
from service.matching.evaluation.judge import Match
from service.rules.rules import Rules
from service.store.commit.commit import Decided
from service.store.stories.query import StoryQuery, WatchlistQuery
from service.store.stories.reply import ReadHistory
from service.store.stories.version import JudgedVersion
from service.telemetry.spans import Recorder
from service.telemetry.trace_context import TraceContext


@dataclass(frozen=True, slots=True)
class MatchedArticle:
    """An entry's article, and the watchlists that it matches."""

    entry_id: bytes
    article: Article
    matches: tuple[Match, ...]
    trace: TraceContext | None = None
    """That of the events which it makes."""
    origin: str = ""
    """The entry that its entry repeats, as a copy that may tell its story; "" for any other."""

    @property
    def place(self) -> str:
        """The entry by which it is an older or newer version of its article."""
        return self.origin or self.entry_id.decode()


def matched_article(
    entry_id: bytes,
    article: Article,
    matches: Sequence[Match],
    *,
    trace: TraceContext | None = None,
    origin: str = "",
) -> MatchedArticle:
    """An entry's article with what counts of its matches: one that is taken back has none."""
    counted = () if article.is_withdrawn else tuple(matches)
    return MatchedArticle(entry_id, article, counted, trace, origin)


def traced(matched: list[MatchedArticle], spans: Recorder) -> list[MatchedArticle]:
    """The same articles; where spans are recorded, the trace of each is that of its own span."""
    traces = [spans.entry(one.entry_id, one.trace, len(one.matches)) for one in matched]
    return [
        one if trace is one.trace else replace(one, trace=trace)
        for one, trace in zip(matched, traces, strict=True)
    ]


class TextMarks(NamedTuple):
    """What is made of an article's text to tell its copies and its versions: no past changes it."""

    fingerprint: Fingerprint
    sketch: TextSketch


def text_marks(article: Article) -> TextMarks:
    """Those of an article. It takes 0.4 ms."""
    zones = article.title, article.lead, article.body
    return TextMarks(fingerprint(*zones, language=article.language), sketch("\n".join(zones)))


def story_query(
    matched: MatchedArticle, rules: Rules, marks: TextMarks | None = None
) -> StoryQuery:
    """What the store has to know of an article to find its history.

    `marks` are those of its text, where they were made before.
    """
    article, entry_id = matched.article, matched.entry_id.decode()
    zones = (article.title, article.lead, article.body)
    unmarked = ""
    if article.withdrawal and article.withdrawal == line(article.title)[:LONGEST_REASON]:
        unmarked = unmarked_title(article.title)
    paragraphs = (article.lead, *article.body.split(BREAK))
    notice = notice_words(article.title, paragraphs) if article.withdrawal else ""
    if not matched.matches:
        return StoryQuery(
            entry_id,
            article.identity,
            article.revision,
            zones=zones,
            is_wall=bool(article.wall),
            is_notice=bool(article.withdrawal),
            notice=notice,
            unmarked=unmarked,
            origin=matched.origin,
        )
    watchlists = [rules.watchlists[match.query_id] for match in matched.matches]
    return StoryQuery(
        entry_id,
        article.identity,
        article.revision,
        source_of(article),
        article.title,
        article.url,
        article.published_at,
        marks.fingerprint if marks else fingerprint(*zones, language=article.language),
        tuple(
            WatchlistQuery(
                watchlist.id,
                tuple(watchlist.notify) if watchlist.repeat == "story" else None,
                watchlist.throttle is not None,
            )
            for watchlist in watchlists
        ),
        zones=zones,
        is_wall=bool(article.wall),
        is_notice=bool(article.withdrawal),
        notice=notice,
        unmarked=unmarked,
        origin=matched.origin,
        sketch=marks.sketch if marks else None,
    )


def decide_entries(
    matched: Sequence[MatchedArticle],
    histories: Sequence[ReadHistory],
    rules: Rules,
    *,
    at: datetime,
    silences: Collection[Silence] = (),
) -> Iterator[Decided]:
    """What becomes of each entry, in order: a later one sees what an earlier one has changed."""
    batch = BatchHistory()
    for one, read in zip(matched, histories, strict=True):
        history = read.history
        if history.superseded:
            version = JudgedVersion(read.version.article, (), origin=read.version.origin)
            yield Decided(one.entry_id, version=version, superseded=True, trace=one.trace)
            continue
        is_withdrawn = read.text is not None and read.text.is_withdrawn
        if not is_withdrawn and (reason := refusal(one, read)):
            kind: BadEntryKind = "wall" if one.article.wall else "partial"
            yield Decided(one.entry_id, refused=reason, refused_as=kind)
            continue
        alerts = ArticleAlerts(
            one.article,
            one.place,
            rules,
            at=at,
            silences=silences,
            identity=read.version.article,
            withdrawal=one.article.withdrawal if is_withdrawn else "",
        )
        outcomes = alerts.outcomes(() if is_withdrawn else one.matches, history, batch)
        note = _story_note(one.article, read.placement)
        yield Decided(one.entry_id, outcomes, read.version, note=note, trace=one.trace)


def refusal(matched: MatchedArticle, read: ReadHistory) -> str:
    """Why an entry corrects nothing of what its article has alerted; "" where it does.

    A fetcher may bring a part of a text later that it brought whole before, or a wall in its place.
    """
    article, text = matched.article, read.text
    sent = {name: one.sent for name, one in read.history.alerts.items() if one.sent}
    is_new = any(one.revision != article.revision for one in sent.values())
    if text is None or text.before is None or not is_new:
        return ""
    matches = {match.query_id for match in matched.matches}
    gone = [name for name, one in sent.items() if name not in matches and not one.retracted]
    if article.wall and (gone or text.sketch.count < text.before.count):
        return Wall(article.wall, is_whole=False).reason
    if gone and is_cut(text.sketch, text.before):
        return (
            "only a part of the text that was alerted before, which retracts nothing; send the "
            "whole text"
        )
    return ""


def _story_note(article: Article, placement: Placement | None) -> StoryNote | None:
    comparison = placement.comparison if placement else None
    if placement is None or comparison is None:
        return None
    found: dict[int, str] = {}
    if not comparison.same:
        zones = (article.title, article.lead, article.body)
        found = place_texts(read_zones(*zones, language=article.language), comparison)
    return StoryNote(placement.story_id, placement.compared_story, why(comparison, found))
