"""Text from outside stays text: no field of any event becomes markup, a header or a control code.

The texts of every event are replaced, and every channel for people renders the event.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import html

from builders import events
from builders.renderings import AT, LINKS, MAIL
from service.delivery.channels.email.letter import letter
from service.delivery.channels.slack.block_kit import blocks, notification
from service.delivery.message.message import Message
from service.delivery.message.plaintext import details
from service.delivery.message.wording import message

MARKUP = (
    "</title><img src=x onerror=alert(1)></td></table><script>alert(1)</script>"
    "\"><a href='https://evil.example/'>x</a> &lt;form&gt; &#60;form&#62; "
    "<!channel> <@U012AB3CD> <https://evil.example|Reuters>"
)
"""What would do something in HTML or in Slack."""
HEADERS = (
    "x\r\nBcc: victim@example.net\r\n\r\n<form>",
    "=?utf-8?q?=0D=0ABcc:_victim=40example.net=0D=0A?=",
    "=?utf-8?b?DQpCY2M6IHZpY3RpbUBleGFtcGxlLm5ldA==?=",
)
"""What would end a line of a mail's head; the latter two as mail programs encode it."""
CONTROLS = (
    "a\x1b[2J\x1b[31mb\x07c\u202ed\u2066e\u2069f\ufeffh\u2028i\u2029j\x85k\x0bl\x0cm\x1cn\x00o"
)
"""What would move a terminal's cursor, turn a text round, or end a line."""
ADDRESS = "javascript:alert(1)"

KEPT = frozenset({"type", "timestamp", "zone", "reason", "since", "until", "field", "url"})
"""Texts that the service writes itself, and addresses, which are left out where they are none."""


def replaced(value: Any, text: str, *, kept: frozenset[str] = KEPT) -> Any:
    """The same structure with every text of it replaced but those of these names."""
    if isinstance(value, dict):
        return {
            key: inner if key in kept else replaced(inner, text, kept=kept)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [replaced(inner, text, kept=kept) for inner in value]
    return text if isinstance(value, str) else value


def digest_of_many() -> bytes:
    """A digest of several watchlists, which names that of each alert."""
    event = json.loads(events.ALL["throttled"])
    event["data"]["watchlists"] = [event["data"].pop("watchlist")]
    return json.dumps(event).encode()


EVENTS = {**events.ALL, "digest of many": digest_of_many()}


def with_text(name: str, text: str, *, kept: frozenset[str] = KEPT) -> bytes:
    """The event of this name, its texts replaced."""
    changed = replaced(json.loads(EVENTS[name]), text, kept=kept)
    return json.dumps(changed, ensure_ascii=False).encode()


def asked(body: bytes) -> Message:
    """The message of an event, with links by which its readers judge it."""
    return LINKS.added(message(body), "editors", AT)


def mail(body: bytes) -> email.message.EmailMessage:
    """The mail of an event as a mail program reads it, from its bytes."""
    made = letter(asked(body), MAIL, delivery_id="dlv_7c1e", at=AT)
    return email.message_from_bytes(made.as_bytes(policy=email.policy.SMTP), policy=POLICY)


POLICY = email.policy.default


def elements(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page in their order, with the names of their attributes."""
    tree = html.document_fromstring(page)
    return [
        (str(node.tag), tuple(sorted(map(str, node.attrib)))) for node in tree.iter() if node.tag
    ]


def addresses(page: str) -> set[str]:
    """The scheme of every address that a page leads to or loads from."""
    found = html.document_fromstring(page).iterlinks()
    return {address.partition(":")[0].lower() for _, _, address, _ in found}


each_event = pytest.mark.parametrize("name", EVENTS)


@each_event
def test_no_text_becomes_markup(name: str) -> None:
    """HTML has no element, attribute or address, Slack no mention, that a text brought along."""
    body = with_text(name, MARKUP)
    _, page = (str(part.get_content()) for part in mail(body).iter_parts())
    tags = {tag for tag, _ in elements(page)}
    names = {attribute for _, attributes in elements(page) for attribute in attributes}
    assert not tags & {"img", "script", "form"}
    assert not any(attribute.startswith("on") for attribute in names)
    said = asked(body)
    read = [notification(said), *marked_up(blocks(said))]
    assert not any(raw in text for raw in ("<!", "<@", "<https://evil") for text in read)
    assert not [text for text in read if re.search(r"&(?!(amp|lt|gt);)", text)]


def marked_up(value: Any) -> Iterator[str]:
    """The texts in which Slack looks for its own markup; its rich text has none."""
    if isinstance(value, dict) and value.get("type") == "mrkdwn":
        yield value["text"]
    inner = value.values() if isinstance(value, dict) else value
    for each in inner if isinstance(value, dict | list) else ():
        yield from marked_up(each)


@each_event
def test_only_web_addresses_become_links(name: str) -> None:
    """A `javascript:` address is shown at most; it leads nowhere."""
    body = with_text(name, ADDRESS, kept=KEPT - {"url"})
    _, page = (str(part.get_content()) for part in mail(body).iter_parts())
    assert addresses(page) <= {"http", "https"}
    said = asked(body)
    assert "<javascript" not in json.dumps([notification(said), blocks(said)])
    assert '"url": "javascript' not in json.dumps([notification(said), blocks(said)])


@each_event
@pytest.mark.parametrize("text", HEADERS)
def test_no_text_adds_a_header(name: str, text: str) -> None:
    """A mail read from its bytes has the headers that we wrote, and no other recipient."""
    plain, changed = mail(EVENTS[name]), mail(with_text(name, text))
    assert [*changed] == [*plain]
    assert changed["To"] == plain["To"]
    assert len([*changed.iter_parts()]) == len([*plain.iter_parts()])
    assert not any(set(value) & {"\r", "\n"} for value in changed.values())


@each_event
def test_no_text_holds_a_control_code(name: str) -> None:
    """What people read holds our line breaks, and no code for a terminal or a text's direction."""
    body = with_text(name, CONTROLS)
    said = asked(body)
    text, page = (str(part.get_content()) for part in mail(body).iter_parts())
    shown = [said.title, details(said), notification(said), text, page]
    shown += [str(value) for value in mail(body).values()]
    shown += texts(blocks(said))
    for each in shown:
        assert codes(each) == set()


def texts(value: Any) -> list[str]:
    """Every text of a structure."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [text for each in inner for text in texts(each)]
    return [value] if isinstance(value, str) else []


def codes(text: str) -> set[str]:
    """The characters of a text that steer a terminal or a reading direction, or end a line.

    What is unseen but needed by a script stays (zero-width space and joiners, marks of direction).
    """
    turning = {*map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))), "\ufeff"}
    ending = {each for each in text if unicodedata.category(each) in {"Cc", "Zl", "Zp", "Cs"}}
    return (ending | turning & set(text)) - {"\n", "\r"}
