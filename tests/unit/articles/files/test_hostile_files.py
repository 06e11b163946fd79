"""Files that are broken on purpose, or of a kind that is no feed of the web."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from builders.feeds import ATOM, RSS, told
from service.articles.files.entries import Source, UnreadableError, articles_in, entries

GOOD = "<item><title>Tanks roll</title><description>They roll at noon.</description></item>"


def spoiled(item: str) -> list[object]:
    """What becomes of an item between two good ones, which are read whatever it holds."""
    first, *found, last = told(RSS.format("", f"{GOOD}<item>{item}</item>{GOOD}"))
    assert first == last
    assert isinstance(first, dict)
    assert (first["title"], first["source"]) == ("Tanks roll", "Gazette")
    return list(found)


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("<title>Jets &#xD83D;&#xDE80; land</title>", "Jets 🚀 land"),
        ("<title>Jets &#55357;&#56960; land</title>", "Jets 🚀 land"),
        ("<title>Jets &#xD83D; land</title>", "Jets \ufffd land"),
        ("<title>Jets &#1114112; land</title>", "Jets \ufffd land"),
        ("<title>Jets &#x110000; land</title>", "Jets \ufffd land"),
        ("<title>Jets &#1114112 land</title>", "Jets \ufffd land"),
        (f"<title>Jets &#{'9' * 300}; land</title>", "Jets \ufffd land"),
        ("<title>Jets &#11; land</title>", "Jets land"),
        ("<title>Jets \x0b<b>land</b></title>", "Jets land"),
        ("<title><![CDATA[Jets \x01<b>land</b>]]></title>", "Jets land"),
        ("<title>Jets & co &nbsp; land</title>", "Jets & co land"),
        ("<title>Jets land</title><pubDate>" + "9" * 5_000 + "</pubDate>", "Jets land"),
        ("<title>Jets land</title><georss:point>" + "9" * 5_000 + "</georss:point>", "Jets land"),
        ("<title><![CDATA[Jets <![CDATA[ land]]></title>", "Jets <![CDATA[ land"),
    ],
)
def test_an_odd_title_is_read(item: str, title: str) -> None:
    """As a reader of the feed would read it."""
    (found,) = spoiled(item)
    assert isinstance(found, dict)
    assert " ".join(found["title"].split()) == title


@pytest.mark.parametrize(
    "text",
    [
        "&lt;!DOCTYPE html>&lt;p>Jets land&lt;/p>",
        "<![CDATA[<!DOCTYPE html [<!ENTITY a 'b'>]><p>Jets land</p>]]>",
        "<![CDATA[<!DOCTYPE><p>Jets land</p>]]>",
        "&lt;![CDATA[Jets land]]&gt;",
        "&lt;![CDATA[&lt;p>Jets land&lt;/p>]]>",
        "<![CDATA[Jets land]]></description><media:content url='x'>",
        "<![CDATA[<![if !mso]><p>Jets land</p>]]>",
        "<![CDATA[<!-- <p>Jets land</p>]]>",
        "<![CDATA[<?php echo 1 ?><p>Jets land</p>]]>",
        "<![CDATA[<p " + " ".join(f"a{n}=1" for n in range(5_000)) + ">Jets land</p>]]>",
        "<![CDATA[" + "<div>" * 3_000 + "Jets land]]>",
    ],
)
def test_odd_markup_in_a_description_spoils_no_entry(text: str) -> None:
    """Its text is found, or its title alone is published."""
    (found,) = spoiled(f"<title>Jets</title><description>{text}</description>")
    assert isinstance(found, dict)
    assert found["title"] == "Jets"
    assert "Jets land" in found.get("body", "") or "<div>" in text or "<!--" in text


def test_an_item_that_is_not_closed_or_holds_another_ends_at_the_next() -> None:
    """And one within a comment or CDATA is none."""
    assert len(told(RSS.format("", f"<item><title>One</title>{GOOD}<!-- {GOOD} -->"))) == 2
    quoted = f"<item><title>Two</title><description><![CDATA[{GOOD}]]></description></item>"
    assert len(told(RSS.format("", quoted + GOOD))) == 2


INTERNAL = RSS.replace(
    "?>", "?>\n<!DOCTYPE rss [<!ENTITY paper 'C:\\data\\1'> <!ENTITY b '&paper;'>]>", 1
)
HEADERS = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nServer: x\r\n\r\n"
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Gazette",
    "items": [
        {"id": "1", "content_html": "<p>Jets land.</p><p>At noon.</p>", "tags": ["a", "b"]},
        {"id": "2", "title": "Tanks \ud83d", "authors": [{"name": "I. Quill"}]},
        {"id": "3"},
        7,
    ],
}
G2 = """<?xml version="1.0"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<newsItem guid="urn:1" xml:lang="en"><itemMeta><provider literal="Gazette"/>
<versionCreated>2026-03-02T09:15:00Z</versionCreated></itemMeta><contentMeta><headline>Jets land
</headline></contentMeta><contentSet><inlineXML><nitf xmlns=""><body><body.content><p>They land.</p>
<p>At noon.</p></body.content></body></nitf></inlineXML></contentSet></newsItem></itemSet>
</newsMessage>"""
NEWSML = """<NewsML Version="1.2"><NewsItem><Identification><NewsIdentifier>
<PublicIdentifier>urn:1</PublicIdentifier></NewsIdentifier></Identification><NewsComponent><NewsLines>
<HeadLine>Jets land</HeadLine></NewsLines><ContentItem><DataContent><p>They land.</p><p>At noon.</p>
</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://gazette.example/1</loc>
<news:news><news:publication><news:name>Gazette</news:name><news:language>en</news:language>
</news:publication><news:publication_date>2026-03-02</news:publication_date>
<news:title>Jets land</news:title></news:news></url></urlset>"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (INTERNAL.format("", "<item><title>&paper;</title></item>"), {"title": "C:\\data\\1"}),
        (HEADERS + RSS.format("", GOOD), {"title": "Tanks roll"}),
        ("<br />\n<b>Warning</b>: date() in feed.php\n" + RSS.format("", GOOD),
         {"title": "Tanks roll"}),
        ("<RSS><CHANNEL><ITEM><TITLE>Jets</TITLE></ITEM></CHANNEL></RSS>", {"title": "Jets"}),
        (HEADERS + '{"title": "Tanks roll"}', {"article": '{"title": "Tanks roll"}'}),
        (ATOM.format("", "<entry><title>Jets</title></entry>"), {"title": "Jets"}),
        (
            '<?xml version="1.0"?><entry xmlns="http://www.w3.org/2005/Atom"><title>Jets</title>'
            "<content type='html'>&lt;p>They land.</content></entry>",
            {"title": "Jets", "body": "They land."},
        ),
        ('<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>Jets</a:title></a:entry>'
         "</a:feed>", {"title": "Jets"}),
        (json.dumps(JSON_FEED), {"id": "1", "body": "Jets land.\n\nAt noon."}),
        (G2, {"id": "urn:1", "title": "Jets land", "body": "They land.\n\nAt noon.",
              "language": "en", "source": "Gazette", "published_at": "2026-03-02T09:15:00Z"}),
        (NEWSML, {"id": "urn:1", "title": "Jets land", "body": "They land.\n\nAt noon."}),
        (NEWSML.replace("<p>", "&lt;p>").replace("</p>", "&lt;/p>"),
         {"title": "Jets land", "body": "They land.\n\nAt noon."}),
        (SITEMAP, {"url": "https://gazette.example/1", "title": "Jets land", "source": "Gazette",
                   "published_at": "2026-03-02", "language": "en"}),
        ("<p>Jets land.</p>", {"html": "<p>Jets land.</p>"}),
        ("<alice> the jets land", {"body": "<alice> the jets land"}),
        ("< 5 % of jets land", {"body": "< 5 % of jets land"}),
        ("Title: Jets\n\n<b>land", {"body": "Title: Jets\n\n<b>land"}),
    ],
)  # fmt: skip
def test_what_is_a_feed_is_read_as_one(text: str, said: dict[str, str]) -> None:
    """Whatever stands above it; what is none is text."""
    found = told(text, "file")[0]
    assert isinstance(found, dict)
    assert {name: found.get(name) for name in said} == said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<opml version='2.0'><body><outline text='x'/></body></opml>", "file: XML of"),
        ("<?xml version='1.0'?><catalog><book>Jets</book></catalog>", "file: XML of"),
        ("<urlset><url><loc>https://a.example/</loc></url></urlset>", "file: entry 1 (https://a.exa"),
        ("<newsMessage><header/></newsMessage>", "file: this newsMessage holds no news"),
        ('[{"title": "a"}, 7, {"title": ]', "file: item 2 is not a JSON object"),
        ('{"title": "a"', "file:1:14: this is not JSON"),
        ("[" * 100_000, "file: this JSON is nested too deep; item 1"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused_with_a_reason(text: str, reason: str) -> None:
    """It is not published as one text of markup."""
    errors = [one for one in told(text, "file") if isinstance(one, str)]
    assert errors
    assert errors[0].startswith(reason)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_is_read_with_a_mark_and_without(encoding: str) -> None:
    """As XML says that markup in it is known."""
    content = RSS.format("", GOOD).encode(encoding)
    (found,) = entries(Source("f", content))
    assert not isinstance(found, UnreadableError)
    assert found["title"] == "Tanks roll"


@pytest.mark.parametrize("head", [b"PK\x03\x04\x14\0word", b"%PDF-1.4 text", b"{\\rtf1 text}"])
def test_a_document_of_an_office_is_refused(head: bytes) -> None:
    """Its letters are text; what they say is markup."""
    (found,) = entries(Source("f", head))
    assert str(found) == "f: not text; save it as UTF-8 text, HTML or JSON"


def test_what_gzip_has_packed_is_to_be_unpacked() -> None:
    """It is not read: nobody knows how large it becomes."""
    (found,) = entries(Source("news.jsonl.gz", gzip.compress(b'{"title": "a"}')))
    assert str(found) == "news.jsonl.gz: packed; unpack it with gunzip"


def test_json_is_passed_on_as_it_is_written() -> None:
    """Numbers of 5,000 digits, halves of characters, and whatever else the service is to judge."""
    items = ['{"id": ' + "7" * 5_000 + ', "title": "a"}', r'{"title": "\ud83d"}', '{"title": "c"}']
    for text in (f"[{', '.join(items)}]", "\n".join(items)):
        assert told(text, "file") == [{"article": item} for item in items]
    read = [*articles_in(Source("f", f"[{', '.join(items)}]".encode()), max_bytes=10**6)]
    assert [type(one).__name__ for one in read] == ["Article", "BadEntry", "Article"]


@pytest.mark.parametrize(
    "name", ["undefined", "idna", "punycode", "rot13", "hex", "unicode_escape", "utf-7", "x-none"]
)
def test_a_declared_encoding_that_is_none_ends_nothing(name: str) -> None:
    """The bytes are read as what they look like."""
    text = RSS.replace('"1.0"', f'"1.0" encoding="{name}"', 1)
    content = text.format("", "<item><title>Die Düsenjäger für Köln</title></item>").encode(
        "cp1252"
    )
    (found,) = entries(Source("f", content))
    assert not isinstance(found, UnreadableError)
    assert found["title"] == "Die Düsenjäger für Köln"


ATTRIBUTES = "".join(f' a{number}="1"' for number in range(15_000))
HOSTILE: dict[str, str] = {
    "an author": f"<author>{'a.b' * 40_000}</author>",
    "attributes": f"<guid{ATTRIBUTES}>1</guid>",
    "items": "<item>" * 500,
    "CDATA": "<![CDATA[" * 13_000,
    "comments": "<!--" * 30_000,
    "a date": f"<pubDate>{'1 Jan ' * 20_000}</pubDate>",
    "a link": f"<link>{'http://' * 17_000}</link>",
    "openings": "<!x" * 40_000,
    "declarations": f"<description>{'&lt;!' * 24_000}</description>",
    "tags": f"<description>{'&lt;b>' * 20_000}</description>",
    "quotes": "<description>" + '&lt;a "' * 17_000 + "</description>",
    "references": f"<description>{'&amp;' * 24_000}</description>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_item_takes_long(name: str) -> None:
    """Each of them is 120 kB. 60 kB of the first took 25 s, 50,000 attributes a hundred."""
    told(RSS.format("", GOOD))
    start = time.process_time()
    told(RSS.format("", f"<item><title>T</title>{HOSTILE[name]}</item>"))
    assert time.process_time() - start < 6


WITHDRAWN = [
    '<newsItem guid="urn:1"><itemMeta><pubStatus qcode="stat:canceled"/></itemMeta></newsItem>',
    '<newsItem guid="urn:1"><itemMeta><pubStatus qcode="stat:withheld"/></itemMeta><contentMeta>'
    "<headline>Deal</headline></contentMeta></newsItem>",
    "<NewsML><NewsItem><Identification><NewsIdentifier><PublicIdentifier>urn:1</PublicIdentifier>"
    '</NewsIdentifier></Identification><NewsManagement><Status FormalName="Canceled"/>'
    "</NewsManagement></NewsItem></NewsML>",
    '<nitf><head><docdata management-status="withheld"><doc-id id-string="urn:1"/></docdata></head>'
    "<body><hedline><hl1>Deal</hl1></hedline></body></nitf>",
    '{"items": [{"url": "https://a.example/1", "guid": "urn:1", "headline": "Deal", "description": '
    '"It was signed.", "pubstatus": "canceled"}]}',
]


@pytest.mark.parametrize("text", WITHDRAWN)
def test_an_item_that_its_agency_cancels_or_withholds_says_so(text: str) -> None:
    """With or without a text. One that may be used has no status."""
    (found,) = told(text)
    assert isinstance(found, dict)
    assert (found["id"], found["status"] in {"canceled", "withheld"}) == ("urn:1", True)
    for status in ("canceled", "Canceled", "withheld"):
        text = text.replace(status, "usable")
    (other,) = told(text)
    assert not isinstance(other, dict) or "status" not in other


@pytest.mark.parametrize("cut_off", ["<![CDATA[<p>It la", "<![CDATA[<p>It <![CDATA[la"])
def test_cdata_that_is_cut_off_ends_with_its_entry(cut_off: str) -> None:
    """Where the next one that has CDATA would close it: entries between are no part of it."""
    items = [
        f"<item><title>Jets</title><description>{cut_off}</description></item>",
        "<item><title>Tanks</title></item>",
        "<item><title>Ships</title><description><![CDATA[<p>They left.</p>]]></description></item>",
    ]
    feed = f"<rss version='2.0'><channel><title>G</title>{''.join(items)}</channel></rss>"
    found = [one for one in entries(Source("a.xml", feed.encode())) if isinstance(one, dict)]
    assert [one["title"] for one in found] == ["Jets", "Tanks", "Ships"]
    assert "They left." in found[2]["body"] + found[2].get("html", "")
