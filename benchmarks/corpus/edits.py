"""Articles → copies of them, edited as desks edit what an agency sends; by a fixed seed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

SEED = 2_026

Paragraphs = tuple[str, ...]
"""The title, the lead and what follows."""
Edit = Callable[["Desk", Paragraphs], Paragraphs]
WORD = re.compile(r"\w+")


class Desk:
    """Edits articles, by chance that is always the same."""

    def __init__(self, articles: Sequence[Paragraphs], chance: Random) -> None:
        self._articles = articles
        self.chance = chance

    def other(self) -> Paragraphs:
        """Any article."""
        return self.chance.choice(self._articles)

    def word(self) -> str:
        """A word of any article: common ones come more often."""
        words: list[str] = WORD.findall(self.other()[1]) or ["word"]
        return self.chance.choice(words)


def _changed(desk: Desk, text: Paragraphs, share: float = 0.1, kinds: str = "r") -> Paragraphs:
    """Words by chance, of the whole text, are replaced (r), dropped (d) or preceded by another."""
    whole = "\n\n".join(text)
    words = list(WORD.finditer(whole))
    out, at = [], 0
    for number in sorted(desk.chance.sample(range(len(words)), round(len(words) * share))):
        word, kind = words[number], desk.chance.choice(kinds)
        new = {"r": desk.word(), "d": "", "i": f"{desk.word()} {word.group()}"}[kind]
        out += [whole[at : word.start()], new]
        at = word.end()
    return tuple(("".join(out) + whole[at:]).split("\n\n"))


def _moved(desk: Desk, text: Paragraphs) -> Paragraphs:
    title, *rest = text
    desk.chance.shuffle(rest)
    return (title, *rest)


def _cut(_: Desk, text: Paragraphs) -> Paragraphs:
    left = sum(len(each.split()) for each in text) * 2 // 3
    out = []
    for paragraph in text:
        words = paragraph.split()[:left]
        left -= len(words)
        out.append(" ".join(words))
    return tuple(each for each in out if each)


def _new_lead(desk: Desk, text: Paragraphs) -> Paragraphs:
    return (text[0], desk.other()[1], *text[2:])


def _lead_before(desk: Desk, text: Paragraphs) -> Paragraphs:
    return (text[0], desk.other()[1], *text[1:])


def _new_headline(desk: Desk, text: Paragraphs) -> Paragraphs:
    return (desk.other()[0], *text[1:])


def _in_turn(*edits: Edit) -> Edit:
    def edit(desk: Desk, text: Paragraphs) -> Paragraphs:
        for each in edits:
            text = each(desk, text)
        return text

    return edit


def _mixed(desk: Desk, text: Paragraphs) -> Paragraphs:
    return _changed(desk, text, kinds="rdi")


EDITS: dict[str, Edit] = {
    "10 % of words replaced": _changed,
    "10 % replaced, dropped, added": _mixed,
    "paragraphs moved": _moved,
    "cut to two thirds": _cut,
    "another lead": _new_lead,
    "a lead put before": _lead_before,
    "another headline": _new_headline,
    "replaced + moved": _in_turn(_changed, _moved),
    "cut + lead + headline": _in_turn(_cut, _lead_before, _new_headline),
    "replaced + cut": _in_turn(_changed, _cut),
    "all five": _in_turn(_moved, _cut, _changed, _lead_before, _new_headline),
    "all five, dropped and added": _in_turn(_moved, _cut, _mixed, _lead_before, _new_headline),
    "20 % of words replaced": lambda desk, text: _changed(desk, text, 0.2),
    "within another article": lambda desk, text: (*desk.other()[:2], *text[1:], *desk.other()[2:]),
}


def copies(articles: Sequence[Paragraphs], most: int) -> Iterator[tuple[str, int, Paragraphs]]:
    """For each edit its name, the number of an article, and the copy."""
    chosen = Random(SEED).sample(range(len(articles)), min(most, len(articles)))
    for name, edit in EDITS.items():
        for number in chosen:
            desk = Desk(articles, Random(f"{SEED} {name} {number}"))
            yield name, number, edit(desk, articles[number])


def shared(a: Paragraphs, b: Paragraphs, size: int) -> float:
    """The share of runs of so many words that both texts have, exactly; this is slow."""
    one, other = (_runs(each, size) for each in (a, b))
    return len(one & other) / max(1, len(one | other))


def _runs(text: Paragraphs, size: int) -> set[tuple[str, ...]]:
    words = WORD.findall("\n".join(text).casefold())
    return set(zip(*(words[start:] for start in range(size)), strict=False))
