"""Comments that have advice ignored: `# tocsin: ignore T504 because …`."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from service.errors import Fix
from service.rules.findings.codes import advice_codes
from service.rules.lint.advice import Advice
from service.rules.yaml.document import Document, Position

_COMMENT = re.compile(r"(?m)(?:^|(?<=[ \t]))[ \t]*#[ \t]*tocsin:[ \t]*ignore\b(?P<rest>[^\r\n]*)")
_REST = re.compile(r"[\s:]*(?P<codes>\w+(?:[ \t]*,[ \t]*\w+)*)?(?P<reason>[ \t]+because\s+\S.*)?")
_NOTHING = re.compile(r"\s*(?:#.*)?$")
_FORM = "# tocsin: ignore T504 because …"
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Suppression:
    """One such comment, and what it has ignored."""

    start: int
    """Offset of the comment in the text, with the blanks before it."""
    end: int
    line: int
    """From 1."""
    column: int
    codes: tuple[str, ...]
    has_reason: bool
    first: int
    """The line that it is about."""
    last: int
    """The last line that is indented below that one."""
    used: set[str] = field(default_factory=set)

    @property
    def unknown(self) -> list[str]:
        """What it names that cannot be ignored."""
        return [code for code in self.codes if code not in advice_codes()]


def suppress(
    advice: Sequence[Advice],
    files: Mapping[str, str],
    *,
    all_good: bool,
    unasked: Collection[str] = (),
) -> list[Advice]:
    """The advice that no comment has ignored, and advice on comments that ignore nothing, name no
    kind of advice, or give no reason.

    `all_good`: whether there is no mistake; there is no advice on what has one, so nothing can be
    said then of what a comment ignores. `unasked`: the codes of what was not looked for.
    """
    comments = {file: find_suppressions(text) for file, text in files.items()}
    by_file: dict[str, list[Advice]] = {}
    for one in sorted(advice):
        by_file.setdefault(one.file, []).append(one)
    ignored = {
        one
        for file, found in comments.items()
        for each in found
        for one in _ignored(each, by_file.get(file, ()))
    }
    left = [one for one in advice if one not in ignored]
    for file, found in comments.items():
        for each in found:
            left += _advise_on_form(each, file, files[file])
            if all_good:
                left += _advise_on_use(each, file, files[file], unasked)
    return sorted(left)


def _ignored(comment: Suppression, advice: Sequence[Advice]) -> Iterator[Advice]:
    """The advice on its file, sorted by line, that a comment has ignored."""
    begin = bisect_left(advice, comment.first, key=_line_of)
    end = bisect_right(advice, comment.last, key=_line_of)
    for one in advice[begin:end]:
        if one.code in comment.codes:
            comment.used.add(one.code)
            yield one


def _line_of(advice: Advice) -> int:
    return advice.line


def find_suppressions(text: str) -> list[Suppression]:
    """The comments of a text; a text that is no YAML has none, since nothing in it is read."""
    if "tocsin:" not in text:
        return []
    try:
        scalars = [
            (_content_start(text, token), token.end_mark.index)
            for token in yaml.scan(text, _Loader)
            if isinstance(token, yaml.ScalarToken)
        ]
    except yaml.YAMLError:
        return []
    starts = [start for start, _ in scalars]
    lines, document = _BREAK.split(text), Document("", text)
    found = []
    for comment in _COMMENT.finditer(text):
        sign = text.index("#", comment.start())
        at = bisect_right(starts, sign) - 1
        if at >= 0 and sign < scalars[at][1]:  # it is a part of a text
            continue
        place = document.position(comment.start())
        found.append(_suppression(text, lines, comment, place))
    return found


def _content_start(text: str, token: yaml.ScalarToken) -> int:
    """Where a text begins; the line of `>` or `|` may still have a comment."""
    start: int = token.start_mark.index
    if token.style not in ("|", ">"):
        return start
    line_end = _BREAK.search(text, start)
    return line_end.end() if line_end else len(text)


def _suppression(
    text: str, lines: Sequence[str], comment: re.Match[str], place: Position
) -> Suppression:
    number, left = place.line, lines[place.line][: place.column]
    rest = _REST.match(comment["rest"])
    codes = tuple(re.findall(r"\w+", rest["codes"] or "")) if rest else ()
    first = number
    if not left.strip():
        below = range(number + 1, len(lines))
        first = next((each for each in below if not _NOTHING.match(lines[each])), number)
    last = first
    while last + 1 < len(lines) and (
        not lines[last + 1].strip() or _indent(lines[last + 1]) > _indent(lines[first])
    ):
        last += 1
    start = comment.start() if left.strip() else comment.start() - len(left)
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    column = text.index("#", comment.start()) - comment.start() + len(left) + 1
    reason = bool(rest and rest["reason"])
    return Suppression(start, comment.end(), number + 1, column, codes, reason, first + 1, last + 1)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _advise_on_form(one: Suppression, file: str, text: str) -> Iterator[Advice]:
    width = one.end - text.index("#", one.start)
    place = file, one.line, one.column
    if not one.codes:
        message = f"this ignores nothing, as it names no code: write {_FORM}"
        yield Advice(*place, message, code="T603", width=width)
    for code in one.unknown:
        message = f"{code} is no advice that can be ignored; docs/lint.md lists all"
        yield Advice(*place, message, code="T603", width=width)
    if one.codes and not one.unknown and not one.has_reason:
        message = f"this gives no reason; write it for the next reader: {_FORM}"
        yield Advice(*place, message, code="T601", width=width)


def _advise_on_use(
    one: Suppression, file: str, text: str, unasked: Collection[str]
) -> Iterator[Advice]:
    heard = {*one.used, *one.unknown, *unasked}
    idle = [code for code in one.codes if code not in heard]
    if not idle:
        return
    message = f"this ignores nothing: there is no {' and '.join(idle)} here; remove it"
    if len(idle) < len(one.codes):
        width = one.end - text.index("#", one.start)
        yield Advice(file, one.line, one.column, message, code="T602", width=width)
        return
    column = one.start - (text.rfind("\n", 0, one.start) + 1) + 1
    after = _LINE_END.match(text, one.end)
    # A comment that has the line for itself takes the line with it.
    end = after.end() if after and column == 1 else one.end
    old = text[one.start : end]
    width = one.end - one.start
    fix = Fix(old, "")
    yield Advice(file, one.line, column, message, code="T602", width=width, fix=fix)


_LINE_END = re.compile("\r?\n?")
_BREAK = re.compile("\r\n?|\n")
