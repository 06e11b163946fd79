"""What the first entry of a service would wait for is loaded before it."""

from __future__ import annotations

from service.articles.dates.written import _months
from service.articles.language import _model, _models
from service.stream.entry_reader import prepare


def test_the_first_entry_waits_for_no_names_of_months_and_no_model() -> None:
    """Each takes a quarter of a second, in which the event loop would do nothing else."""
    _months.cache_clear()
    _model.cache_clear()
    _models.cache_clear()
    prepare()
    assert _months.cache_info().currsize == _models.cache_info().currsize == 1
