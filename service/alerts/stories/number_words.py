"""Words that say a number, by language: `six` is 6. `number_words.txt` holds them."""

from __future__ import annotations

import pkgutil
from functools import cache

import numpy as np

from service.alerts.stories.kernel.places import IS_NAME, IS_UNIT, SAYS_NUMBER, ListedWords
from service.alerts.stories.kernel.words import read_words

_KINDS = {"name": IS_NAME, "unit": IS_UNIT}


def number_words(language: str) -> ListedWords:
    """Those of a language (BCP 47); none where it is not listed."""
    lists = _listed()
    return lists.get(language.partition("-")[0].lower().replace("nb", "no"), lists[""])


@cache
def _listed() -> dict[str, ListedWords]:
    data = pkgutil.get_data("service.alerts.stories", "number_words.txt")
    if data is None:
        raise FileNotFoundError("number_words.txt is missing from the package; install it again")
    found: dict[str, dict[int, tuple[int, int]]] = {"": {}}
    language = ""
    for line in data.decode().splitlines():
        if line.startswith("["):
            language = line.strip("[]")
            found[language] = {}
        elif line and not line.startswith("#"):
            head, *words = line.split()
            kind = _KINDS.get(head, SAYS_NUMBER)
            number = int(read_words(head).values[0])
            for word in words:
                read = read_words(word)
                value = number if kind == SAYS_NUMBER else int(read.values[0])
                found[language].setdefault(int(read.hashes[0]), (value, int(kind)))
    return {name: _arrays(words) for name, words in found.items()}


def _arrays(words: dict[int, tuple[int, int]]) -> ListedWords:
    rows = sorted((each, *words[each]) for each in words)
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return ListedWords(*(np.array(column, np.uint64) for column in columns))
