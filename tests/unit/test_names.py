"""Names whose server does not answer beside those that are known."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from alerts import eventually
from service.delivery.names import Names, ask


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
    names = Names(server.ask)
    lost = [asyncio.create_task(names.look_up(f"{n}.lost.example", 443)) for n in range(100)]
    await eventually(lambda: len(server.asked) == 100)
    assert await names.look_up("desk.example", 443) == ("192.0.2.1",)
    assert not any(one.done() for one in lost)
    server.closing.set()
    await asyncio.gather(*lost)
    names.close()


async def test_a_name_is_asked_for_once_at_a_time(server: Server) -> None:
    """However many deliveries wait for it; who gives up leaves the others waiting."""
    names = Names(server.ask)
    some = [asyncio.create_task(names.look_up("a.lost.example", 443)) for _ in range(10)]
    await eventually(lambda: server.asked["a.lost.example"] == 1)
    some[0].cancel()
    server.closing.set()
    assert await asyncio.gather(*some[1:]) == [("192.0.2.1",)] * 9
    assert server.asked == {"a.lost.example": 1}
    assert await names.look_up("a.lost.example", 443) == ("192.0.2.1",)
    assert server.asked == {"a.lost.example": 2}  # an answer is not kept
    names.close()


def test_the_systems_answers() -> None:
    """Each address once; and a name without any is named."""
    assert "127.0.0.1" in ask("localhost", 80)
    assert len(set(ask("localhost", 80))) == len(ask("localhost", 80))
    with pytest.raises(OSError, match=r"desk\.invalid does not resolve"):
        ask("desk.invalid", 80)
