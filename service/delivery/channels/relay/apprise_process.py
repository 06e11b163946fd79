"""Runs Apprise, in a process of its own (the sender starts it).

Reads a line of JSON, `{"url", "title", "body", "kind"}`, and answers with one, `{"known", "sent",
"said"}`, until its input ends. It imports nothing of Tocsin and nothing heavy before it is asked.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any

SAID_LINES = 5
"""The last lines of Apprise's log that are handed back as the reason."""
LONGEST_SAID = 4000
"""Code points of them."""


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines = [*self.lines, record.getMessage()][-SAID_LINES:]


def notify(asked: dict[str, str]) -> dict[str, Any]:
    """Send one notification: whether Apprise knows the URL, whether it was sent, what was said."""
    import apprise  # noqa: PLC0415  seconds, and only where there is a relay

    said = _Lines()
    logger = logging.getLogger("apprise")
    logger.handlers = [said]
    # Nothing is kept on disk, and no link in a text is fetched or taken for an attachment.
    asset = apprise.AppriseAsset(
        app_id="Tocsin", storage_mode=apprise.PersistentStoreMode.MEMORY, secure_logging=True
    )
    one = apprise.Apprise(asset=asset)
    if not one.add(asked["url"]):
        return {"known": False, "sent": False, "said": "; ".join(said.lines)}
    for service in one:
        # Services take texts of different lengths, and the beginning says most.
        if "overflow=" not in asked["url"]:
            service.overflow_mode = apprise.OverflowMode.TRUNCATE
    sent = one.notify(
        title=asked["title"],
        body=asked["body"],
        body_format=apprise.NotifyFormat.TEXT,
        notify_type=apprise.NotifyType(asked["kind"]),
    )
    return {"known": True, "sent": bool(sent), "said": "; ".join(said.lines)}


def main() -> None:
    """Answer until the input ends."""
    # What a plugin prints is not to be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            answer = notify(json.loads(line))
        except Exception as error:  # noqa: BLE001  a plugin may raise anything
            answer = {"known": True, "sent": False, "said": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer | {"said": answer["said"][:LONGEST_SAID]}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
