"""What is written to the stream: what the service takes, and a page without its scripts."""

from __future__ import annotations

import pytest

from service.articles.files.entries import fitted
from service.errors import BadEntry

SCRIPT = f"<script>{'x' * 300}</script>"


def test_a_page_over_the_limit_loses_its_scripts() -> None:
    """And no other page does."""
    page = {"html": f"<p>Kells.</p>{SCRIPT}"}
    assert fitted(page, max_bytes=200) == {"html": "<p>Kells.</p>"}
    assert fitted(page, max_bytes=1_000) == page


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"body": "x" * 300}, "and 200 are allowed"),
        ({"body": "%PDF-1.7"}, "no text"),
        ({"author": "Mira Tolland"}, "no text"),
        ({"article": "{"}, "broken JSON"),
    ],
)
def test_what_the_service_refuses_is_known_before(fields: dict[str, str], reason: str) -> None:
    """It would be a dead letter."""
    with pytest.raises(BadEntry, match=reason):
        fitted(fields, max_bytes=200)
