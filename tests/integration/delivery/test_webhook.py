"""One attempt over real HTTP: what a receiver gets, and what its misbehaviour comes to."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from builders.alerts import eventually
from builders.attempts import BODY, at_url, attempt
from builders.events import created
from builders.senders import webhook_sender
from harness.receiver import (
    SECRET,
    Receiver,
    answer,
    drip_body,
    drip_headers,
    flood,
    hang,
    reset,
)
from service.delivery.channels.webhook.cloudevents import structured
from service.delivery.channels.webhook.rules_block import Webhook
from service.delivery.http.answer import RESPONSE_MAX_CHARS
from service.delivery.http.exchange import ANSWER_MAX_BYTES
from service.delivery.outcome import Delivered, GiveUp, Report, Retry
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber

SECOND = "whsec_dGhlIGRlc2sgb2YgdGhlIGVuZXJneSBlZGl0b3JzIQ=="


async def test_a_receiver_gets_a_signed_event() -> None:
    """The body as it is, with the three headers of Standard Webhooks, and who sent it."""
    async with Receiver(answer(200, b"thanks")) as receiver:
        report = await attempt(receiver.subscriber())
    (request,) = receiver.requests
    assert report == Report(Delivered(), 200, "thanks")
    assert request.body == BODY
    assert request.verifies()
    assert request.id == "dlv_1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "Tocsin/1.2"
    assert request.headers["authorization"] == "Basic ZGVzazpwNHNzd29yZA=="


async def test_headers_of_the_rules_are_sent_and_not_recorded() -> None:
    """They arrive beside Tocsin's own; a receiver that says them back shows nobody."""
    async with Receiver(answer(404, b"no user T0ken-of-desk")) as receiver:
        headers = (("X-Team", Secret("desk")), ("Authorization", Secret("T0ken-of-desk")))
        webhook = Webhook(
            Secret(f"http://127.0.0.1:{receiver.port}/"), (Secret(SECRET),), headers=headers
        )
        report = await attempt(Subscriber("desk", webhook))
    (request,) = receiver.requests
    assert request.headers["x-team"] == "desk"
    assert request.headers["authorization"] == "T0ken-of-desk"
    assert request.verifies()
    assert report.response == "no user ***"


async def test_a_signing_secret_that_is_said_back_is_not_recorded() -> None:
    """The receiver has it as well, and a page for its own programmers may show it."""
    async with Receiver(answer(500, f"verify({SECRET}) failed".encode())) as receiver:
        webhook = Webhook(Secret(f"http://127.0.0.1:{receiver.port}/"), (Secret(SECRET),))
        report = await attempt(Subscriber("desk", webhook))
    assert report.response == "verify(***) failed"


async def test_a_cloudevent_is_signed_as_it_is_sent() -> None:
    """The signature is over the CloudEvent; `webhook-id` is the delivery's as ever."""
    async with Receiver() as receiver:
        webhook = Webhook(Secret(receiver.url), (Secret(SECRET),), format="cloudevents")
        sender = webhook_sender()
        await sender.send(Subscriber("desk", webhook), "dlv_1", created(), datetime.now(UTC))
        await sender.aclose()
    (request,) = receiver.requests
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert request.body == structured(created())
    assert request.verifies()
    assert request.id == "dlv_1"


async def test_two_secrets_verify_with_each() -> None:
    """A receiver accepts with the old secret and with the new one."""
    async with Receiver() as receiver:
        await attempt(receiver.subscriber("desk", SECRET, SECOND))
    (request,) = receiver.requests
    assert request.verifies(SECRET)
    assert request.verifies(SECOND)


async def test_a_redirect_is_not_followed() -> None:
    """The other address hears nothing."""
    async with Receiver() as elsewhere, Receiver(answer(307, location=elsewhere.url)) as receiver:
        report = await attempt(receiver.subscriber())
    assert report.outcome == Retry(
        "answered 307: redirects are not followed, give the final URL", None
    )
    assert not elsewhere.requests


async def test_gone_and_busy_are_told_apart() -> None:
    """410 ends it, `abort-message` this one, 503 with Retry-After comes back when asked to."""
    no = answer(422, webhook_delivery="abort-message")
    async with Receiver(answer(410), no, answer(503, retry_after="7")) as receiver:
        assert (await attempt(receiver.subscriber())).outcome == GiveUp(
            "answered 410: the receiver is gone", disable=True
        )
        assert (await attempt(receiver.subscriber())).outcome == GiveUp(
            "answered 422 and webhook-delivery: abort-message"
        )
        assert (await attempt(receiver.subscriber())).outcome == Retry(
            "answered 503", timedelta(seconds=7)
        )


async def test_a_receiver_that_hangs_is_left_at_the_timeout() -> None:
    """No answer is a failure, and takes no longer than the timeout."""
    async with Receiver(hang()) as receiver:
        report = await attempt(receiver.subscriber(), seconds=0.2)
    assert report == Report(Retry("no answer within 0.2 s", None))


async def test_headers_that_drip_are_cut_at_the_timeout() -> None:
    """Bytes that keep coming do not prolong the attempt."""
    async with Receiver(drip_headers()) as receiver, asyncio.timeout(5):
        report = await attempt(receiver.subscriber(), seconds=0.3)
    assert report == Report(Retry("no answer within 0.3 s", None))


async def test_a_body_that_drips_is_cut_and_its_status_counts() -> None:
    """A receiver that said 200 has the event, however slow the rest of its answer is."""
    async with Receiver(drip_body(200), drip_body(500)) as receiver, asyncio.timeout(5):
        accepted = await attempt(receiver.subscriber(), seconds=0.5)
        failed = await attempt(receiver.subscriber(), seconds=0.5)
    assert accepted.outcome == Delivered()
    assert accepted.response.startswith("drop drop")
    cut = "(the rest of the answer did not come: no answer within 0.5 s)"
    assert accepted.response.endswith(cut)
    assert failed.outcome == Retry("answered 500", None)


async def test_a_huge_answer_is_not_read() -> None:
    """Of a gigabyte 20 kB are read and 1 kB is kept."""
    async with Receiver(flood(2**30)) as receiver:
        report = await attempt(receiver.subscriber())
    assert report == Report(Delivered(), 200, "x" * RESPONSE_MAX_CHARS)
    # What had been sent until then sits in the sockets' buffers.
    assert ANSWER_MAX_BYTES <= receiver.sent < 2**25


async def test_a_reset_connection_is_a_failure() -> None:
    """A receiver that resets the connection is tried again."""
    async with Receiver(reset()) as receiver:
        report = await attempt(receiver.subscriber())
    assert report == Report(Retry("the connection broke", None))


async def test_what_is_not_http_is_a_failure() -> None:
    """A port where something else answers is a failure that says so."""

    async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(BODY)
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(ssh, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        report = await attempt(at_url(f"http://127.0.0.1:{port}/"))
    assert report == Report(
        Retry("the receiver closed the connection, or did not speak HTTP", None)
    )


async def test_a_connection_is_kept_for_the_next_event() -> None:
    """Two events to one subscriber go over one connection; its new address gets a new one."""
    sender = webhook_sender()
    async with Receiver() as receiver, Receiver() as moved:
        for _ in range(2):
            await attempt(receiver.subscriber(), sender=sender)
        await attempt(moved.subscriber(), sender=sender)
        await sender.aclose()
    first, second = receiver.requests
    assert first.connection == second.connection
    assert len(moved.requests) == 1


async def test_a_change_of_address_leaves_what_is_in_flight() -> None:
    """An event on its way to the old address still arrives there."""
    sender = webhook_sender()
    async with Receiver() as moved, Receiver(hang()) as receiver:
        flight = asyncio.create_task(attempt(receiver.subscriber(), sender=sender))
        await eventually(lambda: bool(receiver.requests))
        await attempt(moved.subscriber(), sender=sender)
        receiver.closing.set()
        assert (await flight).outcome == Delivered()
        await sender.aclose()


async def test_no_log_line_and_no_record_holds_the_urls_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Path, query and password stay out of every library's log at every level, and of reports."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="aiohttp")  # whatever a test before this one has set
    secrets = {"T0ken", "s3cret", "p4ssword", SECRET, SECRET.removeprefix("whsec_")}

    def shown(text: str) -> set[str]:
        return {secret for secret in secrets if secret in text}

    async with Receiver(answer(404, b"Cannot POST /hook/T0ken"), reset(), hang()) as receiver:
        # What a library wrote would be found: the line is heard, and the URL holds what is sought.
        logging.getLogger("aiohttp.client").debug("POST %s with %s", receiver.url, SECRET)
        assert shown(caplog.text) == secrets
        caplog.clear()
        reports = [await attempt(receiver.subscriber(), seconds=0.3) for _ in range(3)]
    assert len(receiver.requests) == 3
    assert shown(caplog.text + repr(reports)) == set()


async def test_cookies_are_not_kept() -> None:
    """One receiver's cookie is neither stored nor sent back."""
    sender = webhook_sender()
    async with Receiver(answer(200, set_cookie="a=b")) as receiver:
        for _ in range(2):
            await attempt(receiver.subscriber(), sender=sender)
        await sender.aclose()
    assert "cookie" not in receiver.requests[1].headers
