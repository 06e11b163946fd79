"""The options by which alerts are chosen and counted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from service.cli.input.times import past_option
from service.views.alerts.sums import GROUPS

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
By = Annotated[
    str, typer.Option("--by", help=f"Count them by these: {', '.join(GROUPS)}. Such as day,source.")
]
