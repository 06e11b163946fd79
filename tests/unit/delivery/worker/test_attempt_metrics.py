"""What is counted of an attempt: its outcome, and the times from which on a receiver waited."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.delivery.channels.webhook.rules_block import Webhook
from service.delivery.outcome import Delivered, GiveUp, Outcome, Retry
from service.delivery.worker.attempt_metrics import count_attempt, published_at
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber
from service.store.lanes.leases import Leased
from service.store.lanes.verdict import Postponed
from service.telemetry import metrics

DESK = Subscriber("desk", Webhook(Secret("https://desk.example/"), (Secret("s"),)))
CREATED = (
    b'{"type":"alert.created","timestamp":"2026-11-23T12:00:00Z","data":{"article":'
    b'{"title":"\\"published_at\\":\\"2020\\"","published_at":"2026-11-23T11:00:00Z"}}}'
)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEASED = Leased(
    "dlv_1", "alr_1", "desk", 1, 1, CREATED, "t",
    impaired=False, leased_at=NOON, waited=timedelta(seconds=2), since_added=timedelta(seconds=3),
)  # fmt: skip


def sums() -> dict[str, float]:
    """The sums of the three latencies, and the count of each outcome."""
    return {
        "due": metrics.SINCE_DUE._sum.get(),
        "added": metrics.SINCE_ADDED._sum.get(),
        "published": metrics.SINCE_PUBLISHED._sum.get(),
        **{"/".join(key): child._value.get() for key, child in metrics.ATTEMPTS.items()},
    }


def counted(leased: Leased, subscriber: Subscriber | None, outcome: Outcome) -> dict[str, float]:
    """What an attempt of half a second adds."""
    before = sums()
    count_attempt(leased, subscriber, outcome, begun=NOON, seconds=0.5)
    after = sums()
    # The sums are floats that other tests have added to.
    added = {name: round(after[name] - value, 6) for name, value in before.items()}
    return {name: value for name, value in added.items() if value}


def test_a_delivered_alert_has_its_three_latencies() -> None:
    """From due to the attempt; from XADD and from `published_at` to the receiver's answer."""
    assert counted(LEASED, DESK, Delivered()) == {
        "due": 2, "added": 3.5, "published": 3600.5, "webhook/delivered": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "name"), [(Retry("500"), "failed"), (GiveUp("gone"), "gave_up")]
)
def test_what_did_not_arrive_has_waited_all_the_same(outcome: Outcome, name: str) -> None:
    """But nothing reached the receiver, however late."""
    assert counted(LEASED, DESK, outcome) == {"due": 2, f"webhook/{name}": 1}


def test_what_was_put_off_is_no_attempt() -> None:
    """It has no time; its subscriber may not be in the rules."""
    put_off = Postponed(timedelta(minutes=1), "quiet hours")
    assert counted(LEASED, None, put_off) == {"other/postponed": 1}


def test_later_events_are_not_measured_from_their_article() -> None:
    """A correction comes days later; a digest waits because somebody wants it to."""
    body = CREATED.replace(b"alert.created", b"alert.updated")
    assert counted(replace(LEASED, body=body), DESK, Delivered()) == {
        "due": 2, "webhook/delivered": 1,
    }  # fmt: skip


@pytest.mark.parametrize("text", [b"", b"soon", b"2026-11-23T12:00:00", b"2026-99-23T12:00:00Z"])
def test_an_article_may_not_say_when_it_was_published(text: bytes) -> None:
    """Or so that nobody knows."""
    assert published_at(CREATED.replace(b"2026-11-23T11:00:00Z", text)) is None


def test_a_clock_that_is_ahead_makes_no_negative_latency() -> None:
    """A publisher's clock is nobody's to set."""
    later = CREATED.replace(b"T11:00", b"T13:00")
    assert "published" not in counted(replace(LEASED, body=later), DESK, Delivered())
