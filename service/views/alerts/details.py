"""One alert: who has heard what of it, what holds it back, and what a digest held."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.alerts.people.verdict import GivenVerdict
from service.delivery.message.message import plain
from service.delivery.message.wording import message
from service.store.outbox import Outbox
from service.views.alerts.left_out import RulesOfAlerts
from service.views.alerts.shares import AlertShare, Shares


@dataclass(frozen=True, slots=True)
class BundledAlert:
    """An alert in a digest, or in the summary of a throttle."""

    id: str
    watchlist: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class AlertDetails:
    """An alert, and who has heard what of it."""

    id: str
    stream: str
    watchlist_id: str
    article_id: str
    headline: str
    at: str
    """When it was made (RFC 3339)."""
    retracted: bool
    shares: tuple[AlertShare, ...]
    """By event, the first one first."""
    held: tuple[BundledAlert, ...]
    """What it told of together, where it is a digest or a summary."""
    verdicts: tuple[GivenVerdict, ...]
    """What was said of it last, the last one first."""
    event: Mapping[str, Any]
    """The latest event about it."""

    @property
    def body(self) -> bytes:
        """That event as it is sent."""
        return json.dumps(self.event).encode()


async def find_alert(
    outboxes: Iterable[Outbox], id_: str, rules: RulesOfAlerts
) -> AlertDetails | None:
    """The alert of this id, which may be that of a later event or of a delivery of one.

    None where there is no such alert.
    """
    known = rules.subscribers
    for outbox in outboxes:
        delivery = await outbox.deliveries.get(id_)
        record = await outbox.alert_records.get(delivery.alert_id if delivery else id_, known)
        if record is None:
            continue
        shares = (await Shares(outbox, known).of([record]))[record.id]
        first, last = record.events[0], record.events[-1]
        heard = {one.subscriber for one in shares}
        return AlertDetails(
            id=record.id,
            stream=outbox.stream,
            watchlist_id=record.watchlist_id,
            article_id=record.article_id,
            headline=plain(message(last.body).headline),
            at=first.at,
            retracted=record.retracted,
            shares=(*shares, *rules.left_out(record, heard)),
            held=tuple(_bundled(_data(first.body))),
            verdicts=record.verdicts[::-1],
            event=json.loads(last.body) if last.body else {},
        )
    return None


def _data(body: bytes) -> Mapping[str, Any]:
    found = json.loads(body) if body else {}
    data: Mapping[str, Any] = found.get("data", {})
    return data


def _bundled(data: Mapping[str, Any]) -> Iterable[BundledAlert]:
    for one in data.get("alerts", ()):
        article = one.get("article", {})
        name = one.get("watchlist", {}).get("id", "")
        yield BundledAlert(one["id"], name, article.get("title", ""), article.get("url", ""))
    for one in data.get("others", ()):
        yield BundledAlert(one["id"], one["watchlist"], one["title"], one["url"])
