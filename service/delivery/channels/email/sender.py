"""E-mail over SMTP: one connection a mail, and what the mail server's answers mean.

The server is the operator's own, named by a setting and often inside the network. So the check of
addresses (`delivery.http.address`) does not apply to it: that check is about rules files.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import aiosmtplib

from service.delivery.channels.email.letter import letter
from service.delivery.channels.email.rules_block import Mail
from service.delivery.http.answer import RESPONSE_MAX_CHARS
from service.delivery.http.exchange import CONNECT_TIMEOUT, TIMEOUT
from service.delivery.http.resolver import Resolver
from service.delivery.message.wording import message
from service.delivery.outcome import Delivered, GiveUp, Outcome, Report, Retry
from service.delivery.pace import Pace
from service.delivery.senders import MailServer
from service.rules.subscribers.subscriber import Subscriber

MAX_CONNECTIONS = 3
"""At once. Mail services allow few connections (some only three), and refuse further ones."""
PAUSE = timedelta(seconds=0.5)
"""Between two mails that wait for a connection: the time that one mail takes."""

LOGIN_REFUSED = frozenset({530, 534, 535, 538})
"""Codes by which a server refuses the login, not the mail: the settings must be corrected."""


class MailSender:
    """Sends events as mails through `server`; None: the settings name none.

    `tls` checks the server's certificate, and `resolver` looks its name up. A mail that the server
    took for one of the recipients is delivered, because a second attempt would reach that one
    twice; the record names the recipients that were refused.
    """

    def __init__(
        self,
        server: MailServer | None,
        *,
        timeout: float = TIMEOUT,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.timeout = timeout
        self._server = server
        self._resolver = resolver or Resolver()
        self._tls = tls or ssl.create_default_context()
        self._free = MAX_CONNECTIONS
        self._pace = Pace(
            PAUSE,
            timedelta(0),
            f"the mail server is given {MAX_CONNECTIONS} mails at a time",
        )

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt, unless all connections are in use. It never raises for a server."""
        mail = subscriber.channel
        if not isinstance(mail, Mail):
            raise TypeError(f"{subscriber.id} has no e-mail address")
        if self._server is None:
            return Report(Retry("there is no mail server: set TOCSIN_SMTP_HOST"))
        if not self._free:
            return Report(self._pace.postpone("", asyncio.get_running_loop().time()))
        self._free -= 1
        client = self._client(self._server)
        try:
            made = letter(message(body), mail, delivery_id=delivery_id, at=at).as_bytes()
            # The last tenth of the time is for QUIT, which cannot change the outcome.
            async with asyncio.timeout(self.timeout * 0.9):
                await self._connect(client, self._server)
                report = await _submit(client, mail, made)
            with contextlib.suppress(OSError, aiosmtplib.SMTPException):
                async with asyncio.timeout(self.timeout * 0.1):
                    await client.quit()
        except (TimeoutError, OSError, aiosmtplib.SMTPException) as error:
            return _failed(error, self.timeout)
        else:
            return report
        finally:
            client.close()
            self._free += 1

    async def _connect(self, client: aiosmtplib.SMTP, server: MailServer) -> None:
        # The library would look the name up in one of asyncio's few threads.
        seconds = min(CONNECT_TIMEOUT, self.timeout / 2)
        await client.connect(sock=await self._resolver.connect(server.host, server.port, seconds))

    def _client(self, server: MailServer) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=server.host,
            # Without it the library looks its own name up, and blocks the event loop meanwhile.
            local_hostname=socket.gethostname(),
            timeout=None,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=None if server.security == "none" else self._tls,
            username=server.username or None,
            password=server.password.reveal() if server.password else None,
        )

    async def aclose(self) -> None:
        """Stop the resolver; no connection is open between two mails."""
        self._resolver.close()


async def _submit(client: aiosmtplib.SMTP, mail: Mail, content: bytes) -> Report:
    to = [one.address for one in mail.to]
    refused, answer = await client.sendmail(mail.sender.address, to, content)
    return Report(Delivered(), 250, f"{answer}{_named(refused)}"[:RESPONSE_MAX_CHARS])


def _named(refused: Mapping[str, aiosmtplib.SMTPResponse]) -> str:
    listed = "; ".join(f"{to}: {code} {said}" for to, (code, said) in refused.items())
    return f" (refused: {listed})" if listed else ""


def _failed(error: Exception, timeout: float) -> Report:
    match error:
        case aiosmtplib.SMTPAuthenticationError(code=code, message=said):
            return _login_refused(code, said)
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            return _all_refused(refused)
        case aiosmtplib.SMTPConnectResponseError() | aiosmtplib.SMTPHeloError():
            # The server takes no mail at the moment; that says nothing about this mail.
            return Report(Retry(f"the mail server answered {error.code}"), error.code, _kept(error))
        case aiosmtplib.SMTPResponseException(code=code, message=said):
            return _login_refused(code, said) if code in LOGIN_REFUSED else _refused(code, said)
        case TimeoutError():
            return Report(Retry(f"the mail server did not answer within {timeout:g} s"))
        case aiosmtplib.SMTPServerDisconnected():
            return Report(Retry("the mail server closed the connection"))
        case aiosmtplib.SMTPException() if not isinstance(error, OSError):
            hint = "see TOCSIN_SMTP_SECURITY and TOCSIN_SMTP_USERNAME"
            return Report(
                Retry(f"the mail server does not support what the settings ask for; {hint}"),
                None,
                _kept(error),
            )
        case _:
            # The library wraps the error of the connection.
            met = error.__cause__ if isinstance(error, aiosmtplib.SMTPException) else None
            cause = met or error
            return Report(Retry(f"no connection to the mail server: {_words(cause)}"))


def _login_refused(code: int, said: str) -> Report:
    # Retried: otherwise a wrong password would lose the alerts of a whole night.
    hint = "check TOCSIN_SMTP_USERNAME and TOCSIN_SMTP_PASSWORD"
    return Report(
        Retry(f"the mail server refused the login ({code}): {hint}"),
        code,
        said[:RESPONSE_MAX_CHARS],
    )


def _refused(code: int, said: str) -> Report:
    outcome: Outcome = Retry(f"the mail server answered {code}")
    if code >= 500:
        outcome = GiveUp(f"the mail server refused the mail ({code})")
    return Report(outcome, code, said[:RESPONSE_MAX_CHARS])


def _all_refused(refused: Sequence[aiosmtplib.SMTPRecipientRefused]) -> Report:
    said = "; ".join(f"{one.recipient}: {one.code} {one.message}" for one in refused)
    # The lowest code: if one recipient may be accepted later, the mail is retried.
    code = min((one.code for one in refused), default=450)
    if code >= 500:
        return Report(
            GiveUp(f"every recipient was refused ({code})"), code, said[:RESPONSE_MAX_CHARS]
        )
    return Report(Retry(f"no recipient was accepted ({code})"), code, said[:RESPONSE_MAX_CHARS])


def _words(error: BaseException) -> str:
    """What the system said, such as "Connection refused"; the libraries wrap it away."""
    if isinstance(error, ssl.SSLError):
        return str(error.reason or error)
    if isinstance(error, OSError) and error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return str(error) or type(error).__name__


def _kept(error: Exception) -> str:
    return " ".join(str(getattr(error, "message", error)).split())[:RESPONSE_MAX_CHARS]
