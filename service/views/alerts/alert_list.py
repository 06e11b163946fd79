"""Alerts as a list or a table shows them: headline, score, who got them, and who did not."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from service.alerts.people.verdict import GivenVerdict, last_verdict, parse_verdicts
from service.delivery.message.wording import heading
from service.store.deliveries.alert_records import AlertRecord
from service.store.outbox import Outbox
from service.views.alerts.left_out import RulesOfAlerts
from service.views.alerts.shares import AlertShare, Shares


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts are looked for; empty: any."""

    watchlist: str = ""
    subscriber: str = ""
    """It has been told of the alert, will be, or was muted."""
    source: str = ""
    """In any case."""
    story: str = ""
    since: datetime | None = None
    until: datetime | None = None
    min_score: float | None = None
    max_score: float | None = None
    verdict: str = ""
    """`useful` or `noise`, `any` for both, `none` for alerts that have none."""

    def takes(self, fields: Mapping[str, str]) -> bool:
        """Whether an alert with the fields of this record fits, its time aside."""
        told = fields.get("subscribers", "").split()
        data = _data(fields.get("body", "")) if self._reads_event else {}
        score = data.get("score", {}).get("value", 0)
        source = data.get("article", {}).get("source", "")
        return (
            self.watchlist in ("", fields.get("watchlist"))
            and (
                not self.subscriber
                or self.subscriber in told
                or f"muted:{self.subscriber}" in fields
            )
            and (not self.source or source.casefold() == self.source.casefold())
            and self.story in ("", data.get("story", {}).get("id"))
            and (self.min_score is None or score >= self.min_score)
            and (self.max_score is None or score <= self.max_score)
            and self._takes_verdict(fields.get("verdicts", ""))
        )

    @property
    def judged(self) -> bool | None:
        """Whether an alert must have a verdict, or have none; None: either."""
        return self.verdict != "none" if self.verdict else None

    def _takes_verdict(self, text: str) -> bool:
        if not self.verdict:
            return True
        found = last_verdict(parse_verdicts(text))
        return self.verdict in ((found.verdict, "any") if found else ("none",))

    @property
    def _reads_event(self) -> bool:
        scores = (self.min_score, self.max_score)
        return bool(self.source or self.story) or scores != (None, None)


EVERY_ALERT = AlertFilter()


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert, and what became of it for each subscriber."""

    id: str
    stream: str
    at: str
    """When it was made (RFC 3339)."""
    watchlist: str
    severity: str
    score: float
    headline: str
    source: str
    url: str
    published_at: str
    story: str
    retracted: bool
    shares: tuple[AlertShare, ...]
    """Of its first event; those that were left out come last."""
    verdict: GivenVerdict | None
    """The last one that was given; None: nobody has."""
    entry: str
    """The stream entry that changed it last."""


async def alert_lines(
    outbox: Outbox, only: AlertFilter, rules: RulesOfAlerts | None
) -> AsyncGenerator[AlertLine, None]:
    """The alerts of a stream that fit, newest first.

    Without `rules`, none has shares or a headline.
    """
    index = outbox.alert_index.newest(
        since=only.since, until=only.until, watchlist=only.watchlist, judged=only.judged
    )
    shares = Shares(outbox, rules.subscribers if rules else ())
    async for ids in index:
        if rules is None:
            for record in await outbox.alert_records.heads(ids, only.takes):
                yield _line(outbox.stream, record)
            continue
        records = await outbox.alert_records.read(ids, wanted=only.takes, later=False)
        found = await shares.of(records)
        for record in records:
            told = found[record.id]
            others = rules.left_out(record, {one.subscriber for one in told})
            headline = heading(record.events[0].body).headline
            yield _line(outbox.stream, record, headline, (*told, *others))


def _line(
    stream: str, record: AlertRecord, headline: str = "", shares: tuple[AlertShare, ...] = ()
) -> AlertLine:
    event = record.events[0]
    data = _data(event.body)
    article = data.get("article", {})
    return AlertLine(
        id=record.id,
        stream=stream,
        at=event.at,
        watchlist=record.watchlist_id,
        severity=data.get("watchlist", {}).get("severity", ""),
        score=float(data.get("score", {}).get("value", 0)),
        headline=headline,
        source=article.get("source", ""),
        url=article.get("url", ""),
        published_at=article.get("published_at", ""),
        story=data.get("story", {}).get("id", ""),
        retracted=record.retracted,
        shares=shares,
        verdict=last_verdict(record.verdicts),
        entry=record.entry,
    )


def _data(body: str | bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)["data"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}
