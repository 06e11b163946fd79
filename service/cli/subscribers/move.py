"""`tocsin subscribers move`: what waits for a subscriber that is gone goes to another."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.input.context import context, wait_for
from service.cli.input.names import must_be_known, names
from service.cli.input.store import opened
from service.cli.output.terminal import console
from service.settings import Settings
from service.store.deliveries.moves.moves import Moved


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("move", epilog="Example: tocsin subscribers move desk --to night-desk")(move)


def move(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The subscriber's old id.")],
    to: Annotated[str, typer.Option(metavar="NAME", help="The subscriber that gets all of it.")],
    failed: Annotated[
        bool, typer.Option("--failed", help="Also send again what failed for the old one.")
    ] = False,
) -> None:
    """Give what waits for a subscriber, and what its digest holds, to another one.

    Where the rules do not name the old one any more, what comes for it later goes there too.
    """
    here = context(quiet=True)
    known = names(here)
    must_be_known("subscriber", to, known.subscriber_ids)
    if name == to:
        raise typer.BadParameter("this is the same subscriber", param_hint="--to")
    gone = name not in known.subscriber_ids
    moved = wait_for(_move(here.settings, name, to, gone=gone, failed=failed))
    if moved is None:
        must_be_known("subscriber", name, known.subscriber_ids)
    else:
        for line in _lines(name, to, moved, gone=gone):
            console().print(line, soft_wrap=True)


async def _move(
    settings: Settings, old: str, new: str, *, gone: bool, failed: bool
) -> Moved | None:
    """What was moved in all streams; None where nobody has ever heard of `old`."""
    async with opened(settings) as outboxes:
        every = [*outboxes.values()]
        for outbox in every:
            if (await outbox.lane_states.of(new)).status() == "disabled":
                raise typer.BadParameter(
                    f"{new} is disabled, so all of it would fail: first `tocsin subscribers "
                    f"enable {new}`, or name another",
                    param_hint="--to",
                )
        lanes = set[str]().union(*[await outbox.lane_states.names() for outbox in every])
        moved = Moved()
        for outbox in every:
            moved += await outbox.moves.move(old, new, failed=failed)
        if gone and moved == Moved() and old not in lanes:
            return None
        if gone:
            for outbox in every:
                await outbox.moves.keep(old, new)
        return moved


def _lines(old: str, new: str, moved: Moved, *, gone: bool) -> list[str]:
    lines = [f"{_counted(moved.deliveries, 'delivery', 'deliveries')} moved from {old} to {new}"]
    if moved.held:
        held = _counted(moved.held, "event", "events")
        lines.append(f"{held} of its digest moved; {new} gets them with its next digest, or now")
    if moved.had:
        lines.append(f"{moved.had:,} ended: {new} has deliveries of these events anyway")
    if moved.left:
        lines.append(f"{moved.left:,} are being sent now; run this again if they fail")
    if gone:
        lines.append(f"what comes for {old} from now on goes to {new}, until the rules name {old}")
    return lines


def _counted(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many}"
