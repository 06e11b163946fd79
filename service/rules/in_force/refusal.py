"""Whether a set of rules may take the place of the one in force."""

from __future__ import annotations

from dataclasses import dataclass

from service.rules.in_force.state import RulesInForce

LEAST_SHARE = 0.5
"""Of the watchlists in force; files that have fewer are taken for half of a set."""


@dataclass(frozen=True, slots=True)
class Offered:
    """The rules files of a worker, as far as this is about."""

    offer: str
    """The digest of the files."""
    root: str
    """Their path."""
    watchlists: int
    """How many are written in them: also faulty and disabled ones."""
    subscribers: int
    """How many can be used, or are disabled on purpose."""


def refusal(offered: Offered, before: RulesInForce | None) -> str:
    """Why the set in force stays; "": the offered one may take its place.

    Of another folder only an empty one is refused: to name it was a decision.
    """
    if before is None or before.accepted == offered.offer:
        return ""
    had, has = before.watchlists, offered.watchlists
    few = has < LEAST_SHARE * had and before.root == offered.root
    if had and (has == 0 or few):
        lost = f"{offered.root} has {has or 'none'} of the {_count(had, 'watchlist')} in force"
    elif before.subscribers and not offered.subscribers:
        had = before.subscribers
        lost = f"none of the {_count(had, 'subscriber')} in force can be used"
    else:
        return ""
    return (
        f"the rules files are not put in force: {lost}. Restore them, or put them in force as they "
        f"are: tocsin rules accept {offered.offer}"
    )


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
