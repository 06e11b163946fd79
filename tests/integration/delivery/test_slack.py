"""Slack over real HTTP: a server on loopback stands in for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from builders import events
from harness.receiver import LOOPBACK, Received, Receiver, answer, hang
from service.delivery.channels.slack.rules_block import SlackBot, SlackHook
from service.delivery.channels.slack.sender import SlackSender
from service.delivery.http.answer import RESPONSE_MAX_CHARS
from service.delivery.http.transport import AiohttpTransport
from service.delivery.outcome import Delivered, GiveUp, Report, Retry
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber
from service.store.client import Store
from service.store.lanes.verdict import Postponed
from service.store.sent.threads import StoryThreads

TOKEN = "xoxb-1234-5678-abcdefghijkl"
BOT = Subscriber("desk", SlackBot(Secret(TOKEN), "C0123ABCD"))


class Slack:
    """Senders that speak to the receiver; each is closed at the end."""

    def __init__(self, redis: Redis, stream: str) -> None:
        self.threads = StoryThreads(Store(redis, stream))
        self.senders: list[SlackSender] = []

    def sender(self, receiver: Receiver, *, timeout: float = 10.0) -> SlackSender:
        """A sender, as each worker has one."""
        api = f"http://127.0.0.1:{receiver.port}/api/"
        made = SlackSender(
            AiohttpTransport(allowed=LOOPBACK),
            self.threads,
            version="1",
            timeout=timedelta(seconds=timeout),
            api=api,
        )
        self.senders.append(made)
        return made


@pytest.fixture
async def slack(redis: Redis, stream_name: str) -> AsyncIterator[Slack]:
    """Slack with threads in an empty Redis."""
    made = Slack(redis, stream_name)
    yield made
    for sender in made.senders:
        await sender.aclose()


async def attempt(sender: SlackSender, subscriber: Subscriber, body: bytes) -> Report:
    """Send one event."""
    return await sender.send(subscriber, "dlv_1", body, datetime.now(UTC))


def by_hook(receiver: Receiver, path: str = "services/T0/B0/T0ken") -> Subscriber:
    """A subscriber with an incoming webhook."""
    url = f"http://127.0.0.1:{receiver.port}/{path}"
    return Subscriber(path, SlackHook(Secret(url)))


def content(request: Received) -> Any:
    """What was posted."""
    return json.loads(request.body)


def posted(mark: str) -> bytes:
    """What the API answers to a message; all of it is repeated there."""
    said = {"ok": True, "channel": "C0123ABCD", "ts": mark, "message": {"text": "ü" * 20_000}}
    return json.dumps(said, separators=(",", ":")).encode()


async def test_a_webhook_gets_blocks(slack: Slack) -> None:
    """One POST of JSON, with the line for the notification and the blocks."""
    async with Receiver(answer(200, b"ok")) as receiver:
        report = await attempt(slack.sender(receiver), by_hook(receiver), events.created())
    (request,) = receiver.requests
    assert report == Report(Delivered(), 200, "ok")
    assert content(request)["text"].startswith("[high] Pakistan–Turkey fighter jets: ")
    assert [block["type"] for block in content(request)["blocks"]][:2] == ["header", "rich_text"]
    assert content(request)["unfurl_links"] is False


async def test_what_an_article_says_is_no_markup(slack: Slack) -> None:
    """Nobody is called by a headline: in the notification's line it is escaped."""
    article = {**events.ARTICLE, "title": "<!channel> & <@U1|x>"}
    body = events.created(article=article, evidence=[])
    async with Receiver(answer(200, b"ok")) as receiver:
        await attempt(slack.sender(receiver), by_hook(receiver), body)
    said = content(receiver.requests[0])
    assert "&lt;!channel&gt; &amp; &lt;@U1|x&gt;" in said["text"]
    assert "mrkdwn" not in json.dumps(said)


async def test_a_webhook_that_is_gone_disables_and_shows_no_secret(slack: Slack) -> None:
    """The record holds what Slack said, and nothing of the webhook's path."""
    behaviours = answer(404, b"no_service"), answer(500, b"no /services/T0/B0/T0ken here")
    async with Receiver(*behaviours) as receiver:
        sender = slack.sender(receiver)
        gone = await attempt(sender, by_hook(receiver), events.created())
        broken = await attempt(sender, by_hook(receiver), events.created())
    assert isinstance(gone.outcome, GiveUp)
    assert gone.outcome.disable
    assert broken == Report(Retry("answered 500", None), 500, "no *** here")


async def test_a_bot_posts_to_its_channel(slack: Slack) -> None:
    """With its token in the header, and nowhere else."""
    async with Receiver(answer(200, posted("1.1"))) as receiver:
        report = await attempt(slack.sender(receiver), BOT, events.created())
    (request,) = receiver.requests
    assert report.outcome == Delivered()
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert content(request)["channel"] == "C0123ABCD"
    assert "thread_ts" not in content(request)
    assert TOKEN not in request.body.decode() + repr(report)


async def test_a_token_that_is_said_back_is_not_recorded(slack: Slack) -> None:
    """Nor more of an answer than a record holds."""
    said = answer(500, f"no {TOKEN} here, {'x' * 5_000}".encode())
    async with Receiver(said) as receiver:
        report = await attempt(slack.sender(receiver), BOT, events.created())
    assert report.response.startswith("no *** here, xx")
    assert len(report.response) == RESPONSE_MAX_CHARS


async def test_later_messages_of_a_story_go_into_its_thread(slack: Slack) -> None:
    """Across workers and restarts, because the first message's mark is kept in Redis."""
    answers = (answer(200, posted("1.1")), answer(200, posted("2.2")), answer(200, posted("3.3")))
    async with Receiver(*answers) as receiver:
        for body in (events.created(), events.spread(), events.retracted()):
            report = await attempt(slack.sender(receiver), BOT, body)
            assert report.outcome == Delivered()
    first, spread, retracted = map(content, receiver.requests)
    assert "thread_ts" not in first
    assert (spread["thread_ts"], spread["reply_broadcast"]) == ("1.1", False)
    assert (retracted["thread_ts"], retracted["reply_broadcast"]) == ("1.1", True)


async def test_another_story_has_another_thread(slack: Slack) -> None:
    """So has another subscriber."""
    other = Subscriber("other", SlackBot(Secret(TOKEN), "C0999"))
    story = {**events.STORY, "id": "sty_other"}
    async with Receiver(*[answer(200, posted(f"{n}.0")) for n in range(1, 4)]) as receiver:
        await attempt(slack.sender(receiver), BOT, events.created())
        await attempt(slack.sender(receiver), BOT, events.created(story=story))
        await attempt(slack.sender(receiver), other, events.created())
    assert all("thread_ts" not in content(request) for request in receiver.requests)


async def test_a_thread_whose_beginning_is_gone_is_begun_anew(slack: Slack) -> None:
    """The attempt fails; the next one stands in the channel."""
    lost = json.dumps({"ok": False, "error": "thread_not_found"}).encode()
    answers = answer(200, posted("1.1")), answer(200, lost), answer(200, posted("2.2"))
    async with Receiver(*answers) as receiver:
        await attempt(slack.sender(receiver), BOT, events.created())
        failed = await attempt(slack.sender(receiver), BOT, events.spread())
        await attempt(slack.sender(receiver), BOT, events.spread())
    assert isinstance(failed.outcome, Retry)
    assert "thread_ts" not in content(receiver.requests[2])


async def test_without_redis_a_message_is_sent_all_the_same(
    slack: Slack, redis: Redis, stream_name: str
) -> None:
    """A thread is a convenience: what holds up Redis does not hold up an alert."""
    digest = (await thread_keys(slack, redis))[0]
    await redis.delete(digest)
    await redis.lpush(digest, "what somebody else put there")
    async with Receiver(answer(200, posted("1.1"))) as receiver:
        report = await attempt(slack.sender(receiver), BOT, events.created())
    assert report.outcome == Delivered()
    assert stream_name in digest.decode()


async def thread_keys(slack: Slack, redis: Redis) -> list[bytes]:
    """The key of the thread that the alert of these tests is in."""
    await slack.threads.put("desk", "sty_5f1c", "9.9")
    keys: Any = await redis.keys("tocsin:*:thread:*")
    return list(keys)


async def test_a_thread_is_forgotten_after_a_week(slack: Slack, redis: Redis) -> None:
    """And the first message stays the first until then."""
    (key,) = await thread_keys(slack, redis)
    await slack.threads.put("desk", "sty_5f1c", "1.1")
    assert await slack.threads.get("desk", "sty_5f1c") == "9.9"
    assert 7 * 86400 - 60 < await redis.ttl(key) <= 7 * 86400


async def test_a_burst_is_sent_a_message_a_second(slack: Slack) -> None:
    """The first goes, the second waits, the others come back later without an attempt."""
    async with Receiver() as receiver:
        sender, loop = slack.sender(receiver), asyncio.get_running_loop()
        began = loop.time()
        to = [by_hook(receiver)] * 4 + [by_hook(receiver, "services/T9/B9/other")]
        sending = [attempt(sender, each, events.created()) for each in to]
        *reports, beside = await asyncio.gather(*sending)
        took = loop.time() - began
    kinds = [type(report.outcome) for report in reports]
    assert kinds == [Delivered, Delivered, Postponed, Postponed]
    assert took >= 1.0
    assert beside.outcome == Delivered()
    assert len(receiver.requests) == 3


async def test_a_webhook_that_asks_to_be_left_alone_is(slack: Slack) -> None:
    """What Retry-After says holds for the messages behind it too, and costs them no attempt."""
    async with Receiver(answer(429, b"rate_limited", retry_after="30")) as receiver:
        sender = slack.sender(receiver)
        busy = await attempt(sender, by_hook(receiver), events.created())
        behind = await attempt(sender, by_hook(receiver), events.created())
    assert busy.outcome == Retry("answered 429", timedelta(seconds=30))
    assert isinstance(behind.outcome, Postponed)
    assert behind.outcome.after > timedelta(seconds=25)
    assert len(receiver.requests) == 1


async def test_a_slack_that_hangs_is_left_within_the_timeout(slack: Slack) -> None:
    """The turn, the thread and the request together take no longer."""
    async with Receiver(hang()) as receiver, asyncio.timeout(5):
        report = await attempt(slack.sender(receiver, timeout=0.5), BOT, events.created())
    assert isinstance(report.outcome, Retry)
    assert report.outcome.reason.startswith("no answer within 0.")


async def test_a_webhook_inside_the_network_is_refused(slack: Slack) -> None:
    """The guard of webhooks holds here too."""
    async with Receiver() as receiver:
        sender = SlackSender(
            AiohttpTransport(), slack.threads, version="1", timeout=timedelta(seconds=5)
        )
        report = await attempt(sender, by_hook(receiver), events.created())
        await sender.aclose()
    assert isinstance(report.outcome, Retry)
    assert "not a public address" in report.outcome.reason
    assert not receiver.requests
