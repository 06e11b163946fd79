"""Feeds, and what becomes of their entries."""

from __future__ import annotations

from service.articles.article import Article
from service.articles.files.entries import Source, UnreadableError, article_of, entries
from service.articles.files.feeds import Fields

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"{0}>
<channel><title>Gazette</title><link>https://gazette.example/</link><language>en-GB</language>
{1}</channel></rss>"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"{0}><title>Zeitung</title>{1}</feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns="http://purl.org/rss/1.0/"
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://gazete.example/">
<title>Gazete</title><link>https://gazete.example/</link><dc:language>tr</dc:language></channel>
<item rdf:about="https://gazete.example/1">{}</item></rdf:RDF>"""


def told(feed: str, name: str = "feed.xml") -> list[Fields | str]:
    """What becomes of each entry; of one that cannot be read, what is said."""
    found = entries(Source(name, feed.encode()))
    return [str(each) if isinstance(each, UnreadableError) else each for each in found]


def rss(item: str, more: str = "") -> Article:
    """The article of an RSS feed with this item, its root with `more`."""
    return only(RSS.format(more, f"<item>{item}</item>"))


def atom(entry: str, more: str = "") -> Article:
    """The article of an Atom feed with this entry, its root with `more`."""
    return only(ATOM.format(more, f"<entry><id>urn:1</id>{entry}</entry>"))


def only(feed: str) -> Article:
    """The article of a feed's only entry."""
    (entry,) = told(feed)
    assert not isinstance(entry, str)
    return article_of(entry, max_bytes=10**6)
