"""Spans from producer to receiver, as OpenTelemetry's messaging conventions 1.44 have them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.alerts import an_alert, commit_alerts
from builders.deliveries import ID, delivering, reached, show
from builders.traces import GIVEN, TRACE, article_reader, read_entries, sent_traces
from harness.receiver import Receiver, answer
from service.delivery.worker.told_text import told_text
from service.store.outbox import Outbox

pytest.importorskip("opentelemetry.sdk", reason="the extra `otel` is not installed")

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from service.telemetry.otel import OtelRecorder

JET = {"title": "A fighter jet", "id": "1"}
UNMATCHED = {"title": "A glider", "id": "2"}


async def recorded(
    redis: Redis, stream: str, *articles: dict[str, str], deliveries: int = 1, status: int = 204
) -> tuple[Sequence[ReadableSpan], list[str]]:
    """All spans, and what the receiver got as `traceparent`; the first attempt ends as `status`."""
    exporter = InMemorySpanExporter()
    outbox = Outbox(redis, stream, spans=OtelRecorder(SimpleSpanProcessor(exporter), version="1.2"))
    entries = await read_entries(redis, outbox, *articles)
    async with article_reader(outbox) as reader, Receiver(answer(status)) as desk:
        await reader.process(entries)
        if deliveries:
            async with delivering(outbox, desk.subscriber(), schedule=[timedelta(0)]):
                await reached(outbox, "delivered", deliveries)
    return exporter.get_finished_spans(), sent_traces(desk)


def named(spans: Sequence[ReadableSpan], name: str) -> list[ReadableSpan]:
    """Those of a name, the earliest end first."""
    return [span for span in spans if span.name == name]


def facts(span: ReadableSpan) -> dict[str, Any]:
    """Its attributes, without ids."""
    ids = ("messaging.message.id", "tocsin.event.id")
    return {key: value for key, value in (span.attributes or {}).items() if key not in ids}


async def test_names_kinds_and_attributes(redis: Redis, stream_name: str) -> None:
    """Of a batch with two entries, one of which matches."""
    jet = JET | {"traceparent": GIVEN}
    spans, _ = await recorded(redis, stream_name, jet, UNMATCHED)
    process, commit = f"process {stream_name}", f"commit {stream_name}"
    assert sorted(span.name for span in spans) == sorted(
        ["read", "match", commit, process, process, "send desk"]
    )
    (settled,) = named(spans, commit)
    entry, batch = named(spans, process)
    (sent,) = named(spans, "send desk")
    redis_facts = {"messaging.system": "redis", "messaging.destination.name": stream_name}
    processed = redis_facts | {
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
    }
    assert (batch.kind, facts(batch)) == (
        SpanKind.CONSUMER,
        processed | {"messaging.batch.message_count": 2},
    )
    assert (entry.kind, facts(entry)) == (SpanKind.CONSUMER, processed | {"tocsin.matches": 1})
    assert (settled.kind, facts(settled)) == (
        SpanKind.CLIENT,
        redis_facts
        | {
            "messaging.operation.name": "commit",
            "messaging.operation.type": "settle",
            "messaging.batch.message_count": 2,
        },
    )
    assert (sent.kind, facts(sent)) == (
        SpanKind.PRODUCER,
        {
            "messaging.system": "tocsin",
            "messaging.operation.name": "send",
            "messaging.operation.type": "send",
            "messaging.destination.name": "desk",
            "http.response.status_code": 204,
            "tocsin.attempt": 1,
        },
    )
    assert {
        span.instrumentation_scope.schema_url for span in spans if span.instrumentation_scope
    } == {"https://opentelemetry.io/schemas/1.44.0"}
    assert batch.resource.attributes["service.name"] == "tocsin"


async def test_each_attempt_is_below_the_producer(redis: Redis, stream_name: str) -> None:
    """The entry's span below the producer's, each attempt below that; the receiver gets its id."""
    jet = JET | {"traceparent": GIVEN}
    spans, sent = await recorded(redis, stream_name, jet, UNMATCHED, status=500)
    entry, _ = named(spans, f"process {stream_name}")
    attempts = named(spans, "send desk")
    assert entry.parent is not None
    assert f"{entry.parent.span_id:016x}" == GIVEN.split("-")[2]
    assert [one.parent and one.parent.span_id for one in attempts] == [entry.context.span_id] * 2
    ids = [f"{one.context.span_id:016x}" for one in attempts]
    assert sent == [f"00-{TRACE}-{one}-01" for one in ids]
    assert facts(attempts[0])["error.type"] == "500"
    assert not attempts[0].status.is_ok
    assert "error.type" not in facts(attempts[1])


async def test_a_batch_is_linked_to_its_producers(redis: Redis, stream_name: str) -> None:
    """To each that traces, and each of their entries to the batch; its stages are below it."""
    other = GIVEN.replace(TRACE, TRACE[::-1])
    spans, _ = await recorded(
        redis,
        stream_name,
        JET | {"traceparent": GIVEN},
        UNMATCHED | {"traceparent": other},
        {"title": "A kite", "id": "3"},
    )
    *entries, batch = named(spans, f"process {stream_name}")
    assert batch.parent is None
    assert [f"{link.context.trace_id:032x}" for link in batch.links] == [TRACE, TRACE[::-1]]
    for entry, trace in zip(entries, (TRACE, TRACE[::-1]), strict=True):
        assert f"{entry.context.trace_id:032x}" == trace
        assert batch.context.span_id in [link.context.span_id for link in entry.links]
    for name in ("read", "match", f"commit {stream_name}"):
        (stage,) = named(spans, name)
        assert stage.parent is not None
        assert stage.parent.span_id == batch.context.span_id


async def test_what_the_producer_does_not_sample_is_not_recorded(
    redis: Redis, stream_name: str
) -> None:
    """Its id is passed on all the same, with the flag as it was."""
    jet = JET | {"traceparent": GIVEN[:-2] + "00"}
    spans, (sent,) = await recorded(redis, stream_name, jet)
    assert not [span for span in spans if f"{span.context.trace_id:032x}" == TRACE]
    assert sent.startswith(f"00-{TRACE}-")
    assert sent.endswith("-00")


async def test_an_entry_without_a_trace_begins_one(redis: Redis, stream_name: str) -> None:
    """Where it matches: its deliveries are below it, and its random id is passed on as sampled."""
    spans, (sent,) = await recorded(redis, stream_name, JET, UNMATCHED)
    entry, _ = named(spans, f"process {stream_name}")
    (attempt,) = named(spans, "send desk")
    assert entry.parent is None
    assert attempt.context.trace_id == entry.context.trace_id
    assert sent == f"00-{entry.context.trace_id:032x}-{attempt.context.span_id:016x}-03"


async def test_an_entry_that_takes_long_has_its_trace(redis: Redis, stream_name: str) -> None:
    """The first of a language is decided after its batch, in one of its own, as pages are."""
    spans, (sent,) = await recorded(
        redis, stream_name, JET | {"language": "ga", "traceparent": GIVEN}
    )
    assert sent.split("-")[1] == TRACE
    batches = [one for one in named(spans, f"process {stream_name}") if one.parent is None]
    assert [len(one.links) for one in batches] == [1, 1]


async def test_what_is_not_sent_has_no_span(redis: Redis, stream_name: str) -> None:
    """Another stream has claimed the delivery: here nothing goes out."""
    exporter = InMemorySpanExporter()
    spans = OtelRecorder(SimpleSpanProcessor(exporter), version="1.2")
    outbox = Outbox(redis, stream_name, spans=spans)
    await commit_alerts(redis, outbox, an_alert())
    delivery = await show(outbox)
    await outbox.claims.claim(ID, "other", told_text(delivery.body))
    async with Receiver() as desk, delivering(outbox, desk.subscriber(), claims=outbox.claims):
        await reached(outbox, "delivered")
    assert not desk.requests
    assert named(exporter.get_finished_spans(), "send desk") == []


async def test_a_collector_that_hangs_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process ends, and says that spans are lost."""
    exporter, answered = InMemorySpanExporter(), threading.Event()
    monkeypatch.setattr(exporter, "shutdown", answered.wait)
    recorder = OtelRecorder(
        SimpleSpanProcessor(exporter), version="1.2", patience=timedelta(milliseconds=1)
    )
    with capture_logs() as logs:
        await recorder.aclose()
    answered.set()
    assert [line["event"] for line in logs] == ["traces.unsent"]
