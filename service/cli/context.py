"""What every command starts from: settings, the mask, the outboxes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import typer

from service import log
from service.connection import outboxes, redis_url
from service.outbox import Outbox
from service.publishing import Source
from service.settings import Environment, Settings, load, read_environment

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """The settings of this call, and where secrets are looked up."""

    settings: Settings
    environment: Environment
    mask: log.Mask


def context(*, quiet: bool = False) -> Context:
    """Read the settings and set up the log; `quiet` shows warnings and worse only."""
    environment = read_environment()
    settings = load(environment)
    mask = log.Mask()
    if not settings.store.embedded:
        mask.add(settings.store.redis_url.reveal())
    mask.add(settings.mail.smtp_password.reveal())
    level = "warning" if quiet else settings.log.log_level
    log.configure(settings.log.log_format, level, mask)
    return Context(settings, environment, mask)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[dict[str, Outbox]]:
    """The outboxes, with the embedded server running where that is the one to use."""
    with redis_url(settings.store) as url:
        async with outboxes(settings, url) as found:
            yield found


def source(name: str) -> Source:
    """A file by its name as an argument gives it; `-` is stdin."""
    if name == "-":
        return Source("stdin", sys.stdin.buffer.read())
    path = Path(name)
    if path.is_dir():
        raise typer.BadParameter(f"{name} is a folder; name its files: {name.rstrip('/')}/*")
    try:
        return Source(name, path.read_bytes())
    except OSError as error:
        raise typer.BadParameter(f"{name}: {error.strerror}") from error


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work to its end."""
    return asyncio.run(work)
