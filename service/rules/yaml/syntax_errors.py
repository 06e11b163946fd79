"""What libyaml says of a file that is no YAML, in words that help to mend it."""

from __future__ import annotations

import yaml

from service.errors import Fault
from service.rules.yaml.document import Document

# libyaml's words, and what a person who wrote the file can do about each.
_HINTS = {
    "mapping values are not allowed": (
        "A text that holds “: ” goes into quotes; or the line is indented too deep."
    ),
    "found character that cannot start any token": (
        "Indent with spaces, not tabs; a text that begins with @, ` or % goes into quotes."
    ),
    "did not find expected key": (
        "An expression that begins with a quotation mark goes into single quotes as a whole: "
        "match: '\"fighter jet\" AND Turkey'. Or the line's indentation differs from its "
        "neighbours'."
    ),
    "could not find expected ':'": "Each line here is `key: value`; a colon is missing.",
    "did not find expected ',' or ']'": "Close the list with “]” or put a comma between its items.",
    "did not find expected ',' or '}'": "Close the block with “}” or put a comma between its keys.",
    "found unexpected end of stream": "A quotation mark is opened and never closed.",
    "did not find expected '-' indicator": "Every item of this list begins with “- ”.",
    "did not find expected alphabetic": "A text that begins with * or & goes into quotes.",
    "found undefined alias": "A text that begins with * goes into quotes.",
}

_OPENED = frozenset(
    {
        "while scanning a quoted scalar",
        "while parsing a flow sequence",
        "while parsing a flow mapping",
    }
)


def character_fault(document: Document, at: int) -> Fault:
    """A character that no YAML holds; a lone surrogate is a byte that was not UTF-8."""
    char = document.text[at]
    line, column = document.place(at)
    message, hint = f"the character U+{ord(char):04X} cannot stand in YAML", "Remove it."
    if "\udc80" <= char <= "\udcff":
        message = f"the byte 0x{ord(char) - 0xDC00:02X} is not UTF-8 text"
        hint = "Save the file as UTF-8."
    source = document.line(line).encode("utf-8", "replace").decode().replace(char, "?")
    return Fault(document.file, line + 1, column + 1, message, hint, source)


def syntax_fault(document: Document, error: yaml.MarkedYAMLError) -> Fault:
    """What libyaml found, at the place that says most."""
    mark = error.problem_mark
    if error.context in _OPENED:  # where it was opened says more than where the file gave out
        mark = error.context_mark
    line, column = document.place(mark.index) if mark else (0, 0)
    problem = (error.problem or str(error)).strip()
    if mark and mark.index >= len(document.text):
        column = len(document.line(line))
    while line > 0 and not document.line(line):  # an end of file: show the last line with text
        line -= 1
        column = len(document.line(line))
    words = f"{error.context or ''} {problem}"
    hint = next((hint for key, hint in _HINTS.items() if key in words), "")
    if "\t" in document.line(line)[: column + 1]:
        hint = "Indent with spaces, not tabs."
    source = document.line(line)
    message = f"this is not YAML: {problem}"
    return Fault(document.file, line + 1, column + 1, message, hint, source)
