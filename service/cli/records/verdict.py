"""`tocsin verdict`: say whether an alert was useful, or noise."""

from __future__ import annotations

import getpass
from enum import Enum
from typing import Annotated

import typer

from service.alerts.people.verdict import MAX_BY_CHARS, GivenVerdict, VerdictWord
from service.cli.input.context import Context, context, wait_for
from service.cli.input.store import opened
from service.cli.output.terminal import console, one_line, print_json
from service.delivery.message.message import plain
from service.errors import TocsinError
from service.views.alerts.verdict import (
    TAKES_VERDICTS,
    AlertToJudge,
    alert_to_judge,
    give_verdict,
)

MAX_HEADLINE_CHARS = 200

app = typer.Typer(add_completion=False)


class Word(Enum):
    """What an alert was."""

    USEFUL = "useful"
    NOISE = "noise"


@app.command(epilog="Example: tocsin verdict alr_0b6d3c… noise")
def verdict(
    alert: Annotated[
        str, typer.Argument(metavar="ID", help="Of an alert (alr_…), or of a delivery (dlv_…).")
    ],
    word: Annotated[Word, typer.Argument(metavar="useful|noise", help="What the alert was.")],
    *,
    by: Annotated[str, typer.Option(help="Who says so; default: your name on this machine.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Say whether an alert was useful, or noise. The last verdict on an alert counts.

    `tocsin suggest` proposes from verdicts how a watchlist makes less noise.
    """
    here = context(quiet=True)
    said: VerdictWord = "useful" if word is Word.USEFUL else "noise"
    who = (by.strip() or _own_name())[:MAX_BY_CHARS]
    judged, given = wait_for(_give(here, alert, said, who))
    if as_json:
        print_json({"alert": judged.id, "watchlist": judged.watchlist_id, "verdict": given})
        return
    headline = one_line(plain(judged.headline), MAX_HEADLINE_CHARS)
    before = judged.verdict
    changed = before is not None and before.verdict != given.verdict
    was = f" (it was {before.verdict}, by {before.by})" if before and changed else ""
    console().print(f"{judged.id} is {given.verdict}{was}: {headline}", soft_wrap=True)


async def _give(
    here: Context, id_: str, word: VerdictWord, by: str
) -> tuple[AlertToJudge, GivenVerdict]:
    async with opened(here.settings) as outboxes:
        every = [*outboxes.values()]
        found = await alert_to_judge(every, id_)
        if found is not None and found.type != TAKES_VERDICTS:
            raise TocsinError(
                f"{id_} tells of several alerts ({found.type}); `tocsin alerts show {id_}` lists "
                "them, each with its own id"
            )
        given = await give_verdict(every, found, word, by, "command") if found else None
    if found is None or given is None:
        raise TocsinError(
            f"there is no alert {id_}; `tocsin alerts list`, the foot of mails and messages, and "
            "the log name their ids"
        )
    return found, given


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user of a container that no file names
        return "somebody"
