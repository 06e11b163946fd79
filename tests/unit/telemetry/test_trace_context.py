"""A `traceparent` is read as W3C Trace Context has it, and written in version 00."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.trace_context import (
    TraceContext,
    entry_context,
    logged_trace,
    new_context,
    parse_traceparent,
)

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("text", "passed_on"),
    [
        (f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01"),
        (f"00-{TRACE}-{SPAN}-00", f"00-{TRACE}-{SPAN}-00"),
        (f" 00-{TRACE}-{SPAN}-01\t", f"00-{TRACE}-{SPAN}-01"),
        (f"00-{TRACE}-{SPAN}-ff", f"00-{TRACE}-{SPAN}-03"),  # flags that nobody knows yet
        (f"cc-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01"),  # a later version
        (f"cc-{TRACE}-{SPAN}-01-what-else-it-says", f"00-{TRACE}-{SPAN}-01"),
    ],
)
def test_a_valid_one_is_passed_on(text: str, passed_on: str) -> None:
    """In version 00, which every receiver knows."""
    context = parse_traceparent(text.encode())
    assert context is not None
    assert context.traceparent == passed_on
    assert logged_trace(context) == {"trace_id": TRACE}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"cc-{TRACE}-{SPAN}-01.more",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-0g",
        f"00-{TRACE}-{SPAN}-01\r\nx-injected: 1",
    ],
)
def test_any_other_is_none(text: str) -> None:
    """It is as if there were none, so that it is never passed on."""
    assert parse_traceparent(text.encode()) is None
    assert entry_context({b"traceparent": text.encode(), b"title": b"A"}) is None
    assert logged_trace(None) == {}


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.integers(0, 3))
def test_what_is_written_is_read_again(trace: int, span: int, flags: int) -> None:
    """An event keeps it as text."""
    context = TraceContext(f"{trace:032x}", f"{span:016x}", flags)
    assert parse_traceparent(context.traceparent.encode()) == context


@given(st.text(), st.text(), st.text())
def test_a_new_one_is_valid_and_the_same_each_time(event: str, one: str, other: str) -> None:
    """All deliveries of an event are in one trace, each below a place of its own."""
    context = new_context(event, one)
    assert parse_traceparent(context.traceparent.encode()) == context == new_context(event, one)
    assert context.trace_id == new_context(event, other).trace_id
    assert (context == new_context(event, other)) == (one == other)
    assert context.traceparent.endswith("-00")
