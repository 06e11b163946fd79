"""Names whose server does not answer beside those that are known."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from builders.alerts import eventually
from service.delivery.http.resolver import Resolver, system_addresses


class Server:
    """Answers for any name but those in `lost.example`, until it is closed."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.closing = threading.Event()

    def ask(self, host: str, _port: int) -> Sequence[str]:
        """As the system does: nobody can end it."""
        self.asked[host] += 1
        if host.endswith("lost.example"):
            self.closing.wait()
        return ("192.0.2.1",)


@pytest.fixture
def server() -> Iterator[Server]:
    """One whose threads end with the test."""
    found = Server()
    yield found
    found.closing.set()


async def test_names_without_an_answer_hold_up_no_other(server: Server) -> None:
    """A hundred of them, and then one that is known."""
    resolver = Resolver(server.ask)
    lost = [asyncio.create_task(resolver.look_up(f"{n}.lost.example", 443)) for n in range(100)]
    await eventually(lambda: len(server.asked) == 100)
    assert await resolver.look_up("desk.example", 443) == ("192.0.2.1",)
    assert not any(one.done() for one in lost)
    server.closing.set()
    await asyncio.gather(*lost)
    resolver.close()


async def test_beyond_the_threads_names_wait_for_one(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And have it as soon as another is done."""
    monkeypatch.setattr("service.delivery.http.resolver.MAX_THREADS", 2)
    resolver = Resolver(server.ask)
    lost = [asyncio.create_task(resolver.look_up(f"{n}.lost.example", 443)) for n in range(2)]
    known = asyncio.create_task(resolver.look_up("desk.example", 443))
    await eventually(lambda: len(server.asked) == 2)
    assert not known.done()
    server.closing.set()
    assert await known == ("192.0.2.1",)
    await asyncio.gather(*lost)


async def test_at_the_end_nobody_waits_any_more(server: Server) -> None:
    """What has no answer by then is said to have none."""
    resolver = Resolver(server.ask)
    lost = asyncio.create_task(resolver.look_up("a.lost.example", 443))
    await eventually(lambda: server.asked["a.lost.example"] == 1)
    resolver.close()
    with pytest.raises(OSError, match=r"a\.lost\.example was not resolved before the end"):
        await lost


def test_a_process_ends_while_a_name_is_without_an_answer() -> None:
    """It does not wait for a thread that nobody can end."""
    program = """
import asyncio, threading
from service.delivery.http.resolver import Resolver

asked = threading.Event()

def ask(host, port):
    asked.set()
    threading.Event().wait()

async def main():
    resolver = Resolver(ask)
    looking = asyncio.create_task(resolver.look_up("lost.example", 443))
    while not asked.is_set():
        await asyncio.sleep(0)
    resolver.close()
    await asyncio.wait((looking,))

asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


async def test_a_connection_goes_to_the_first_address_that_takes_one() -> None:
    """Names have several, and some of them lead nowhere."""
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as real:
        port = real.sockets[0].getsockname()[1]
        resolver = Resolver(lambda _host, _port: ("::1", "127.0.0.2", "127.0.0.1"))
        with await resolver.connect("mail.example", port, 5.0) as found:
            assert found.getpeername() == ("127.0.0.1", port)
    with pytest.raises(ConnectionRefusedError):
        await resolver.connect("mail.example", port, 5.0)


async def test_an_address_that_does_not_answer_is_left_in_time() -> None:
    """The queue of a socket that nobody accepts from is full."""
    with socket.socket() as full, socket.socket() as first:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        first.connect(("127.0.0.1", port))
        resolver = Resolver(lambda _host, _port: ("127.0.0.1",))
        with pytest.raises(OSError, match=r"127\.0\.0\.1 accepted no connection within 0\.2 s"):
            await resolver.connect("mail.example", port, 0.2)


async def test_a_name_is_asked_for_once_at_a_time(server: Server) -> None:
    """However many deliveries wait for it; who gives up leaves the others waiting."""
    resolver = Resolver(server.ask)
    some = [asyncio.create_task(resolver.look_up("a.lost.example", 443)) for _ in range(10)]
    await eventually(lambda: server.asked["a.lost.example"] == 1)
    some[0].cancel()
    server.closing.set()
    assert await asyncio.gather(*some[1:]) == [("192.0.2.1",)] * 9
    assert server.asked == {"a.lost.example": 1}
    assert await resolver.look_up("a.lost.example", 443) == ("192.0.2.1",)
    assert server.asked == {"a.lost.example": 2}  # an answer is not kept
    resolver.close()


def test_the_systems_answers() -> None:
    """Each address once; and a name without any is named."""
    assert "127.0.0.1" in system_addresses("localhost", 80)
    assert len(set(system_addresses("localhost", 80))) == len(system_addresses("localhost", 80))
    with pytest.raises(OSError, match=r"desk\.invalid does not resolve"):
        system_addresses("desk.invalid", 80)
