"""Look-ups of receivers' names, so that a name server that does not answer holds up its own only.

The system's look-up blocks a thread for as long as it likes, and nobody can end it. asyncio has a
handful of threads for these and for all else that is run beside the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

MOST_THREADS = 256
"""Names that may be without an answer at a time, before others have to wait for it."""


def ask(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, in the system's order. Raises OSError when it has none."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise OSError(f"{host} does not resolve: {words}") from error
    # A dictionary keeps the resolver's order and drops what it says twice.
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Names:
    """Looks names up in threads of its own; who asks for the same name meanwhile waits along.

    That is no cache: an answer goes to those who were waiting for it, and is forgotten. `ask` is
    what blocks.
    """

    def __init__(self, ask: Callable[[str, int], Sequence[str]] = ask) -> None:
        self._ask = ask
        self._asked: dict[tuple[str, int], asyncio.Future[Sequence[str]]] = {}
        self._waiting: deque[tuple[str, int]] = deque()
        self._free = MOST_THREADS

    async def look_up(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a name, in the system's order. Raises OSError when it has none."""
        place = host, port
        asked = self._asked.get(place)
        if asked is None:
            asked = self._asked[place] = asyncio.get_running_loop().create_future()
            asked.add_done_callback(lambda _: self._asked.pop(place))
            self._waiting.append(place)
            self._begin()
        # Whoever gives up leaves the others waiting.
        return await asyncio.shield(asked)

    async def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """A connection to the first of a name's addresses that takes one within so many seconds.

        Raises OSError when none does.
        """
        trouble = OSError(f"{host} has no address")
        for address in await self.look_up(host, port):
            try:
                return await _connected(address, port, seconds)
            except OSError as error:
                trouble = error
        raise trouble

    def close(self) -> None:
        """Wait for no answer any more."""
        self._waiting.clear()
        for (host, _), asked in self._asked.items():
            if not asked.done():
                asked.set_exception(OSError(f"{host} was not resolved before the end"))

    def _begin(self) -> None:
        while self._free and self._waiting:
            place = self._waiting.popleft()
            work = partial(self._answer, place, self._asked[place])
            self._free -= 1
            # Not a pool's, which the process would wait for at its end.
            threading.Thread(target=work, name="names", daemon=True).start()

    def _answer(self, place: tuple[str, int], asked: asyncio.Future[Sequence[str]]) -> None:
        addresses: Sequence[str] = ()
        trouble: Exception | None = None
        try:
            addresses = self._ask(*place)
        except Exception as error:  # noqa: BLE001  whatever it is, it is raised where it is waited for
            trouble = error

        def tell() -> None:
            self._free += 1
            if not asked.done():
                asked.set_exception(trouble) if trouble else asked.set_result(addresses)
            self._begin()

        with contextlib.suppress(RuntimeError):  # its loop has ended meanwhile
            asked.get_loop().call_soon_threadsafe(tell)


async def _connected(address: str, port: int, seconds: float) -> socket.socket:
    found = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    found.setblocking(False)
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().sock_connect(found, (address, port))
    except TimeoutError:
        found.close()
        raise OSError(f"{address} took none within {seconds:g} s") from None
    except BaseException:
        found.close()
        raise
    return found
