"""Spans of what a process does, where it was asked for them. Here nothing is recorded.

`otel` has the recorder that sends them to a collector. It needs packages that nothing else needs,
so it is imported only if a setting asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from service.telemetry.trace_context import TraceContext


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """An attempt at a delivery, as its span names it."""

    context: TraceContext
    """The trace to which it belongs."""
    from_entry: bool
    """Whether that trace comes from an entry; else it was made for the event."""
    subscriber: str
    delivery_id: str
    event_id: str
    number: int
    """Counts every attempt of the delivery, from 1."""


@dataclass(frozen=True, slots=True)
class AttemptSpan:
    """An attempt of which nothing is recorded."""

    context: TraceContext
    """What the receiver is given."""

    def end(self, status: int | None, error: str) -> None:
        """It was sent: the status of the answer, and why it failed; "" where it did not."""


class Recorder:
    """Records nothing."""

    def batch(
        self, stream: str, entries: Sequence[Mapping[bytes, bytes]]
    ) -> AbstractContextManager[None]:
        """Entries with these fields are read and decided together within this."""
        del stream, entries
        return nullcontext()

    def stage(self, name: str) -> AbstractContextManager[None]:
        """A stage of the batch; outside of a batch it is none."""
        del name
        return nullcontext()

    def entry(self, id_: bytes, trace: TraceContext | None, matches: int) -> TraceContext | None:
        """The trace of what an entry of the batch causes; `trace` is that of its producer."""
        del id_, matches
        return trace

    def commit(self, stream: str, entries: int) -> AbstractContextManager[None]:
        """So many entries of a stream are written and acknowledged within this."""
        del stream, entries
        return nullcontext()

    def attempt(self, facts: AttemptFacts) -> AttemptSpan:
        """An attempt begins; one that is never ended was put off, and is not recorded."""
        return AttemptSpan(facts.context)

    async def aclose(self) -> None:
        """Send what is recorded; waits for some seconds at most."""
