"""Spans are recorded if a setting asks for them, and only then is OpenTelemetry imported."""

from __future__ import annotations

import sys

import pytest

from service.app.spans import recorder
from service.errors import ConfigError
from service.settings import LogSettings
from service.telemetry.spans import Recorder


@pytest.fixture
def _without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where only Tocsin itself was installed."""
    monkeypatch.delitem(sys.modules, "service.telemetry.otel", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)


@pytest.mark.usefixtures("_without_the_extra")
def test_by_default_nothing_is_recorded_or_imported() -> None:
    """The recorder is the one that does nothing."""
    assert type(recorder(LogSettings())) is Recorder


@pytest.mark.usefixtures("_without_the_extra")
def test_without_the_extra_the_error_says_what_to_install() -> None:
    """And what to unset instead."""
    with pytest.raises(ConfigError, match=r"pip install 'tocsin\[otel\]'.*TOCSIN_TRACES unset"):
        recorder(LogSettings(traces="otlp"))
