"""Look-ups of receivers' names: a name server that does not answer delays its own names only.

The system's look-up blocks a thread for an unbounded time, and cannot be cancelled. asyncio has a
handful of threads for look-ups and all other blocking calls, so look-ups get threads of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

MAX_THREADS = 256
"""Look-ups at once; further ones wait until one of these ends."""


def system_addresses(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, in the system's order. Raises OSError when it has none."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise OSError(f"{host} does not resolve: {words}") from error
    # A dictionary keeps the resolver's order and drops duplicates.
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


@dataclass(frozen=True, slots=True)
class _Place:
    """A host and a port, which select the addresses."""

    host: str
    port: int


class Resolver:
    """Looks names up in threads of its own; callers that ask for one name at once share a look-up.

    It is not a cache: an answer goes to those who waited for it, and is forgotten. `find` is the
    call that blocks.
    """

    def __init__(self, find: Callable[[str, int], Sequence[str]] = system_addresses) -> None:
        self._find = find
        self._running: dict[_Place, asyncio.Future[Sequence[str]]] = {}
        self._waiting: deque[_Place] = deque()
        self._free_threads = MAX_THREADS

    async def look_up(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a name, in the system's order. Raises OSError when it has none."""
        place = _Place(host, port)
        answer = self._running.get(place)
        if answer is None:
            answer = self._running[place] = asyncio.get_running_loop().create_future()
            answer.add_done_callback(lambda _: self._running.pop(place))
            self._waiting.append(place)
            self._start_threads()
        # A caller that is cancelled does not cancel the look-up for the others.
        return await asyncio.shield(answer)

    async def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """A connection to the first of a name's addresses that accepts one within so many seconds.

        Raises OSError when none does.
        """
        failure = OSError(f"{host} has no address")
        for address in await self.look_up(host, port):
            try:
                return await _connect(address, port, seconds)
            except OSError as error:
                failure = error
        raise failure

    def close(self) -> None:
        """Fail the look-ups that have no answer yet."""
        self._waiting.clear()
        for place, answer in self._running.items():
            if not answer.done():
                answer.set_exception(OSError(f"{place.host} was not resolved before the end"))

    def _start_threads(self) -> None:
        while self._free_threads and self._waiting:
            place = self._waiting.popleft()
            work = partial(self._look_up_in_thread, place, self._running[place])
            self._free_threads -= 1
            # The process would wait at its end for the threads of a pool.
            threading.Thread(target=work, name="names", daemon=True).start()

    def _look_up_in_thread(self, place: _Place, answer: asyncio.Future[Sequence[str]]) -> None:
        addresses: Sequence[str] = ()
        failure: Exception | None = None
        try:
            addresses = self._find(place.host, place.port)
        except Exception as error:  # noqa: BLE001  it is raised where the answer is awaited
            failure = error

        def deliver() -> None:
            self._free_threads += 1
            if not answer.done():
                answer.set_exception(failure) if failure else answer.set_result(addresses)
            self._start_threads()

        with contextlib.suppress(RuntimeError):  # the event loop has ended meanwhile
            answer.get_loop().call_soon_threadsafe(deliver)


async def _connect(address: str, port: int, seconds: float) -> socket.socket:
    found = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    found.setblocking(False)
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().sock_connect(found, (address, port))
    except TimeoutError:
        found.close()
        raise OSError(f"{address} accepted no connection within {seconds:g} s") from None
    except BaseException:
        found.close()
        raise
    return found
