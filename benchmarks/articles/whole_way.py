"""Entries made to be slow, through the whole way: what each step takes, at doubled sizes."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from benchmarks.corpus.hostile_inputs import ENTRIES
from benchmarks.table import Column
from service.alerts.create import ArticleAlerts
from service.alerts.decision import Outcome
from service.alerts.history import ArticleHistory, BatchHistory
from service.alerts.stories.fingerprint import fingerprint, prepare
from service.articles.article import Article
from service.articles.files.entries import Source, UnreadableError, article_of, entries
from service.delivery.channels.email.html import html
from service.delivery.channels.registry import CHANNELS
from service.delivery.channels.slack.block_kit import blocks
from service.delivery.message.plaintext import text
from service.delivery.message.wording import message
from service.errors import BadEntry
from service.rules.rules import Rules, load
from service.rules.subscribers.subscriber import SubscriberReader

SIZES = (50_000, 100_000, 200_000)
"""Bytes of an entry."""
MAX_BYTES = 10**7
AT = datetime(2026, 3, 2, tzinfo=UTC)
RULES = """
watchlists:
  - {id: word, match: alpha}
  - {id: near, match: alpha NEAR/1000 beta}
  - {id: count, match: atleast1000(alpha)}
  - {id: any, match: "harbour OR a OR 导"}
"""
COLUMNS = (
    Column("entry", 22, left=True),
    Column("bytes", 8),
    Column("read", 7),
    Column("print", 7),
    Column("match", 7),
    Column("score", 7),
    Column("alert", 7),
    Column("render", 7),
    Column("µs/byte", 8),
    Column("×", 5),
)
"""Steps in ms of CPU: read the file and its text, fingerprint, match, score with evidence, alerts
and their bodies, messages for mail and Slack."""

Answer = TypeVar("Answer")


def on_entry(name: str, sizes: Sequence[int]) -> list[tuple[str, ...]]:
    """The lines of one kind of entry; × is how much more all takes than the line above."""
    rules = load({"rules.yaml": RULES}, SubscriberReader(CHANNELS, None), None)
    prepare()
    steps("<h1>ErdoÄŸan</h1><p>A ship left the harbour of Quill on Monday.</p>", rules)
    gc.collect()
    gc.freeze()  # as the service does: what it has loaded is not looked through again
    lines: list[tuple[str, ...]] = []
    last = 0.0
    for size in sizes:
        gc.collect()
        taken = steps(ENTRIES[name](size), rules)
        total = sum(taken)
        shown = [f"{1000 * one:,.0f}" for one in taken] + [""] * (6 - len(taken))
        more = f"{total / last:.1f}" if last else ""
        lines.append((name, f"{size:,}", *shown, f"{1e6 * total / size:,.2f}", more))
        last = total
    return lines


def steps(file: str, rules: Rules) -> list[float]:
    """The seconds of CPU of each step that a file comes to; of what is no article, the first."""
    article, reading = timed(_read, file)
    if article is None:
        return [reading]
    _, printing = timed(fingerprint, article.title, article.lead, article.body)
    (numbers,), matching = timed(rules.engine.matching_queries, [article])
    matches, scoring = timed(lambda: rules.engine.score_matches(article, numbers, max_evidence=5))
    alerts = ArticleAlerts(article, "1-0", rules, at=AT)
    found, alerting = timed(alerts.outcomes, matches, ArticleHistory(AT), BatchHistory())
    bodies, encoding = timed(_bodies, found)
    _, rendering = timed(_render, bodies)
    return [reading, printing, matching, scoring, alerting + encoding, rendering]


def timed(work: Callable[..., Answer], *given: object) -> tuple[Answer, float]:
    """What the work returns, and the seconds of CPU that it takes."""
    start = time.process_time()
    return work(*given), time.process_time() - start


def _read(file: str) -> Article | None:
    for found in entries(Source("file", file.encode("utf-8", "replace"))):
        if not isinstance(found, UnreadableError):
            try:
                return article_of(found, max_bytes=MAX_BYTES)
            except BadEntry:
                return None
    return None


def _bodies(outcomes: Sequence[Outcome]) -> list[bytes]:
    events = [outcome.event for outcome in outcomes if outcome.event is not None]
    return [
        json.dumps({"type": event.kind, "data": {"id": event.id, **event.data}}).encode()
        for event in events
    ]


def _render(bodies: Sequence[bytes]) -> None:
    for body in bodies:
        said = message(body)
        text(said), html(said), blocks(said)
