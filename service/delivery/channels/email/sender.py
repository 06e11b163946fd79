"""E-mail over SMTP: one connection a mail.

The server is the operator's own, named by a setting and often inside the network. So the check of
addresses (`delivery.http.address`) does not apply to it: that check is about rules files.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from datetime import datetime, timedelta
from functools import cache

import aiosmtplib

from service.delivery.channels.email.letter import letter
from service.delivery.channels.email.rules_block import Mail
from service.delivery.channels.email.server_answers import accepted, failed, for_now, refusals
from service.delivery.http.exchange import CONNECT_TIMEOUT, TIMEOUT
from service.delivery.http.resolver import Resolver
from service.delivery.message.wording import message
from service.delivery.outcome import Report, Retry
from service.delivery.pace import Pace
from service.delivery.senders import MailServer, Recipients
from service.delivery.verdict_links import VerdictLinks, with_verdicts
from service.rules.subscribers.subscriber import Subscriber
from service.store.lanes.verdict import Postponed

MAX_CONNECTIONS = 3
"""At once. Mail services allow few connections (some only three), and refuse further ones."""
PAUSE = timedelta(seconds=0.5)
"""Between two mails that wait for a connection: the time that one mail takes."""
UNKNOWN_RECIPIENTS_PAUSE = timedelta(seconds=5)
"""Until Redis is asked again who has a mail: to send it now could reach somebody twice."""


class MailSender:
    """Sends events as mails through `server`; None: the settings name none.

    `tls` checks the server's certificate, and `resolver` looks its name up. A recipient whom the
    server refuses for now (4xx) gets the mail at a later attempt, which goes to no other:
    `recipients` knows who need it no more. Those refused for good are named in the record.
    """

    def __init__(
        self,
        server: MailServer | None,
        recipients: Recipients,
        *,
        timeout: timedelta = TIMEOUT,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver | None = None,
        verdict_links: VerdictLinks | None = None,
    ) -> None:
        self.timeout = timeout
        self._server = server
        self._recipients = recipients
        self._verdict_links = verdict_links
        self._resolver = resolver or Resolver()
        self._tls = tls or _system_trust()
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
        try:
            done = await self._recipients.done(delivery_id)
            if done is None:
                reason = "Redis does not say which recipients have it already"
                return Report(Postponed(UNKNOWN_RECIPIENTS_PAUSE, reason))
            said = with_verdicts(message(body), self._verdict_links, subscriber.id, at)
            content = letter(said, mail, delivery_id=delivery_id, at=at).as_bytes()
            return await self._send(self._server, mail, delivery_id, content, done)
        finally:
            self._free += 1

    async def _send(
        self,
        server: MailServer,
        mail: Mail,
        delivery_id: str,
        content: bytes,
        done: frozenset[str],
    ) -> Report:
        """Send to those who need it yet; to all where that is nobody: the rules have changed."""
        to = [one.address for one in mail.to]
        waiting = [each for each in to if each not in done] or to
        client = self._client(server)
        try:
            # The last tenth of the time is for QUIT, which cannot change the outcome.
            async with asyncio.timeout((self.timeout * 0.9).total_seconds()):
                await self._connect(client, server)
                refused, answer = await client.sendmail(mail.sender.address, waiting, content)
            with contextlib.suppress(OSError, aiosmtplib.SMTPException):
                async with asyncio.timeout((self.timeout * 0.1).total_seconds()):
                    await client.quit()
        except aiosmtplib.SMTPRecipientsRefused as error:
            # Of those who were left, nobody is accepted: the others have it all the same.
            refused, answer = refusals(error.recipients), "accepted before"
            if not done:
                return failed(error, self.timeout)
        except (TimeoutError, OSError, aiosmtplib.SMTPException) as error:
            return failed(error, self.timeout)
        finally:
            client.close()
        later = for_now(refused)
        if later:
            await self._recipients.add(delivery_id, [each for each in to if each not in later])
        elif done:
            await self._recipients.forget(delivery_id)
        return accepted(refused, answer, len(to))

    async def _connect(self, client: aiosmtplib.SMTP, server: MailServer) -> None:
        # The library would look the name up in one of asyncio's few threads.
        seconds = min(CONNECT_TIMEOUT, self.timeout.total_seconds() / 2)
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


@cache
def _system_trust() -> ssl.SSLContext:
    """Trusts whom the system does; to read their certificates takes 20 ms of CPU."""
    return ssl.create_default_context()
