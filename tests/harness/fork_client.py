"""Asks the fork server for a process: for tests, and as the `tocsin` of a reader's terminal.

As a program it is started for each command, so it imports little.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence

MOST_BYTES = 128 * 1024
"""Of a message: the arguments and the environment of a process."""


def connect(address: str) -> socket.socket:
    """A connection to the server. Raises OSError where there is none."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        channel.connect(address)
    except OSError:
        channel.close()
        raise
    return channel


def ask(
    channel: socket.socket,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    files: Sequence[int],
) -> None:
    """Ask for a process that runs `tocsin` with these arguments; `files`: its first three.

    The answers are its id, and its exit code when it has ended, a message each.
    """
    asked = {"arguments": arguments, "environment": dict(environment), "folder": folder}
    socket.send_fds(channel, [json.dumps(asked).encode()], files)


def main() -> None:
    """Run `tocsin` as a process of the server at the address that is the first argument."""
    address, *arguments = sys.argv[1:]
    with connect(address) as channel:
        ask(channel, arguments, os.environ, os.getcwd(), (0, 1, 2))  # noqa: PTH109 - import little
        pid = int(channel.recv(MOST_BYTES))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda each, _: os.kill(pid, each))
        code = int(channel.recv(MOST_BYTES))
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
