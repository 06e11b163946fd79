"""Where an article or a delivery belongs in a trace: W3C Trace Context, level 1.

A stream entry may have a field `traceparent`. It is read here, kept with the events that the entry
makes, and passed on with each delivery. It needs no OpenTelemetry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import blake2b

TRACEPARENT = "traceparent"
"""The field of a stream entry, and the header of a delivery."""

OUTGOING: ContextVar[str] = ContextVar("outgoing", default="")
"""The `traceparent` that the attempt of this task passes on; empty where it belongs to no trace."""

_KNOWN_FLAGS = 0x03
"""Sampled, and of level 2: the trace id is random. Others must not be passed on."""
_FIELD = TRACEPARENT.encode()
_FORM = re.compile(
    rb"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})"
    rb"-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A place in a trace: what comes after it belongs below the span."""

    trace_id: str
    """32 hex digits, not all of them zeros."""
    span_id: str
    """16 hex digits, not all of them zeros."""
    flags: int = 0

    @property
    def traceparent(self) -> str:
        """As it is written in a header."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"


def parse_traceparent(text: bytes) -> TraceContext | None:
    """The context that a `traceparent` names; None for one that is not valid.

    Of a later version than 00 the parts that are known count, as the recommendation has it.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None or found["version"] == b"ff":
        return None
    if found["version"] == b"00" and found["more"] is not None:
        return None
    if not (found["trace"].strip(b"0") and found["span"].strip(b"0")):
        return None
    flags = int(found["flags"], 16) & _KNOWN_FLAGS
    return TraceContext(found["trace"].decode(), found["span"].decode(), flags)


def entry_context(fields: Mapping[bytes, bytes]) -> TraceContext | None:
    """The trace to which a stream entry belongs; None where it names none, or not a valid one."""
    text = fields.get(_FIELD)
    return parse_traceparent(text) if text else None


def logged_trace(context: TraceContext | None) -> dict[str, str]:
    """What a line of the log says of a trace: nothing where there is none."""
    return {"trace_id": context.trace_id} if context else {}


def new_context(event_id: str, delivery_id: str) -> TraceContext:
    """The trace of a delivery to which no producer has given one: the same on every attempt.

    It is made of the event's id, so that all deliveries of an event are in one trace, and nobody
    has to keep it. It says that nothing before it was recorded.
    """
    trace_id = blake2b(event_id.encode(), digest_size=16).hexdigest()
    return TraceContext(trace_id, blake2b(delivery_id.encode(), digest_size=8).hexdigest())
