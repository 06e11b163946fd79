"""The rules as they stand in their files: read, watched, and swapped whole when they change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from service.errors import ConfigError, Fault
from service.subscriber import Lookup
from service.watchlist import Rules, load

log = structlog.get_logger(__name__)

Signature = tuple[tuple[str, int, int], ...]


def files(path: Path) -> list[Path]:
    """The rules files under a folder, in order, or the one file that `path` is.

    Raises ConfigError where there is neither.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ConfigError(f"{path}: there are no rules; create the folder, or set TOCSIN_RULES")
    found = (*path.rglob("*.yaml"), *path.rglob("*.yml"))
    hidden = [each for each in found if any(part.startswith(".") for part in each.parts[1:])]
    return sorted(each for each in found if each.is_file() and each not in hidden)


def texts(path: Path) -> dict[str, str]:
    """The rules files' texts by name; a byte that is not UTF-8 becomes a fault with its place."""
    out: dict[str, str] = {}
    for each in files(path):
        try:
            out[str(each)] = each.read_bytes().decode("utf-8-sig", "surrogateescape")
        except OSError as error:
            raise ConfigError(f"{each}: {error.strerror}; let this user read it") from error
    return out


class Rulebook:
    """The current rules; `current` is replaced in one step, never changed in place."""

    def __init__(
        self, path: Path, lookup: Lookup, *, every: float, changed: Callable[[Rules], None]
    ) -> None:
        """`every`: seconds between two looks at the files; `changed` hears of each new set."""
        self._path = path
        self._lookup = lookup
        self._every = every
        self._changed = changed
        self._seen = _signature(path)
        self.current: Rules = load(texts(path), lookup)
        changed(self.current)
        _tell(self.current, ())

    async def watch(self, stop: asyncio.Event) -> None:
        """Reload when a file changes, until `stop`; looks every `every` seconds."""
        while not stop.is_set():
            try:
                async with asyncio.timeout(self._every):
                    await stop.wait()
            except TimeoutError:
                await self._look()

    async def _look(self) -> None:
        try:
            seen = await asyncio.to_thread(_signature, self._path)
            if seen == self._seen:
                return
            before = self.current
            read = await asyncio.to_thread(texts, self._path)
            rules = await asyncio.to_thread(load, read, self._lookup, before)
        except (ConfigError, OSError) as error:
            # The folder is gone or half-copied: the rules that run stay.
            log.error("rules.unreadable", reason=str(error))
            return
        self._changed(rules)
        self._seen, self.current = seen, rules
        _tell(rules, before.faults)


def _signature(path: Path) -> Signature:
    stats = ((str(each), each.stat()) for each in files(path))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _tell(rules: Rules, known: tuple[Fault, ...]) -> None:
    for fault in rules.faults:
        if fault not in known:
            log.error(
                "rules.fault",
                file=fault.file,
                line=fault.line,
                column=fault.column,
                message=fault.message,
                hint=fault.hint,
            )
    log.info(
        "rules.loaded",
        watchlists=len(rules.watchlists),
        subscribers=len(rules.subscribers),
        faults=len(rules.faults),
        kept=list(rules.kept),
        rules=rules.digest,
    )
