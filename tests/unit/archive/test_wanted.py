"""What an article is asked for by, and whether an entry is its."""

from __future__ import annotations

import json

import pytest

from service.archive.missed.wanted import Wanted, wanted_fields, wanted_text
from service.articles.entry import read_entry
from service.errors import TocsinError

URL = "https://quill.example/a/story?page=2"


def is_found(wanted: Wanted, **fields: str) -> bool:
    """Whether an entry with these fields has the text that is looked for, and is the article's."""
    raw = {name.encode(): text.encode() for name, text in fields.items()}
    has_text = any(text in value for text in wanted.texts for value in fields.values())
    return has_text and wanted.is_in(read_entry(raw, max_bytes=10_000))


@pytest.mark.parametrize(
    "said", [URL, URL + "&utm_source=x", URL + "#top", URL.replace("https", "http")]
)
def test_a_url_is_one_however_it_is_linked(said: str) -> None:
    """Also in JSON, and in JSON that escapes slashes; another query is another article."""
    wanted = wanted_text(said)
    assert is_found(wanted, title="x", url=URL + "&fbclid=y")
    assert is_found(wanted, data=json.dumps({"title": "x", "url": URL}))
    assert is_found(wanted, data=json.dumps({"title": "x", "url": URL}).replace("/", "\\/"))
    assert not is_found(wanted, title="x", url=URL.replace("2", "3"))
    assert not is_found(wanted, title="x", body=f"See {URL}")


def test_an_id_is_that_of_an_entry() -> None:
    """Whatever JSON makes of its letters; a text that only names it is no such article."""
    wanted = wanted_text("Größe 7")
    assert is_found(wanted, title="x", id="Größe 7")
    assert is_found(wanted, data=json.dumps({"title": "x", "id": "Größe 7"}))
    assert not is_found(wanted, title="Größe 7", id="8")


def test_an_article_in_a_file_is_found_by_what_it_has() -> None:
    """Its URL, its id, else its title."""
    for known in ({"url": URL}, {"id": "7"}, {}):
        fields = {"title": "Ein Flugzeug für das Museum of flight", **known}
        raw = {name.encode(): text.encode() for name, text in fields.items()}
        wanted = wanted_fields("f.json", raw, read_entry(raw, max_bytes=10_000))
        assert is_found(wanted, **fields)
        assert is_found(wanted, data=json.dumps(fields))


def test_an_id_that_was_made_of_a_url_is_refused() -> None:
    """No entry has it; the message says what to give."""
    with pytest.raises(TocsinError, match="give the article's URL"):
        wanted_text("url_" + "0" * 32)
