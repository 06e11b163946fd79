"""Articles out of RSS, Atom and RDF: what an entry says of itself arrives in the article, and what
the feed says of all its entries in each.
"""

from __future__ import annotations

import json

import pytest

from builders.feeds import ATOM, RDF, RSS, atom, only, rss, told
from service.articles.article import Article


@pytest.mark.parametrize(
    ("article", "said"),
    [
        (
            rss("""<title>Jets</title><link>https://gazette.example/1</link><guid>g1</guid>
                <dc:creator>Jane Doe</dc:creator><category>Defence</category>
                <pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>
                <description>&lt;p&gt;A fighter jet landed.&lt;/p&gt;</description>"""),
            ("https://gazette.example/ g1", "A fighter jet landed.", "Jane Doe", "Gazette", "https://gazette.example/1",
             "en-gb", ("Defence",)),
        ),
        (
            atom("""<title>Jets</title><link href="https://zeitung.example/1"/>
                <updated>2026-11-23T09:00:00Z</updated><author><name>Max Mustermann</name></author>
                <category term="def" label="Wehr"/>
                <content type="html">&lt;p&gt;Ein Kampfjet ist gelandet.&lt;/p&gt;</content>"""),
            ("Zeitung urn:1", "Ein Kampfjet ist gelandet.", "Max Mustermann", "Zeitung",
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


@pytest.mark.parametrize(
    "text",
    [
        """<?xml version="1.0"?><CHANNEL HREF="https://gazette.example/" BASE="https://gazette.example/">
        <TITLE>Gazette</TITLE><ITEM HREF="https://gazette.example/1"><TITLE>Jets</TITLE>
        <ABSTRACT>A fighter jet landed.</ABSTRACT></ITEM></CHANNEL>""",
        """<Channel xmlns="http://purl.org/net/rss1.1#" xml:lang="en"><title>Gazette</title><items>
        <item><title>Jets</title><link>https://gazette.example/1</link>
        <description>A fighter jet landed.</description></item></items></Channel>""",
    ],
    ids=["CDF", "RSS 1.1"],
)
def test_feeds_whose_root_is_a_channel_are_read(text: str) -> None:
    """Microsoft's of 1997, and RSS 1.1."""
    article = only(text)
    said = (article.title, article.lead, article.url, article.source)
    assert said == ("Jets", "A fighter jet landed.", "https://gazette.example/1", "Gazette")
