"""Scripts go before a page is read, whole."""

from __future__ import annotations

import json

from service.articles.page.html.scripts import without_scripts

TEXT = b"<p>Both navies build in one yard.</p>"


def test_a_script_that_writes_a_script_ends_at_its_own_end() -> None:
    """A slash is escaped in its string so that it does not end there."""
    script = rb"<script>write('<script>a<\/script>'); b = 1 < 2;</script>"
    assert without_scripts(TEXT + script + TEXT) == TEXT + TEXT


def test_in_json_an_escaped_slash_ends_a_script() -> None:
    """It is how JSON may write one."""
    raw = rb'{"html": "<script>a = 1<\/script>text"}'
    assert json.loads(without_scripts(raw, in_json=True)) == {"html": "text"}
