"""The HTML part of a mail: one column, nothing loaded from anywhere, readable on light and dark.

Each element carries its own style, because many mail programs drop the style sheet; those that know
a dark mode keep it, and find the colours for it there. The colours of the marks and of the severity
bear their own background, so that they are the same on both.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from service.delivery.message.message import ALSO, ASKED, Item, Marked, Message, Quote

SEVERITY_COLOURS = {
    "critical": "#b3261e",
    "high": "#b84a00",
    "medium": "#7a5900",
    "low": "#1d5fa8",
    "info": "#5f6368",
}
"""Backgrounds on which white has a contrast of at least 4.5 to 1."""

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; supported-color-schemes: light dark; }}
@media (prefers-color-scheme: dark) {{
  .page {{ background: #17191c !important; color: #e8e8e8 !important; }}
  .quiet {{ color: #a8adb3 !important; }}
  .link {{ color: #8ab8ff !important; }}
  .rule {{ border-color: #4a4f55 !important; }}
}}
</style>
</head>
"""
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_QUIET = "color:#5f6368;font-size:14px;line-height:1.45"
_LINK = "color:#0b57d0;text-decoration:underline"
_COMMAND = (
    "margin:0 0 16px;padding:8px 12px;border:1px solid #c4c8cd;border-radius:4px;font-size:14px;"
    "font-family:ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap"
)
_BUTTON = (
    "display:inline-block;margin:8px 8px 0 0;padding:10px 20px;border:1px solid #80868b;"
    "border-radius:6px;color:#0b57d0;font-size:15px;text-decoration:none"
)
"""High enough for a thumb, and far enough from its neighbour."""
_MARK = "background:#ffe27a;color:#1a1a1a;padding:0 1px"


def html(said: Message, unsubscribe: str = "") -> str:
    """The message as a page; `unsubscribe` is an address that ends the subscription."""
    body = "\n".join(_parts(said, unsubscribe))
    return (
        _HEAD.format(title=escape(said.title))
        + f'<body class="page" style="margin:0;background:#ffffff;color:#1a1a1a;{_FONT}">\n'
        '<div style="max-width:640px;margin:0 auto;padding:20px 16px;overflow-wrap:anywhere">\n'
        f"{body}\n</div>\n</body>\n</html>\n"
    )


def _parts(said: Message, unsubscribe: str) -> Iterator[str]:
    colour = SEVERITY_COLOURS[said.severity]
    pill = f"background:{colour};color:#ffffff;border-radius:4px;padding:2px 8px;font-size:13px"
    yield (
        f'<p style="margin:0 0 12px;font-size:15px"><span style="{pill}">{said.severity}</span> '
        f'<span dir="auto">{escape(said.label)}</span></p>'
    )
    if said.news:
        yield f'<p style="margin:0 0 4px;font-size:15px"><b>{escape(said.news)}</b></p>'
    headline = _linked(_marked(said.headline), said.url)
    yield f'<h1 dir="auto" style="margin:0 0 16px;font-size:21px;line-height:1.3">{headline}</h1>'
    if said.notice:
        yield f'<p dir="auto" style="margin:0 0 12px;line-height:1.5">{escape(said.notice)}</p>'
    if said.command:
        yield f'<pre class="rule" style="{_COMMAND}">{escape(said.command)}</pre>'
    yield from (_quote(quote) for quote in said.quotes)
    if said.more:
        yield _quiet(f"and {said.more} more sentences")
    if said.items:
        items = "".join(_item(item) for item in said.items)
        yield f'<ul style="margin:0 0 16px;padding:0 20px">{items}</ul>'
    if said.facts:
        yield _quiet("<br>".join(f"{escape(name)}: {escape(value)}" for name, value in said.facts))
    if said.score:
        yield _quiet(escape(said.score))
    if said.others:
        yield f'<p style="margin:0 0 8px;font-size:15px"><b>{ALSO}</b></p>'
        others = "".join(_other(item) for item in said.others)
        yield f'<ul style="margin:0 0 16px;padding:0 20px;font-size:15px">{others}</ul>'
    if said.verdicts:
        buttons = "".join(
            f'<a class="link" style="{_BUTTON}" href="{escape(one.url)}">{escape(one.label)}</a>'
            for one in said.verdicts
        )
        yield f'<p style="margin:0 0 16px;font-size:15px">{ASKED}<br>{buttons}</p>'
    yield '<hr class="rule" style="border:0;border-top:1px solid #d5d8dc;margin:16px 0">'
    end = [escape(said.footer), _linked("Unsubscribe", unsubscribe) if unsubscribe else ""]
    yield _quiet(" · ".join(filter(None, end)))


def _quote(quote: Quote) -> str:
    style = "margin:0 0 14px;padding:0 0 0 12px;border-left:3px solid #c4c8cd;line-height:1.5"
    sentence = _marked(quote.sentence)
    return f'<blockquote class="rule" dir="auto" style="{style}">{sentence}</blockquote>'


def _item(item: Item) -> str:
    headline = _linked(escape(item.headline), item.url)
    about = f'<br><span class="quiet" style="{_QUIET}">{escape(item.about)}</span>'
    style = "margin:6px 0 0;padding:0 0 0 10px;border-left:3px solid #c4c8cd;font-size:15px"
    quote = f'<div class="rule" dir="auto" style="{style}">{_marked(item.quote)}</div>'
    return (
        f'<li dir="auto" style="margin:0 0 14px;line-height:1.4">{headline}{about}'
        f"{quote if item.quote else ''}</li>"
    )


def _other(item: Item) -> str:
    about = (
        f' <span class="quiet" style="{_QUIET}">{escape(item.about)}</span>' if item.about else ""
    )
    headline = _linked(escape(item.headline), item.url)
    return f'<li dir="auto" style="margin:0 0 6px;line-height:1.4">{headline}{about}</li>'


def _quiet(inner: str) -> str:
    return f'<p class="quiet" style="margin:0 0 12px;{_QUIET}">{inner}</p>'


def _linked(inner: str, url: str) -> str:
    return f'<a class="link" style="{_LINK}" href="{escape(url)}">{inner}</a>' if url else inner


def _marked(text: Marked) -> str:
    return "".join(
        f'<mark style="{_MARK}">{escape(one.text)}</mark>' if one.marked else escape(one.text)
        for one in text
    )
