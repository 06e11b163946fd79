"""What each channel makes of the events in `events.ALL`, kept in `renderings/` to be looked at.

Run as a program it writes them anew: `PYTHONPATH=.:tests python tests/builders/renderings.py`. Look
at what has changed (the HTML in a browser, light and dark, narrow and wide) before you commit it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builders import events
from service.delivery.channels.email.letter import letter
from service.delivery.channels.email.rules_block import Mail, Mailbox
from service.delivery.channels.slack.block_kit import blocks, notification
from service.delivery.message.plaintext import details
from service.delivery.message.wording import message
from service.delivery.verdict_links import VerdictLinks
from service.rules.secret import Secret

FOLDER = Path(__file__).parents[1] / "data" / "renderings"
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
MAIL = Mail(
    (Mailbox("editors", "example.org"), Mailbox("duty", "xn--bcher-kva.example", "Jörg, on duty")),
    Mailbox("alerts", "example.org", "Tocsin"),
    "https://desk.example/unsubscribe/editors",
)

LINKS = VerdictLinks("https://alerts.example.org", Secret("s" * 32), timedelta(days=30))


def renderings() -> Iterator[tuple[str, str]]:
    """File names and texts."""
    for name, body in events.ALL.items():
        said = message(body)
        shown = {"text": notification(said), "blocks": blocks(said)}
        yield f"{name}.slack.json", json.dumps(shown, ensure_ascii=False, indent=1) + "\n"
        made = letter(said, MAIL, delivery_id="dlv_7c1e", at=AT)
        head = "".join(f"{key}: {value}\n" for key, value in made.items())
        text, html = (str(part.get_content()).replace("\r\n", "\n") for part in made.iter_parts())
        yield f"{name}.mail.txt", f"{head}\n{text}"
        yield f"{name}.mail.html", html
        yield f"{name}.relay.txt", f"{said.title}\n\n{details(said)}"
    asked = LINKS.added(message(events.ALL["alert"]), "editors", AT)
    shown = {"text": notification(asked), "blocks": blocks(asked)}
    yield "asked.slack.json", json.dumps(shown, ensure_ascii=False, indent=1) + "\n"
    made = letter(asked, MAIL, delivery_id="dlv_7c1e", at=AT)
    text, html = (str(part.get_content()).replace("\r\n", "\n") for part in made.iter_parts())
    yield "asked.mail.txt", text
    yield "asked.mail.html", html


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in renderings():
        (FOLDER / file).write_text(content, encoding="utf-8")
