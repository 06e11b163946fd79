"""An article that is named by its URL, by a stream entry, or by an alert: what the streams have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.archive.missed.entries import FoundArticle, KeptSearch, find_article
from service.archive.missed.wanted import Wanted, wanted_alert, wanted_text
from service.cli.input.context import wait_for
from service.cli.input.names import is_alert
from service.cli.input.store import opened
from service.errors import TocsinError
from service.settings import Settings
from service.store.outbox import Outbox
from service.views.alerts.details import AlertDetails, find_alert
from service.views.alerts.left_out import RulesOfAlerts


@dataclass(frozen=True, slots=True)
class NamedArticle:
    """An article that a command is about, before it is looked for."""

    wanted: Wanted
    alert: AlertDetails | None = None
    """The alert that names it."""


@dataclass(frozen=True, slots=True)
class StreamArticle:
    """What became of the search."""

    found: FoundArticle
    alert: AlertDetails | None = None


async def named_article(outboxes: Mapping[str, Outbox], said: str) -> NamedArticle:
    """What is known of an article by its name. Raises TocsinError where there is no such alert."""
    if not is_alert(said):
        return NamedArticle(wanted_text(said))
    alert = await find_alert(outboxes.values(), said, RulesOfAlerts())
    if alert is None:
        raise TocsinError(f"there is no alert {said}; `tocsin alerts list` shows them")
    article = alert.event.get("data", {}).get("article", {})
    return NamedArticle(wanted_alert(said, article), alert)


def stream_article(settings: Settings, said: str, kept: KeptSearch) -> StreamArticle:
    """The newest entry of an article. Raises TocsinError where no stream and no alert has it."""
    return wait_for(_read(settings, said, kept))


async def _read(settings: Settings, said: str, kept: KeptSearch) -> StreamArticle:
    max_bytes = settings.stream.max_article_bytes
    async with opened(settings) as outboxes:
        named = await named_article(outboxes, said)
        found = await find_article(outboxes, named.wanted, max_bytes, kept)
    if found.article is None and named.alert is None:
        raise TocsinError(
            f"{said}: {found.refused or 'no stream has this article'}; "
            f"`tocsin missed {said}` says what became of it"
        )
    return StreamArticle(found, named.alert)
