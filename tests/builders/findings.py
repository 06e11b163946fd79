"""What is found in rules files, and the examples of each kind of finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from builders.archive import an_archive
from builders.articles import an_article
from builders.rules import a_reader
from service.archive.clauses.advice import ArchiveAdvice
from service.articles.article import Article
from service.errors import Fault
from service.rules.findings.codes import Code, all_codes
from service.rules.findings.review import ByArchive, review
from service.rules.lint.advice import Advice
from service.rules.rules import Rules

PAGE = Path(__file__).parents[2] / "docs" / "lint.md"
_SECTIONS = ("watchlists:", "lists:", "subscribers:", "- ")
_DEFAULTS = {
    "id": "id: w",
    "notify": "notify: [desk]",
    "tests": "tests: [{match: {title: x}}]",
}
_CODES = "\n## Codes\n\n"
_DESK = "subscribers: [{id: desk, relay: 'json://desk.example'}]\n"


def found_in(
    text: str, *, secrets: bool = False, headlines: Sequence[str] = ()
) -> Sequence[Fault | Advice]:
    """Mistakes and advice in one rules file, or in the keys of a watchlist.

    With `headlines`, also by past articles that have these.
    """
    reader = a_reader((lambda _: None) if secrets else None)
    past = by_articles([an_article("", title=each) for each in headlines])
    return review({"rules.yaml": whole(text)}, reader, past if headlines else None).findings


def by_articles(*parts: Sequence[Article], cores: int = 2) -> ByArchive:
    """Advice by these past articles, each part in a file of its own."""

    def advice(rules: Rules, texts: Mapping[str, str]) -> Sequence[Advice]:
        with TemporaryDirectory() as folder, ThreadPoolExecutor(cores) as threads:
            first = 1
            for each in parts:
                files = an_archive(Path(folder), each, first)
                first += len(each)
            return ArchiveAdvice(rules, files, threads, cores).advice(texts)

    return advice


def codes_in(text: str, *, secrets: bool = False, headlines: Sequence[str] = ()) -> list[str]:
    """The codes of what is found, each once."""
    return sorted({one.code for one in found_in(text, secrets=secrets, headlines=headlines)})


def whole(text: str) -> str:
    """A rules file: keys of a watchlist become one that is complete and has a subscriber."""
    lines = text.strip("\n").split("\n")
    if lines[0].startswith(_SECTIONS):
        return text
    keys = {line.partition(":")[0] for line in lines}
    lines += [line for key, line in _DEFAULTS.items() if key not in keys]
    return "watchlists:\n  - " + "\n    ".join(lines) + f"\n{_DESK}"


def lint_page() -> str:
    """docs/lint.md with all codes at its end."""
    begin = PAGE.read_text(encoding="utf-8").split(_CODES)[0]
    return begin + _CODES + "\n".join(map(_section, all_codes().values()))


def _section(about: Code) -> str:
    lines = [f"### {about.code} {about.title}", "", about.reason, ""]
    if about.wrong:
        if about.archive:
            lines += [f"Past articles: {' · '.join(about.archive)}", ""]
        wrong, right = about.wrong.strip("\n"), about.right.strip("\n")
        lines += ["Found in:", "", "```yaml", wrong, "```", ""]
        lines += ["Not in:", "", "```yaml", right, "```", ""]
    else:
        lines += ["A limit; an example would be too long for this page.", ""]
    return "\n".join(lines)
