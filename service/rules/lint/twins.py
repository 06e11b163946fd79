"""Advice on watchlists that are written twice: who gets both is sent each article twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple

from service.rules.lint.normal_form import NormalForms, counted
from service.rules.lint.remark import Remark
from service.rules.rules import Rules, Watchlist


class Twin(NamedTuple):
    """A watchlist that alerts just where an earlier one does."""

    watchlist: Watchlist
    other: Watchlist
    """The first one that was written so."""
    twice: tuple[str, ...]
    """The subscribers that both notify; none: both notify nobody."""

    @property
    def remark(self) -> Remark:
        """What is said of it."""
        other = self.other
        what = f"{', '.join(self.twice)} is sent each article twice"
        if len(self.twice) > 1:
            what = f"{' and '.join(self.twice)} are sent each article twice"
        message = (
            f"it alerts just where {other.id} does ({other.file}:{other.line}), whose expression "
            f"and filters are the same: {what if self.twice else 'each alert is recorded twice'}. "
            "Delete one of them"
        )
        return Remark("T516", message)


def find_twins(rules: Rules) -> Iterator[Twin]:
    """The watchlists that an earlier one makes superfluous for some subscriber.

    Both have the same language, severity, threshold, throttle and `repeat`. Where a score decides
    (a threshold, a subscriber's `min_score`), it must be the same for each article, too.
    """
    first: dict[Hashable, Watchlist] = {}
    forms: dict[str, NormalForms] = {}
    for watchlist in rules.watchlists.values():
        language = watchlist.query.language
        own = forms.setdefault(language, NormalForms(language))
        found: dict[str, tuple[Watchlist, list[str]]] = {}
        for name in watchlist.notify or ("",):
            least = rules.subscribers[name].min_score if name in rules.subscribers else 0
            key = name, _filters(watchlist), _finding(watchlist, own, scored=least > 0)
            other = first.setdefault(key, watchlist)
            if other is not watchlist:
                found.setdefault(other.id, (other, []))[1].append(name)
        for other, names in found.values():
            yield Twin(watchlist, other, tuple(filter(None, names)))


def _filters(watchlist: Watchlist) -> Hashable:
    throttle = watchlist.throttle
    return (
        watchlist.query.language,
        watchlist.query.threshold,
        watchlist.severity,
        watchlist.repeat,
        throttle and (throttle.max, throttle.per),
    )


def _finding(watchlist: Watchlist, forms: NormalForms, *, scored: bool) -> Hashable:
    """What a watchlist finds, with what decides the score if that counts."""
    query = watchlist.query
    exceptions = [one.node for one in query.exceptions]
    if not (scored or query.threshold):
        return forms.of_match(query.node, exceptions)
    boosts = counted((forms.scored(one.node), one.points) for one in query.boosts)
    return forms.scored(query.node), frozenset(map(forms.found, exceptions)), boosts
