"""One attempt: what is sent, and what is not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from service.channels import Secret, Webhook
from service.delivery.courier import LATE, Courier
from service.delivery.outcome import Delivered, Done, Next, Postponed, Report
from service.delivery.schedule import SCHEDULE, SPREAD
from service.lanes import Leased
from service.subscriber import Subscriber

DESK = Subscriber("desk", Webhook(Secret("https://desk.example/"), (Secret("s"),)))
LEASED = Leased("dlv_1", "alr_1", "desk", 1, 1, b"{}", "t", doubtful=False)


class Taking:
    """A channel whose receiver takes everything."""

    timeout = 1.0

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Take it."""
        del subscriber, body, at
        self.sent.append(delivery_id)
        return Report(Delivered(), 204)


@pytest.mark.parametrize(
    ("left", "then", "sent"),
    [(60.0, Done(), ["dlv_1"]), (0.0, Postponed(0.0, LATE), []), (-5.0, Postponed(0.0, LATE), [])],
)
async def test_nothing_is_sent_after_its_lease(left: float, then: Next, sent: list[str]) -> None:
    """A process that was stopped meanwhile leaves it to whoever took it; no attempt is used."""
    sender = Taking()
    courier = Courier(
        lambda: {"desk": DESK},
        sender,
        worker="w",
        schedule=SCHEDULE,
        now=lambda: datetime.now(UTC),
        jitter=lambda: 0.5,
        spread=SPREAD,
    )
    until = asyncio.get_running_loop().time() + left
    assert (await courier.attempt(LEASED, until)).then == then
    assert sender.sent == sent
