"""Our transport behind httpx's interface, and other transports in its place."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from builders.attempts import BODY, at_url
from harness.receiver import LOOPBACK, Behaviour, Receiver, answer, drip_headers, hang, reset
from harness.tcp_server import THANKS, listening
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.http.exchange import NoAnswer, exchange
from service.delivery.http.request import post
from service.delivery.http.transport import AiohttpTransport
from service.delivery.outcome import Delivered, Report, Retry
from service.rules.subscribers.subscriber import Subscriber

SECRETS = ("T0ken", "s3cret", "p4ssword")


@pytest.fixture
async def ours() -> AsyncIterator[AiohttpTransport]:
    """The transport of the service, which may reach this machine."""
    async with AiohttpTransport(allowed=LOOPBACK) as transport:
        yield transport


async def deliver(transport: httpx.AsyncBaseTransport, to: Subscriber) -> Report:
    """Make one attempt over this transport."""
    sender = WebhookSender(transport, version="1", timeout=timedelta(seconds=5))
    return await sender.send(to, "dlv_1", BODY, datetime.now(UTC))


class Recording(httpx.AsyncBaseTransport):
    """Notes what passes through, as tracing does."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.passed: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on."""
        response = await self._inner.handle_async_request(request)
        length, id_ = request.headers["content-length"], request.headers["webhook-id"]
        self.passed.append(f"{request.method} {length} {id_} {response.status_code}")
        return response


class Adding(httpx.AsyncBaseTransport):
    """Adds headers to every request, as authentication and tracing do."""

    def __init__(self, inner: httpx.AsyncBaseTransport, headers: dict[str, str]) -> None:
        self._inner = inner
        self._headers = headers

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on with them."""
        request.headers.update(self._headers)
        return await self._inner.handle_async_request(request)


class Redirecting(httpx.AsyncBaseTransport):
    """Sends every request to another host, as an egress gateway does."""

    def __init__(self, inner: httpx.AsyncBaseTransport, port: int) -> None:
        self._inner = inner
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on with another address."""
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(request)


async def test_a_transport_around_ours_sees_each_request(ours: AiohttpTransport) -> None:
    """It sees httpx's request and response, and changes nothing by looking."""
    recording = Recording(ours)
    async with Receiver(answer(200, b"thanks")) as receiver:
        report = await deliver(recording, receiver.subscriber())
    assert report == Report(Delivered(), 200, "thanks")
    assert recording.passed == [f"POST {len(BODY)} dlv_1 200"]
    (request,) = receiver.requests
    assert request.verifies()
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"


async def test_a_transport_around_ours_may_add_headers(ours: AiohttpTransport) -> None:
    """They arrive, in place of the login of the URL too, and the signature still holds."""
    added = {"Authorization": "Bearer egress", "traceparent": "00-1-2-01"}
    async with Receiver() as receiver:
        report = await deliver(Adding(ours, added), receiver.subscriber())
    (request,) = receiver.requests
    assert report.outcome == Delivered()
    assert request.headers["authorization"] == "Bearer egress"
    assert request.headers["traceparent"] == "00-1-2-01"
    assert request.verifies()
    assert request.body == BODY


async def test_a_transport_around_ours_may_send_elsewhere(ours: AiohttpTransport) -> None:
    """A gateway gets the request for the receiver, whose name is still in `host`."""
    async with Receiver() as gateway:
        report = await deliver(Redirecting(ours, gateway.port), at_url("http://desk.example/hook"))
    (request,) = gateway.requests
    assert report.outcome == Delivered()
    assert request.headers["host"] == "desk.example"
    assert request.verifies()


async def test_httpxs_own_transport_can_take_the_place_of_ours() -> None:
    """The request is whole as it is: host, length, login, body."""
    async with httpx.AsyncHTTPTransport() as other, Receiver(answer(200, b"ok")) as receiver:
        report = await deliver(other, receiver.subscriber())
    (request,) = receiver.requests
    assert report == Report(Delivered(), 200, "ok")
    assert request.verifies()
    assert request.headers["authorization"] == "Basic ZGVzazpwNHNzd29yZA=="


async def test_a_transport_that_answers_itself_needs_no_network() -> None:
    """As tests of a receiver may want; its answer is judged like any other."""
    bodies: list[bytes] = []

    async def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(await request.aread())
        return httpx.Response(503, headers={"retry-after": "7"}, text="busy")

    report = await deliver(httpx.MockTransport(handle), at_url("https://desk.example/hook"))
    assert report == Report(Retry("answered 503", timedelta(seconds=7)), 503, "busy")
    assert bodies == [BODY]


async def test_ours_carries_what_httpxs_client_sends(ours: AiohttpTransport) -> None:
    """A body in parts becomes one with a length; a redirect and a cookie are the client's."""

    async def parts() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    async with Receiver(answer(200, b"ok"), answer(302, location="/x")) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/hook"
        client = httpx.AsyncClient(transport=ours)
        first = await client.post(url, content=parts())
        second = await client.get(url)
    assert (first.status_code, first.text) == (200, "ok")
    assert second.status_code == 302
    assert receiver.requests[0].body == b"one two"
    assert receiver.requests[0].headers["content-length"] == "7"
    assert "transfer-encoding" not in receiver.requests[0].headers


async def test_ours_keeps_to_the_timeout_of_a_request(ours: AiohttpTransport) -> None:
    """`timeout` is httpx's own extension: here the time for the next bytes of an answer."""
    async with Receiver(hang()) as receiver:
        client = httpx.AsyncClient(transport=ours, timeout=0.2)
        with pytest.raises(httpx.ReadTimeout, match=r"no answer within 0\.2 s"):
            await client.get(f"http://127.0.0.1:{receiver.port}/")


@pytest.mark.parametrize(
    ("behaviour", "kind", "seconds"),
    [
        (reset(), httpx.ReadError, None),
        (hang(), httpx.ReadTimeout, 0.2),
        (drip_headers(), TimeoutError, None),
        (None, httpx.ConnectError, None),
    ],
    ids=["reset", "hangs", "drips", "refused"],
)
async def test_no_failure_shows_the_url(
    behaviour: Behaviour | None, kind: type[Exception], seconds: float | None
) -> None:
    """Neither its text nor its traceback, with whatever led to it, holds a part but the host."""
    async with (
        Receiver(behaviour or answer(204)) as receiver,
        AiohttpTransport(allowed=LOOPBACK if behaviour else ()) as transport,
    ):
        request = post(receiver.url, BODY, {})
        request.extensions["timeout"] = {"read": seconds}
        with pytest.raises(kind) as raised:
            async with asyncio.timeout(0.5 if kind is TimeoutError else 5):
                await transport.handle_async_request(request)
    shown = "".join(traceback.format_exception(raised.value)) + repr(raised.value) + repr(request)
    assert "127.0.0.1" in repr(request)
    assert not [secret for secret in SECRETS if secret in shown]


class Failing(httpx.AsyncBaseTransport):
    """Fails with a text of its own."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def handle_async_request(self, _request: httpx.Request) -> httpx.Response:
        """Raise it."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx.ProxyError("no way to http://h/hook/T0ken?key=s3cret"), "no way to http://h***"),
        (httpx.ReadError(""), "no answer (ReadError)"),
        (OSError("the socket is gone"), "the socket is gone"),
    ],
)
async def test_another_transports_failure_is_a_reason(error: Exception, reason: str) -> None:
    """Its text is kept without what may be secret; its kind is named where it has no text."""
    request = post("http://desk:p4ssword@h/hook/T0ken?key=s3cret", BODY, {})
    assert await exchange(Failing(error), request, timedelta(seconds=5)) == NoAnswer(reason)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("", "/"),
        ("?x=1", "/?x=1"),
        ("/a%2Fb/%7e/~;p=1,2", "/a%2Fb/%7e/~;p=1,2"),
        ("/a/../b//./c/", "/a/../b//./c/"),
        ("/{id}/|^`\\", "/{id}/|^`\\"),
        ("/hook?sig=a+b%2Bc==&q='x'&e", "/hook?sig=a+b%2Bc==&q='x'&e"),
        ("/hook?", "/hook"),  # an empty query is no query
        ("/hook#part", "/hook"),
        ("/né?ü=ß x", "/n%C3%A9?%C3%BC=%C3%9F%20x"),
    ],
)
async def test_path_and_query_are_sent_as_written(
    ours: AiohttpTransport, written: str, sent: str
) -> None:
    """Receivers may sign or compare them; only what cannot stand in a request is quoted."""
    lines: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((await reader.readline()).decode())
        await reader.readuntil(BODY)
        writer.write(THANKS)

    async with listening(talk) as port:
        url = f"http://127.0.0.1:{port}{written}"
        for transport in (ours, Adding(ours, {"x-other": "way"})):
            await exchange(transport, post(url, BODY, {}), timedelta(seconds=5))
    assert lines == [f"POST {sent} HTTP/1.1\r\n"] * 2
