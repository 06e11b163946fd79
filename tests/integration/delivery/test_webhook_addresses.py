"""Addresses of webhooks that lead nowhere, or where nothing may be sent."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from builders.attempts import at_url, attempt
from harness.receiver import Receiver
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.http.transport import AiohttpTransport
from service.delivery.outcome import Delivered, Report, Retry


async def test_nobody_at_home_is_a_failure() -> None:
    """A closed port is told in the system's words."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    report = await attempt(at_url(f"http://127.0.0.1:{port}/"))
    assert report == Report(Retry("no connection: Connection refused", None))


async def test_plain_text_behind_https_is_a_failure() -> None:
    """TLS is not given up for a receiver that does not speak it."""
    async with Receiver() as receiver:
        report = await attempt(at_url(f"https://127.0.0.1:{receiver.port}/"))
    assert isinstance(report.outcome, Retry)
    assert report.outcome.reason.startswith("no connection: ")
    assert "SSL" in report.outcome.reason


@pytest.mark.parametrize(
    "url", ["", "ftp://desk.example/", "//desk.example", "https://", "http://[::1"]
)
async def test_an_unusable_url_is_a_failure(url: str) -> None:
    """A URL that names no web server is told, and not shown."""
    report = await attempt(at_url(url))
    assert report == Report(
        Retry("the subscriber's URL is not a valid http or https address", None)
    )


async def test_a_refused_address_says_which_setting_allows_it() -> None:
    """Without TOCSIN_ALLOW_NETWORKS loopback gets nothing, and the reason names the setting."""
    async with Receiver() as receiver:
        sender = WebhookSender(AiohttpTransport(), version="1", timeout=timedelta(seconds=5))
        report = await attempt(receiver.subscriber(), sender=sender)
        await sender.aclose()
    assert not receiver.requests
    assert report.outcome == Retry(
        "127.0.0.1 is not a public address (loopback): use a public one, or add its network to "
        "TOCSIN_ALLOW_NETWORKS, such as 127.0.0.1/32"
    )


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0",
        "127.0.0.1.",
        "①②⑦.⓪.⓪.①",
        "%31%32%37.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[::127.0.0.1]",
        "[::]",
        "[fe80::1%25lo]",
        "desk.example@127.0.0.1",
    ],
)
async def test_no_spelling_of_a_url_reaches_this_host(host: str) -> None:
    """Through the sender that tests of a subscriber and deliveries share."""
    async with Receiver() as receiver:
        sender = WebhookSender(AiohttpTransport(), version="1", timeout=timedelta(seconds=5))
        report = await attempt(at_url(f"http://{host}:{receiver.port}/"), sender=sender)
        await sender.aclose()
    assert isinstance(report.outcome, Retry)
    assert not receiver.requests


async def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect to what was never judged."""
    async with Receiver() as proxy, Receiver() as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        report = await attempt(receiver.subscriber())
    assert report.outcome == Delivered()
    assert not proxy.requests
