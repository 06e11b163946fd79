"""Ids and revisions: the same article keeps its id, a changed text changes its revision."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.articles.identity import article_id, normal_url, revision, web_address


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
