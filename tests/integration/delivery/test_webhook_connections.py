"""Connections to receivers: kept alive, closed at the wrong moment, and secured."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from builders.senders import webhook_sender
from harness.receiver import Receiver, reset
from harness.tcp_server import THANKS, Request, listening, read_request, subscriber
from service.delivery.channels.webhook.rules_block import Tls
from service.delivery.channels.webhook.sender import WebhookSender
from service.delivery.http.answer import RESPONSE_MAX_CHARS
from service.delivery.http.connector import MAX_INTERIM_ANSWERS
from service.delivery.http.trust import shared_trust
from service.delivery.outcome import Delivered, Report, Retry
from service.rules.subscribers.subscriber import Subscriber

BODY = b'{"type":"alert.created","timestamp":"2026-11-23T09:00:00.000Z","data":{"id":"alr_1"}}'


@pytest.fixture
async def sender() -> AsyncIterator[WebhookSender]:
    """What the service sends with."""
    made = webhook_sender()
    yield made
    await made.aclose()


async def send(sender: WebhookSender, to: Subscriber, delivery: str = "dlv_1") -> Report:
    """Make one attempt."""
    return await sender.send(to, delivery, BODY, datetime.now(UTC))


async def test_a_connection_closed_with_its_answer_is_no_failure(sender: WebhookSender) -> None:
    """Its end comes with the answer to one request, and is noticed while the next is written."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(THANKS)

    async with listening(talk) as port:
        desk = subscriber(f"http://127.0.0.1:{port}/hook")
        outcomes = [(await send(sender, desk)).outcome for _ in range(20)]
    assert outcomes == [Delivered()] * 20


async def test_a_flood_of_interim_answers_is_none() -> None:
    """Whoever never comes to the point is left at once; some hints before it are welcome."""
    hint = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        writer.write(hint * MAX_INTERIM_ANSWERS)
        if request.headers["webhook-id"] == "dlv_1":
            writer.write(THANKS)
        while request.headers["webhook-id"] == "dlv_2" and not writer.is_closing():
            writer.write(hint)
            await writer.drain()
        writer.close()

    # It is not to end for want of time.
    sender = webhook_sender(timeout=600)
    async with listening(talk) as port:
        desk = subscriber(f"http://127.0.0.1:{port}/hook")
        good, flood = await send(sender, desk, "dlv_1"), await send(sender, desk, "dlv_2")
        await sender.aclose()
    assert good.outcome == Delivered()
    assert flood.outcome == Retry("the receiver closed the connection, or did not speak HTTP")


EMPTY = b"content-length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        (b"x: " + b"a" * 9_000 + b"\r\n" + EMPTY, ""),
        (b"set-cookie: a=b\r\n" * 400 + EMPTY, ""),
        (b"x: " + b"a" * 90_000 + b"\r\n" + EMPTY, "65536 bytes"),
        (b"set-cookie: a=b\r\n" * 2_000 + EMPTY, "Too many headers"),
        (b"content-length: 2\r\ncontent-length: 2\r\n\r\nok", "Duplicate Content-Length"),
        (b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n", "Transfer-Encoding"),
        (b"transfer-encoding: chunked\r\n\r\nzz\r\nok\r\n", "chunk size"),
        (b"content-length: -1\r\n\r\n", "Content-Length"),
        (b"no colon\r\n" + EMPTY, "Invalid header token"),
        (b"content-le", "the connection ended"),
        (EMPTY + b"what is this?", "Bad status line"),
    ],
)
async def test_a_status_counts_whatever_follows_it(
    sender: WebhookSender, rest: bytes, said: str
) -> None:
    """What was accepted is not sent again; the record says what was wrong with the answer."""
    requests = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        status = b"503 Busy" if requests[-1].headers["webhook-id"] == "dlv_2" else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\n" + rest)
        writer.close()

    async with listening(talk) as port:
        desk = subscriber(f"http://127.0.0.1:{port}/hook")
        good, bad = await send(sender, desk, "dlv_1"), await send(sender, desk, "dlv_2")
    assert (good.outcome, good.status, len(requests)) == (Delivered(), 200, 2)
    assert (bad.outcome, bad.status) == (Retry("answered 503"), 503)
    assert said in good.response
    assert bool(said) == bool(good.response)


async def test_a_body_behind_204_does_not_reach_the_next_answer(sender: WebhookSender) -> None:
    """Its connection is not used again."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello")
        await writer.drain()
        await reader.read()
        writer.close()

    async with listening(talk) as port:
        desk = subscriber(f"http://127.0.0.1:{port}/hook")
        found = [await send(sender, desk) for _ in range(3)]
    assert [(one.outcome, one.status) for one in found] == [(Delivered(), 204)] * 3


@pytest.mark.parametrize("hard", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("seen", [False, True], ids=["unread", "read"])
async def test_a_connection_closed_while_idle_is_no_failure(
    sender: WebhookSender, hard: bool, seen: bool
) -> None:
    """The receiver gives it up just when the next request comes, which is sent once more at once.

    However much of it had been taken off the socket: it was not answered, on a connection that
    may have been closed before it came.
    """
    taken: list[str] = []
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        taken.append((await read_request(reader)).headers["webhook-id"])
        writer.write(THANKS)
        await (read_request(reader) if seen else reader.readexactly(1))
        if hard:
            writer.transport.abort()

    async with listening(talk) as port:
        to = subscriber(f"http://127.0.0.1:{port}/")
        first = await send(sender, to, "dlv_1")
        second = await send(sender, to, "dlv_2")
    assert first.outcome == second.outcome == Delivered()
    assert taken == ["dlv_1", "dlv_2"]
    assert connections == 2


async def test_a_second_connection_that_breaks_is_a_failure(sender: WebhookSender) -> None:
    """At once means once: what comes next is the schedule's."""
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        if connections == 1:
            writer.write(THANKS)
            await read_request(reader)

    async with listening(talk) as port:
        to = subscriber(f"http://127.0.0.1:{port}/")
        assert (await send(sender, to)).outcome == Delivered()
        report = await send(sender, to)
    assert report.outcome == Retry("the receiver closed the connection, or did not speak HTTP")
    assert connections == 2


async def test_a_fresh_connection_that_breaks_is_not_tried_at_once(sender: WebhookSender) -> None:
    """The receiver may have acted on the request before it fell over."""
    async with Receiver(reset()) as receiver:
        report = await send(sender, receiver.subscriber())
    assert report.outcome == Retry("the connection broke")
    assert len(receiver.requests) == 1


async def test_an_answer_that_breaks_off_is_not_asked_for_again(sender: WebhookSender) -> None:
    """On a kept-alive connection too, what was answered was received.

    The record says that it broke off, however much of it had come.
    """
    taken = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        while True:
            await read_request(reader)
            taken += 1
            if taken == 2:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\nthan" + b"k" * 5_000)
                return
            writer.write(THANKS)

    async with listening(talk) as port:
        to = subscriber(f"http://127.0.0.1:{port}/")
        await send(sender, to)
        report = await send(sender, to)
    broken = " (the rest of the answer did not come: the connection broke)"
    said = ("than" + "k" * 5_000)[: RESPONSE_MAX_CHARS - len(broken)]
    assert report == Report(Delivered(), 200, said + broken)
    assert taken == 2


class Desk:
    """A receiver with a certificate of a private authority; it may want to see one, too."""

    def __init__(self, folder: Path, *, asks: bool = False) -> None:
        self.folder = folder
        self.authority = trustme.CA()
        self.taken: list[tuple[Request, str]] = []
        """Requests, each with the name in its client's certificate."""
        self.authority.cert_pem.write_to_path(folder / "ca.pem")
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("127.0.0.1").configure_cert(self._tls)
        if asks:
            self._tls.verify_mode = ssl.CERT_REQUIRED
            self.authority.configure_trust(self._tls)

    def give(self, name: str, authority: trustme.CA | None = None) -> None:
        """Put a client certificate with this name into the folder, in place of any other."""
        made = (authority or self.authority).issue_cert(f"{name}@example.org")
        made.cert_chain_pems[0].write_to_path(self.folder / "client.pem")
        made.private_key_pem.write_to_path(self.folder / "client.key")

    @property
    def trust(self) -> Tls:
        """The authority and the client's certificate, as a subscriber has them."""
        paths = (str(self.folder / name) for name in ("ca.pem", "client.pem", "client.key"))
        return Tls(*paths)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Its URL while it listens."""

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            shown = writer.get_extra_info("peercert") or {}
            names = [name for _, name in shown.get("subjectAltName", ())]
            self.taken.append((await read_request(reader), "".join(names)))
            writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
            await writer.drain()

        async with listening(talk, self._tls) as port:
            yield f"https://127.0.0.1:{port}/"


async def test_a_private_authority_is_trusted_where_it_is_named(
    sender: WebhookSender, tmp_path: Path
) -> None:
    """And nowhere else: without `ca` its receivers are refused."""
    desk = Desk(tmp_path)
    async with desk.listening() as url:
        refused = await send(sender, subscriber(url))
        named = await send(sender, subscriber(url, tls=Tls(str(tmp_path / "ca.pem"))))
    assert isinstance(refused.outcome, Retry)
    assert "certificate verify failed" in refused.outcome.reason
    assert named.outcome == Delivered()
    assert len(desk.taken) == 1


async def test_another_authority_is_not_trusted(sender: WebhookSender, tmp_path: Path) -> None:
    """`ca` says whom to trust, and does not switch verification off."""
    desk = Desk(tmp_path)
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    async with desk.listening() as url:
        report = await send(sender, subscriber(url, tls=Tls(str(tmp_path / "other.pem"))))
        moved = url.replace("127.0.0.1", "localhost")
        name = await send(sender, subscriber(moved, tls=Tls(str(tmp_path / "ca.pem"))))
    for one in (report, name):
        assert isinstance(one.outcome, Retry)
        assert "certificate verify failed" in one.outcome.reason
    assert not desk.taken


async def test_a_client_certificate_is_shown(sender: WebhookSender, tmp_path: Path) -> None:
    """A receiver that asks for one knows who calls; without one it takes nothing."""
    desk = Desk(tmp_path, asks=True)
    desk.give("tocsin")
    async with desk.listening() as url:
        shown = await send(sender, subscriber(url, tls=desk.trust))
        without = await send(sender, subscriber(url, tls=Tls(str(tmp_path / "ca.pem"))))
    assert shown.outcome == Delivered()
    assert isinstance(without.outcome, Retry)
    assert [name for _, name in desk.taken] == ["tocsin@example.org"]


async def test_a_renewed_certificate_is_taken_up(sender: WebhookSender, tmp_path: Path) -> None:
    """Without a restart; and while its file is missing, attempts fail and say so."""
    desk = Desk(tmp_path, asks=True)
    desk.give("old")
    async with desk.listening() as url:
        to = subscriber(url, tls=desk.trust)
        await send(sender, to)
        desk.give("renewed")
        later = datetime.now(UTC).timestamp() + 1  # a clock's tick may be longer than this test
        os.utime(tmp_path / "client.pem", (later, later))
        await send(sender, to)
        (tmp_path / "client.key").unlink()
        missing = await send(sender, to)
    assert [name for _, name in desk.taken] == ["old@example.org", "renewed@example.org"]
    assert missing.outcome == Retry(f"{tmp_path}/client.key: No such file or directory")


async def test_a_proxy_is_not_used_for_https_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor are authorities that the environment names."""
    desk = Desk(tmp_path)
    async with Receiver() as proxy, desk.listening() as url:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        shared_trust.cache_clear()  # or it is one that was made before
        sender = webhook_sender()
        refused = await send(sender, subscriber(url))
        named = await send(sender, subscriber(url, tls=Tls(str(tmp_path / "ca.pem"))))
        await sender.aclose()
    assert isinstance(refused.outcome, Retry)
    assert named.outcome == Delivered()
    assert not proxy.requests
