"""A batch in steps: no step ends between an entry and one that rests on what it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from service.alerts.alert import alert_id
from service.alerts.decision import AlertDraft, Created, Outcome
from service.alerts.history import AlertHistory
from service.articles.identity import Identity
from service.store.client import Store
from service.store.commit.plan import AlertPlan
from service.store.commit.steps import STEP_BYTES, STEP_COMMANDS, PlannedEntry, steps
from service.store.stories.version import Guard

STORE = Store(Redis(), "articles")  # it is asked for keys alone
ARTICLE = Identity("", "a")
DRAFT = AlertDraft(alert_id("w", *ARTICLE.parts), "w", ARTICLE, "r", "1-0", 50, ("desk",))
PLAN = AlertPlan(STORE, Outcome(DRAFT, Created(("desk",)), None, AlertHistory(), AlertHistory()))
MOST = STEP_COMMANDS // PLAN.commands
THIRD = MOST // 3


def guards(names: str) -> list[Guard]:
    """Guards of these names, a letter each."""
    return [Guard(name, ("HLEN", name), ("",)) for name in names]


def planned(entries: Sequence[tuple[int, int, str]]) -> list[list[str]]:
    """The ids of each step's entries, which have so many alerts, bytes and names of guards."""

    def plan(number: int, first_text: int, divisible: bool) -> Iterator[PlannedEntry]:
        del first_text, divisible
        alerts, size, _ = entries[number]
        yield PlannedEntry({"id": f"{number}-0"}, [], size, [PLAN] * alerts)

    every = [guards(names) for _, _, names in entries]
    return [[one.id.decode() for one in step] for step in steps(len(entries), plan, every)]


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from([0, 1, THIRD, MOST]),
        st.sampled_from([1, STEP_BYTES // 2, STEP_BYTES]),
        st.sampled_from(["", "a", "b", "ab", "c"]),
    ),
    max_size=12,
)


@given(ENTRIES)
def test_what_rests_on_one_another_is_in_one_step(entries: list[tuple[int, int, str]]) -> None:
    """Every entry is in one step, in order; a border has no guard with alerts on both sides."""
    found = planned(entries)
    assert [id_ for step in found for id_ in step] == [f"{n}-0" for n in range(len(entries))]
    for border in accumulate(map(len, found[:-1])):
        before = {name for alerts, _, names in entries[:border] if alerts for name in names}
        after = {name for _, _, names in entries[border:] for name in names}
        assert not before & after


@given(ENTRIES)
def test_a_step_is_as_large_as_it_may_be(entries: list[tuple[int, int, str]]) -> None:
    """What nothing rests on is in the step before only where that has room for it."""
    free = [(alerts, size, "") for alerts, size, _ in entries]
    expected: list[list[str]] = []
    alerts_in_step = size_of_step = 0
    for number, (alerts, size, _) in enumerate(free):
        full = alerts_in_step + alerts > MOST or size_of_step + size > STEP_BYTES
        if full or not expected:
            expected.append([])
            alerts_in_step = size_of_step = 0
        expected[-1].append(f"{number}-0")
        alerts_in_step, size_of_step = alerts_in_step + alerts, size_of_step + size
    assert planned(free) == expected
