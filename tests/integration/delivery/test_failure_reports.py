"""Failures for good, as those hear of them who asked for reports."""

from __future__ import annotations

import json

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON
from builders.lanes import due, end, take
from builders.leases import REFUSED
from service.alerts.alert import Event
from service.delivery.channels.webhook.rules_block import Webhook
from service.delivery.worker.failure_reports import report_disabled, report_exhausted
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber
from service.store.lanes.leases import Leased
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Completed, Exhausted
from service.store.outbox import Outbox

EVERYBODY = {
    name: Subscriber(name, Webhook(Secret("https://x.example"), ()), reports=name == "watch")
    for name in ("desk", "watch")
}


async def test_a_failure_for_good_is_reported(redis: Redis, outbox: Outbox) -> None:
    """Whoever asked for reports gets one, as a delivery like any other; once."""
    await due(redis, outbox, 1, "desk")
    (leased,) = await take(outbox)
    settlement = Settlement(
        leased,
        REFUSED,
        Exhausted("answered 410"),
        report_exhausted(leased, REFUSED, EVERYBODY),
        report_disabled(leased, REFUSED, EVERYBODY),
    )
    await outbox.lanes.settle([settlement], at=NOON)
    await outbox.lanes.settle([settlement], at=NOON)
    reports = await take(outbox)
    assert [one.subscriber for one in reports] == ["watch"]
    await end(outbox, reports, Completed())
    reports += await take(outbox)
    bodies = [json.loads(one.body) for one in reports]
    assert {body["type"] for body in bodies} == {"delivery.exhausted", "subscriber.disabled"}
    assert all("desk" in body["data"]["message"] for body in bodies)
    assert {body["data"]["event_id"] for body in bodies} == {leased.alert_id}


@pytest.mark.parametrize(
    ("event", "alert"),
    [
        ({"type": "alert.created", "data": {"id": "alr_1"}}, "alr_1"),
        ({"type": "alert.updated", "data": {"id": "alr_2", "alert_id": "alr_1"}}, "alr_1"),
        ({"type": "digest.created", "data": {"id": "alr_3"}}, None),
        ("changed by hand", None),
    ],
)
def test_a_report_names_the_alert_as_every_event_does(event: object, alert: str | None) -> None:
    """By its first event; `event_id` is the one that was not delivered."""
    leased = Leased(
        "dlv_1",
        "alr_9",
        "desk",
        1,
        1,
        json.dumps(event).encode(),
        "t",
        impaired=False,
        leased_at=NOON,
    )
    report = report_exhausted(leased, REFUSED, EVERYBODY)
    assert report is not None
    assert (report.data["event_id"], report.data.get("alert_id")) == ("alr_9", alert)


async def test_a_report_is_not_reported(redis: Redis, outbox: Outbox) -> None:
    """Two receivers of reports could go on for ever."""
    await due(redis, outbox, 1, "desk")
    (leased,) = await take(outbox)
    told: list[Event | None] = [report_exhausted(leased, REFUSED, EVERYBODY)]
    await outbox.lanes.settle([Settlement(leased, REFUSED, Exhausted(), told[0])], at=NOON)
    (report,) = await take(outbox)
    others = EVERYBODY | {"second": Subscriber("second", EVERYBODY["desk"].channel, reports=True)}
    assert report_exhausted(report, REFUSED, others) is None
