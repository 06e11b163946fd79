"""The settings, part by part; each default is explained next to it.

A field's name is its variable's: `delivery_timeout` is `TOCSIN_DELIVERY_TIMEOUT`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self, cast

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.alerts.stories.story import NEAR_COPY
from service.delivery.schedule import JITTER, RETRY_DELAYS
from service.delivery.worker.slots import MAX_IN_FLIGHT
from service.rules.secret import Secret
from service.settings.value_types import (
    Bytes,
    Count,
    Days,
    Folder,
    Hours,
    Kind,
    LinkSecret,
    LogFormat,
    LogLevel,
    Networks,
    Number,
    Password,
    Port,
    PublicUrl,
    RedisUrl,
    Schedule,
    Seconds,
    Security,
    Share,
    Streams,
    Text,
    Traces,
    VariableNames,
    written,
)

PREFIX = "TOCSIN_"

EMBEDDED = "embedded"
"""The value of `TOCSIN_REDIS_URL` that asks for the Valkey that comes with the package."""


class Part(BaseModel):
    """The settings of one part of the service; errors hide values, as one may be a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class StoreSettings(Part):
    """Where the streams, alerts and deliveries are kept, and how long."""

    redis_url: RedisUrl = Secret(EMBEDDED)
    """The Redis or Valkey to use; `embedded` runs the one that comes with the package."""
    data_dir: Folder = Path(".tocsin")
    """Where the embedded server's data, compiled rules and the id of the store are kept."""
    keep_alerts_days: Days = 30
    """How long alerts and finished deliveries are kept."""
    keep_articles_days: Days = 7
    """How long the entries of the input streams are kept, once read and acknowledged."""

    @property
    def embedded(self) -> bool:
        """Whether to run the server that comes with the package."""
        return self.redis_url.reveal() == EMBEDDED


class StreamSettings(Part):
    """Reading articles from the streams."""

    streams: Streams = ("articles",)
    """The input streams, comma-separated or a JSON array."""
    batch_size: Count = 200
    """How many entries are read, matched and committed together, at most."""
    reclaim_after: Seconds = timedelta(seconds=60)
    """How long an entry may be pending before another worker takes it over."""
    stall_after: Seconds = timedelta(seconds=120)
    """How long entries may wait while none is read; then the process ends, to be restarted."""
    max_deliveries: Count = 5
    """How often an entry is tried before it goes to the dead letters."""
    max_article_bytes: Bytes = 1024 * 1024
    """A larger entry goes to the dead letters."""
    extract_processes: Count = 1
    """Processes that read pages of HTML and long texts."""


class MatchSettings(Part):
    """Matching articles with the rules."""

    rules: Folder = Path("rules")
    """The folder of watchlists, lists and subscribers, or one such file."""
    reload_every: Seconds = timedelta(seconds=2)
    """How often the rules files are checked for changes."""
    rules_variables: VariableNames = ()
    """Environment variables that `${NAME}` in rules may read; `DESK_*`: all that begin so."""
    max_evidence: Count = 5
    """How many pieces of evidence an alert has, at most; more only where each term needs one."""
    story_similarity: Share = NEAR_COPY
    """How much two texts must have in common to be one story: 0.3 joins more, 0.5 less."""
    story_window_hours: Hours = 72
    """How long after a story's first article its copies are still counted into it."""
    false_alarms_a_year: Number = 1.0
    """How often a year a series may be reported by chance as quiet, or as a spike; 0: never."""


class DeliverySettings(Part):
    """Sending alerts to subscribers."""

    allow_networks: Networks = ()
    """Private networks that webhooks may reach, such as `127.0.0.0/8`."""
    retry_schedule: Schedule = RETRY_DELAYS
    """The waits before each retry; after the last one the delivery has failed."""
    retry_jitter: Share = JITTER
    """By what share a wait may be shorter or longer: 0.2 is ±20 %, so that retries spread."""
    delivery_concurrency: Count = MAX_IN_FLIGHT
    """How many deliveries are sent at a time, at most; slow receivers together get half of them."""
    delivery_timeout: Seconds = timedelta(seconds=15)
    """How long one attempt may take, from name look-up to the last byte."""
    delivery_lease: Seconds = timedelta(seconds=60)
    """How long a delivery belongs to the worker that took it; longer than the timeout."""

    @model_validator(mode="after")
    def _lease_outlasts_attempt(self) -> Self:
        if self.delivery_lease <= self.delivery_timeout:
            raise ValueError(
                f"TOCSIN_DELIVERY_LEASE={written(self.delivery_lease)} must be longer than "
                f"TOCSIN_DELIVERY_TIMEOUT={written(self.delivery_timeout)}, else two workers send "
                "the same delivery at once: raise the one or lower the other."
            )
        return self


class MailSettings(Part):
    """The mail server that sends e-mail."""

    smtp_host: Text = ""
    """The mail server; without it no subscriber can have e-mail."""
    smtp_port: Port = 587
    """Its port: usually 587 for `starttls`, 465 for `tls`, 25 for `none`."""
    smtp_security: Security = "starttls"
    """`starttls` requires TLS after the greeting, `tls` begins with TLS, `none` uses no TLS."""
    smtp_username: Text = ""
    """The name to log in with; unset: no login."""
    smtp_password: Password = Secret("")
    """The password to log in with."""

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if bool(self.smtp_username) != bool(self.smtp_password.reveal()):
            raise ValueError(
                "TOCSIN_SMTP_USERNAME and TOCSIN_SMTP_PASSWORD go together: set both or neither."
            )
        return self


class WebSettings(Part):
    """The HTTP server: health, readiness, metrics, and what readers say of alerts."""

    host: Text = "127.0.0.1"
    """The address it listens at; `0.0.0.0` for all addresses of the machine."""
    port: Port = 8000
    """The port it listens at; 0 takes any free port."""
    public_url: PublicUrl = ""
    """The URL by which readers reach `/verdict/` of this server; without it nobody is asked."""
    verdict_secret: LinkSecret = Secret("")
    """Signs the links by which readers say whether an alert was useful."""

    @model_validator(mode="after")
    def _links_are_signed(self) -> Self:
        if bool(self.public_url) != bool(self.verdict_secret.reveal()):
            raise ValueError(
                "TOCSIN_PUBLIC_URL and TOCSIN_VERDICT_SECRET go together: set both or neither."
            )
        return self


class LogSettings(Part):
    """What is logged, and how."""

    log_format: LogFormat = "auto"
    """`auto` is `console` on a terminal and `json` everywhere else."""
    log_level: LogLevel = "info"
    """Events below this level are not logged."""
    traces: Traces = "off"
    """`otlp` sends spans to a collector of OpenTelemetry; it needs the extra `otel`."""


class RunSettings(Part):
    """Running and stopping the service as a whole."""

    drain_timeout: Seconds = timedelta(seconds=20)
    """How long the work in hand may take after SIGTERM."""


class Settings(BaseSettings):
    """All of them, part by part."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    store: StoreSettings = StoreSettings()
    stream: StreamSettings = StreamSettings()
    match: MatchSettings = MatchSettings()
    delivery: DeliverySettings = DeliverySettings()
    mail: MailSettings = MailSettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()
    run: RunSettings = RunSettings()


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable as a reader of the documentation meets it."""

    variable: str
    part: str
    field: str
    default: str
    """As one would write it in the environment."""
    kind: Kind


def catalogue() -> tuple[Setting, ...]:
    """Every setting there is, in the order of the parts."""
    return tuple(
        Setting(
            variable=PREFIX + name.upper(),
            part=part,
            field=name,
            default=written(field.default),
            kind=next(mark for mark in field.metadata if isinstance(mark, Kind)),
        )
        for part, model in parts()
        for name, field in model.model_fields.items()
    )


def parts() -> Iterator[tuple[str, type[Part]]]:
    """Each part's name and model."""
    for name, field in Settings.model_fields.items():
        yield name, cast("type[Part]", field.annotation)
