"""The options by which alerts are chosen and counted."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

import typer

from service.cli.input.times import past_option
from service.views.alerts.alert_list import AlertFilter
from service.views.alerts.sums import GROUPS
from service.views.rules.names import unknown_name


class Verdict(Enum):
    """Which verdict an alert has."""

    USEFUL = "useful"
    NOISE = "noise"
    ANY = "any"
    NONE = "none"


WHEN = "Such as 2h, 3d (ago), 2026-11-23 or 2026-11-23T09:00:00Z."
OfWatchlist = Annotated[str, typer.Option("--watchlist", help="Only those of this watchlist.")]
ToSubscriber = Annotated[
    str, typer.Option("--subscriber", help="Only those for this subscriber, muted ones too.")
]
FromSource = Annotated[
    str, typer.Option("--source", help="Only those of articles of this source, in any case.")
]
OfStory = Annotated[
    str, typer.Option("--story", metavar="ID", help="Only those of this story: sty_…")
]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since", parser=past_option, metavar="WHEN", help=f"Only those made since then. {WHEN}"
    ),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", parser=past_option, metavar="WHEN", help="Only those made until then."),
]
MinScore = Annotated[
    float | None, typer.Option("--min-score", min=0, max=100, help="Only those that score so much.")
]
MaxScore = Annotated[
    float | None, typer.Option("--max-score", min=0, max=100, help="Only those that score no more.")
]
WithVerdict = Annotated[
    Verdict | None,
    typer.Option(
        "--verdict", help="Only those whose last verdict is so; any: either, none: nobody gave one."
    ),
]
By = Annotated[
    str, typer.Option("--by", help=f"Count them by these: {', '.join(GROUPS)}. Such as day,source.")
]


def verdict_word(verdict: Verdict | None) -> str:
    """As `AlertFilter` has it."""
    return verdict.value if verdict else ""


def checked_groups(only: AlertFilter, by: str) -> list[str]:
    """The names of `--by`. Raises BadParameter for these, and for what no alert can fit."""
    if only.since and only.until and only.until < only.since:
        raise typer.BadParameter("--until is earlier than --since")
    if only.story and not only.story.startswith("sty_"):
        raise typer.BadParameter(
            f"{only.story!r} is not the id of a story: sty_…", param_hint="--story"
        )
    groups = [name.strip() for name in by.split(",")] if by else []
    for name in groups:
        if name not in GROUPS:
            raise typer.BadParameter(
                unknown_name("group", name, GROUPS, f"use {', '.join(GROUPS)}"), param_hint="--by"
            )
    return groups
