"""Articles that tests name by their URL: kept beside the rules, else of files or of the streams."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from service.archive.missed.wanted import wanted_text
from service.articles.article import Article
from service.articles.entry import Draft, read_entry
from service.articles.files.entries import Source, UnreadableError
from service.cli.input.context import wait_for
from service.cli.input.files import source
from service.cli.input.limited_files import LimitedFiles
from service.errors import BadEntry, ConfigError
from service.rules.schema import ARTICLE_FIELDS
from service.settings import Settings

FOLDER = "articles"
"""Beside a rules file: the articles that its tests name by their URL."""
_LONGEST_NAME = 60


class UrlArticles:
    """Finds each article once, however often its test runs."""

    def __init__(self, settings: Settings, files: Sequence[str], *, keep: bool) -> None:
        """`files` are looked through in place of the streams; `keep` writes what is found."""
        self._settings = settings
        self.max_bytes = settings.stream.max_article_bytes
        self._files = files
        self._keep = keep
        self._found: dict[str, bytes] = {}
        self.kept: list[Path] = []
        """The files that were written."""

    def find(
        self, url: str, rules_file: Path, read: Callable[[Path], bytes], reader: LimitedFiles
    ) -> Article:
        """The article of a URL that a rules file names; `read` reads a file of the rules.

        Raises UnreadableError, BadEntry.
        """
        file = kept_file(rules_file, url)
        if file.is_file() or file.is_symlink():
            return self._article(Source(str(file), read(file)), reader)
        if url not in self._found:
            found = self._in_files(url, reader) if self._files else wait_for(self._on_streams(url))
            if found is None:
                where = "these files have no" if self._files else "no stream keeps an"
                raise UnreadableError(f"{where} article with the URL {url}; put it in {file}")
            self._found[url] = _json(found)
        if self._keep:
            self._write(file, self._found[url])
        return self._article(Source(f"{url}.json", self._found[url]), reader)

    def _in_files(self, url: str, reader: LimitedFiles) -> Draft | None:
        newest = None
        for name in self._files:
            for found in reader.entries(source(name)):
                if isinstance(found, UnreadableError):
                    continue
                draft = self._draft({key.encode(): text.encode() for key, text in found.items()})
                if draft and wanted_text(url).is_in(draft):
                    newest = draft
        return newest

    async def _on_streams(self, url: str) -> Draft | None:
        # Tests that name no URL need nothing of this, which takes half a second to load.
        from service.archive.missed.entries import find_article  # noqa: PLC0415
        from service.cli.archive.kept_articles import kept_search  # noqa: PLC0415
        from service.cli.input.store import opened  # noqa: PLC0415

        kept = kept_search(self._settings)
        async with opened(self._settings) as outboxes:
            found = await find_article(outboxes, wanted_text(url), self.max_bytes, kept)
        return self._draft(found.fields) if found.fields else None

    def _draft(self, fields: Mapping[bytes, bytes]) -> Draft | None:
        try:
            return read_entry(fields, max_bytes=self.max_bytes)
        except BadEntry:
            return None

    def _article(self, one: Source, reader: LimitedFiles) -> Article:
        found = [*reader.articles(one, max_bytes=self.max_bytes)]
        if len(found) != 1:
            raise UnreadableError(f"{one.name}: it holds {len(found)} articles; keep one there")
        if not isinstance(found[0], Article):
            raise found[0]
        return found[0]

    def _write(self, file: Path, content: bytes) -> None:
        folder = file.parent
        if folder.resolve().parent != folder.parent.resolve():
            raise ConfigError(f"{folder}: a link leads out of the rules; make a folder of it")
        try:
            folder.mkdir(exist_ok=True)
            file.write_bytes(content)
        except OSError as error:
            raise ConfigError(f"{file}: {error.strerror}") from error
        self.kept.append(file)


def kept_file(rules_file: Path, url: str) -> Path:
    """Where the article of a URL is kept: under a name that people know, and that is its own."""
    plain = re.sub(r"[^a-z0-9]+", "-", url.partition("://")[2].lower()).strip("-")
    digest = hashlib.blake2b(url.encode(), digest_size=4).hexdigest()
    name = f"{plain[:_LONGEST_NAME].rstrip('-')}-{digest}.json"
    return rules_file.parent / FOLDER / name


def _json(draft: Draft) -> bytes:
    """The article as tests write its fields."""
    fields = {name: value for name in ARTICLE_FIELDS if (value := getattr(draft, name))}
    return json.dumps(fields, indent=1, ensure_ascii=False).encode() + b"\n"
