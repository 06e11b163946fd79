"""A verdict on an alert: which alert it is about, and what becomes of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from service.alerts.alert import rfc3339
from service.alerts.people.verdict import (
    GivenVerdict,
    VerdictWay,
    VerdictWord,
    last_verdict,
)
from service.delivery.message.message import Marked
from service.delivery.message.wording import message
from service.store.deliveries.alert_records import AlertRecord
from service.store.outbox import Outbox
from service.store.people.verdicts import GIVEN

TAKES_VERDICTS = "alert.created"
"""The type of the events that a verdict can be given of."""


@dataclass(frozen=True, slots=True)
class AlertToJudge:
    """What somebody has to see of an alert who says whether it was useful."""

    id: str
    watchlist_id: str
    label: str
    """The watchlist's name."""
    headline: Marked
    source: str
    at: str
    """When it was made (RFC 3339)."""
    type: str
    """That of its first event."""
    verdict: GivenVerdict | None
    """The last one; None: nobody has given one."""


async def alert_to_judge(outboxes: Collection[Outbox], id_: str) -> AlertToJudge | None:
    """The alert of this id, which may be that of a later event or of a delivery of one.

    None: there is none.
    """
    for outbox in outboxes:
        delivery = await outbox.deliveries.get(id_)
        record = await outbox.alert_records.get(delivery.alert_id if delivery else id_, ())
        if record is not None:
            return _to_judge(record)
    return None


async def give_verdict(
    outboxes: Collection[Outbox], alert: AlertToJudge, word: VerdictWord, by: str, way: VerdictWay
) -> GivenVerdict | None:
    """Keep a verdict with the alert, on each stream that has it; None where it has gone."""
    kept: GivenVerdict | None = None
    for outbox in outboxes:
        given = GivenVerdict(word, by, way, rfc3339(await outbox.verdicts.now()))
        if await outbox.verdicts.give(alert.id, given) == GIVEN:
            kept = kept or given
    return kept


def _to_judge(record: AlertRecord) -> AlertToJudge:
    first, last = record.events[0], record.events[-1]
    said = message(last.body)
    source = next((value for name, value in said.facts if name == "Source"), "")
    return AlertToJudge(
        record.id,
        record.watchlist_id,
        said.label,
        said.headline,
        source,
        first.at,
        first.type,
        last_verdict(record.verdicts),
    )
