"""What becomes of the articles that the reader of the demo publishes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from rich.console import Console

from service.articles.files.entries import article_of
from service.articles.files.feeds import Fields
from service.cli.output.terminal import one_line
from service.errors import BadEntry
from service.rules.rules import Rules
from service.settings import Settings
from service.store.input_stream.input_stream import InputStream

LOOK_EVERY = timedelta(seconds=0.2)
MAX_TITLE_CHARS = 60


class OwnArticles:
    """Says of each article that comes after `last` what came of it, once it is decided."""

    def __init__(
        self, stream: InputStream, rules: Rules, settings: Settings, last: str, out: Console
    ) -> None:
        self._stream = stream
        self._rules = rules
        self._settings = settings
        self._last = last
        self._out = out

    async def tell(self) -> None:
        """Go on until it is cancelled."""
        while True:
            for id_, fields in await self._stream.entries_after(self._last):
                await self._decided()
                said = await asyncio.to_thread(self._said, fields)
                self._out.print(f"✓ read: {said}", style="dim", soft_wrap=True)
                self._last = id_
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def _decided(self) -> None:
        while (lag := await self._stream.lag()).waits or lag.pending:
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    def _said(self, fields: Fields) -> str:
        try:
            article = article_of(fields, max_bytes=self._settings.stream.max_article_bytes)
        except BadEntry as error:
            return f"a dead letter: {error}"
        title = one_line(article.title or article.lead, MAX_TITLE_CHARS)
        matches = self._rules.engine.match(article, max_evidence=1)
        if not matches:
            return f"“{title}” matches no watchlist; `tocsin explain FILE` says what each lacks"
        ids = ", ".join(match.query_id for match in matches)
        return f"“{title}” matches {ids}"
