"""Faults of files that are not YAML, with hints that help to correct them."""

from __future__ import annotations

import re

import yaml

from service.errors import Fault
from service.rules.yaml.document import Document

# libyaml's messages, and what the author of the file can do about each.
_HINTS = {
    "mapping values are not allowed": (
        "Put a text that contains “: ” in quotes, or indent the line less."
    ),
    "found character that cannot start any token": (
        "Indent with spaces, not tabs. Put a text that begins with @, ` or % in quotes."
    ),
    "did not find expected key": (
        "Put an expression that begins with a quotation mark in single quotes as a whole: "
        "match: '\"fighter jet\" AND Turkey'. Or indent the line as its neighbours."
    ),
    "could not find expected ':'": "Each line here is `key: value`. Add the missing colon.",
    "did not find expected ',' or ']'": (
        "Close the list with “]” or put a comma between its items. A text with a comma, a colon or "
        "quotation marks goes whole into single quotes: '\"fighter jet\" OR tank'."
    ),
    "did not find expected ',' or '}'": (
        "Close the block with “}” or put a comma between its keys. A text with a comma, a colon or "
        "quotation marks goes whole into single quotes: '\"fighter jet\" OR tank'."
    ),
    "found unknown escape character": (
        "Put the text into single quotes: they keep a backslash as it is. There are no regular "
        "expressions here; * and ? stand for any letters."
    ),
    "found unexpected end of stream": "Add the missing closing quotation mark.",
    "did not find expected '-' indicator": "Begin every item of this list with “- ”.",
    "did not find expected alphabetic": "Put a text that begins with * or & in quotes.",
    "found undefined alias": "Put a text that begins with * in quotes.",
}

_POINT_AT_START = frozenset(
    {
        "while scanning a quoted scalar",
        "while parsing a flow sequence",
        "while parsing a flow mapping",
    }
)


_KEY_WITHOUT_SPACE = re.compile(r"[\s-]*([A-Za-z_]+):(?=[^\s/])")


def character_fault(document: Document, at: int) -> Fault:
    """The fault of a character that YAML does not allow.

    A lone surrogate is a byte that was not UTF-8.
    """
    char = document.text[at]
    line, column = document.position(at)
    message, hint = f"the character U+{ord(char):04X} is not allowed in YAML", "Remove it."
    if "\udc80" <= char <= "\udcff":
        message = f"the byte 0x{ord(char) - 0xDC00:02X} is not UTF-8 text"
        hint = "Save the file as UTF-8."
    source = document.line(line).encode("utf-8", "replace").decode().replace(char, "?")
    return Fault(document.file, line + 1, column + 1, message, hint, source, code="T002")


def syntax_fault(document: Document, error: yaml.MarkedYAMLError) -> Fault:
    """The fault that libyaml found, at the place that helps most."""
    mark = error.problem_mark
    if (
        error.context in _POINT_AT_START
    ):  # the place where it was opened helps more than the end of the file
        mark = error.context_mark
    line, column = document.position(mark.index) if mark else (0, 0)
    problem = (error.problem or str(error)).strip()
    if mark and mark.index >= len(document.text):
        column = len(document.line(line))
    while line > 0 and not document.line(line):  # at the end of the file: show the last text
        line -= 1
        column = len(document.line(line))
    words = f"{error.context or ''} {problem}"
    hint = next((hint for key, hint in _HINTS.items() if key in words), "")
    before = next((each for each in reversed(range(line)) if document.line(each).strip()), line)
    key = _KEY_WITHOUT_SPACE.match(document.line(before))
    if key and "mapping values" in problem:
        line, column = before, key.end() - 1
        hint = f"Write a space after `{key[1]}:`."
    if "\t" in document.line(line)[: column + 1]:
        hint = "Indent with spaces, not tabs."
    source = document.line(line)
    message = f"this is not YAML: {problem}"
    return Fault(document.file, line + 1, column + 1, message, hint, source, code="T001")
