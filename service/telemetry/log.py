"""Logs: one event name per fact, one line per event, no secret in any of them (DESIGN.md §9).

Library logs (FastStream, uvicorn, httpx, redis, trafilatura) and our own go through the root
logger of the standard library into one formatter.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import unicodedata
from collections.abc import Mapping
from typing import Any, Literal, TextIO
from urllib.parse import urlsplit

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MIN_SECRET_CHARS = 4
"""Shorter secrets are not masked: parts of ordinary words would disappear."""

MIN_PATH_CHARS = 16
"""Of a webhook's path that is masked; a shorter one holds no token."""

FEW_ENDS = 64
"""So many ends of secrets are looked for one by one; with more, all parts of a text are."""

MAX_NESTING = 10
"""Levels of a nested value that are logged as they are; deeper ones are logged as text."""

_USERINFO = re.compile(r"(?<=://)(?P<user>[^\s/?#:]*)(?P<password>:[^\s/?#]*)?@")
_UNSEEN = re.compile(r"\\[ubfr]")
"""What JSON writes out although it is unseen; only the mask writes it as people are shown it."""
_PLAIN_VALUES_ONLY = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_FIRST = ("event", "timestamp", "level", "logger")
_UNSEEN_BUT_KEPT = "\t\n\u200c\u200d"
"""Beside all spaces: lines end, and Persian and some emoji need the joiners."""


class _ShownCharacters(dict[int, str]):
    """Each character as `visible` writes it; found out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char.isprintable() or char in _UNSEEN_BUT_KEPT or unicodedata.category(char) == "Zs":
            shown = char
        else:
            shown = char.encode("ascii", "backslashreplace").decode()
            shown = f"\\x{code:02x}" if shown == char else shown
        self[code] = shown
        return shown


_SHOWN = _ShownCharacters()


def visible(text: str) -> str:
    r"""The text with what is unseen written out, such as `\x1b` and `\u202e`.

    Articles, answers of receivers and names of files come from outside: none of them may move a
    terminal's cursor, turn a line round, or break its encoding.
    """
    return text if text.isprintable() else text.translate(_SHOWN)


class Mask:
    """Replaces secrets by `***` in all that is logged: the last line of defence, not the first.

    It hides the texts that were added to it, and the passwords in URLs.
    """

    def __init__(self) -> None:
        self._secrets: frozenset[str] = frozenset()
        self._by_end: dict[str, list[str]] = {}
        """The secrets by their last characters. A search for each of thousands of them would take
        longer than the delivery that the line is about."""
        self._written_ends: frozenset[str] = frozenset()
        """Of the same ends what a line of JSON begins them with."""

    def add(self, *secrets: str) -> None:
        """Hide these texts from now on; of a URL also its path, where the path appears alone."""
        texts = set(secrets)
        for secret in secrets:
            if "://" in secret:
                url = urlsplit(secret)
                path = f"{url.path}?{url.query}" if url.query else url.path
                texts |= {path} if len(path) >= MIN_PATH_CHARS else set()
        usable = {text for text in texts if len(text) >= MIN_SECRET_CHARS} - self._secrets
        self._secrets |= usable
        for text in usable:
            self._by_end.setdefault(text[-MIN_SECRET_CHARS:], []).append(text)
        written = (json.dumps(visible(end), ensure_ascii=False)[1:] for end in self._by_end)
        self._written_ends = frozenset(end[:MIN_SECRET_CHARS] for end in written)

    def may_show(self, line: str) -> bool:
        """Whether there may be a secret in a line of JSON; where there is one, it is so always.

        Nearly all lines have none: they need not be taken apart.
        """
        if "://" in line and "@" in line:
            return True
        ends = self._written_ends
        if len(ends) <= FEW_ENDS:
            return any(end in line for end in ends)
        parts = zip(*(line[first:] for first in range(MIN_SECRET_CHARS)), strict=False)
        return not ends.isdisjoint(map("".join, parts))

    def hide(self, text: str) -> str:
        """The text without secrets."""
        places = range(len(text) - MIN_SECRET_CHARS + 1)
        ends = self._by_end.keys() & {text[at : at + MIN_SECRET_CHARS] for at in places}
        # The longest first, so that no part of one stays behind when another lies within it.
        for secret in sorted((one for end in ends for one in self._by_end[end]), key=len)[::-1]:
            text = text.replace(secret, "***")
        return _USERINFO.sub(_hidden_userinfo, text) if "://" in text else text

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """A structlog processor: plain values without secrets, however deep they lie."""
        return {key: self._plain(value, MAX_NESTING) for key, value in event.items()}

    def _plain(self, value: Any, levels: int) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping) and levels:
            return {self._text(key): self._plain(item, levels - 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset) and levels:
            return [self._plain(item, levels - 1) for item in value]
        return self._text(value)

    def _text(self, value: Any) -> str:
        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        return visible(self.hide(text))


def _hidden_userinfo(found: re.Match[str]) -> str:
    # A token without a password is written where a user's name would be.
    return f"{found['user']}:***@" if found["password"] else "***@"


def configure(
    format: Literal["auto", "json", "console"],  # noqa: A002  the setting's own name
    level: str,
    mask: Mask,
    stream: TextIO | None = None,
) -> None:
    """Set up structlog and the standard library's logging; `stream` defaults to stderr.

    `auto` is `console` on a terminal, else `json`; `level` is "debug" to "error".
    """
    stream = sys.stderr if stream is None else stream
    console = format == "console" or (format == "auto" and stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _library_extras,
    ]
    handler = logging.StreamHandler(stream)
    # The handler needs the level too: FastStream gives its logger a level of its own.
    handler.setLevel(level.upper())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_for_people(mask, stream) if console else _for_programs(mask)),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(True)
    for logger in logging.root.manager.loggerDict.values():
        # FastStream, for example, has a handler of its own on stdout once it is imported.
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True
    for name in ("aiohttp", "httpx"):
        # At INFO and DEBUG they log each request's URL, and a webhook's URL is a secret.
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _for_programs(mask: Mask) -> list[Processor]:
    # No local variables: they may hold secrets that the mask does not know.
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)
    return [
        structlog.processors.ExceptionRenderer(frames),
        _event_first,
        _JsonLine(mask),
    ]


class _JsonLine:
    """Renders an event as a line of JSON, without secrets and with nothing unseen in it."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        try:
            line = orjson.dumps(event, option=_PLAIN_VALUES_ONLY).decode()
        except orjson.JSONEncodeError:
            line = ""  # it has other than plain values, which the mask makes plain
        if line and line.isprintable() and not (_UNSEEN.search(line) or self._mask.may_show(line)):
            return line
        plain = self._mask(logger, method, event)
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _for_people(mask: Mask, stream: TextIO) -> list[Processor]:
    return [
        # Rendered before the mask, which cannot look into an exception.
        structlog.processors.format_exc_info,
        mask,
        structlog.dev.ConsoleRenderer(
            colors=stream.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
            sort_keys=False,
        ),
    ]


def _library_extras(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Moves the items of the `extra` mapping that FastStream logs into the event."""
    extra = event.pop("extra", None)
    event.pop("color_message", None)  # uvicorn repeats its text with escape codes
    return {**extra, **event} if isinstance(extra, Mapping) else event


def _event_first(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {**{key: event[key] for key in _FIRST if key in event}, **event}
