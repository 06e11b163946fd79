"""Slack: through an incoming webhook, or as a bot, which can keep a story in one thread."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import datetime, timedelta

import httpx

from service.delivery.channels.slack.answers import judge_bot, judge_hook, lost_thread, message_mark
from service.delivery.channels.slack.block_kit import blocks, notification
from service.delivery.channels.slack.rules_block import MIN_GAP, SlackBot, SlackHook
from service.delivery.http.answer import RESPONSE_MAX_CHARS, Answer, redact
from service.delivery.http.exchange import TIMEOUT, NoAnswer, exchange
from service.delivery.http.request import post
from service.delivery.message.message import Message
from service.delivery.message.wording import message
from service.delivery.outcome import Delivered, Outcome, Report, Retry
from service.delivery.pace import Pace
from service.delivery.senders import Threads
from service.delivery.verdict_links import VerdictLinks, with_verdicts
from service.rules.subscribers.subscriber import Subscriber
from service.store.lanes.verdict import Postponed

API = "https://slack.com/api/"
ANSWER_MAX_BYTES = 256_000
"""Bytes of an answer that are read: the API repeats the whole message, in escapes."""
MAX_TURN_WAIT = timedelta(seconds=1)
"""How long a message waits for its turn within its attempt."""


class SlackSender:
    """Sends events to Slack over `transport`, which it closes at the end.

    Each webhook and each channel of a bot has a pace of its own. `version` is Tocsin's; `api` is
    the URL of Slack's API, and another one in tests.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        threads: Threads,
        *,
        version: str,
        timeout: timedelta = TIMEOUT,
        api: str = API,
        verdict_links: VerdictLinks | None = None,
    ) -> None:
        self.timeout = timeout
        self._threads = threads
        self._verdict_links = verdict_links
        self._api = api
        self._transport = transport
        self._user_agent = f"Tocsin/{version}"
        reason = "Slack takes one message a second for each channel"
        patience = min(MAX_TURN_WAIT, timeout / 4)
        self._pace = Pace(MIN_GAP, patience, reason)

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt, unless Slack takes none now. It never raises for what Slack does."""
        # Slack stores no id of ours: a message that is sent again after a broken connection appears
        # twice.
        del delivery_id
        channel = subscriber.channel
        if not isinstance(channel, SlackHook | SlackBot):
            raise TypeError(f"{subscriber.id} has no Slack channel")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.timeout.total_seconds()
        wait = self._pace.take_turn(_key(channel), loop.time())
        if isinstance(wait, Postponed):
            return Report(wait)
        await asyncio.sleep(wait.total_seconds())
        said = with_verdicts(message(body), self._verdict_links, subscriber.id, at)
        if isinstance(channel, SlackHook):
            report = await self._hook(channel, said, at, deadline)
        else:
            report = await self._bot(subscriber, channel, said, at, deadline)
        if isinstance(report.outcome, Retry) and report.outcome.after:
            free_at = loop.time() + report.outcome.after.total_seconds()
            self._pace.block_until(_key(channel), free_at)
        return report

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def _hook(self, hook: SlackHook, said: Message, at: datetime, deadline: float) -> Report:
        url = hook.url.reveal()
        try:
            request = post(url, _json(_content(said)), {"user-agent": self._user_agent})
        except ValueError as error:
            return Report(Retry(str(error)))
        answer = await self._exchange(request, deadline)
        if isinstance(answer, NoAnswer):
            return Report(Retry(answer.reason))
        return _report(judge_hook(answer, at), answer, url)

    async def _bot(
        self, subscriber: Subscriber, bot: SlackBot, said: Message, at: datetime, deadline: float
    ) -> Report:
        content: dict[str, object] = {"channel": bot.channel, **_content(said)}
        first = await self._first(subscriber, said, deadline)
        if first:
            content |= {"thread_ts": first, "reply_broadcast": said.alerts_all}
        headers = {
            "user-agent": self._user_agent,
            "content-type": "application/json; charset=utf-8",
            "authorization": f"Bearer {bot.token.reveal()}",
        }
        request = post(f"{self._api}chat.postMessage", _json(content), headers)
        answer = await self._exchange(request, deadline)
        if isinstance(answer, NoAnswer):
            return Report(Retry(answer.reason))
        outcome, mark = judge_bot(answer, at), message_mark(answer)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                if isinstance(outcome, Delivered) and said.thread and mark and not first:
                    await self._threads.put(subscriber.id, said.thread, mark)
                elif first and lost_thread(answer):
                    await self._threads.drop(subscriber.id, said.thread)
        return _report(outcome, answer, bot.token.reveal())

    async def _first(self, subscriber: Subscriber, said: Message, deadline: float) -> str | None:
        if not said.thread:
            return None
        with contextlib.suppress(TimeoutError):
            # A message out of its thread is better than none.
            async with asyncio.timeout_at(deadline - self.timeout.total_seconds() / 2):
                return await self._threads.get(subscriber.id, said.thread)
        return None

    async def _exchange(self, request: httpx.Request, deadline: float) -> Answer | NoAnswer:
        # The last tenth of the time is left for the write that remembers the thread.
        left = timedelta(seconds=deadline - asyncio.get_running_loop().time()) - self.timeout / 10
        return await exchange(self._transport, request, left, max_bytes=ANSWER_MAX_BYTES)


def _key(channel: SlackHook | SlackBot) -> str:
    # A hash, so that no secret is a key. Subscribers with the same channel share its pace.
    return str(hash(channel))


def _content(said: Message) -> dict[str, object]:
    shown: dict[str, object] = {"text": notification(said), "blocks": blocks(said)}
    # The alert is about the article; a preview of its page would be larger than the alert.
    return shown | {"unfurl_links": False, "unfurl_media": False}


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _report(outcome: Outcome, answer: Answer, secret: str) -> Report:
    text = redact(answer.text, secret) if "://" in secret else answer.text.replace(secret, "***")
    return Report(outcome, answer.status, text[:RESPONSE_MAX_CHARS])
