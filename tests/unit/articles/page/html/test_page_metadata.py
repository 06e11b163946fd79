"""What a page says of itself in its head, however large or broken that is."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from service.articles.page.html.page_metadata import page_title, told_article

LONG = "x" * 1_000
TOLD = ("Jets", ["They fly.", "They land."])


def test_of_a_huge_title_the_beginning_is_read() -> None:
    """Each block of the page is looked for in it."""
    for more in ("", "y", "y" * 9_000):
        tree = document_fromstring(f"<title>{LONG}{more}</title><p>A jet.</p>")
        assert page_title(tree) == LONG


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ('{"headline": "Jets", "articleBody": "They fly.\\n\\nThey land."}', TOLD),
        ('[{"@graph": [{"headline": "Jets", "articleBody": "They fly.\n\nThey land."}]}]', TOLD),
        ('{"headline": 7, "articleBody": "They fly."}', ("", ["They fly."])),
        ('{"headline": "Jets", "articleBody": " "}', ("", [])),
        ('{"headline": "Jets"', ("", [])),
        ("[" * 100_000, ("", [])),
    ],
)
def test_metadata_tell_the_article_or_nothing(script: str, told: tuple[str, list[str]]) -> None:
    """A line may end within a text, and brackets may be without end: no page is an error."""
    tree = document_fromstring(
        f'<head><script type="application/ld+json">{script}</script></head><p>A jet.</p>'
    )
    assert told_article(tree) == told
