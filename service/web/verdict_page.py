"""The pages behind a link for a verdict: one column, nothing loaded from anywhere, no script."""

from __future__ import annotations

from html import escape

from service.alerts.people.verdict import VerdictWord
from service.delivery.message.fields import moment, words
from service.delivery.message.message import plain
from service.views.alerts.verdict import AlertToJudge

ASKED = {"useful": "Was this alert useful?", "noise": "Was this alert noise?"}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --ground: #ffffff; --text: #1a1a1a; --quiet: #5f6368;
  --line: #c4c8cd; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #17191c; --text: #e8e8e8; --quiet: #a8adb3; --line: #4a4f55; }}
}}
body {{ margin: 0; background: var(--ground); color: var(--text); line-height: 1.5;
  font-family: -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }}
main {{ max-width: 640px; margin: 0 auto; padding: 32px 16px; overflow-wrap: anywhere; }}
h1 {{ margin: 0 0 16px; font-size: 21px; line-height: 1.3; }}
blockquote {{ margin: 0 0 20px; padding: 0 0 0 12px; border-left: 3px solid var(--line); }}
.quiet {{ color: var(--quiet); font-size: 14px; }}
button {{ padding: 12px 24px; border: 0; border-radius: 6px; background: #0b57d0; color: #ffffff;
  font: inherit; cursor: pointer; }}
button:focus-visible {{ outline: 3px solid var(--text); outline-offset: 2px; }}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def question(alert: AlertToJudge, verdict: VerdictWord) -> str:
    """The page with the button: nothing is stored before somebody presses it."""
    before = alert.verdict.verdict if alert.verdict else ""
    known = ""
    if before == verdict:
        known = "Somebody has said so before."
    elif before:
        known = f"The last verdict says that it was {escape(before)}; yours takes its place."
    return _page(
        ASKED[verdict],
        _quoted(alert),
        f'<form method="post"><button type="submit">Yes: {verdict}</button></form>',
        _quiet(known or "Nothing is stored before you press the button."),
    )


def thanks(alert: AlertToJudge, verdict: VerdictWord) -> str:
    """The page that says what was stored."""
    return _page(
        f"Thank you: {verdict}",
        _quoted(alert),
        _quiet("The last verdict on an alert counts: the other link of the message changes it."),
    )


def refusal(title: str, advice: str) -> str:
    """A page that says why nothing was stored."""
    return _page(title, f"<p>{escape(advice)}</p>")


def _page(title: str, *parts: str) -> str:
    body = "\n".join([f"<h1>{escape(title)}</h1>", *parts])
    return _PAGE.format(title=escape(title), body=body)


def _quoted(alert: AlertToJudge) -> str:
    about = " · ".join(filter(None, (alert.label, words(alert.source, 100), moment(alert.at))))
    headline = escape(plain(alert.headline))
    return (
        f'<blockquote><div dir="auto">{headline}</div>'
        f'<div class="quiet" dir="auto">{escape(about)}</div></blockquote>'
    )


def _quiet(text: str) -> str:
    return f'<p class="quiet">{text}</p>'
