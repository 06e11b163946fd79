"""Clients that do not end their requests, over real connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from service.web import server
from service.web.health import health_app
from service.web.readiness import Readiness
from service.web.server import serving

PROBE = b"GET /livez HTTP/1.1\r\nHost: x\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def ready() -> Readiness:
    """A process that is well."""
    return Readiness(ready=True)


async def nothing() -> bytes:
    """The metrics of a process that counts nothing."""
    return b""


async def unknown() -> None:
    """No work that anybody knows of."""


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """Where a process can be asked that waits a little for a request."""
    monkeypatch.setattr(server, "REQUEST_TIMEOUT", timedelta(seconds=0.2))
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 5)
    async with serving(health_app(ready, nothing, unknown), "127.0.0.1", 0) as address:
        yield urlsplit(address).port or 0


async def sent(port: int, request: bytes) -> Streams:
    """A connection on which this was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    return reader, writer


async def is_closed(streams: Streams) -> bool:
    """Whether the server ends the connection, whatever it answered before."""
    reader, writer = streams
    try:
        async with asyncio.timeout(10):
            while await reader.read(1000):
                pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    finally:
        writer.close()
    return True


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"GET /live",
        PROBE,
        PROBE + b"Content-Length: 10\r\n\r\nhalf",
        PROBE + b"\r\n" + b"GET /li",
    ],
)
async def test_a_half_sent_request_ends(port: int, request_: bytes) -> None:
    """Also its second on a connection, and one whose body does not come."""
    assert await is_closed(await sent(port, request_))


async def test_a_request_drop_by_drop_ends(port: int) -> None:
    """Each drop would keep the connection open for ever."""
    _reader, writer = await sent(port, b"GET /livez HTTP/1.1\r\n")
    with pytest.raises(ConnectionError):  # noqa: PT012 - which drop is refused is not known
        for number in range(1000):
            writer.write(b"X-%d: y\r\n" % number)
            await writer.drain()
            await asyncio.sleep(0.01)
    writer.close()


async def test_half_sent_requests_keep_no_probe_out(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connections that have waited longest make room, and no others."""
    monkeypatch.setattr(server, "REQUEST_TIMEOUT", timedelta(seconds=60))
    waiting = [await sent(port, b"GET /live") for _ in range(20)]
    reader, writer = await sent(port, PROBE + b"\r\n")
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    assert await is_closed(waiting[len(waiting) - server.MAX_CONNECTIONS])
    for _, other in (*waiting, (reader, writer)):
        other.close()


async def test_a_connection_answers_several_probes(port: int) -> None:
    """As long as each request is whole."""
    reader, writer = await sent(port, (PROBE + b"\r\n") * 3)
    answers = await reader.readexactly(1)
    async with asyncio.timeout(10):
        while answers.count(b"200 OK") < 3:
            answers += await reader.read(1000)
    writer.close()


async def test_a_connection_waits_as_long_for_each_request(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the answer before it on, however long the first one was waited for."""
    monkeypatch.setattr(server, "REQUEST_TIMEOUT", timedelta(seconds=60))
    for seconds in (60, 0.2):
        monkeypatch.setattr(server, "REQUEST_TIMEOUT", timedelta(seconds=seconds))
        if seconds == 60:
            streams = await sent(port, PROBE + b"\r\n")
        else:
            streams[1].write(PROBE + b"\r\n")
        await streams[0].readuntil(b"ok\n")
    streams[1].write(b"GET /li")
    assert await is_closed(streams)
