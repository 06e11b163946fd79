"""What should have arrived beside what did: a row of figures for each scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

from chaos.witness import Witness


@dataclass(frozen=True, slots=True)
class Figures:
    """One scenario's; the counts are those of all subscribers together."""

    scenario: str
    seed: int
    articles: int
    alerts: int
    subscribers: int
    arrived: int
    """Different alerts at different subscribers."""
    repeats: int
    """Came again under their webhook-id: at least once is what is promised."""
    doubles: int
    """Came again under another webhook-id."""
    lost: int
    surplus: int
    """Arrived, although nobody expected them."""
    wrong_signatures: int
    dead_letters: int
    refusals: int
    """Batches that the publisher had to write again."""
    blows: int
    """How often something was killed, paused or starved."""
    ends: int
    """How often the service ended by itself, for its supervisor to start it again."""
    recovery: float
    """Seconds from the end of the storm to the last delivery."""
    seconds: float

    def sound(self) -> bool:
        """Whether everything is as it must be."""
        return not (
            self.lost or self.surplus or self.doubles or self.wrong_signatures or self.dead_letters
        )


def compared(witnesses: Sequence[Witness], expected: set[str]) -> dict[str, int]:
    """The figures that the witnesses tell."""
    return {
        "alerts": len(expected),
        "subscribers": len(witnesses),
        "arrived": sum(len(one.articles & expected) for one in witnesses),
        "repeats": sum(one.repeats for one in witnesses),
        "doubles": sum(one.doubles for one in witnesses),
        "lost": sum(len(expected - one.articles) for one in witnesses),
        "surplus": sum(len(one.articles - expected) for one in witnesses),
        "wrong_signatures": sum(one.wrong_signatures for one in witnesses),
    }


def table(rows: Sequence[Figures]) -> str:
    """The rows below one another."""
    names = [each.name.replace("_", " ") for each in fields(Figures)]
    cells = [[_cell(value) for value in astuple(row)] for row in rows]
    widths = [max(len(row[at]) for row in [names, *cells]) for at in range(len(names))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if at == 0 else text.rjust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in [names, *cells]
    )


def _cell(value: str | float) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)
