"""A mail server on loopback that takes, refuses, and hangs: aiosmtpd, in the test's event loop."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Literal, Self, cast

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from service.delivery.senders import MailServer
from service.rules.secret import Secret


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that was accepted."""

    sender: str
    recipients: Sequence[str]
    content: bytes
    encrypted: bool
    logged_in: bool

    @property
    def mail(self) -> EmailMessage:
        """The mail itself."""
        return message_from_bytes(self.content, policy=default)


@dataclass
class Mails:
    """Its answers: to recipients by address, and to a whole mail."""

    recipients: Mapping[str, str] = field(default_factory=dict)
    answer: str = "250 queued as 42"
    hangs: bool = False
    taken: list[Taken] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a recipient or refuse it."""
        said = self.recipients.get(address, "250 OK")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a mail or refuse it."""
        if self.hangs:
            self.waiting.set()
            await self.let_go.wait()
        if self.answer.startswith("250"):
            content = envelope.original_content or b""
            assert server.transport
            encrypted = server.transport.get_extra_info("ssl_object") is not None
            self.taken.append(
                Taken(
                    str(envelope.mail_from),
                    [*envelope.rcpt_tos],
                    content,
                    encrypted,
                    bool(session.authenticated),
                )
            )
        return self.answer


class MailReceiver:
    """`async with MailReceiver(mails) as receiver`; `server` is what a sender is told of it."""

    def __init__(
        self,
        mails: Mails | None = None,
        *,
        security: Literal["starttls", "tls", "none"] = "none",
        login: tuple[str, str] | None = None,
    ) -> None:
        self.mails = mails or Mails()
        self._security = security
        self._login = login
        authority = trustme.CA()
        self._certified = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self._certified)
        self.trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(self.trust)

    def server(self, username: str = "", password: str = "") -> MailServer:
        """How to reach it."""
        secret = Secret(password) if password else None
        return MailServer("localhost", self.port, self._security, username, secret)

    async def __aenter__(self) -> Self:
        tls = self._certified if self._security == "tls" else None
        self._server = await asyncio.get_running_loop().create_server(
            self._protocol, "localhost", 0, ssl=tls, family=2
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.mails.let_go.set()
        self._server.close()
        await self._server.wait_closed()

    def _protocol(self) -> SMTP:
        starttls = self._security == "starttls"
        return SMTP(
            self.mails,
            hostname="mail.example",
            tls_context=self._certified if starttls else None,
            require_starttls=starttls,
            # aiosmtpd does not see TLS that stands below it, and warns.
            auth_required=starttls and self._login is not None,
            auth_require_tls=starttls,
            authenticator=self._check,
            loop=asyncio.get_running_loop(),
        )

    def _check(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any
    ) -> AuthResult:
        given = cast("LoginPassword", data)
        pair = (given.login.decode(), given.password.decode())
        return AuthResult(success=pair == self._login, handled=False)
