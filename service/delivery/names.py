"""Look-ups of receivers' names, so that a name server that does not answer holds up its own only.

The system's look-up blocks a thread for as long as it likes, and nobody can end it. asyncio has a
handful of threads for these and for all else that is run beside the event loop.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

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
        self._threads = ThreadPoolExecutor(MOST_THREADS, "names")
        self._asked: dict[tuple[str, int], asyncio.Future[Sequence[str]]] = {}

    async def look_up(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a name, in the system's order. Raises OSError when it has none."""
        place = host, port
        asked = self._asked.get(place)
        if asked is None:
            loop = asyncio.get_running_loop()
            asked = self._asked[place] = loop.run_in_executor(self._threads, self._ask, host, port)
            asked.add_done_callback(lambda _: self._asked.pop(place))
        # Whoever gives up leaves the others waiting.
        return await asyncio.shield(asked)

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
