"""The same article on two streams is told once, whatever the channel."""

from __future__ import annotations

import json

import pytest
from redis.asyncio import Redis

from builders.alerts import an_alert, eventually
from builders.deliveries import ID, delivering, made, reached, show
from builders.subscribers import a_subscriber
from harness.receiver import SECRET, Receiver, answer
from service.delivery.worker.told_text import told_text
from service.rules.subscribers.subscriber import Subscriber
from service.store.client import Store
from service.store.keys import CLAIM
from service.store.outbox import Outbox

TEXT = told_text(json.dumps({"type": "alert.created", "data": an_alert().created.data}).encode())


@pytest.fixture
def other(redis: Redis, stream_name: str) -> Outbox:
    """That of another stream."""
    return Outbox(redis, f"{stream_name}-other")


def desk(url: str) -> Subscriber:
    """Whom both streams tell."""
    return a_subscriber(f'webhook: {{url: "{url}", secret: "{SECRET}"}}')


async def test_it_is_sent_by_one_of_them(redis: Redis, outbox: Outbox, other: Outbox) -> None:
    """The other's record says so, and its lane learns nothing of the receiver."""
    async with Receiver() as receiver:
        async with delivering([outbox, other], desk(receiver.url), claims=outbox.claims):
            await made(redis, outbox, "a1")
            await reached(outbox, "delivered")
            await made(redis, other, "a1")
            await reached(other, "delivered")
        assert len(receiver.requests) == 1
    (attempt,) = (await show(other)).attempts
    assert attempt.response == f"not sent: stream {outbox.stream} has the same event, and sends it"
    assert (await outbox.lane_states.of("desk")).status() == "ok"
    assert (await other.lane_states.of("desk")).status() == "new"


async def test_another_article_under_the_same_id_is_told(
    redis: Redis, outbox: Outbox, other: Outbox
) -> None:
    """Two producers count their articles, each for a stream of its own."""
    async with Receiver() as receiver:
        async with delivering([outbox, other], desk(receiver.url), claims=outbox.claims):
            await made(redis, outbox, "1")
            await reached(outbox, "delivered")
            await made(redis, other, "1", title="A bridge fell in Genoa")
            await reached(other, "delivered")
        titles = [json.loads(each.body)["data"]["article"]["title"] for each in receiver.requests]
    assert titles == ["Türkiye, Pakistan to cement defence ties", "A bridge fell in Genoa"]


async def test_the_one_that_sends_goes_on_until_it_is_through(
    redis: Redis, outbox: Outbox, other: Outbox
) -> None:
    """A claim is not given up with a failed attempt."""
    async with (
        Receiver(answer(500)) as receiver,
        delivering([outbox, other], desk(receiver.url), claims=outbox.claims),
    ):
        await made(redis, outbox, "a1")
        await eventually(lambda: len(receiver.requests) >= 1)
        await made(redis, other, "a1")
        await reached(other, "delivered")
        await eventually(lambda: len(receiver.requests) >= 2)
        await reached(outbox, "delivered")
    assert {each.headers["webhook-id"] for each in receiver.requests} == {ID}


async def test_what_an_operator_asks_for_is_sent(
    redis: Redis, outbox: Outbox, other: Outbox
) -> None:
    """By the stream that was asked."""
    async with (
        Receiver() as receiver,
        delivering([outbox, other], desk(receiver.url), claims=outbox.claims),
    ):
        await outbox.claims.claim(ID, outbox.stream, TEXT)
        await made(redis, other, "a1")
        await reached(other, "delivered")
        assert receiver.requests == []
        assert await other.deliveries.retry(ID)
        await eventually(lambda: len(receiver.requests) == 1)


async def test_where_redis_does_not_say_it_waits(redis: Redis, outbox: Outbox) -> None:
    """It could be told twice; it costs no attempt."""
    await redis.hset(Store(redis, outbox.stream).key(CLAIM, ID, TEXT), "of", "another kind")
    async with Receiver() as receiver:
        async with delivering(outbox, desk(receiver.url), claims=outbox.claims):
            await made(redis, outbox, "a1")

            async def waits() -> bool:
                return (await show(outbox)).note != ""

            await eventually(waits)
        assert receiver.requests == []
    shown = await show(outbox)
    assert (shown.state, shown.attempts) == ("pending", ())
    assert shown.note == "Redis does not say whether another stream sends it"
