"""News about strikes at ports, and about strikes at goals: what is useful, and what is noise."""

from __future__ import annotations

import random
from collections.abc import Iterator

_NAMES = """
Arlen Bosco Cardew Dellan Emsley Farrow Gannet Hollis Ibbot Jarrow Kelso Lorimer Marden Norrie
Ockley Pendle Quarle Ravens Selby Tolland Ulver Verney Wexham Yardly
"""
_PORTS = """
crane berth container tug pilot customs wage ballot union docker freight vessel terminal warehouse
cargo shift ferry quay barge manifest tonnage shipping
"""
_GOALS = """
keeper corner header penalty whistle winger stadium crowd coach substitute tackle league season
fixture defender midfield trophy referee kickoff
"""
_PLAIN = """
morning week people said hours early third major report asked later group near number city began
while place month small large young told under company
"""
NAMES, PORTS, GOALS, PLAIN = (tuple(each.split()) for each in (_NAMES, _PORTS, _GOALS, _PLAIN))


def sentences(chance: random.Random, words: tuple[str, ...], count: int) -> str:
    """So many sentences of these words, of plain ones, and of names."""
    made = []
    for _ in range(count):
        some = chance.sample(words, 3) + chance.sample(PLAIN, 5) + chance.sample(NAMES, 2)
        chance.shuffle(some)
        made.append(" ".join(some).capitalize() + ".")
    return " ".join(made)


def port_strike(number: int, chance: random.Random) -> dict[str, str]:
    """An article that the desk wants."""
    port = f"{chance.choice(NAMES)} {number}"
    body = f"The strike at {port} goes on. {sentences(chance, PORTS, 8)}"
    return {"id": f"port-{number}", "title": f"Strike closes the port of {port}", "body": body}


def goal(number: int, chance: random.Random) -> dict[str, str]:
    """An article that it does not want."""
    club = f"{chance.choice(NAMES)} {number}"
    body = f"The strike by {club} won the football match. {sentences(chance, GOALS, 8)}"
    return {"id": f"goal-{number}", "title": f"Late strike lifts {club}", "body": body}


def articles(useful: int, noise: int, others: int = 0, seed: int = 1) -> Iterator[dict[str, str]]:
    """So many of each, and others that have no strike."""
    chance = random.Random(seed)
    yield from (port_strike(number, chance) for number in range(useful))
    yield from (goal(number, chance) for number in range(noise))
    for number in range(others):
        words = chance.choice((PORTS, GOALS))
        body = sentences(chance, words, 8)
        yield {"id": f"other-{number}", "title": f"News {number}", "body": body}
