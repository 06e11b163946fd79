"""Digests, quiet hours and silences: nothing is lost, nothing is told twice."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.alerts import NOON, AnAlert, an_alert, commit_alerts, eventually
from builders.rules import load
from builders.stories import JETS, TEXT, report, take
from service.alerts.alert import rfc3339
from service.alerts.people.silence import Silence, Target, silencing
from service.alerts.routing import Route
from service.errors import StoreError
from service.store.client import Store, from_milliseconds
from service.store.held import held_events
from service.store.held.held_events import SentBundle
from service.store.keys import ALERT, BUNDLES, DELIVERIES, LANE, SILENCES
from service.store.outbox import Outbox

FAR = NOON + timedelta(days=20_000)
EARLY = datetime(1970, 1, 2, tzinfo=UTC)


@pytest.fixture
def outbox(redis: Redis, stream_name: str) -> Outbox:
    """An outbox that forgets what it told after an hour."""
    return Outbox(redis, stream_name, keep_alerts=timedelta(hours=1))


def on_the_way(alert: AnAlert, **routes: Route) -> AnAlert:
    """The alert with some of its subscribers hearing of it otherwise than at once."""
    return replace(alert, created=replace(alert.created, routes=routes))


def digested(number: int, due: datetime = EARLY, **fields: Any) -> AnAlert:
    """An alert that goes into the digest of `desk`, which is due at this time."""
    alert = an_alert(f"a{number}", score=float(number), title=f"Title {number}", **fields)
    return on_the_way(alert, desk=Route(digest_due=due))


async def bodies(outbox: Outbox) -> list[dict[str, Any]]:
    """What is on its way to subscribers."""
    found = []
    for delivery in await outbox.deliveries.newest(limit=1000):
        shown = await outbox.deliveries.get(delivery.id)
        assert shown is not None
        found.append(json.loads(shown.body))
    return found


async def test_a_digest_is_one_message(redis: Redis, outbox: Outbox) -> None:
    """What came up since the last one, the best first; and only once it is due."""
    await commit_alerts(redis, outbox, *(digested(number) for number in range(3)))
    assert await outbox.deliveries.newest() == []
    assert await outbox.held_events.release() == SentBundle("d/desk", 3, 1, 0)
    (digest,) = await bodies(outbox)
    assert digest["type"] == "digest.created"
    titles = [one["article"]["title"] for one in digest["data"]["alerts"]]
    assert titles == ["Title 2", "Title 1", "Title 0"]
    assert await outbox.held_events.release() is None
    store = Store(redis, outbox.stream)
    now = await store.now()
    for key in (store.key(DELIVERIES, "pending"), store.key(LANE, "desk")):  # it is due at once
        found: Any = await redis.zrange(key, 0, -1, withscores=True)
        ((_, at),) = found
        assert from_milliseconds(at) <= now


@pytest.mark.parametrize(
    ("target", "name", "left"),
    [
        ("watchlist", "jets", []),
        ("tag", "air", []),
        ("subscriber", "desk", []),
        ("subscriber", "other", ["Title 1"]),
    ],
)
async def test_a_silence_that_began_meanwhile_holds_back_what_is_in_a_digest(
    redis: Redis, outbox: Outbox, target: Target, name: str, left: list[str]
) -> None:
    """It is recorded and not sent, neither now nor later; another's silence changes nothing."""
    alert = digested(1)
    watchlist = {**alert.created.data["watchlist"], "id": "jets", "tags": ["air"]}
    said = {**alert.created.data, "watchlist": watchlist}
    await commit_alerts(redis, outbox, replace(alert, created=replace(alert.created, data=said)))
    silence = Silence("sil_1", target, name, "2026-11-24T00:00:00.000Z", "air show", rfc3339(NOON))
    assert await outbox.held_events.release(silences=[silence]) == SentBundle(
        "d/desk", 1, len(left), 1 - len(left)
    )
    kept = await redis.hget(Store(redis, outbox.stream).key(ALERT, alert.id), "muted:desk")
    assert (kept is None) is bool(left)
    assert await outbox.held_events.release() is None
    found = [
        one["article"]["title"] for each in await bodies(outbox) for one in each["data"]["alerts"]
    ]
    assert found == left


async def test_what_a_digest_holds_is_kept_until_then(redis: Redis, outbox: Outbox) -> None:
    """Also where its record was there before, and was to be let go."""
    alert = digested(1, due=FAR)
    key = Store(redis, outbox.stream).key(ALERT, alert.id)
    await redis.hset(key, "at", rfc3339(EARLY))
    await redis.pexpire(key, timedelta(minutes=1))
    await commit_alerts(redis, outbox, alert)
    assert await redis.pttl(key) == -1


async def test_a_digest_waits_for_its_time(redis: Redis, outbox: Outbox) -> None:
    """However often somebody looks."""
    await commit_alerts(redis, outbox, digested(1, due=FAR))
    assert await outbox.held_events.release() is None
    assert await outbox.deliveries.newest() == []


async def test_a_digest_is_due_as_early_as_any_rules_said(redis: Redis, outbox: Outbox) -> None:
    """An earlier time moves it, a later one does not."""
    bundles = Store(redis, outbox.stream).key(BUNDLES)
    for number, due, expected in ((1, FAR, FAR), (2, NOON, NOON), (3, FAR, NOON)):
        await commit_alerts(redis, outbox, digested(number, due=due))
        assert await redis.zscore(bundles, "d/desk") == expected.timestamp() * 1000


async def test_several_workers_make_one_digest(redis: Redis, outbox: Outbox) -> None:
    """All at the same moment."""
    await commit_alerts(redis, outbox, *(digested(number) for number in range(20)))
    workers = [Outbox(redis, outbox.stream) for _ in range(8)]
    told = await asyncio.gather(*(each.held_events.release() for each in workers))
    assert sum(released.events for released in told if released) == 20
    assert len(await bodies(outbox)) == 1


@pytest.mark.parametrize("name", [f"alert:{an_alert().id}", "held:d/desk"])
async def test_a_foreign_key_holds_up_no_other_digest(
    redis: Redis, outbox: Outbox, name: str
) -> None:
    """It is named; and what is held beside it waits until the key is gone."""
    other = on_the_way(
        an_alert("a2", subscribers=("energy",)),
        energy=Route(digest_due=EARLY + timedelta(seconds=1)),
    )
    await commit_alerts(redis, outbox, digested(1), other)
    key = Store(redis, outbox.stream).prefix + name
    await redis.rename(key, f"{key}-elsewhere")
    await redis.set(key, "somebody else's")
    with pytest.raises(StoreError, match=f"{name}.* holds a string"):
        await outbox.held_events.release()
    assert await outbox.held_events.release() == SentBundle("d/energy", 1, 1, 0)
    assert await outbox.held_events.release() is None
    await redis.rename(f"{key}-elsewhere", key)
    await redis.zadd(Store(redis, outbox.stream).key(BUNDLES), {"d/desk": 1})
    assert await outbox.held_events.release() == SentBundle("d/desk", 1, 1, 0)


async def test_a_silence_that_nobody_can_read_silences_nothing(
    redis: Redis, outbox: Outbox
) -> None:
    """It is told of once, and neither it nor what it was for holds up any article."""
    good = a_silence()
    await outbox.silences.add(good)
    bad = ("no JSON", "[]", "{}", json.dumps({**asdict(good), "until": 5, "id": "sil_4"}))
    for number, text in enumerate(bad):
        await redis.hset(Store(redis, outbox.stream).key(SILENCES), f"bad_{number}", text)
    with capture_logs() as logs:
        for _ in range(2):
            assert (await outbox.silences.in_force()).silences == (good,)
    assert sorted(line["silence_id"] for line in logs) == [f"bad_{n}" for n in range(len(bad))]
    assert {line["event"] for line in logs} == {"silence.unreadable"}


async def test_what_comes_while_a_digest_is_written_is_in_it(
    redis: Redis, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read before: it is not sent then, and nothing that it holds is lost."""
    await commit_alerts(redis, outbox, digested(0))
    composed = outbox.held_events._composed

    async def overtaken(*given: Any) -> Any:
        made = await composed(*given)
        await commit_alerts(redis, outbox, digested(1))
        return made

    with monkeypatch.context() as patched:
        patched.setattr(outbox.held_events, "_composed", overtaken)
        assert await outbox.held_events.release() == SentBundle("d/desk", 0, 0, 0)
    assert await outbox.deliveries.newest() == []
    assert await outbox.held_events.release() == SentBundle("d/desk", 2, 1, 0)


async def test_a_digest_is_brought_forward_and_never_put_off(redis: Redis, outbox: Outbox) -> None:
    """Whatever the time that is asked for; where nothing is held, none comes about."""
    await outbox.held_events.bring_digest_forward("desk", EARLY)
    assert await outbox.held_events.release() is None
    await commit_alerts(redis, outbox, digested(0, FAR))
    assert await outbox.held_events.release() is None
    await outbox.held_events.bring_digest_forward("desk", EARLY)
    await outbox.held_events.bring_digest_forward("desk", FAR)
    assert await outbox.held_events.release() == SentBundle("d/desk", 1, 1, 0)


async def test_the_digest_of_one_who_is_unknown_waits_until_it_is_known(
    redis: Redis, outbox: Outbox
) -> None:
    """The rules that name it may come later, and the same process sends it then."""
    await commit_alerts(redis, outbox, digested(0))
    assert await outbox.held_events.release(known=lambda _: False) is None
    assert await outbox.held_events.release(known=lambda name: name == "desk") == SentBundle(
        "d/desk", 1, 1, 0
    )


async def test_what_comes_late_goes_into_the_next_digest(redis: Redis, outbox: Outbox) -> None:
    """Nothing that is committed beside the making of a digest is lost."""
    await commit_alerts(redis, outbox, digested(1))
    await outbox.held_events.release()
    await commit_alerts(redis, outbox, digested(2))
    assert await outbox.held_events.release() == SentBundle("d/desk", 1, 1, 0)
    assert len(await bodies(outbox)) == 2


async def test_others_hear_at_once(redis: Redis, outbox: Outbox) -> None:
    """A digest is one subscriber's; the alert's other subscribers do not wait."""
    alert = digested(1, subscribers=("desk", "phone"))
    await commit_alerts(redis, outbox, alert)
    (delivery,) = await outbox.deliveries.newest()
    assert delivery.subscriber == "phone"


async def test_an_alert_outlives_its_retention_until_its_digest(
    redis: Redis, outbox: Outbox
) -> None:
    """A record that waits has no end; once it was told of, it has."""
    await commit_alerts(redis, outbox, digested(1))
    key = Store(redis, outbox.stream).key(ALERT, an_alert("a1").id)
    assert await redis.pttl(key) == -1
    await outbox.held_events.release()
    assert await redis.pttl(key) > 0


DIGESTS = load(
    {
        "r.yaml": """
watchlists:
  - {id: jets, match: fighter jet, notify: [desk, phone]}
subscribers:
  - id: desk
    digest: {every: 1s}
    webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}
  - id: phone
    quiet: {from: "00:00", to: "23:59", except: []}
    webhook: {url: "https://phone.example/hook", secret: "${SECRET}"}
"""
    },
    lambda _: "whsec_" + "QUJD" * 8,
)


async def test_a_retraction_takes_the_way_of_its_alert(redis: Redis, outbox: Outbox) -> None:
    """Nobody hears of it before the alert, and who has not heard of either hears of neither."""
    await outbox.input_stream.ensure_group()
    await take(redis, outbox, report("a"), rules=DIGESTS)
    gone = report("a", TEXT.replace("fighter jet", "trainer"))
    made = await take(redis, outbox, gone, rules=DIGESTS)
    assert len(made.retracted) == 1
    waiting = await outbox.deliveries.newest()
    assert [one.subscriber for one in waiting] == ["phone", "phone"]
    times = sorted(one.due_at.timestamp() for one in waiting if one.due_at)
    assert times[0] < times[1]

    async def due() -> bool:
        return await outbox.held_events.release() is not None

    await eventually(due)
    assert all(one.subscriber == "phone" for one in await outbox.deliveries.newest())


async def test_a_digest_names_all_that_it_counts(
    redis: Redis, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood is read a part at a time; its best are shown, and of each it has the title."""
    monkeypatch.setattr(held_events, "READ_AT_ONCE", 20)
    await commit_alerts(redis, outbox, *(digested(number) for number in range(50)))
    await outbox.held_events.release()
    (digest,) = await bodies(outbox)
    data = digest["data"]
    assert (data["count"], len(data["alerts"])) == (50, 10)
    assert data["alerts"][0]["article"]["title"] == "Title 49"
    assert [one["title"] for one in data["others"]] == [f"Title {n}" for n in range(39, -1, -1)]


async def test_what_cannot_be_read_holds_up_nothing(redis: Redis, outbox: Outbox) -> None:
    """One pot is damaged: it is put off, and the others are told of."""
    await commit_alerts(redis, outbox, digested(1))
    other = an_alert("a2", subscribers=("phone",))
    await commit_alerts(
        redis, outbox, on_the_way(other, phone=Route(digest_due=EARLY + timedelta(seconds=1)))
    )
    await redis.hset(Store(redis, outbox.stream).key(ALERT, an_alert("a1").id), "body", "{}")
    with pytest.raises(StoreError, match="d/desk cannot be read"):
        await outbox.held_events.release()
    assert await outbox.held_events.release() == SentBundle("d/phone", 1, 1, 0)


async def test_quiet_hours_hold_a_delivery(redis: Redis, outbox: Outbox) -> None:
    """It is pending, and due when they end."""
    alert = on_the_way(an_alert(), desk=Route(not_before=FAR))
    await commit_alerts(redis, outbox, alert)
    (delivery,) = await outbox.deliveries.newest()
    assert delivery.due_at is not None
    assert abs(delivery.due_at - FAR) < timedelta(seconds=1)


def a_silence(id_: str = "sil_1", lasts: timedelta = timedelta(hours=1)) -> Silence:
    """A silence of a watchlist."""
    until = rfc3339(datetime.now(UTC) + lasts)
    return Silence(id_, "watchlist", "jets", until, "moving house", rfc3339(NOON))


async def test_silences_are_shared_and_end(outbox: Outbox, redis: Redis) -> None:
    """Every process sees them; one that has ended by the clock of Redis is gone by itself."""
    await outbox.silences.add(a_silence("sil_long", timedelta(hours=9)))
    await outbox.silences.add(a_silence())
    other, store = Outbox(redis, outbox.stream), Store(redis, outbox.stream)
    before = await store.now()
    in_force = await other.silences.in_force()
    assert [one.id for one in in_force.silences] == ["sil_1", "sil_long"]
    assert before <= in_force.at <= await store.now()
    await outbox.silences.add(a_silence(lasts=timedelta(milliseconds=-1)))
    assert [one.id for one in (await other.silences.in_force()).silences] == ["sil_long"]
    assert await redis.hlen(store.key(SILENCES)) == 1
    assert await other.silences.remove("sil_long")
    assert not await other.silences.remove("sil_long")


@pytest.mark.parametrize(
    ("target", "name", "holds"),
    [
        ("watchlist", "jets", True),
        ("watchlist", "oil", False),
        ("tag", "defence", True),
        ("tag", "jets", False),
        ("subscriber", "desk", True),
        ("subscriber", "phone", False),
    ],
)
def test_what_a_silence_holds_back(target: Any, name: str, holds: bool) -> None:
    """By watchlist, by tag, or by subscriber."""
    silence = Silence("sil_1", target, name, "2027", "because", "2026")
    found = silencing([silence], "jets", ["defence"], "desk")
    assert found == (silence if holds else None)


async def test_a_silenced_alert_is_recorded_not_sent(redis: Redis, outbox: Outbox) -> None:
    """The alert stands, its delivery does not; and a later copy of the story is told."""
    await outbox.input_stream.ensure_group()
    made = await take(redis, outbox, report("a"), rules=JETS, silences=[a_silence()])
    assert (len(made.created), made.deliveries) == (1, 0)
    made = await take(redis, outbox, report("b"), rules=JETS)
    assert made.deliveries == 1


async def test_a_stream_of_alerts_over_many_digests_loses_nothing(
    redis: Redis, outbox: Outbox
) -> None:
    """Commits and digests race for a while; every alert is told of exactly once."""
    stopping = asyncio.Event()

    async def tell() -> None:
        while not stopping.is_set() or await outbox.held_events.release():
            await Outbox(redis, outbox.stream).held_events.release()

    telling = [asyncio.create_task(tell()) for _ in range(3)]
    for number in range(60):
        await commit_alerts(redis, outbox, digested(number))
    stopping.set()
    await asyncio.gather(*telling)

    async def told() -> bool:
        await outbox.held_events.release()
        return await redis.zcard(Store(redis, outbox.stream).key(BUNDLES)) == 0

    await eventually(told)
    counted = [body["data"]["count"] for body in await bodies(outbox)]
    assert sum(counted) == 60
