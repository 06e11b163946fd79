"""Every channel behind one worker: what stands in the outbox reaches people."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from builders import events
from builders.alerts import an_alert, commit_alerts, eventually
from builders.senders import webhook_sender
from harness.mail_server import MailReceiver
from harness.receiver import LOOPBACK, Receiver, answer
from service.cli.subscribers.test_message import AllRecipients
from service.delivery.channels.email.rules_block import Mail, Mailbox
from service.delivery.channels.email.sender import MailSender
from service.delivery.channels.relay.rules_block import Relay
from service.delivery.channels.relay.sender import RelaySender
from service.delivery.channels.slack.rules_block import SlackBot, SlackHook
from service.delivery.channels.slack.sender import SlackSender
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.http.transport import AiohttpTransport
from service.delivery.senders import Sender, Senders
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.rules.secret import Secret
from service.rules.subscribers.channel import Channel
from service.rules.subscribers.subscriber import Subscriber
from service.store.outbox import Outbox

PATIENCE = timedelta(seconds=20)


def the_senders(outbox: Outbox, slack: Receiver, mail: MailReceiver) -> Senders:
    """Senders of all channels, as the service wires them."""
    api = f"http://127.0.0.1:{slack.port}/api/"
    by_slack = SlackSender(
        AiohttpTransport(allowed=LOOPBACK), outbox.threads, version="1", timeout=PATIENCE, api=api
    )
    return Senders(
        {
            "webhook": webhook_sender(),
            "slack": by_slack,
            "email": MailSender(mail.server(), outbox.recipients, timeout=timedelta(seconds=5)),
            "relay": RelaySender(environment={}, allowed=LOOPBACK, timeout=PATIENCE),
        }
    )


async def test_one_alert_reaches_all_channels(redis: Redis, stream_name: str) -> None:
    """Each as its channel has it, and each once; a burst uses up no attempts."""
    outbox = Outbox(redis, stream_name)
    ok = json.dumps({"ok": True, "ts": "1.1"}).encode()
    async with Receiver() as program, Receiver() as slack, MailReceiver() as mail:
        slack.usual = answer(200, ok)
        channels: dict[str, Channel] = {
            "desk": program.subscriber().channel,
            "hook": SlackHook(Secret(f"http://127.0.0.1:{slack.port}/services/T0")),
            "bot": SlackBot(Secret("xoxb-1"), "C0123"),
            "editors": Mail((Mailbox("a", "b.example"),), Mailbox("c", "b.example")),
            "phones": Relay(Secret(f"json://127.0.0.1:{program.port}/T0kenT0ken")),
        }
        known = {name: Subscriber(name, channel) for name, channel in channels.items()}
        alerts = [an_alert(f"a{number}", subscribers=tuple(known)) for number in range(3)]
        await commit_alerts(redis, outbox, *alerts)
        senders, stop = the_senders(outbox, slack, mail), asyncio.Event()
        worker = DeliveryWorker([outbox], lambda: known, senders, WorkerSettings("w"))
        working = asyncio.create_task(worker.run(stop))

        async def all_delivered() -> bool:
            found = await outbox.deliveries.newest(limit=100)
            return len(found) == 15 and all(one.state == "delivered" for one in found)

        try:
            await eventually(all_delivered, 40)
        finally:
            stop.set()
            await working
            await senders.aclose()
        found = await outbox.deliveries.newest(limit=100)
        full = [await outbox.deliveries.get(one.id) for one in found]
    assert [len(one.attempts) for one in full if one] == [1] * 15
    assert (len(program.requests), len(slack.requests), len(mail.mails.taken)) == (6, 6, 3)


async def test_the_longest_attempt_is_that_of_the_slowest_channel() -> None:
    """A lease must outlast it."""
    times = timedelta(seconds=9), timedelta(seconds=3)
    slow, quick = (MailSender(None, AllRecipients(), timeout=time) for time in times)
    assert Senders({"email": slow, "relay": quick}).timeout == times[0]


@pytest.mark.parametrize("name", ["webhook", "slack", "mail", "relay"])
async def test_no_sender_takes_another_channels_subscriber(
    redis: Redis, stream_name: str, name: str
) -> None:
    """That would be our own mistake, and is told as one."""
    outbox = Outbox(redis, stream_name)
    senders: dict[str, Sender] = {
        "webhook": WebhookSender(AiohttpTransport(), version="1"),
        "slack": SlackSender(AiohttpTransport(), outbox.threads, version="1"),
        "mail": MailSender(None, outbox.recipients),
        "relay": RelaySender(environment={}),
    }
    other = Mail((), Mailbox("a", "b.example")) if name != "mail" else Relay(Secret("json://x"))
    sender = senders[name]
    with pytest.raises(TypeError, match="desk has no"):
        await sender.send(Subscriber("desk", other), "dlv_1", events.notice(), datetime.now(UTC))
    for one in senders.values():
        await one.aclose()
