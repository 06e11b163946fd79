"""Locales → service/articles/dates/names.txt: the names of months and of days of the week.

python -m benchmarks.articles.date_names
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from babel.dates import get_day_names, get_month_names

from service.articles.dates.written import words_of

LOCALES = "ar cs da de el en es fi fr he hi hr hu id it ja ko nb nl pl pt ro ru sv tr uk vi".split()  # noqa: SIM905
"""Whose names are read."""
FILE = Path(__file__).parents[2] / "service" / "articles" / "dates" / "names.txt"
_HEAD = """\
# Months from 1 and days of the week from 0 for Monday, as the locales of Babel name them. A name of
# two months in two languages is left out; a word of two days stands at both.
# `python -m benchmarks.articles.date_names` writes this file.
"""


def names() -> str:
    """The text of the file."""
    months, days = _months(), _weekdays()
    parts = [("[month]", {each: {number} for each, number in months.items()}), ("[day]", days)]
    lines = [_HEAD.rstrip()]
    for head, found in parts:
        by_number = defaultdict(list)
        for name, numbers in sorted(found.items()):
            for number in numbers:
                by_number[number].append(name)
        lines += [
            head,
            *(f"{number}: {', '.join(by_number[number])}" for number in sorted(by_number)),
        ]
    return "\n".join(lines) + "\n"


def _months() -> dict[str, int]:
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for locale in LOCALES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale).items():
                    numbers[_folded(name)].add(number)
    numbers["sept"].add(9)
    return {name: min(each) for name, each in numbers.items() if len(each) == 1 and name}


def _weekdays() -> dict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for locale in LOCALES:
        for width in ("wide", "abbreviated", "short"):
            for context in ("format", "stand-alone"):
                for number, name in get_day_names(width, context, locale).items():
                    for word in words_of(_folded(name)):
                        found[word].add(number)
    return found


def _folded(name: str) -> str:
    return name.casefold().replace("i\u0307", "i").rstrip(".")


if __name__ == "__main__":
    FILE.write_text(names(), encoding="utf-8")
