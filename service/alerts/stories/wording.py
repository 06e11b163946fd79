"""Why two texts are one story or are not, in a sentence for an analyst."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.alerts.stories.comparison import Comparison, Reason
from service.alerts.stories.fingerprint import ReadZones
from service.alerts.stories.kernel.places import LENIENT_BIT

MAX_PLACES_SHOWN = 4
_PASSAGE = 0
"""The key of a passage, beside which no places are shown."""
LONGEST_PLACE = 60
"""Code points of what stands in a place."""
_SENTENCES = {
    Reason.SAME_WORDS: "the same story: both have the same words",
    Reason.SAID_AGAIN: "another story: the same few words, which their source says once more later",
    Reason.UNKNOWN: "another story: what is stored of its text is of another version",
    Reason.SHORT: "another story: a text this short joins only the same words",
    Reason.OTHER_WORDING: "another story: the wording is not alike",
    Reason.OTHER_TITLE: "another story: the wording is alike, but each title says what the other "
    "one does not",
    Reason.OTHER_BEGINNING: "another story: the wording is alike, but titles and beginnings name "
    "different things",
    Reason.TWO_STORIES: "another story: it has as much of two that differ, so that nobody can say "
    "which one it tells",
}


def place_texts(read: ReadZones, comparison: Comparison, *, theirs: bool = False) -> dict[int, str]:
    """What stands where two texts differ, with the word before; in the one or the other text."""
    if comparison.passage:
        return {_PASSAGE: _passage_text(read, *comparison.passage[2 * theirs :][:2])}
    wanted = set(comparison.differing)
    entries, firsts, lasts = read.entries()
    starts, ends = read.words.starts.tolist(), read.words.ends.tolist()
    found: dict[int, str] = {}
    for entry, first, last in zip(entries.tolist(), firsts.tolist(), lasts.tolist(), strict=True):
        key = entry >> (LENIENT_BIT + 1)
        if key in wanted and key not in found:
            start = starts[first - 1] if first > read.title else starts[first]
            found[key] = " ".join(read.text[start : ends[last]].split())[:LONGEST_PLACE]
    return found


def _passage_text(read: ReadZones, start: int, end: int) -> str:
    """Some words of the body's sequence, by their numbers there."""
    origins = read.sequences()[2]
    first = max(0, start - 1)
    chars = read.words.starts[origins[first]], read.words.ends[origins[max(first, end - 1)]]
    return " ".join(read.text[slice(*chars)].split())[:LONGEST_PLACE]


def why(
    comparison: Comparison,
    ours: Mapping[int, str] | None = None,
    theirs: Mapping[int, str] | None = None,
) -> str:
    """The sentence. `ours` and `theirs` are the texts of places that differ, as far as known."""
    reason, alike = comparison.reason, f"{100 * comparison.similarity:.0f} %"
    differing, places = len(comparison.differing), comparison.places
    if reason is Reason.COPY:
        where = f"; {differing} of {places} numbers and names in the same places differ"
        return f"the same story: {alike} of the wording is common{where if places else ''}"
    if reason in {Reason.OTHER_FACTS, Reason.OTHER_WORDS}:
        what = "numbers and names" if reason is Reason.OTHER_FACTS else "words"
        examples = _examples(comparison.differing, ours or {}, theirs or {})
        return (
            f"another story: the wording is alike ({alike}), but {differing} of {places} {what} in "
            f"the same places differ{examples}"
        )
    if reason is Reason.OTHER_PASSAGE:
        examples = _examples([_PASSAGE], ours or {}, theirs or {})
        return (
            f"another story: the wording is alike ({alike}), but other words stand between the "
            f"same ones{examples}"
        )
    if reason is Reason.OTHER_WORDING:
        return f"{_SENTENCES[reason]} ({alike})"
    return _SENTENCES[reason]


def _examples(keys: Iterable[int], ours: Mapping[int, str], theirs: Mapping[int, str]) -> str:
    """What stands in these places of both texts, or of the one that is known."""
    pairs = []
    for key in keys:
        here, there = ours.get(key, ""), theirs.get(key, "")
        if here and there:
            pairs.append(f"{here} / {there}")
        elif here or there:
            pairs.append(here or there)
    pairs = [*dict.fromkeys(pairs)][:MAX_PLACES_SHOWN]
    if not pairs:
        return ""
    return f" ({'' if theirs else 'here: '}{', '.join(pairs)})"
