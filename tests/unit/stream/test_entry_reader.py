"""What the first entry of a service would wait for is loaded before it."""

from __future__ import annotations

from service.articles.dates.names import names
from service.articles.language.detection import _models
from service.stream.entry_reader import prepare


def test_the_first_entry_waits_for_no_names_of_months_and_no_model() -> None:
    """The event loop would do nothing else meanwhile."""
    names.cache_clear()
    _models.cache_clear()
    prepare()
    assert names.cache_info().currsize == _models.cache_info().currsize == 1
