"""Articles out of RSS and Atom: what an entry says of itself arrives in the article."""

from __future__ import annotations

import pytest

from service.publishing import Source, UnreadableError, entries
from service.trial import article_of

RSS = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Gazette</title>
<item><title>Jets</title><link>https://gazette.example/1</link><guid>g1</guid>
<dc:creator>Jane Doe</dc:creator><pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>
<description>&lt;p&gt;A fighter jet landed.&lt;/p&gt;</description></item></channel></rss>"""
ATOM = b"""<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Zeitung</title>
<entry><title>Jets</title><id>urn:1</id><link href="https://zeitung.example/1"/>
<updated>2026-11-23T09:00:00Z</updated><author><name>Max Mustermann</name></author>
<content type="html">&lt;p&gt;Ein Kampfjet ist gelandet.&lt;/p&gt;</content></entry></feed>"""


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (
            RSS,
            ("g1", "A fighter jet landed.", "Jane Doe", "Gazette", "https://gazette.example/1"),
        ),
        (
            ATOM,
            (
                "urn:1",
                "Ein Kampfjet ist gelandet.",
                "Max Mustermann",
                "Zeitung",
                "https://zeitung.example/1",
            ),
        ),
    ],
)
def test_an_entry_becomes_an_article(feed: bytes, said: tuple[str, ...]) -> None:
    """Id, text without its markup, author, source, address, and when it was published."""
    (entry,) = entries(Source("feed.xml", feed))
    assert not isinstance(entry, UnreadableError)
    article = article_of(entry, max_bytes=10**6)
    found = (article.id, article.lead, article.author, article.source, article.url)
    assert found == said
    assert (article.title, article.published_at) == ("Jets", "2026-11-23T09:00:00Z")
    assert article.body == ""
