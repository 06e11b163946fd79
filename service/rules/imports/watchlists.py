"""Searches of other systems as watchlists: what each became, and the rules file."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import yaml

from service.rules.imports.expression import expression
from service.rules.imports.named_search import NamedSearch, named_searches
from service.rules.imports.saved_alerts import saved_alerts
from service.rules.imports.search import Search, Untranslatable
from service.rules.imports.systems import (
    brandwatch,
    factiva,
    google,
    lexis,
    mediacloud,
    meltwater,
)

SYSTEMS: dict[str, Callable[[str], Search]] = {
    "google-alerts": google.read,
    "opml": google.read,
    "brandwatch": brandwatch.read,
    "factiva": factiva.read,
    "lexis": lexis.read,
    "media-cloud": mediacloud.read,
    "meltwater": meltwater.read,
}
"""What reads a search of each system."""
MAX_ID_CHARS = 60
_LINE_CHARS = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one search: a watchlist, or the reason why there is none."""

    line: int
    search: str
    """As it was written."""
    name: str = ""
    id: str = ""
    match: str = ""
    notes: tuple[str, ...] = ()
    """What the watchlist finds that the search does not, or how they differ."""
    refused: str = ""


def imported(system: str, content: bytes, *, with_forms: bool = False) -> list[Imported]:
    """Each search of a file of `system`, one of `SYSTEMS`. Raises Untranslatable for the file."""
    taken: Counter[str] = Counter()
    return [_one(each, SYSTEMS[system], taken, with_forms) for each in _searches(system, content)]


def _searches(system: str, content: bytes) -> Iterator[NamedSearch | tuple[int, str]]:
    first = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    saved = system == "opml" or (system == "google-alerts" and first in (b"<", b"{", b"["))
    if saved:
        yield from saved_alerts(content)
        return
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError as error:
        raise Untranslatable(f"it is no text in UTF-8: byte {error.start}") from None
    yield from named_searches(text)


def _one(
    given: NamedSearch | tuple[int, str],
    read: Callable[[str], Search],
    taken: Counter[str],
    with_forms: bool,
) -> Imported:
    if isinstance(given, tuple):
        return Imported(line=given[0], search="", refused=given[1])
    try:
        found = expression(read(given.text), with_forms=with_forms)
    except Untranslatable as error:
        return Imported(line=given.line, search=given.text, name=given.name, refused=str(error))
    name = given.name or " ".join(given.text.split())[:_LINE_CHARS]
    return Imported(
        line=given.line,
        search=given.text,
        name=name,
        id=_id(name, taken),
        match=found.text,
        notes=found.notes,
    )


def _id(name: str, taken: Counter[str]) -> str:
    """An id that no other watchlist of the file has; it is added to `taken`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = "-".join(re.findall(r"[a-z0-9]+", plain))[:MAX_ID_CHARS].strip("-") or "search"
    found = stem
    while taken[found]:
        taken[stem] += 1
        found = f"{stem}-{taken[stem]}"
    taken[found] += 1
    return found


def rules_file(
    searches: Iterable[Imported], *, file: str, notify: Sequence[str], language: str
) -> str:
    """A rules file with a watchlist for each search that became one; YAML."""
    blocks = [_block(each, file, notify, language) for each in searches if not each.refused]
    return "watchlists:\n" + "\n".join(blocks) if blocks else "watchlists: []\n"


def _block(one: Imported, file: str, notify: Sequence[str], language: str) -> str:
    comments = [f"{file}, line {one.line}: {' '.join(one.search.split())}", *one.notes]
    value: dict[str, object] = {"id": one.id, "name": one.name, "match": one.match}
    if language != "en":
        value["language"] = language
    if notify:
        value["notify"] = list(notify)
    written = yaml.safe_dump([value], sort_keys=False, allow_unicode=True, width=_LINE_CHARS)
    lines = [*(f"# {_shortened(comment)}" for comment in comments), *written.splitlines()]
    return "\n".join(f"  {line}" for line in lines) + "\n"


def _shortened(text: str) -> str:
    shown = "".join(char if char.isprintable() else " " for char in text)
    return shown if len(shown) <= 4 * _LINE_CHARS else f"{shown[: 4 * _LINE_CHARS]} …"
