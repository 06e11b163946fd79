"""A stream entry's fields → a `Draft`: every field validated, its text not yet extracted.

An entry is either flat, a field for each name, or holds one JSON object with these names in an
envelope field. Which of the two is decided by the text: a flat title, summary, body or html makes
the entry flat, and whatever else it holds is not read. Otherwise the envelope is the article, and
flat fields fill in only what it does not name. Where neither has a text but a headline, the names
that others use are tried: `other_names.py`.

An entry is refused, with a reason, if text would be lost. Metadata that cannot be read (a time, a
language tag, a web address) is dropped and kept among the cuts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.articles.cut import Cut
from service.articles.entry.envelope import decode, parse_object, read_object
from service.articles.entry.other_names import completed
from service.articles.entry.status import STATUS, withdrawn_status
from service.articles.entry.values import READERS
from service.articles.page.html.scripts import without_scripts
from service.articles.paragraphs import clean
from service.errors import BadEntry

TEXTS = ("title", "summary", "body", "html")
METADATA = ("id", "url", "source", "author", "language", "country", "published_at", "tags")
ENVELOPES = ("article", "data", "json", "payload", "__data__")

_NAMES = {name: name.encode() for name in (*TEXTS, *METADATA)}
_ENVELOPES = {name: name.encode() for name in ENVELOPES}

_MOST_PAGE = 8
"""Times the limit of size, to which a page may be over it before its scripts are dropped."""
_MOST_WRAPPINGS = 3
"""FastStream's binary message, its JSON message inside, and the sender's own envelope."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A valid entry; "" for a field without a value. `html` is raw, all other fields are clean."""

    id: str = ""
    url: str = ""
    title: str = ""
    summary: str = ""
    body: str = ""
    html: str = ""
    source: str = ""
    author: str = ""
    language: str = ""
    country: str = ""
    published_at: str = ""
    tags: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    """Values that could not be read."""
    status: str = ""
    """One of WITHDRAWN where its publisher takes the article back; "" for any other."""

    @property
    def needs_html(self) -> bool:
        """Whether `extract.from_html` has to read the page: a clean body makes it needless."""
        return bool(self.html) and not self.body


def read_entry(fields: Mapping[bytes, bytes], *, max_bytes: int) -> Draft:
    """The draft of a stream entry. Raises BadEntry, and nothing else, for what is not an article.

    `max_bytes` bounds the bytes of all field names and values together.
    """
    size = _size(fields)
    if size > max_bytes and (size := _size(fields := within(fields, max_bytes))) > max_bytes:
        raise BadEntry(
            f"the entry has {size:,} bytes and {max_bytes:,} are allowed; send the article's text "
            "without the page around it, or raise TOCSIN_MAX_ARTICLE_BYTES",
            "size",
        )
    values = completed(_field_values(fields), fields)
    cuts: list[Cut] = []
    given = [name for name in READERS if values.get(name) is not None]  # most entries have few
    draft = Draft(
        **{name: READERS[name](values[name], name, cuts) for name in given},
        cuts=tuple(cuts),
        status=withdrawn_status(values.get(STATUS) or fields.get(STATUS.encode())),
    )
    if draft.status and (draft.id or draft.url):
        return draft
    if not (draft.title or draft.summary or draft.body or draft.html):
        sent = [name.decode(errors="replace") for name in fields]
        raise BadEntry(_no_text(sent, list(values)), "no_text")
    return draft


def within(fields: Mapping[bytes, bytes], max_bytes: int) -> Mapping[bytes, bytes]:
    """The fields; if they are over the limit, without scripts and styles, which are no text."""
    if not max_bytes < _size(fields) <= _MOST_PAGE * max_bytes:
        return fields
    return {
        name: without_scripts(value, in_json=name != b"html") if b"<" in value else value
        for name, value in fields.items()
    }


def _size(fields: Mapping[bytes, bytes]) -> int:
    return sum(len(name) + len(value) for name, value in fields.items())


def _field_values(fields: Mapping[bytes, bytes]) -> dict[str, Any]:
    """The article's values by name: strings from flat fields, any JSON value from an envelope."""
    flat = {name: decode(name, fields[raw]) for name, raw in _NAMES.items() if raw in fields}
    envelopes = [name for name, raw in _ENVELOPES.items() if fields.get(raw, b"").strip()]
    if not envelopes or any(clean(flat.get(name, "")).strip() for name in TEXTS):
        return dict(flat)
    if len(envelopes) > 1:
        raise BadEntry(
            f"fields {_listed(envelopes)} could each hold the article; send it in one of them"
        )
    name = envelopes[0]
    inside = _unwrapped(name, read_object(name, fields[name.encode()]))
    return flat | {key: value for key, value in inside.items() if value is not None}


def _unwrapped(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """The object that names the article's texts, taken out of the envelopes around it."""
    for _ in range(_MOST_WRAPPINGS):
        inner = [key for key in ENVELOPES if isinstance(value.get(key), dict | str)]
        if len(inner) != 1 or any(value.get(text) is not None for text in TEXTS):
            break
        name, wrapped = f"{name}.{inner[0]}", value[inner[0]]
        value = parse_object(name, wrapped) if isinstance(wrapped, str) else wrapped
    return value


def _no_text(fields: list[str], values: list[str]) -> str:
    # The fields of an opened envelope are named, not the envelope.
    found = [name for name in fields if name not in ENVELOPES] + values or fields
    return (
        f"no text: the entry names {_listed(found[:12]) or 'nothing'}, and no title, summary, body "
        "or html with any text in it; send one of these four"
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{_printable(name[:40])}`" for name in dict.fromkeys(names))


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in name)
