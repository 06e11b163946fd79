"""Articles out of RSS, Atom and RDF: what an entry says of itself arrives in the article, and what
the feed says of all its entries in each.
"""

from __future__ import annotations

import json

import pytest

from service.article import Article
from service.publishing import Fields, Source, UnreadableError, entries
from service.trial import article_of

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


# --- what all of an entry becomes ------------------------------------------------------------


@pytest.mark.parametrize(
    ("article", "said"),
    [
        (
            rss("""<title>Jets</title><link>https://gazette.example/1</link><guid>g1</guid>
                <dc:creator>Jane Doe</dc:creator><category>Defence</category>
                <pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>
                <description>&lt;p&gt;A fighter jet landed.&lt;/p&gt;</description>"""),
            ("g1", "A fighter jet landed.", "Jane Doe", "Gazette", "https://gazette.example/1",
             "en-gb", ("Defence",)),
        ),
        (
            atom("""<title>Jets</title><link href="https://zeitung.example/1"/>
                <updated>2026-11-23T09:00:00Z</updated><author><name>Max Mustermann</name></author>
                <category term="def" label="Wehr"/>
                <content type="html">&lt;p&gt;Ein Kampfjet ist gelandet.&lt;/p&gt;</content>"""),
            ("urn:1", "Ein Kampfjet ist gelandet.", "Max Mustermann", "Zeitung",
             "https://zeitung.example/1", "de", ("Wehr",)),
        ),
        (
            only(RDF.format("""<title>Jets</title><link>https://gazete.example/1</link>
                <description>Bir savaş uçağı indi.</description><dc:creator>Ali Kaya</dc:creator>
                <dc:date>2026-11-23T12:00:00+03:00</dc:date><dc:subject>Savunma</dc:subject>""")),
            ("https://gazete.example/1", "Bir savaş uçağı indi.", "Ali Kaya", "Gazete",
             "https://gazete.example/1", "tr", ("Savunma",)),
        ),
    ],
    ids=["rss", "atom", "rdf"],
)  # fmt: skip
def test_an_entry_becomes_an_article(article: Article, said: tuple[object, ...]) -> None:
    """Id, text without its markup, author, source, address, language, tags, and the moment."""
    found = (article.id, article.lead, article.author, article.source, article.url,
             article.language, article.tags)  # fmt: skip
    assert found == said
    assert (article.title, article.published_at) == ("Jets", "2026-11-23T09:00:00Z")
    assert (article.body, article.cuts) == ("", ())


# --- its text --------------------------------------------------------------------------------

FULL = "<p>A fighter jet landed in Ankara.</p><p>It was <i>the</i> first,<br/>they said.</p>"
PARAGRAPHS = ("A fighter jet landed in Ankara.", "It was the first,\n\nthey said.")


@pytest.mark.parametrize(
    "article",
    [
        rss(f"<title>T</title><description>Short.</description>"
            f"<content:encoded><![CDATA[{FULL}]]></content:encoded>"),
        atom(f'<title>T</title><summary>Short.</summary><content type="xhtml">'
             f'<div xmlns="http://www.w3.org/1999/xhtml">{FULL}</div></content>'),
        atom(f'<title>T</title><summary type="html"><![CDATA[<b>Short.</b>]]></summary>'
             f'<content type="html"><![CDATA[{FULL}]]></content>'),
    ],
    ids=["content:encoded", "xhtml", "html"],
)  # fmt: skip
def test_the_teaser_leads_and_the_content_is_the_body(article: Article) -> None:
    """In each of the forms that feeds have for them."""
    assert article.lead == "Short."
    assert article.body == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    "article",
    [
        rss(f"<title>T</title><description><![CDATA[{FULL}]]></description>"),
        rss(f"<title>T</title><content:encoded><![CDATA[{FULL}]]></content:encoded>"),
        atom(f'<title>T</title><content type="html"><![CDATA[{FULL}]]></content>'),
    ],
    ids=["description", "content:encoded", "content"],
)
def test_one_text_alone_is_the_article(article: Article) -> None:
    """Its first paragraph leads, as of any other text."""
    assert (article.lead, article.body) == (PARAGRAPHS[0], PARAGRAPHS[1])


@pytest.mark.parametrize(
    ("title", "meant"),
    [
        ("&lt;b&gt;Jets&lt;/b&gt; &amp;amp; tanks", "Jets & tanks"),
        ("<![CDATA[Jets &amp; <i>tanks</i>]]>", "Jets & tanks"),
        ("T&amp;uuml;rkiye&amp;#8217;s R&amp;amp;D", "Türkiye’s R&D"),
        ("TÃ¼rkiyeâ€™s jets", "Türkiye’s jets"),
        ("AT&amp;T at 5 &lt; 6", "AT&T at 5 < 6"),
    ],
)
def test_a_title_may_be_html(title: str, meant: str) -> None:
    """RSS does not say whether it is; Atom does."""
    assert rss(f"<title>{title}</title>").title == meant
    assert atom(f'<title type="html">{title}</title>').title == meant


def test_a_title_that_is_text_keeps_its_signs() -> None:
    """What Atom calls text holds no markup."""
    assert atom('<title type="text">Is a &lt; b?</title>').title == "Is a < b?"


def test_scripts_and_styles_are_no_text() -> None:
    """Feeds carry those of their pages along."""
    content = "<style>p{}</style><p>A jet.</p><script>jets()</script><!-- jets -->"
    article = rss(f"<title>T</title><description><![CDATA[{content}]]></description>")
    assert article.lead == "A jet."


# --- what is said of it ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("<author>jane@gazette.example (Jane Doe)</author>", "Jane Doe"),
        ("<author>Jane Doe (jane@gazette.example)</author>", "Jane Doe"),
        ("<author>Jane Doe</author>", "Jane Doe"),
        (
            "<dc:creator>Jane Doe</dc:creator><dc:creator>Ali Kaya</dc:creator>",
            "Jane Doe, Ali Kaya",
        ),
        ("<dc:creator><![CDATA[Jane Doe]]></dc:creator>", "Jane Doe"),
        ("", ""),
    ],
)
def test_an_author_is_a_name(author: str, name: str) -> None:
    """Without the address that RSS asks for."""
    assert rss(f"<title>T</title>{author}").author == name


def test_the_feed_speaks_for_entries_that_do_not() -> None:
    """Its author and language; and not where an entry says another, or whom it has it from."""
    feed = "<author><name>Redaktion</name></author>"
    silent = "<entry><id>urn:1</id><title>T</title></entry>"
    source = "<source><title>L’Est</title></source>"
    author = "<author><name>Léa Roux</name><email>lea@est.example</email></author>"
    loud = f'<entry xml:lang="fr"><id>urn:2</id><title>T</title>{author}{source}</entry>'
    found = [
        (each["author"], each["language"], each["source"])
        for each in told(ATOM.format("", feed + silent + loud))
        if not isinstance(each, str)
    ]
    assert found == [("Redaktion", "de", "Zeitung"), ("Léa Roux", "fr", "L’Est")]


@pytest.mark.parametrize(
    ("article", "url"),
    [
        (atom('<title>T</title><link rel="self" href="s"/><link href="1?a=b"/>',
              ' xml:base="https://zeitung.example/a/"'), "https://zeitung.example/a/1?a=b"),
        (atom('<title>T</title><link rel="alternate" href="/1"/><link rel="enclosure" href="/e"/>',
              ' xml:base="https://zeitung.example/a/"'), "https://zeitung.example/1"),
        (rss("<title>T</title><link>1.html</link>", ' xml:base="https://gazette.example/x/"'),
         "https://gazette.example/x/1.html"),
        (rss("<title>T</title><guid>https://gazette.example/g</guid>"), "https://gazette.example/g"),
        (rss('<title>T</title><guid isPermaLink="false">tag:1</guid>'), ""),
        (rss("<title>T</title><link>https://feeds.example/~r/1</link>"
             "<feedburner:origLink>https://gazette.example/1</feedburner:origLink>"),
         "https://gazette.example/1"),
    ],
    ids=["relative", "alternate", "rss", "guid", "no address", "origLink"],
)  # fmt: skip
def test_the_address_is_where_the_article_stands(article: Article, url: str) -> None:
    """Whole, and neither the feed's own nor a file's nor a counter's."""
    assert (article.url, article.cuts) == (url, ())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>", "2026-11-23T09:00:00Z"),
        ("<pubDate>23 Nov 2026 04:00 EST</pubDate>", "2026-11-23T09:00:00Z"),
        ("<pubDate>Mon, 23 Nov 26 09:00:00 +0300</pubDate>", "2026-11-23T06:00:00Z"),
        ("<dc:date>2026-11-23T10:00:00+01:00</dc:date>", "2026-11-23T09:00:00Z"),
        ("<dc:date>2026-11-23</dc:date>", "2026-11-23T00:00:00Z"),
        ("<pubDate>yesterday</pubDate>", ""),
        ("", ""),
    ],
)
def test_dates_are_read_in_every_form(written: str, read: str) -> None:
    """And one that cannot be is kept among the cuts."""
    article = rss(f"<title>T</title>{written}")
    assert article.published_at == read
    cuts = [(cut.reason, cut.text) for cut in article.cuts]
    assert cuts == ([("published_at-unreadable", "yesterday")] if "yesterday" in written else [])


def test_an_entry_was_published_before_it_was_updated() -> None:
    """The first of the two moments is when it was news."""
    moments = "<updated>2026-11-23T10:00:00Z</updated><published>2026-11-23T08:00:00Z</published>"
    assert atom(f"<title>T</title>{moments}").published_at == "2026-11-23T08:00:00Z"


def test_tags_are_told_apart() -> None:
    """Each category is one, with its commas."""
    (entry,) = told(RSS.format("", "<item><title>T</title><category>War, peace</category>"
                                   "<category>Türkiye</category></item>"))  # fmt: skip
    assert not isinstance(entry, str)
    assert json.loads(entry["tags"]) == ["War, peace", "Türkiye"]


# --- what cannot be read ---------------------------------------------------------------------


def test_an_entry_without_text_is_told_and_the_others_are_read() -> None:
    """With its number, and its address when it has one."""
    items = (
        "<item><link>https://gazette.example/1</link></item><item><title>T</title></item><item/>"
    )
    first, second, third = told(RSS.format("", items))
    assert first == (
        "feed.xml: entry 1 (https://gazette.example/1) holds no text: no title, no summary and no "
        "content"
    )
    assert isinstance(second, dict)
    assert str(third).startswith("feed.xml: entry 3 (no address) holds no text")


def test_a_feed_that_holds_nothing_is_told() -> None:
    """An empty one, and one that breaks off before its first entry."""
    assert told(RSS.format("", "")) == ["feed.xml: this feed holds no entries"]
    (broken,) = told("<rss version='2.0'><channel><title>Gaz")
    assert str(broken).startswith("feed.xml: this feed cannot be read: ")


def test_a_feed_that_is_broken_is_read_as_far_as_it_goes() -> None:
    """A sign that should have been escaped, and an end that is missing."""
    items = "<item><title>Rain & jets</title></item><item><title>Tanks</title></item>"
    titles = [each["title"] for each in told(RSS.format("", items).removesuffix("</rss>"))
              if not isinstance(each, str)]  # fmt: skip
    assert titles == ["Rain & jets", "Tanks"]


@pytest.mark.parametrize(("below", "kind"), [("<div>A jet.</div>", "body"), ("<html>", "html")])
def test_comments_above_are_passed_over(below: str, kind: str) -> None:
    """However many: each that was added doubled the time, and with 30 it never ended."""
    text = f"{'<!-- a comment -->' * 10_000}{below}"
    assert told(text, "page") == [{kind: text}]
    root = RSS.format("", "<item><title>T</title></item>").split("?>", 1)[1]
    comments = text.removesuffix(below)
    (entry,) = told(f"<?xml version='1.0'?>{comments}<?style x?><!DOCTYPE rss>{root}")
    assert isinstance(entry, dict)
    assert entry["title"] == "T"


# --- encodings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "windows-1251"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("windows-1251", "windows-1251"),
        ("koi8-r", "KOI8-R"),
    ],
)
def test_a_feed_s_encoding_is_the_one_it_declares(written: str, declared: str) -> None:
    """Unless it is UTF-8, whatever it declares; and a mark at its beginning says most of all."""
    text = RSS.format("", "<item><title>Истребитель сел в Анкаре</title></item>")
    text = text.replace('version="1.0"', f'version="1.0" encoding="{declared}"', 1)
    (entry,) = entries(Source("feed.xml", text.encode(written)))
    assert not isinstance(entry, UnreadableError)
    assert entry["title"] == "Истребитель сел в Анкаре"


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("windows-1254", '<meta charset="iso-8859-9">'),
        (
            "windows-1254",
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1254">',
        ),
        ("utf-8", '<meta charset="iso-8859-9">'),
        ("utf-16", '<meta charset="utf-8">'),
    ],
)
def test_a_page_s_encoding_is_the_one_it_declares(written: str, declared: str) -> None:
    """As browsers take it: who says ISO 8859-9 means Windows' own."""
    text = (
        f"<html><head>{declared}</head><body><p>Türkiye’nin “savaş uçağı” Ağrı’ya indi</p></body>"
    )
    (entry,) = entries(Source("page.html", text.encode(written)))
    assert entry == {"html": text}


def test_what_is_no_text_is_told() -> None:
    """An encoding that nobody knows does not help."""
    (error,) = entries(Source("x.xml", b'<?xml version="1.0" encoding="klingon"?>\xff\x00\xfe'))
    assert str(error) == "x.xml: not text; save it as UTF-8 text, HTML or JSON"
