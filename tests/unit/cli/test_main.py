"""How the command line ends: what it writes, and its exit code."""

from __future__ import annotations

import gc
import io
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis.exceptions import ResponseError

from service import cli
from service.errors import TocsinError

REFUSED = ResponseError("Command # 1 (XADD articles * title secret) of pipeline caused error: OOM")
FAULT = TocsinError("no rules\x1b[2J")


def ended(patch: pytest.MonkeyPatch, error: BaseException) -> tuple[int, str]:
    """The exit code and what is written where a command ends with an error.

    In another thread, so that the signals of this process stay as they are.
    """

    def fail() -> None:
        raise error

    written = io.StringIO()
    written.close = lambda: None  # type: ignore[method-assign]
    patch.setattr(cli, "app", fail)
    patch.setattr(sys, "stderr", written)
    with ThreadPoolExecutor(1) as threads:
        raised = threads.submit(cli.main).exception()
    if not isinstance(raised, SystemExit):
        assert raised is error
        return 0, ""
    return int(str(raised.code)), written.getvalue()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (FAULT, 1, "tocsin: no rules\\x1b[2J\n"),
        (REFUSED, 1, "tocsin: Redis: OOM\n"),
        (ExceptionGroup("", [FAULT, ExceptionGroup("", [REFUSED])]), 1, "tocsin: no rules\\x1b"),
        (ExceptionGroup("", [FAULT, ValueError()]), 0, ""),
        (ExceptionGroup("", [ValueError(), REFUSED]), 0, ""),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 1, ""),
        (UnicodeEncodeError("utf-8", "\udcff", 0, 1, ""), 2, "tocsin: an argument is not UTF-8"),
        (ValueError(), 0, ""),
    ],
)
def test_what_ends_a_command_has_its_code(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    """A fault of ours is raised as it is; no error repeats the article, or steers a terminal."""
    monkeypatch.setattr(sys, "argv", ["tocsin", "\udcff"])
    found, written = ended(monkeypatch, error)
    assert found == code
    assert written.startswith(said)
    assert bool(written) == bool(said)
    assert "secret" not in written


def test_words_of_a_text_that_cannot_be_written_are_our_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where each argument can be."""
    monkeypatch.setattr(sys, "argv", ["tocsin", "alerts"])
    assert ended(monkeypatch, UnicodeEncodeError("utf-8", "\udcff", 0, 1, "")) == (0, "")


def test_a_command_is_loaded_without_the_collector_and_has_it() -> None:
    """It would take memory for ever."""
    assert gc.isenabled()
    assert cli._command("schema").help
    assert gc.isenabled()
