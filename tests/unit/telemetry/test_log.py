"""Logs: one format for all, and no secret in any of them."""

from __future__ import annotations

import io
import json
import logging
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.log import FEW_ENDS, MIN_SECRET_CHARS, Mask, configure

SECRET = "whsec_MfKQ9r8GKYqrTwjU"
HOOK = "https://hooks.example/services/T0001/B0002/AbCdEfGhIjKl"


@pytest.fixture(autouse=True)
def _no_handlers() -> None:
    """Begin without pytest's own: basicConfig(force=True) would close them."""
    logging.getLogger().handlers.clear()


@pytest.fixture
def mask() -> Mask:
    """A mask that knows two secrets."""
    mask = Mask()
    mask.add(SECRET, HOOK)
    return mask


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def one_event(stream: io.StringIO) -> dict[str, Any]:
    """The one line that was logged."""
    (line,) = stream.getvalue().splitlines()
    event: dict[str, Any] = json.loads(line)
    return event


@pytest.fixture
def logged(mask: Mask) -> io.StringIO:
    """What is logged as JSON from here on."""
    stream = io.StringIO()
    configure("json", "info", mask, stream)
    return stream


def test_an_event_is_one_line_of_json_with_its_name_first(logged: io.StringIO) -> None:
    """Name, UTC time, level and logger come first, then what the event says of itself."""
    structlog.get_logger("service.stream").info("article.matched", article_id="a1", score=87.4)
    event = one_event(logged)
    assert list(event) == ["event", "timestamp", "level", "logger", "article_id", "score"]
    assert (event["event"], event["level"]) == ("article.matched", "info")
    assert event["logger"] == "service.stream"
    assert event["timestamp"].endswith("Z")
    assert datetime.fromisoformat(event["timestamp"]).utcoffset() == timedelta(0)


def test_bound_ids_are_on_every_line(logged: io.StringIO) -> None:
    """What is bound to the context, such as an article's id, is on each event after it."""
    with structlog.contextvars.bound_contextvars(article_id="a1"):
        structlog.get_logger("service.stream").info("article.matched")
    assert one_event(logged)["article_id"] == "a1"


def test_library_logs_join_in_the_same_format(logged: io.StringIO) -> None:
    """A line of the standard library's logging looks like our own, its extra fields included."""
    logging.getLogger("uvicorn.error").warning(
        "closing %s", "soon", extra={"worker": 1, "color_message": "closing \x1b[1m%s"}
    )
    event = one_event(logged)
    assert list(event) == ["event", "timestamp", "level", "logger", "worker"]
    assert (event["event"], event["logger"]) == ("closing soon", "uvicorn.error")
    assert event["worker"] == 1


def test_a_library_that_brings_its_own_handler_joins_in_too(mask: Mask) -> None:
    """FastStream's logger has a handler of its own, on stdout, from its import on."""
    library = logging.getLogger("a_library")
    own, library.propagate = io.StringIO(), False
    library.addHandler(logging.StreamHandler(own))
    stream = io.StringIO()
    configure("json", "info", mask, stream)
    library.warning("running late")
    assert one_event(stream)["event"] == "running late"
    assert own.getvalue() == ""


def test_warnings_join_in_too(logged: io.StringIO) -> None:
    """Python's warnings are events as well, not loose lines on stderr."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure("json", "info", Mask(), logged)
        warnings.warn("old way", DeprecationWarning, stacklevel=1)
    assert "old way" in one_event(logged)["event"]


def test_what_faststream_nests_under_extra_is_flat(logged: io.StringIO) -> None:
    """The context that FastStream hands over as `extra` stands beside the other fields."""
    structlog.get_logger("faststream").log(
        logging.INFO, "Received", extra={"channel": "articles", "message_id": "1-0"}, exc_info=None
    )
    event = one_event(logged)
    assert (event["channel"], event["message_id"]) == ("articles", "1-0")
    assert "extra" not in event


def test_events_below_the_level_are_not_logged(logged: io.StringIO) -> None:
    """The level holds for our own events and for those of libraries."""
    structlog.get_logger("service").debug("article.read")
    logging.getLogger("redis").debug("connected")
    assert logged.getvalue() == ""


def test_requests_are_not_logged_by_the_http_client(logged: io.StringIO) -> None:
    """httpx logs each request's URL at INFO; a webhook's URL is a secret, known to us or not."""
    logging.getLogger("httpx").info('HTTP Request: POST https://unknown.example/t0k3n "200 OK"')
    logging.getLogger("aiohttp.client").info("POST https://unknown.example/t0k3n")
    assert logged.getvalue() == ""
    for library in ("httpx", "aiohttp.client"):  # they are heard all the same
        logging.getLogger(library).warning("a connection was not closed")
    assert logged.getvalue().count("not closed") == 2


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        f"signed with {SECRET} at noon",
        SECRET.encode(),
        {"headers": [("authorization", f"Bearer {SECRET}")]},
        {SECRET: 1},
        {"deep": [[[[{"deeper": {SECRET}}]]]]},
        [[[[[[[[[[[[[[SECRET]]]]]]]]]]]]]],
        ValueError(f"bad key {SECRET}"),
        Path("/") / SECRET,
    ],
)
def test_a_registered_secret_never_shows(logged: io.StringIO, value: object) -> None:
    """Wherever it stands in what is logged, a secret is replaced by ***."""
    structlog.get_logger("service").info("it.happened", value=value)
    logging.getLogger("library").warning("it happened: %s", value)
    assert SECRET not in logged.getvalue()
    assert logged.getvalue().count("***") == 2


@pytest.mark.parametrize("style", ["json", "console"])
def test_exceptions_are_shown_without_secrets(
    mask: Mask, style: Literal["json", "console"]
) -> None:
    """Neither the message of an exception, nor its cause's, nor a local variable gives one away."""
    stream = io.StringIO()
    configure(style, "info", mask, stream)
    unregistered = "pa55w0rd"
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(f"cannot post to {HOOK}") from error
    except RuntimeError:
        structlog.get_logger("service").exception("delivery.failed")
    text = stream.getvalue()
    assert "RuntimeError" in text
    assert "cannot post to ***" in text
    assert SECRET not in text
    assert f"'{unregistered}'" not in text


def test_an_exception_is_part_of_its_one_line(logged: io.StringIO) -> None:
    """In JSON a traceback is data on the event's line: type, text and frames."""
    try:
        raise ValueError("no such thing")
    except ValueError:
        logging.getLogger("library").exception("it failed")
    (told,) = one_event(logged)["exception"]
    assert (told["exc_type"], told["exc_value"]) == ("ValueError", "no such thing")
    assert told["frames"][-1]["name"] == "test_an_exception_is_part_of_its_one_line"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://:s3cr3t@db:6379/0", "redis://:***@db:6379/0"),
        ("redis://desk:s3cr3t@db:6379/0", "redis://desk:***@db:6379/0"),
        ("redis://desk:p@ss:w0rd@db", "redis://desk:***@db"),
        ("https://t0k3n@host/path", "https://***@host/path"),
        ("see https://host/a and mail me@host", "see https://host/a and mail me@host"),
        ("https://host/@user/12:30@noon", "https://host/@user/12:30@noon"),
    ],
)
def test_passwords_in_urls_never_show(text: str, shown: str) -> None:
    """The user's part of a URL is hidden without being told of it."""
    assert Mask().hide(text) == shown


def test_a_webhooks_path_is_as_secret_as_its_url(mask: Mask) -> None:
    """The token in a hook's path is hidden where the path stands alone."""
    assert mask.hide("POST /services/T0001/B0002/AbCdEfGhIjKl 500") == "POST *** 500"


def test_of_two_secrets_the_longer_is_hidden_whole() -> None:
    """When one secret begins like another, no end of the longer one stays behind."""
    mask = Mask()
    mask.add("s3cret")
    mask.add("s3cret-and-more")
    assert mask.hide("s3cret-and-more") == "***"


@given(st.text("abcd", max_size=30), st.lists(st.text("abcd", max_size=8), max_size=8))
def test_no_secret_is_left_whatever_stands_around_it(text: str, secrets: list[str]) -> None:
    """As if each were looked for by itself: thousands of subscribers have two each."""
    mask = Mask()
    mask.add(*secrets)
    shown = mask.hide(text)
    usable = [secret for secret in secrets if len(secret) >= MIN_SECRET_CHARS]
    assert not any(secret in shown for secret in usable)
    assert (shown == text) == (not any(secret in text for secret in usable))


@pytest.mark.parametrize("number", [1, 2 * FEW_ENDS])
@pytest.mark.parametrize("secret", [SECRET, 'quote"back\\slash', "ends\u202eéß", "tab\tnew\nline"])
def test_a_line_hides_the_secret_among_few_and_among_many(number: int, secret: str) -> None:
    """Whichever way lines are looked through, and however JSON writes the secret."""
    stream, mask = io.StringIO(), Mask()
    mask.add(*(f"other-secret-{n:04}" for n in range(number - 1)), secret)
    configure("json", "info", mask, stream)
    structlog.get_logger("service").info("it.happened", alerts=[{"id": f"a {secret}"}], score=1.5)
    event = one_event(stream)
    assert event["alerts"] == [{"id": "a ***"}]
    assert event["score"] == 1.5


def test_what_holds_no_secret_is_logged_as_it_is(logged: io.StringIO) -> None:
    """Also values that JSON does not know, and characters that nobody sees."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    structlog.get_logger("service").info("it.happened", at=at, path=Path("a"), text="a\x1b\rb\tc é")
    event = one_event(logged)
    assert (event["at"], event["path"]) == (str(at), "a")
    assert event["text"] == "a\\x1b\\x0db\tc é"


def test_a_secret_too_short_to_be_one_blots_out_nothing() -> None:
    """An empty or tiny text is no secret: replacing it would make every line unreadable."""
    mask = Mask()
    mask.add("", "a", "api")
    assert mask.hide("an api for all") == "an api for all"


def test_on_a_terminal_people_get_readable_lines(mask: Mask) -> None:
    """`auto` writes for people on a terminal and JSON elsewhere."""
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        configure("auto", "info", mask, stream)
        structlog.get_logger("service").info("article.matched", key=SECRET)
    assert "article.matched" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert SECRET not in terminal.getvalue()
    assert one_event(pipe)["key"] == "***"


def test_an_article_cannot_steer_the_terminal(mask: Mask) -> None:
    """Control characters in what is logged are shown, not sent."""
    terminal = Terminal()
    configure("console", "info", mask, terminal)
    structlog.get_logger("service").info("article.matched", title="\x1b[2J\x9b31mJets")
    assert "\x1b[2J" not in terminal.getvalue()
    assert "\x9b" not in terminal.getvalue()


def test_broken_text_is_logged_all_the_same(logged: io.StringIO) -> None:
    """A lone surrogate, which no encoding takes, does not cost the line."""
    structlog.get_logger("service").info("article.dead_lettered", title="Jets – \ud800")
    assert one_event(logged)["title"] == "Jets – \\ud800"
