"""Runs Apprise, in a process of its own (the sender starts it).

Its arguments are the networks that may receive although they are not public. It reads a line of
JSON, `{"url", "title", "body", "kind"}`, and answers with one, `{"known", "sent", "said",
"refused"}`, until its input ends. It imports nothing heavy before it is asked.

Whatever a plugin does, the process connects only to addresses that may receive, follows no
redirect, and verifies certificates.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from ipaddress import ip_network
from typing import Any

from service.delivery.http.address import AddressRefused, Network, check_address

SAID_LINES = 5
"""The last lines of Apprise's log that are handed back as the reason."""
LONGEST_SAID = 4000
"""Code points of them."""
CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
"""Python's audit events for what leaves this process: each has the socket and the address."""

Refusals = list[str]
"""What was not done for a notification, and why."""


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines = [*self.lines, record.getMessage()][-SAID_LINES:]


def guard_connections(allowed: Sequence[Network], refused: Refusals) -> None:
    """Let this process connect to no address that may not receive, from now on.

    An audit hook sees every socket of the process, whichever library opens it, and cannot be taken
    off again.
    """

    def check(event: str, given: tuple[Any, ...]) -> None:
        if event not in CONNECTS:
            return
        opened, place = given[0], given[-1]
        if place is None:  # sent over a connection that was checked when it was made
            return
        try:
            if opened.family not in (socket.AF_INET, socket.AF_INET6):
                raise AddressRefused("a relay may use no socket of this machine")
            host = str(place[0]).partition("%")[0]
            check_address(host, host, allowed)
        except (AddressRefused, ValueError) as error:
            reason = str(error) or "not an address"
            if reason not in refused:
                refused.append(reason)
            raise OSError(reason) from None

    sys.addaudithook(check)


def follow_no_redirects(refused: Refusals) -> None:
    """Have every request of this process end with the first answer."""
    # Apprise's own client, imported as late as Apprise itself.
    requests = import_module("requests")
    send: Callable[..., Any] = requests.Session.send

    def send_once(session: Any, request: Any, **options: Any) -> Any:
        answer = send(session, request, **{**options, "allow_redirects": False})
        if answer.is_redirect:
            refused.append(f"answered {answer.status_code}: redirects are not followed")
            raise requests.TooManyRedirects(refused[-1])
        return answer

    requests.Session.send = send_once


def notify(asked: dict[str, str], refused: Refusals) -> dict[str, Any]:
    """Send one notification: whether Apprise knows the URL, whether it was sent, what was said."""
    import apprise  # noqa: PLC0415  seconds, and only where there is a relay

    said = _Lines()
    logger = logging.getLogger("apprise")
    logger.handlers = [said]
    refused.clear()
    # Nothing is kept on disk, and no link in a text is fetched or taken for an attachment.
    asset = apprise.AppriseAsset(
        app_id="Tocsin", storage_mode=apprise.PersistentStoreMode.MEMORY, secure_logging=True
    )
    # One URL is one service: `add` would divide it at commas.
    service = apprise.Apprise.instantiate(asked["url"], asset=asset)
    if service is None:
        return {"known": False, "sent": False, "said": "; ".join(said.lines)}
    service.verify_certificate = True
    # Services take texts of different lengths, and the beginning says most.
    if "overflow=" not in asked["url"]:
        service.overflow_mode = apprise.OverflowMode.TRUNCATE
    one = apprise.Apprise(asset=asset)
    one.add(service)
    sent = one.notify(
        title=asked["title"],
        body=asked["body"],
        body_format=apprise.NotifyFormat.TEXT,
        notify_type=apprise.NotifyType(asked["kind"]),
    )
    return {"known": True, "sent": bool(sent), "said": "; ".join(said.lines)}


def main() -> None:
    """Answer until the input ends."""
    refused: Refusals = []
    guard_connections([ip_network(text) for text in sys.argv[1:]], refused)
    # What a plugin prints is not to be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    guarded = False
    for line in sys.stdin:
        try:
            if not guarded:
                follow_no_redirects(refused)
                guarded = True
            answer = notify(json.loads(line), refused)
        except Exception as error:  # noqa: BLE001  a plugin may raise anything
            answer = {"known": True, "sent": False, "said": f"{type(error).__name__}: {error}"}
        answer |= {"said": answer["said"][:LONGEST_SAID], "refused": "; ".join(refused)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
