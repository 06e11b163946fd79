"""The outboxes that a command looks into or writes to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.app.redis.outboxes import outboxes, redis_url, store_name
from service.cli.output.terminal import console
from service.settings import Settings
from service.store.outbox import Outbox


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[dict[str, Outbox]]:
    """The outboxes, with the embedded server running where that is the one to use.

    Names the store and the streams on stderr, and those that no service has read: who looks into
    the wrong store finds nothing there, and what is set there has no effect.
    """
    with redis_url(settings.store) as url:
        async with outboxes(settings, url) as found:
            err = console(error=True)
            named = f"stream{'s' if len(found) > 1 else ''} {', '.join(found)}"
            err.print(f"store {store_name(settings.store)} · {named}", style="dim", soft_wrap=True)
            for stream, outbox in found.items():
                if not await outbox.input_stream.was_read():
                    err.print(
                        f"no service has read stream {stream} in this store yet: is it the right "
                        "one, and does `tocsin run` run?",
                        style="yellow",
                        soft_wrap=True,
                    )
            yield found
