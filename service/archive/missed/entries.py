"""Where an article is: its newest stream entry, its newest dead letter, and its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.alerts.alert import rfc3339
from service.archive.kept.segment import place
from service.archive.missed.trail import EntryTrail, LetterTrail
from service.archive.missed.wanted import RawFields, Wanted
from service.archive.moments import from_ms, ms_of
from service.articles.article import Article, compose
from service.articles.entry import read_entry
from service.concurrency.processes import CallError
from service.errors import BadEntry
from service.store.dead_letters.dead_letters import unpack_fields
from service.store.outbox import Outbox
from service.stream.entry_reader import MAX_INLINE_BYTES
from service.stream.page_pool import PagePool


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """What the streams have of an article."""

    entry: EntryTrail | None
    letter: LetterTrail | None
    article: Article | None
    refused: str = ""
    """Why there is no article in what was found."""
    refused_as_wall: bool = False
    fields: RawFields | None = None
    """Those of the entry, of the dead letter, or of the file."""


@dataclass(frozen=True, slots=True)
class KeptEntries:
    """What the archive of a stream knows of a URL."""

    ids: Sequence[str]
    """The entries with it, the newest last; some may be gone from the stream."""
    last: str
    """The newest entry that is kept: of those up to it, no other article has the URL."""


KeptSearch = Callable[[Outbox, str], KeptEntries | None]
"""Looks a URL up in the archive of a stream; None: there is none, or it is in use."""


def no_archive(_: Outbox, __: str) -> None:
    """A search for whom nothing is kept."""


async def find_article(
    outboxes: Mapping[str, Outbox],
    wanted: Wanted,
    max_bytes: int,
    kept: KeptSearch = no_archive,
) -> FoundArticle:
    """The newest entry and the newest dead letter of all streams, and the article in them.

    With `kept`, what the archive has need not be looked through in the stream.
    """
    entries = [
        each for one in outboxes.values() if (each := await _entry(one, wanted, max_bytes, kept))
    ]
    letters = [dead for one in outboxes.values() if (dead := await _letter(one, wanted, max_bytes))]
    entry = max(entries, key=lambda each: ms_of(each[0].id), default=None)
    letter = max(letters, key=lambda found: found[0].at, default=None)
    fields = entry[1] if entry else letter[1] if letter else wanted.fields
    article = await _read(fields, max_bytes) if fields else None
    refused = article if isinstance(article, BadEntry) else None
    return FoundArticle(
        entry[0] if entry else None,
        letter[0] if letter else None,
        article if isinstance(article, Article) else None,
        str(refused or ""),
        refused is not None and refused.kind == "wall",
        fields,
    )


async def _entry(
    outbox: Outbox, wanted: Wanted, max_bytes: int, kept: KeptSearch
) -> tuple[EntryTrail, RawFields] | None:
    search = outbox.entry_search
    if wanted.entry:
        fields = await search.entry(wanted.entry)
        return await _trail(outbox, wanted.entry, fields) if fields else None
    known = kept(outbox, wanted.url) if wanted.url and not wanted.id else None
    if wanted.texts:
        # Of what is not finished, an entry that is no article has no dead letter yet.
        after = min(known.last, await search.finished(), key=place) if known else ""
        async for id_, fields in search.entries(wanted.texts, after=after):
            if _holds(fields, wanted, max_bytes):
                return await _trail(outbox, id_, fields)
    for id_ in known.ids[::-1] if known else ():
        fields = await search.entry(id_)
        if fields and _holds(fields, wanted, max_bytes):
            return await _trail(outbox, id_, fields)
    return None


async def _trail(outbox: Outbox, id_: str, fields: RawFields) -> tuple[EntryTrail, RawFields]:
    at = rfc3339(from_ms(ms_of(id_)))
    return EntryTrail(outbox.stream, id_, at, await outbox.entry_search.state(id_)), fields


async def _letter(
    outbox: Outbox, wanted: Wanted, max_bytes: int
) -> tuple[LetterTrail, RawFields] | None:
    if not wanted.texts:
        return None
    async for id_, stored in outbox.entry_search.entries(wanted.texts, dead=True):
        fields = unpack_fields(stored)
        entry, at, reason = (stored[name].decode() for name in (b"entry", b"at", b"reason"))
        if entry == wanted.entry or (not wanted.entry and _holds(fields, wanted, max_bytes)):
            is_wall = reason.startswith("a wall")
            return LetterTrail(outbox.stream, id_, entry, at, reason, is_wall), fields
    return None


def _holds(fields: RawFields, wanted: Wanted, max_bytes: int) -> bool:
    try:
        return wanted.is_in(read_entry(fields, max_bytes=max_bytes))
    except BadEntry:  # nobody can say what it is, but the text stands in it
        return True


async def _read(fields: RawFields, max_bytes: int) -> Article | BadEntry:
    """The article of an entry, within the limits that the service has for pages."""
    try:
        size = sum(len(name) + len(value) for name, value in fields.items())
        draft = read_entry(fields, max_bytes=max_bytes)
        if size <= MAX_INLINE_BYTES and not draft.needs_html:
            return compose(draft)
        async with PagePool(1) as pages:
            return await pages.read(fields, max_bytes=max_bytes)
    except BadEntry as error:
        return error
    except CallError as error:
        return BadEntry(f"it cannot be read ({str(error).strip().splitlines()[-1]})", "undecided")
