"""The signals that ask a process to end: Ctrl-C, SIGTERM, and a terminal that is closed."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any


def end_signals() -> tuple[signal.Signals, ...]:
    """Those that a process hears; under `nohup` a closed terminal is none of them."""
    both = (signal.SIGINT, signal.SIGTERM)
    return both if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (*both, signal.SIGHUP)


def end_in_order() -> None:
    """Have SIGTERM and SIGHUP raise SystemExit, as Ctrl-C raises KeyboardInterrupt.

    Else the process would be gone at once, and leave the embedded server behind.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may say what signals do
    for number in end_signals():
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: Any) -> None:
    sys.exit(128 + number)
