"""JSON that is neither an article of ours nor a JSON Feed: it is read where it is news."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.articles.article import Article
from service.articles.files.entries import Source, UnreadableError, articles_in
from service.errors import BadEntry

URL, AT = "https://gazette.example/1", "2026-11-23T09:00:00Z"
TEXT = "Three fighter jets landed."


def read(text: str) -> list[Article | BadEntry | UnreadableError]:
    """The articles in a file of this text."""
    return [*articles_in(Source("f", text.encode()), max_bytes=10**6)]


FEEDS: dict[str, Any] = {
    "a list of articles": {"status": "ok", "articles": [
        {"source": {"id": None, "name": "Gazette"}, "author": "Jane Doe", "title": "Jets",
         "description": "Short.", "content": TEXT, "url": URL, "publishedAt": AT}]},
    "results in a response": {"response": {"status": "ok", "results": [
        {"id": "world/1", "webTitle": "Jets", "webUrl": URL, "webPublicationDate": AT,
         "fields": {"bodyText": TEXT, "byline": "Jane Doe", "publication": "Gazette"},
         "tags": [{"webTitle": "Defence"}]}]}},
    "documents with headlines": {"response": {"docs": [
        {"headline": {"main": "Jets"}, "abstract": TEXT, "web_url": URL, "pub_date": AT,
         "byline": {"original": "Jane Doe"}, "source": "Gazette", "_id": "nyt://1"}]}},
    "Atom in JSON": {"version": "1.0", "feed": {"title": {"$t": "Gazette"}, "entry": [
        {"id": {"$t": "tag:1"}, "title": {"type": "text", "$t": "Jets"}, "published": {"$t": AT},
         "link": [{"rel": "replies", "href": f"{URL}/comments"}, {"rel": "alternate", "href": URL}],
         "content": {"type": "html", "$t": f"<p>{TEXT}</p>"},
         "author": [{"name": {"$t": "Jane Doe"}}]
         }]}},
    "one item of RSS in JSON": {"rss": {"channel": {"title": "Gazette", "item":
        {"title": "Jets", "link": URL, "description": TEXT, "pubDate": AT, "author": "Jane Doe"}}}},
    "items beside their feed": {"status": "ok", "feed": {"title": "Gazette"}, "items": [
        {"guid": "1", "title": "Jets", "link": URL, "content": f"<p>{TEXT}</p>",
         "author": "Jane Doe", "pubDate": AT}]},
    "documents of a search": {"hits": {"total": 1, "hits": [{"_id": "1", "_source":
        {"title": "Jets", "body": TEXT, "url": URL, "date": AT, "creator": ["Jane Doe"],
         "publisher": "Gazette"}}]}},
    "an array of posts": [{"id": 7, "date_gmt": AT, "link": URL, "title": {"rendered": "Jets"},
        "content": {"rendered": f"<p>{TEXT}</p>"}, "source_name": "Gazette",
        "author": {"name": "Jane Doe"}}],
    "an article of schema.org": {"@type": "NewsArticle", "headline": "Jets", "articleBody": TEXT,
        "url": URL, "author": {"name": "Jane Doe"}, "publisher": {"name": "Gazette"},
        "datePublished": AT},
}  # fmt: skip


@pytest.mark.parametrize("name", FEEDS)
def test_what_publishers_answer_is_read(name: str) -> None:
    """Whatever they call title, text, address, author, source and time."""
    (article,) = read(json.dumps(FEEDS[name]))
    assert isinstance(article, Article)
    said = (article.title, article.url, article.author, article.source, article.published_at)
    assert said == ("Jets", URL, "Jane Doe", "Gazette", AT)
    assert TEXT in (article.lead, article.body)


@pytest.mark.parametrize(
    "around", ["/**/ cb12.load({});", "jQuery1({})", ")]}}',\n{}", "for (;;);{}", "{}"]
)
def test_json_for_scripts_is_json(around: str) -> None:
    """The call of a function around it, and what keeps other sites' scripts from reading it."""
    for value in ({"title": "Jets", "body": TEXT}, [{"title": "Jets"}], FEEDS["Atom in JSON"]):
        (article,) = read(around.format(json.dumps(value)))
        assert isinstance(article, Article)
        assert article.title == "Jets"


@pytest.mark.parametrize("text", ["Jets (three) landed", "open([gate]) says the sign; nobody did."])
def test_a_text_with_brackets_is_a_text(text: str) -> None:
    """A script's call ends with the text."""
    (article,) = read(text)
    assert isinstance(article, Article)
    assert article.lead == text


@pytest.mark.parametrize(
    "own",
    [
        {"title": "Jets", "body": TEXT, "related": [{"title": "x", "url": URL, "summary": TEXT}]},
        {"title": "Jets", "related": [{"title": "x", "url": URL, "summary": TEXT}]},
        {"data": {"title": "Jets", "items": [{"title": "x", "summary": TEXT}]}},
    ],
)
def test_an_article_of_ours_stays_one(own: dict[str, Any]) -> None:
    """Whatever lists stand in it."""
    (article,) = read(json.dumps(own))
    assert isinstance(article, Article)
    assert article.title == "Jets"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"status": "ok", "articles": []}, "f: this feed holds no entries: `articles` is empty"),
        ({"error": {"message": "no"}}, "no text: the entry names `error`, and no title, summary"),
        ({"name": "x", "authors": [{"name": "Jane", "url": URL}]}, "no text: the entry names"),
    ],
)
def test_other_json_is_refused(value: Any, told: str) -> None:
    """With what it holds, and what to write instead."""
    (error,) = read(json.dumps(value))
    assert told in str(error)


def test_one_item_spoils_no_other() -> None:
    """It is told by its number and the names that lead to it; a bare number is nobody's id."""
    items = [{"title": "Jets", "description": TEXT, "id": 7}, {"id": 3}, 7]
    article, *errors = read(json.dumps({"answer": {"found": items}}))
    assert isinstance(article, Article)
    assert article.id.startswith("txt_")
    assert [str(one).partition(";")[0] for one in errors] == [
        f"f: item {number} of `answer.found` holds no text" for number in (2, 3)
    ]
