"""What every command starts from: the settings and the mask."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from service.settings import Environment, RuleVariables, Settings, load, read_environment
from service.telemetry import log

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """The settings of this call, and where secrets are looked up."""

    settings: Settings
    environment: Environment
    mask: log.Mask

    @property
    def rule_variables(self) -> RuleVariables:
        """What `${NAME}` in rules files may name."""
        return RuleVariables(self.environment, self.settings.match.rules_variables)


def context(*, quiet: bool = False) -> Context:
    """Read the settings and set up the log; `quiet` shows warnings and worse only."""
    environment = read_environment()
    settings = load(environment)
    mask = log.Mask()
    if not settings.store.embedded:
        mask.add(settings.store.redis_url.reveal())
    mask.add(settings.mail.smtp_password.reveal())
    mask.add(settings.web.verdict_secret.reveal())
    level = "warning" if quiet else settings.log.log_level
    log.configure(settings.log.log_format, level, mask)
    return Context(settings, environment, mask)


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work to its end. Ctrl-C ends it, whatever fails because of that."""
    return asyncio.run(_until_interrupted(work))


async def _until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except Exception as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # redis-py makes a failed connection of it
            raise asyncio.CancelledError from error
        raise
