"""Ids and revisions: the same article keeps its id, a changed text changes its revision."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.articles.identity import (
    FeedItem,
    Identity,
    article_id,
    feed_ids,
    normal_url,
    page_address,
    revision,
    scope_of,
    web_address,
)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTPS://Desk.Example/News", "https://desk.example/News"),
        ("https://desk.example", "https://desk.example/"),
        ("https://desk.example./a", "https://desk.example/a"),
        ("https://desk.example:443/a", "https://desk.example/a"),
        ("http://desk.example:80/a", "http://desk.example/a"),
        ("http://desk.example:8080/a", "http://desk.example:8080/a"),
        ("https://desk.example/a#comments", "https://desk.example/a"),
        ("https://desk.example/a?utm_source=x&utm_medium=y", "https://desk.example/a"),
        ("https://desk.example/a?UTM_Source=x&fbclid=1&id=7", "https://desk.example/a?id=7"),
        ("https://desk.example/a?gclid=1&mc_cid=2&mc_eid=3&igshid=4", "https://desk.example/a"),
        ("https://desk.example/a?b=2&a=1&b=1", "https://desk.example/a?b=2&a=1&b=1"),
        ("https://desk.example/?p=%C3%A9+x&q", "https://desk.example/?p=%C3%A9+x&q"),
        ("https://desk.example/?12345", "https://desk.example/?12345"),
        (
            "https://desk.example/a?ref=7&source=2&cid=9",
            "https://desk.example/a?ref=7&source=2&cid=9",
        ),
        ("https://user@desk.example/a", "https://desk.example/a"),
        ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
    ],
)
def test_a_url_is_spelled_one_way(url: str, normal: str) -> None:
    """What does not lead to another article is dropped, and nothing that might."""
    assert normal_url(url) == normal
    assert normal_url(normal) == normal


@pytest.mark.parametrize(
    "text",
    ["", "desk.example/a", "/a/b", "mailto:a@desk.example", "javascript:x", "https://", "http://[::1",
     "http://a:b/", "http://a:70000/", "urn:newsml:1"],
)  # fmt: skip
def test_only_absolute_web_addresses_count(text: str) -> None:
    """Anything else identifies nothing and is linked to nowhere."""
    assert web_address(text) is None
    assert normal_url(text) == ""


def test_an_id_is_the_given_one_else_of_the_url_else_of_the_text() -> None:
    """The three come in this order, and each is told by its prefix."""
    url, tracked = "https://desk.example/a", "https://DESK.example/a?utm_source=mail#top"
    assert article_id("a-1", url, "text") == "a-1"
    assert article_id("", url, "text") == article_id("", tracked, "another text")
    assert article_id("", url, "text").startswith("url_")
    assert article_id("", "no address", "text") == article_id("", "", "text")
    assert article_id("", "", "text").startswith("txt_")
    assert article_id("", "", "text") != article_id("", "", "another text")


@given(st.text(), st.text())
def test_a_revision_tells_texts_apart(one: str, other: str) -> None:
    """16 hex digits, the same for the same text and different for another."""
    assert len(revision(one)) == 16
    assert int(revision(one), 16) >= 0
    assert (revision(one) == revision(other)) == (one == other)


@given(st.text(max_size=60) | st.text(alphabet="htps:/.[]@%?&=#ab1", max_size=40))
def test_any_text_is_an_address_or_none(text: str) -> None:
    """No text is an error, and a normal URL stays as it is."""
    assert normal_url(normal_url(text)) == normal_url(text)


@pytest.mark.parametrize(
    ("source", "url", "scope"),
    [
        ("The Gazette", "https://desk.example/a", "the gazette"),
        ("THE GAZETTE", "", "the gazette"),
        ("", "https://www.Desk.example.:8443/a", "desk.example"),
        ("", "https://m.desk.example/a", "m.desk.example"),
        ("", "desk.example/a", ""),
        ("", "", ""),
    ],
)
def test_an_id_is_one_within_its_source_else_its_host(source: str, url: str, scope: str) -> None:
    """Case and `www.` make no difference."""
    assert scope_of(source, url) == scope


def test_two_scopes_with_one_id_are_two_articles() -> None:
    """However the parts are spelled, two identities never have one digest."""
    found = [Identity("a", "1"), Identity("b", "1"), Identity("a", "2"), Identity("", "a1")]
    assert len({each.digest for each in found}) == len(found)


def test_a_very_long_name_becomes_its_digest() -> None:
    """Each alert repeats it; up to 1 kB it stays as it is."""
    long = "ö" * 512
    assert article_id(long, "", "text") == long
    assert len(article_id(long + "x", "", "text")) == 35
    assert article_id(long + "x", "", "text") != article_id(long + "y", "", "text")
    assert len(scope_of("x" * 1_000_000, "").encode()) < 100


@pytest.mark.parametrize(
    ("given", "canonical", "counts"),
    [
        ("https://desk.example/amp/a", "https://desk.example/a", True),
        ("https://desk.example/a?session=5", "https://desk.example/news/a", True),
        ("https://desk.example/a?utm_source=x", "https://desk.example/a", True),
        ("https://desk.example/a", "https://other.example/a", False),
        ("https://desk.example/a", "https://desk.example:8443/a", False),
        ("https://desk.example/a", "https://desk.example/", False),
        ("https://desk.example/a?id=7", "https://desk.example/a", False),
        ("https://desk.example/a", "", False),
        ("", "https://desk.example/a", False),
    ],
)
def test_a_canonical_link_counts_on_the_given_host(
    given: str, canonical: str, *, counts: bool
) -> None:
    """Not where it leads elsewhere, to the front page, or only drops what may be the identity."""
    assert page_address(given, canonical) == (canonical if counts else given)


def ids(*items: tuple[str, str, str, str], feed: str = "https://desk.example/feed") -> list[str]:
    """The ids of a feed's entries, each given as guid, link, title and text."""
    return feed_ids([FeedItem(*item) for item in items], feed)


def test_a_guid_that_is_no_address_is_one_within_its_feed() -> None:
    """An address on the article's own host stands for itself, in any feed."""
    link = "https://desk.example/a"
    assert ids(("12345", link, "T", "")) == ["https://desk.example/feed 12345"]
    assert ids(("12345", link, "T", ""), feed="B") == ["B 12345"]
    assert ids((link, link, "T", "")) == [link]
    assert ids(("https://desk.example/?p=7", link, "T", "")) == ["https://desk.example/?p=7"]
    assert ids((f"{link}?p=7&utm_source=rss#3", link, "T", "")) == [f"{link}?p=7#3"]
    assert ids((f"{link}?utm_source=rss", link, "T", "")) == [link]
    assert ids(("https://other.example/a", link, "T", ""))[0].startswith(
        "https://desk.example/feed "
    )


def test_entries_with_one_guid_are_told_apart_by_link_then_title_then_text() -> None:
    """The others of the file keep their ids."""
    a, b, feed = "https://desk.example/a", "https://desk.example/b", "https://desk.example/feed"
    assert ids(("1", a, "T", ""), ("1", b, "T", ""), ("2", b, "T", "")) == [
        f"{feed} 1 {a}", f"{feed} 1 {b}", f"{feed} 2",
    ]  # fmt: skip
    assert ids(("1", a, "T", ""), ("1", a, "U", "")) == [f"{feed} 1 {a} T", f"{feed} 1 {a} U"]
    one, other = ids(("1", a, "Down", "mail"), ("1", a, "Down", "web"))
    assert one != other
    again, twice = ids(("1", a, "T", "text"), ("1", a, "T", "text"))
    assert again == twice


def test_entries_without_a_guid_are_told_apart_by_link_then_title() -> None:
    """A link that stands once needs no id; tracking parameters make no second link of it."""
    link = "https://desk.example/live"
    assert ids(("", link, "T", ""), ("", f"{link}?p=2", "U", "")) == ["", ""]
    assert ids(("", link, "T", ""), ("", link, "U", "")) == [f"{link} T", f"{link} U"]
    one, other = ids(("", link, "T", ""), ("", f"{link}?utm_source=x", "U", ""))
    assert one != other
    assert ids(("", "", "T", "one"), ("", "", "T", "two")) == ["", ""]
