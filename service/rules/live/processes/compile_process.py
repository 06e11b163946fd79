"""Rules compiled by another process, so that matching is not slowed down.

In a thread the work would take as long, and at every step the event loop would wait for the lock of
the interpreter. The other process writes the compiled rules into a file (`compiled_file`).
"""

from __future__ import annotations

import asyncio
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import structlog

from service.concurrency.processes import (
    describe_exit,
    open_pipe,
    send_object,
    start_process,
    usable_cores,
)
from service.rules.compilation.rule_set import FindEarlier
from service.rules.live.failures import CompileFailed, MustCompileHere
from service.rules.live.processes.compile_child import (
    CompiledFile,
    CompileRequest,
    EarlierQuestion,
    run_child,
)
from service.rules.live.processes.helper_process import serve_tasks

log = structlog.get_logger(__name__)


async def compile_in_process(
    request: CompileRequest, find_earlier: FindEarlier | None
) -> CompiledFile:
    """Compiles rules in another process; the process ends when this is cancelled.

    `find_earlier` is called in a thread. Raises CompileFailed, FilesChanged, MustCompileHere.
    """
    ours, theirs = open_pipe()
    processes: list[BaseProcess] = []
    try:
        child = _start(theirs, processes, with_helper=not request.is_reload)
        try:
            compiled = await asyncio.to_thread(_converse, ours, request, find_earlier)
        except (EOFError, OSError):
            await asyncio.to_thread(child.join)
            raise CompileFailed(describe_exit(child)) from None
        for process in processes:
            if process.exitcode:
                log.warning("rules.helper_died", reason=describe_exit(process))
        return compiled
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            await asyncio.to_thread(process.join)  # to give much memory back takes time
        ours.close()


def _start(theirs: Connection, processes: list[BaseProcess], *, with_helper: bool) -> BaseProcess:
    """Starts the child; adds it and its helper to `processes`, each as soon as it runs.

    A reload has no helper: matching has its core. Raises MustCompileHere.
    """
    helper = None
    try:
        if with_helper and usable_cores() > 1:
            helper, helper_end = open_pipe()
            processes.append(start_process("tocsin-rules-helper", serve_tasks, helper_end))
        child = start_process("tocsin-rules", run_child, theirs, helper)
    except OSError as error:
        raise MustCompileHere(f"no process can be started: {error}") from error
    processes.append(child)
    return child


def _converse(
    child: Connection, request: CompileRequest, find_earlier: FindEarlier | None
) -> CompiledFile:
    """Sends the request, and answers the child's questions until it is done.

    The request is no argument of the process, since starting it would last until the child has read
    all of it. Raises CompileFailed; EOFError or OSError if the child has ended.
    """
    send_object(child, request)
    while True:
        received = child.recv()
        if isinstance(received, CompiledFile):
            return received
        if isinstance(received, CompileFailed):
            raise received
        if isinstance(received, EarlierQuestion) and find_earlier is not None:
            send_object(child, find_earlier(received.id_hashes, received.files))
        else:
            raise AssertionError(f"the process that compiles the rules sent {received!r}")
