"""Corrections of rules files that leave every other character as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from service.errors import Fault
from service.rules.lint.advice import Advice

MAX_ROUNDS = 50
"""How often rules are read again: a mistake hides the next one of its expression."""
_BREAK = re.compile("\r\n?|\n")

Finding = Fault | Advice


@dataclass(frozen=True, slots=True)
class FixedFiles:
    """Files that were corrected."""

    texts: Mapping[str, str]
    """Name → text, of those that changed."""
    count: int
    """Of corrections."""


def fix_files(
    files: Mapping[str, str], find: Callable[[Mapping[str, str]], Iterable[Finding]]
) -> FixedFiles:
    """The files with everything corrected that corrects itself; `find` finds what is wrong."""
    texts, changed, count = dict(files), set[str](), 0
    for _ in range(MAX_ROUNDS):
        done = 0
        by_file: dict[str, list[Finding]] = {}
        for one in find(texts):
            if one.fix is not None:
                by_file.setdefault(one.file, []).append(one)
        for file, found in by_file.items():
            texts[file], corrected = fix_text(texts[file], found)
            done += corrected
            if corrected:
                changed.add(file)
        if not done:
            break
        count += done
    return FixedFiles({file: texts[file] for file in sorted(changed)}, count)


def fix_text(text: str, findings: Iterable[Finding]) -> tuple[str, int]:
    """The text of one file with the corrections of its findings, and how many there were.

    A correction whose place holds another text than it names is left out, as are those that
    overlap a later one.
    """
    starts = [0, *(found.end() for found in _BREAK.finditer(text)), len(text)]
    edits = {
        (starts[one.line - 1] + one.column - 1, one.fix)
        for one in findings
        if one.fix is not None
        and 0 < one.line < len(starts)
        and starts[one.line - 1] + one.column <= starts[one.line]
    }
    kept: list[str] = []
    done, end = 0, len(text)
    for at, fix in sorted(edits, reverse=True):
        after = at + len(fix.old)
        if text.startswith(fix.old, at) and after <= end:
            kept += text[after:end], fix.new
            done, end = done + 1, at
    return "".join(reversed([*kept, text[:end]])), done
