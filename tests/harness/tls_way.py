"""TLS in front of a server, which the Valkey that ships does not speak itself."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from harness.tcp_server import listening


@dataclass
class Keys:
    """An authority of one's own, a server's certificate, and a client's, which it demands."""

    folder: Path

    def __post_init__(self) -> None:
        self._authority = trustme.CA()
        self._server = self._authority.issue_cert("127.0.0.1", "localhost")
        self._client = self._authority.issue_cert("tocsin.example")
        self._authority.cert_pem.write_to_path(self.folder / "ca.pem")
        for name, one in (("server", self._server), ("client", self._client)):
            one.private_key_pem.write_to_path(self.folder / f"{name}.key")
            one.cert_chain_pems[0].write_to_path(self.folder / f"{name}.pem")

    @property
    def server(self) -> ssl.SSLContext:
        """What a server shows, and whom it lets in."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.configure_cert(context)
        self._authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def options(self, *names: str) -> str:
        """Of a URL: the authority, and the client's certificate; or only those named."""
        files = {
            "ssl_ca_certs": "ca.pem",
            "ssl_certfile": "client.pem",
            "ssl_keyfile": "client.key",
        }
        return "&".join(f"{name}={self.folder / files[name]}" for name in names or files)


@asynccontextmanager
async def encrypted(keys: Keys, port: int) -> AsyncIterator[int]:
    """A port that passes what comes by TLS on to this one, as it is."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_connection("127.0.0.1", port)
        ways = [
            asyncio.create_task(_pass_on(*way)) for way in ((reader, server), (answers, writer))
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)
        server.close()
        with contextlib.suppress(OSError):
            await server.wait_closed()

    async with listening(talk, keys.server) as found:
        yield found


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
