"""A receiver that costs next to nothing: it takes POSTs and answers 204, or never.

Run as a program it prints its port, and after an empty line on standard input, when each delivery
came: `<id> <seconds>` by the clock that all processes of a machine share. After the line `turn`
it answers `/turn` no more.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
HANG = b"/hang"
TURN = b"/turn"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ID = re.compile(rb"webhook-id: *([^\r]+)", re.IGNORECASE)
_ARTICLE = re.compile(rb'"article":\{"id":"([^"]+)"')


class Receiver(asyncio.Protocol):
    """One connection."""

    arrived: list[tuple[bytes, float]] = []  # noqa: RUF012 - of all connections
    turned = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end]
            length = _LENGTH.search(head)
            total = end + 4 + int(length[1] if length else 0)
            if len(self._read) < total:
                return
            body, self._read = self._read[end + 4 : total], self._read[total:]
            if HANG in head[:100] or (self.turned and TURN in head[:100]):
                continue
            name = _ARTICLE.search(body) or _ID.search(head)
            self.arrived.append((name[1] if name else b"-", time.monotonic()))
            self._transport.write(ANSWER)


async def main() -> None:
    """Serve until a line comes, then tell what arrived."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Receiver, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line == "turn\n":
            Receiver.turned = True
            continue
        print(len(Receiver.arrived))
        for name, at in Receiver.arrived:
            print(name.decode(), f"{at:.6f}")
        sys.stdout.flush()
        Receiver.arrived.clear()


if __name__ == "__main__":
    asyncio.run(main())
