"""A channel takes one folder and one line of the registry: rules, faults, secrets and sending."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from builders.alerts import an_alert, commit_alerts, eventually
from builders.pager.channel import PAGER
from builders.pager.rules_block import Pager
from harness.receiver import LOOPBACK, Receiver, answer
from service.delivery.channels.registry import CHANNELS
from service.delivery.http.transport import AiohttpTransport
from service.delivery.senders import SenderContext, Senders, open_senders
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.rules.rules import Rules, load
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import SubscriberReader
from service.store.outbox import Outbox

REGISTRY = (*CHANNELS, PAGER)
VALUES = {"PAGER_TOKEN": "pg-T0ken", "SLACK_URL": "https://hooks.slack.com/services/T0/B0/x"}


def rules(channel: str, url: str = "https://pager.example/page") -> Rules:
    """Rules with one subscriber; `URL` in its channel becomes `url`."""
    text = f"subscribers:\n  - id: night\n    {channel.replace('URL', url)}\n"
    return load({"rules.yaml": text}, SubscriberReader(REGISTRY, VALUES.get))


def senders(outbox: Outbox) -> Senders:
    """The senders of all channels, as the service opens them."""
    context = SenderContext(
        version="1",
        timeout=timedelta(seconds=5),
        transport=AiohttpTransport(allowed=LOOPBACK),
        allowed=LOOPBACK,
        mail_server=None,
        environment={},
        threads=outbox.threads,
        recipients=outbox.recipients,
    )
    return open_senders(REGISTRY, context)


def test_the_rules_take_its_block() -> None:
    """With its secrets filled in and masked, and the pace that its service asks for."""
    loaded = rules('pager: {url: "URL", token: "${PAGER_TOKEN}"}')
    assert loaded.faults == ()
    subscriber = loaded.subscribers["night"]
    assert subscriber.channel == Pager("https://pager.example/page", Secret("pg-T0ken"))
    assert subscriber.channel.all_secrets == (Secret("pg-T0ken"),)
    assert "T0ken" not in repr(loaded)
    assert subscriber.min_gap == timedelta(seconds=0.2)


@pytest.mark.parametrize(
    ("channel", "message", "hint"),
    [
        ('pager: {url: "URL"}', "`token` is missing", "Add, for example, `token: ${PAGER_TOKEN}`."),
        ('pager: {url: "URL", tokn: x}', "`tokn` is not known here", "Did you mean `token`?"),
        ('pager: {url: pager, token: "pg-1"}', "this is not a web address", "Write the whole"),
        ('pager: {url: "URL", token: "1"}', "this is not a pager token", "Copy it from"),
        ("pager: pg-1", "`pager` must be a block of", "Write, for example, `pager: {url: "),
        ("pagr: {}", "`pagr` is not known here", "Did you mean `pager`?"),
        ("min_score: 1", "this subscriber has no channel", "`email:`, `relay:` or `pager:`;"),
        (
            'pager: {url: "URL", token: "pg-1"}\n    slack: {webhook_url: "${SLACK_URL}"}',
            "`slack` is a second channel; this subscriber already has `pager`",
            "Keep one of them",
        ),
    ],
)
def test_a_faulty_block_says_what_to_write(channel: str, message: str, hint: str) -> None:
    """Its own words, and those that all blocks share."""
    faults = rules(channel).faults
    assert any(message in fault.message and hint in fault.hint for fault in faults), faults


def test_a_channel_that_is_not_in_the_registry_is_unknown() -> None:
    """The registry alone says what there is."""
    text = "subscribers: [{id: night, pager: {url: 'https://pager.example', token: pg-1}}]"
    first, *_ = load({"rules.yaml": text}, SubscriberReader(CHANNELS, VALUES.get)).faults
    assert first.message == "`pager` is not known here"


async def test_its_sender_sends_what_waits_in_the_outbox(redis: Redis, stream_name: str) -> None:
    """The worker retries what was refused for now, and the token stays out of the record."""
    outbox, stop = Outbox(redis, stream_name), asyncio.Event()
    async with Receiver(answer(500, b"pg-T0ken is tired")) as service:
        url = f"http://127.0.0.1:{service.port}/page"
        subscribers = rules('pager: {url: "URL", token: "${PAGER_TOKEN}"}', url).subscribers
        await commit_alerts(redis, outbox, an_alert("a1", subscribers=("night",)))
        opened = senders(outbox)
        settings = WorkerSettings("w", retry_delays=(timedelta(milliseconds=100),))
        worker = DeliveryWorker([outbox], lambda: subscribers, opened, settings)
        working = asyncio.create_task(worker.run(stop))

        async def delivered() -> bool:
            found = await outbox.deliveries.newest(limit=10)
            return [one.state for one in found] == ["delivered"]

        try:
            await eventually(delivered, 20)
        finally:
            stop.set()
            await working
            await opened.aclose()
        (found,) = await outbox.deliveries.newest(limit=10)
        record = await outbox.deliveries.get(found.id)
    assert [request.headers["authorization"] for request in service.requests] == [
        "Bearer pg-T0ken",
        "Bearer pg-T0ken",
    ]
    assert json.loads(service.requests[1].body)["page"]
    assert record is not None
    assert [attempt.response for attempt in record.attempts] == ["*** is tired", ""]
