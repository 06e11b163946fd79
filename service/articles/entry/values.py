"""The value of an entry's field, by our name for it → what a draft holds of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.articles.cut import Cut
from service.articles.dates.published import published_time
from service.articles.entry.envelope import Number, check_is_text, is_file, kind, parse
from service.articles.identity import web_address
from service.articles.language import language_tag
from service.articles.mojibake import repair
from service.articles.paragraphs import clean, is_clean, line, unescape
from service.errors import BadEntry

MAX_TAGS = 1_000
"""Most tags of an article that are read."""

_Reader = Callable[[Any, str, list[Cut]], Any]
"""Of a value that is not null, and its name; a value that it cannot read it adds to the cuts."""


def _string(value: Any, name: str) -> str:
    """A field's string. Raises BadEntry for anything else."""
    is_number = isinstance(value, Number)
    if not isinstance(value, str) or (is_number and name not in {"id", "published_at"}):
        raise BadEntry(f"field `{name}` holds {kind(value)}; send a string")
    check_is_text(name, value)
    return str(value)


def _text(value: Any, name: str, _: list[Cut]) -> str:
    if type(value) is not str or not is_clean(value) or is_file(value):
        value = _string(value, name)
    return clean(_repaired(value)).strip()


def _page(value: Any, name: str, _: list[Cut]) -> str:
    # Browsers take no notice of a NUL.
    html = _string(value.replace("\0", "") if isinstance(value, str) else value, name)
    return html if html.strip() else ""


def _id(value: Any, name: str, _: list[Cut]) -> str:
    return line(_string(value, name))


def _line(value: Any, name: str, _: list[Cut]) -> str:
    return line(_repaired(_string(value, name)))


def _repaired(text: str) -> str:
    """The text with its letters repaired; ids, addresses and times are not repaired."""
    return repair(unescape(text))


def _read_or_cut(read: Callable[[str], str]) -> _Reader:
    """What `read` makes of a field; a value that it cannot read goes to the cuts."""

    def found(value: Any, name: str, cuts: list[Cut]) -> str:
        given = line(_string(value, name))
        known = read(given) if given else ""
        if given and not known:
            cuts.append(Cut(f"{name}-unreadable", given))
        return known

    return found


def _url(given: str) -> str:
    return given if web_address(given) else ""


def _country(value: Any, name: str, cuts: list[Cut]) -> str:
    given = _line(value, name, cuts)
    is_code = len(given) in {2, 3} and given.isascii() and given.isalpha()
    return given.upper() if is_code else given


def _tags(value: Any, _: str, cuts: list[Cut]) -> tuple[str, ...]:
    """Tags from a list, a JSON array in a string, or a comma-separated string; each one once.

    Beyond `MAX_TAGS` they are set aside: each may be compared with each that the rules name.
    """
    if isinstance(value, str) and not isinstance(value, Number):
        value = parse("tags", value) if value.lstrip().startswith("[") else value.split(",")
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadEntry(f"field `tags` holds {kind(value)}; send a list of strings")
    tags: dict[str, None] = {}
    for tag in value:
        if not isinstance(tag, str | None):
            raise BadEntry(f"field `tags` holds {kind(tag)} in its list; send strings")
        check_is_text("tags", tag or "")
        tags[line(_repaired(tag or ""))] = None
    found = [tag for tag in tags if tag]
    if len(found) > MAX_TAGS:
        cuts.append(Cut("too-many-tags", ", ".join(found[MAX_TAGS:])))
    return tuple(found[:MAX_TAGS])


READERS: Mapping[str, _Reader] = {
    "body": _text,
    "html": _page,
    "id": _id,
    "url": _read_or_cut(_url),
    "title": _line,
    "summary": _text,
    "source": _line,
    "author": _line,
    "language": _read_or_cut(language_tag),
    "country": _country,
    "published_at": _read_or_cut(published_time),
    "tags": _tags,
}
"""In the order in which faults are told; each raises BadEntry for a value that is no text."""
