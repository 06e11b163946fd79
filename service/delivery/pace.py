"""Limits how fast this process sends to one service that several subscribers share.

A lane spaces out the deliveries of one subscriber (`ChannelKind.min_gap`). It does not see
that several subscribers, or several streams, use one webhook or one relay: that is what a `Pace`
is for.

A delivery whose turn comes soon waits for it. Any other is postponed: its slot in the worker goes
to another delivery, and it uses up no attempt. (A longer wait would let one burst hold every slot;
a failure would spend the attempts that outages need.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from service.store.lanes.verdict import Postponed


@dataclass(slots=True)
class _Turns:
    """The turns of one key; both times are of the event loop's clock, in seconds."""

    next_turn: float
    last_return: float
    """When the last of the postponed deliveries comes back."""


class Pace:
    """One turn in every `gap` for each key, within this process.

    A delivery waits for its turn for `max_wait` at most, and is postponed for `reason` otherwise.
    `now` is always the event loop's clock, in seconds.
    """

    def __init__(self, gap: timedelta, max_wait: timedelta, reason: str) -> None:
        self._gap_s = gap.total_seconds()
        self._max_wait_s = max_wait.total_seconds()
        self._reason = reason
        self._turns: dict[str, _Turns] = {}

    def take_turn(self, key: str, now: float) -> timedelta | Postponed:
        """Take the next turn: how long to wait for it, or when to come back instead."""
        turns = self._turns_of(key, now)
        if turns.next_turn - now > self._max_wait_s:
            return self.postpone(key, now)
        begins = max(turns.next_turn, now)
        turns.next_turn = begins + self._gap_s
        return timedelta(seconds=begins - now)

    def postpone(self, key: str, now: float) -> Postponed:
        """When to come back: at a time at which no other postponed delivery comes back."""
        turns = self._turns_of(key, now)
        turns.last_return = max(turns.last_return, turns.next_turn, now) + self._gap_s
        return Postponed(timedelta(seconds=turns.last_return - now), self._reason)

    def block_until(self, key: str, until: float) -> None:
        """Give no turn before `until`: the receiver asked for a pause."""
        turns = self._turns_of(key, until)
        turns.next_turn = max(turns.next_turn, until)

    def _turns_of(self, key: str, now: float) -> _Turns:
        if key not in self._turns:
            # Turns that are over hold nothing that new ones would not.
            self._turns = {
                k: turns
                for k, turns in self._turns.items()
                if max(turns.next_turn, turns.last_return) > now
            }
            self._turns[key] = _Turns(now, now)
        return self._turns[key]
