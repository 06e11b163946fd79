"""Which recorder of spans a process has."""

from __future__ import annotations

from importlib.metadata import version

from service.errors import ConfigError
from service.settings import LogSettings
from service.telemetry.spans import Recorder


def recorder(settings: LogSettings) -> Recorder:
    """The one that the settings ask for.

    Raises ConfigError where its packages are not installed.
    """
    if settings.traces == "off":
        return Recorder()
    try:
        from service.telemetry.otel import otlp_recorder  # noqa: PLC0415 - an extra, and 0.2 s
    except ImportError as error:
        raise ConfigError(
            f"TOCSIN_TRACES=otlp needs packages that are not installed ({error}); install them "
            "with `pip install 'tocsin[otel]'`, or leave TOCSIN_TRACES unset"
        ) from error
    return otlp_recorder(version=version("tocsin"))
