"""Pages that were made to be slow, and what is cut from them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from lxml.html import fromstring

from service.articles.page.extract import from_html
from service.articles.page.html.bounds import MAX_ATTRIBUTES, MAX_BROKEN_JSON_CHARS, bound_tags
from service.articles.page.html.tree_repairs import repair_tree

PROSE = "The harbour of Quill was closed on Monday after a storm broke three of its cranes. "
TEXT = f"<h1>Storm closes the harbour of Quill</h1><p>{PROSE * 3}</p>"


def script(text: str) -> str:
    """A page with metadata for programs."""
    kind = "application/ld+json"
    return f'<html><head><script type="{kind}">{text}</script></head><body>{TEXT}</body></html>'


HOSTILE: dict[str, Callable[[int], str]] = {
    "broken metadata": lambda size: script('{"author" ' * (size // 10)),
    "attributes": lambda size: (
        f"<body><p {' '.join(f'a{n}=1' for n in range(size // 8))}>x</p>{TEXT}"
    ),
    "bold letters": lambda size: f"<body>{TEXT}<p>{'<b>x</b>' * (size // 8)}</p>",
    "unclosed quotes": lambda size: f"<body>{TEXT}" + '<a "' * (size // 4),
    "unclosed values": lambda size: f"<body>{TEXT}" + "<a x=\"'" * (size // 6),
    "unclosed preformatted text": lambda size: f"<body>{TEXT}" + "<pre " * (size // 5),
    "unclosed scripts": lambda size: f"<body>{TEXT}" + "<script " * (size // 8),
    "a title with every block": lambda size: (
        f"<title>{PROSE * (size // 160)}</title><body>{TEXT}{'<p>The harbour' * (size // 30)}"
    ),
    "marks": lambda size: f"<body>{TEXT}<p>a{'&#x315;' * (size // 14)}{'&#x300;' * (size // 14)}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_of_twice_the_size_takes_twice_the_time(name: str) -> None:
    """Each of these took four times as long, or eight; 400 kB took a minute and more."""
    from_html(HOSTILE[name](10_000))
    start = time.process_time()
    page = from_html(HOSTILE[name](400_000))
    assert time.process_time() - start < 5
    assert page.title == "Storm closes the harbour of Quill" or name == "unclosed quotes"


@pytest.mark.parametrize("element", ["<a href=x>y</a>", "<time>1</time>", "<i hidden>x</i>y"])
def test_a_paragraph_of_many_elements_is_repaired_at_once(element: str) -> None:
    """None is compared with all others, which took ten seconds and more."""
    tree = fromstring(f"<html><body><p>{element * 60_000}</p></body></html>")
    start = time.process_time()
    repair_tree(tree)
    assert time.process_time() - start < 5


def test_what_is_cut_is_more_than_any_page_has() -> None:
    """A long attribute, many in all, and a large script of JSON stay."""
    page = f'<p data-x="{"a b > c " * 5_000}" {"z=1 " * (MAX_ATTRIBUTES // 2)}>one</p>' * 9
    assert "z=1" in bound_tags(page)
    kept = f'<p class="a">{"<b>x</b>" * 5_000}</p>'
    assert bound_tags(kept) == kept
    more = f"<p {'z=1 ' * (MAX_ATTRIBUTES + 1)}>one</p>"
    assert bound_tags(more) == "<p>one</p>"
    long = "y " * MAX_BROKEN_JSON_CHARS
    author = '"author": {"@type": "Person", "name": "Ida Quill"}'
    large = f'{{"@context": "https://schema.org", "@type": "NewsArticle", {author}, "x": "{long}"}}'
    assert from_html(script(large)).author == "Ida Quill"


def test_a_quote_that_stands_alone_in_a_tag_takes_no_text() -> None:
    """As in browsers, it is a part of a name; the tags that follow have many."""
    links = "".join(f'<a href="/{n}" title="story {n}">Story {n}</a> ' for n in range(600))
    text = f'<div class="main" "><h1>{PROSE}</h1><p>{PROSE}</p></div>{links}'
    assert bound_tags(text) == text
