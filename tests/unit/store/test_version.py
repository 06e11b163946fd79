"""Where an entry is in its stream: as numbers tell it, and never as texts do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.decide import is_older
from service.store.stories.version import is_superseded, place_of

IDS = st.tuples(
    st.one_of(st.integers(1, 2_000), st.integers(1_700_000_000_000, 1_900_000_000_000)),
    st.one_of(st.integers(0, 20), st.integers(0, 4_095)),
)


@given(IDS, IDS)
def test_entries_are_ordered_as_their_numbers_are(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    """A score that Redis keeps as a text of 17 digits tells which of two entries is the older."""
    first, second = (f"{ms}-{number}" for ms, number in (one, other))
    kept = f"{place_of(second):.17g}"
    assert is_superseded(first, kept) is (one < other)
    assert is_older(first, second) is (one < other)


@pytest.mark.parametrize(
    ("first", "second"), [("999-0", "1000-0"), ("5-9", "5-10"), ("9-4095", "10-0")]
)
def test_texts_of_other_lengths_are_no_trap(first: str, second: str) -> None:
    """As texts, each second one would be the older."""
    assert is_older(first, second)
    assert not is_older(second, first)
    assert place_of(first) < place_of(second)


def test_beyond_the_4096th_entry_of_one_millisecond_all_are_one() -> None:
    """They do not reach the next millisecond."""
    assert place_of("5-4095") == place_of("5-4096") == place_of("5-18446744073709551615")
    assert place_of("5-18446744073709551615") < place_of("6-0")


def test_where_nothing_is_known_nothing_is_older() -> None:
    """An article of which no entry was decided."""
    assert not is_superseded("5-0", "")
    assert not is_older("5-0", "")
