"""Relays: services that Apprise knows, by one plain text.

Apprise is synchronous, and each of its hundred services is a plugin of its own author; so it runs
in processes of its own. A process that does not answer in time is killed, one that ends is
replaced, and neither affects another notification. A process sends one notification at a time and
is kept for the next, because the import of Apprise takes a second.

Apprise makes its connections itself; its process judges their addresses as those of webhooks are.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from service.delivery.channels.relay.rules_block import MIN_GAP, Relay
from service.delivery.http.address import Network
from service.delivery.http.answer import RESPONSE_MAX_CHARS
from service.delivery.http.exchange import TIMEOUT
from service.delivery.message.message import Message
from service.delivery.message.plaintext import details
from service.delivery.message.wording import message
from service.delivery.outcome import Delivered, GiveUp, Outcome, Report, Retry
from service.delivery.pace import Pace
from service.rules.subscribers.subscriber import Subscriber
from service.store.lanes.verdict import Postponed

PROGRAM = Path(__file__).with_name("apprise_process.py")
MAX_PROCESSES = 4
"""At once, of some 50 MB each. If all of them hang, other relays are postponed."""
ANSWER_MAX_BYTES = 64 * 1024

KINDS = {"critical": "failure", "high": "warning", "medium": "warning"}
"""Severity → the type of a notification for Apprise; any other severity is `info`."""

# The variables that Apprise needs. Others may be secrets, and are not passed on; a proxy would
# connect to addresses that nobody judges.
_PASSED = re.compile(
    r"PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE"
)


class RelaySender:
    """Sends events through Apprise; its processes get a part of `environment`.

    `allowed` are networks that may receive although they are not public.
    """

    def __init__(
        self,
        *,
        environment: Mapping[str, str],
        allowed: Sequence[Network] = (),
        timeout: timedelta = TIMEOUT,
        program: Path = PROGRAM,
    ) -> None:
        self.timeout = timeout
        self._command = (str(program), *map(str, allowed))
        passed = {name: each for name, each in environment.items() if _PASSED.fullmatch(name)}
        self._environment = {**passed, "PYTHONWARNINGS": "ignore", "PYTHONUTF8": "1"}
        self._idle: list[asyncio.subprocess.Process] = []
        self._busy: set[str] = set()
        reason = "its relay has another notification to send first"
        patience = min(MIN_GAP, timeout / 4)
        self._pace = Pace(MIN_GAP, patience, reason)

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt, unless the relay or all processes are busy. It never raises."""
        del delivery_id, at  # Apprise has no place for them
        relay = subscriber.channel
        if not isinstance(relay, Relay):
            raise TypeError(f"{subscriber.id} has no relay")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.timeout.total_seconds()
        if subscriber.id in self._busy or len(self._busy) >= MAX_PROCESSES:
            return Report(self._pace.postpone(subscriber.id, loop.time()))
        wait = self._pace.take_turn(subscriber.id, loop.time())
        if isinstance(wait, Postponed):
            return Report(wait)
        self._busy.add(subscriber.id)
        try:
            await asyncio.sleep(wait.total_seconds())
            return await self._notify(relay, message(body), deadline)
        finally:
            self._busy.discard(subscriber.id)

    async def aclose(self) -> None:
        """End the processes."""
        while self._idle:
            await _end(self._idle.pop())

    async def _notify(self, relay: Relay, said: Message, deadline: float) -> Report:
        url = relay.url.reveal()
        asked = {"url": url, "title": said.title, "body": details(said)}
        asked["kind"] = KINDS.get(said.severity, "info")
        process: asyncio.subprocess.Process | None = None
        try:
            async with asyncio.timeout_at(deadline):
                process = await self._process()
                answer = await _ask(process, json.dumps(asked).encode() + b"\n")
        except TimeoutError:
            seconds = self.timeout.total_seconds()
            return Report(Retry(f"Apprise was not done within {seconds:g} s, and was stopped"))
        except (OSError, ValueError):
            return Report(Retry("Apprise ended without an answer"))
        else:
            self._idle.append(process)
            process = None
        finally:
            if process is not None:
                await _end(process)
        outcome, log = _judged(answer), redact(str(answer.get("said", "")), url)
        return Report(outcome, response=log[:RESPONSE_MAX_CHARS])

    async def _process(self) -> asyncio.subprocess.Process:
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
        # Without the folder of the program on its path, whose modules are not Apprise's; in a group
        # of its own, which ends with it, and not with what is typed at the terminal.
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environment,
            limit=ANSWER_MAX_BYTES,
            start_new_session=True,
        )


async def _ask(process: asyncio.subprocess.Process, line: bytes) -> Mapping[str, Any]:
    """The answer to one line. Raises OSError or ValueError where the process gives none."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    process.stdin.write(line)
    await process.stdin.drain()
    answer = json.loads(await process.stdout.readline())
    if not isinstance(answer, dict):
        raise ValueError("not an answer")
    return answer


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _judged(answer: Mapping[str, Any]) -> Outcome:
    if answer.get("sent") is True:
        return Delivered()
    if answer.get("known") is False:
        return GiveUp("Apprise does not know what the relay's URL asks for", disable=True)
    if answer.get("refused"):
        return Retry(str(answer["refused"]))
    # Apprise does not distinguish a refusal from an outage; the record has its log lines.
    return Retry("Apprise could not send it")


def redact(said: str, url: str) -> str:
    """`said` without any part of the URL that may be secret: a token may be anywhere in it."""
    parts = {url, *re.split(r"[/:@?&=#,;]+", url.partition("://")[2])}
    forms = {form for part in parts for form in (part, unquote(part)) if len(form) >= 4}
    for form in sorted(forms, key=len, reverse=True):
        said = re.sub(re.escape(form), "***", said, flags=re.IGNORECASE)
    return said
