"""A message as Slack shows it: Block Kit.

No text of ours or of an article is ever markup there. Plain-text objects and rich text show
characters as they are, so that `<!channel>`, `*` and `:smile:` stay what somebody wrote; Slack's
own mrkdwn would read them, and could not mark a stretch within Chinese or Thai text, where no
spaces separate words. Only the notification's line is read as mrkdwn, and is escaped for it.

The article is a link in its headline and no button, and so are the answers of readers, because
Slack puts a warning sign next to a button of an app that has no server for it
(slackapi/node-slack-sdk#869).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.delivery.message.message import ASKED, Item, Marked, Message, Stretch, plain

LONGEST_HEADER = 150
LONGEST_SECTION = 3000
"""Code points, as Slack documents. Of the 50 blocks that it takes there are never more than 5."""
LONGEST = 12_000
"""Code points of all blocks as JSON. Slack refuses little more than 13,000 (`msg_blocks_too_long`,
slackapi/bolt-js#2509) and does not document it."""
LONGEST_LINKS = 300
"""Code points of an address in a list of several."""

SIGNS = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵", "info": "⚪"}

Block = Mapping[str, Any]


def notification(message: Message) -> str:
    """The line that a telephone shows, escaped as mrkdwn wants it."""
    line = message.title[: LONGEST_SECTION // 5]
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def blocks(message: Message) -> Sequence[Block]:
    """The message's blocks, within Slack's limits: when it is too long, the last sentences go, and
    the links of a digest's last alerts.
    """
    while True:
        made = list(_blocks(message))
        shorter = _shorter(message)
        if shorter is None or len(json.dumps(made, ensure_ascii=False)) <= LONGEST:
            return made
        message = shorter


def _shorter(message: Message) -> Message | None:
    if message.quotes:
        return replace(message, quotes=message.quotes[:-1], more=message.more + 1)
    linked = [at for at, item in enumerate(message.items) if item.url]
    if not linked:
        return None  # no field is long enough for what is left
    items = list(message.items)
    items[linked[-1]] = replace(items[linked[-1]], url="")
    return replace(message, items=tuple(items))


def _blocks(message: Message) -> Iterator[Block]:
    head = f"{SIGNS[message.severity]} {message.severity} · {message.label}"
    yield {"type": "header", "text": _plain(head, LONGEST_HEADER)}
    yield {"type": "rich_text", "elements": list(_rich(message))}
    if message.facts:
        lines = "\n".join(f"{name}: {value}" for name, value in message.facts)
        yield {"type": "section", "text": _plain(lines, LONGEST_SECTION)}
    if answers := list(_verdicts(message)):
        section = {"type": "rich_text_section", "elements": answers}
        yield {"type": "rich_text", "elements": [section]}
    below = [_plain(text, LONGEST_SECTION // 3) for text in (message.score, message.footer) if text]
    if below:
        yield {"type": "context", "elements": below}


def _rich(message: Message) -> Iterator[Block]:
    news = [_text(f"{message.news}: ", bold=True)] if message.news else []
    yield {"type": "rich_text_section", "elements": [*news, *_headline(message)]}
    if message.notice:
        yield {"type": "rich_text_section", "elements": [_text(f"\n{message.notice}")]}
    if message.command:
        yield {"type": "rich_text_preformatted", "elements": [_text(message.command)]}
    for quote in message.quotes:
        yield {"type": "rich_text_quote", "elements": _texts(quote.sentence)}
    if message.more:
        text = f"and {message.more} more sentences"
        yield {"type": "rich_text_section", "elements": [_text(text)]}
    if message.items:
        items = [_item(item) for item in message.items]
        yield {"type": "rich_text_list", "style": "bullet", "elements": items}


def _verdicts(message: Message) -> Iterator[Block]:
    for number, one in enumerate(message.verdicts):
        yield _text(" · " if number else f"{ASKED} ")
        yield _link(Stretch(one.label), one.url)


def _headline(message: Message) -> Sequence[Block]:
    if not message.url:
        return _texts(message.headline)
    if len(message.url) * len(message.headline) > LONGEST_SECTION:  # once is enough
        return [_link(Stretch(plain(message.headline)), message.url)]
    return [_link(one, message.url) for one in message.headline]


def _item(item: Item) -> Block:
    headline = Stretch(item.headline)
    linked = 0 < len(item.url) <= LONGEST_LINKS
    head = _link(headline, item.url) if linked else _text(item.headline)
    about = [_text(f" ({item.about})")] if item.about else []
    return {"type": "rich_text_section", "elements": [head, *about]}


def _texts(marked: Marked) -> Sequence[Block]:
    return [_text(one.text, bold=one.marked) for one in marked]


def _text(text: str, *, bold: bool = False) -> Block:
    return {"type": "text", "text": text} | ({"style": {"bold": True}} if bold else {})


def _link(stretch: Stretch, url: str) -> Block:
    style = {"style": {"bold": True}} if stretch.marked else {}
    return {"type": "link", "url": url, "text": stretch.text} | style


def _plain(text: str, longest: int) -> Block:
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    return {"type": "plain_text", "text": shown, "emoji": False}
