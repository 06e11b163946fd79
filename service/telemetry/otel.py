"""Spans for OpenTelemetry: names, kinds and attributes of its messaging conventions 1.44.

A batch is one span, linked to the producers of its entries. An entry whose producer traces, or that
matches, has a span of its own in that trace, linked to the batch; its events are kept with that
span, so each attempt at a delivery comes below it.

It needs the extra `otel`. What may be set of the exporter are OpenTelemetry's own variables.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.environment_variables import OTEL_SPAN_LINK_COUNT_LIMIT
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from service.telemetry.spans import AttemptFacts, AttemptSpan, Recorder
from service.telemetry.trace_context import TraceContext, entry_context

SCHEMA = "https://opentelemetry.io/schemas/1.44.0"
MAX_LINKS = 10_000
"""Of a batch, one for each of its entries, unless OTEL_SPAN_LINK_COUNT_LIMIT says otherwise."""
PATIENCE = timedelta(seconds=5)
"""How long the end of a process waits for the collector."""

Attributes = dict[str, str | int]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Batch:
    """The batch that is decided now."""

    stream: str
    span: Span
    begun: int
    """In ns since 1970."""
    entries: list[Span] = field(default_factory=list)


_BATCH: ContextVar[_Batch | None] = ContextVar("batch", default=None)


class OtelRecorder(Recorder):
    """Records spans, and gives them to `processor`; at the end it waits for `patience` at most."""

    def __init__(
        self, processor: SpanProcessor, *, version: str, patience: timedelta = PATIENCE
    ) -> None:
        self._patience = patience
        ours = Resource.create({"service.name": "tocsin", "service.version": version})
        is_limited = OTEL_SPAN_LINK_COUNT_LIMIT in os.environ
        self._provider = TracerProvider(
            resource=ours.merge(OTELResourceDetector().detect()),  # OTEL_SERVICE_NAME comes first
            span_limits=SpanLimits(max_links=None if is_limited else MAX_LINKS),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("tocsin", version, schema_url=SCHEMA)

    @contextmanager
    def batch(self, stream: str, entries: Sequence[Mapping[bytes, bytes]]) -> Iterator[None]:
        """One span, linked to the producers that trace."""
        traces = filter(None, map(entry_context, entries))
        begun = time.time_ns()
        with self._tracer.start_as_current_span(
            f"process {stream}",
            context=Context(),  # FastStream's own belongs to no entry
            kind=SpanKind.CONSUMER,
            attributes=_operation("process", stream)
            | {"messaging.batch.message_count": len(entries)},
            links=[Link(_span_context(one)) for one in traces],
            start_time=begun,
        ) as span:
            batch = _Batch(stream, span, begun)
            token = _BATCH.set(batch)
            try:
                yield
            finally:
                _BATCH.reset(token)
                for one in batch.entries:
                    one.end()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """A span below that of the batch."""
        if _BATCH.get() is None:
            yield
            return
        with self._tracer.start_as_current_span(name):
            yield

    def entry(self, id_: bytes, trace: TraceContext | None, matches: int) -> TraceContext | None:
        """A span below that of the producer, or the first of a new trace for an entry that matches.

        It ends with the batch.
        """
        batch = _BATCH.get()
        if batch is None or not (trace or matches):
            return trace
        links = [batch.span.get_span_context(), *([_span_context(trace)] if trace else ())]
        span = self._tracer.start_span(
            f"process {batch.stream}",
            context=_below(trace),
            kind=SpanKind.CONSUMER,
            attributes=_operation("process", batch.stream)
            | {"messaging.message.id": id_.decode(), "tocsin.matches": matches},
            links=[*map(Link, links)],
            start_time=batch.begun,
        )
        batch.entries.append(span)
        return _trace_context(span)

    @contextmanager
    def commit(self, stream: str, entries: int) -> Iterator[None]:
        """The acknowledgement of entries, and the writing of their alerts with it."""
        with self._tracer.start_as_current_span(
            f"commit {stream}",
            kind=SpanKind.CLIENT,
            attributes=_operation("commit", stream, "settle")
            | {"messaging.batch.message_count": entries},
        ):
            yield

    def attempt(self, facts: AttemptFacts) -> AttemptSpan:
        """A span below that of the entry; an event of no entry has a new trace for each attempt."""
        span = self._tracer.start_span(
            f"send {facts.subscriber}",
            context=_below(facts.context if facts.from_entry else None),
            kind=SpanKind.PRODUCER,
            attributes=_operation("send", facts.subscriber, system="tocsin")
            | {
                "messaging.message.id": facts.delivery_id,
                "tocsin.event.id": facts.event_id,
                "tocsin.attempt": facts.number,
            },
        )
        return _OtelAttempt(_trace_context(span), span)

    async def aclose(self) -> None:
        """Send what is recorded; what a collector does not take in time is lost."""
        # The SDK itself would wait up to 30 s, in which Kubernetes kills the process.
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, self._patience.total_seconds())
        if ending.is_alive():
            log.warning("traces.unsent", seconds=self._patience.total_seconds())


@dataclass(frozen=True, slots=True)
class _OtelAttempt(AttemptSpan):
    """An attempt that is recorded when it ends."""

    span: Span

    def end(self, status: int | None, error: str) -> None:
        """With what came of it."""
        if status:
            self.span.set_attribute("http.response.status_code", status)
        if error:
            self.span.set_attribute("error.type", str(status) if status else "_OTHER")
            self.span.set_status(Status(StatusCode.ERROR, error))
        self.span.end()


def otlp_recorder(*, version: str) -> OtelRecorder:
    """Spans for the collector that OTEL_EXPORTER_OTLP_… names; a thread of its own sends them."""
    return OtelRecorder(BatchSpanProcessor(OTLPSpanExporter()), version=version)


def _operation(name: str, destination: str, kind: str = "", system: str = "redis") -> Attributes:
    """What the conventions want of every span."""
    return {
        "messaging.system": system,
        "messaging.operation.name": name,
        "messaging.operation.type": kind or name,
        "messaging.destination.name": destination,
    }


def _below(trace: TraceContext | None) -> Context:
    """The parent of a span; none: it begins a trace, whatever else is recorded now."""
    if trace is None:
        return Context()
    return set_span_in_context(NonRecordingSpan(_span_context(trace)), Context())


def _span_context(trace: TraceContext) -> SpanContext:
    trace_id, span_id = int(trace.trace_id, 16), int(trace.span_id, 16)
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(trace.flags))


def _trace_context(span: Span) -> TraceContext:
    found = span.get_span_context()
    return TraceContext(f"{found.trace_id:032x}", f"{found.span_id:016x}", int(found.trace_flags))
