"""An event about an alert → message for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.delivery.message.fields import apart, block, blocks, moment, number, web_address, words
from service.delivery.message.message import SEVERITIES, Message, Quote, marked

MAX_QUOTES = 8
"""Sentences that are shown; the message says how many more there are."""


def alert_message(kind: str, data: Mapping[str, Any]) -> Message:
    """The message of an event of this type with this `data`."""
    watchlist, article, story = (block(data, name) for name in ("watchlist", "article", "story"))
    first = words(data.get("alert_id"), 100) or words(data.get("id"), 100)
    evidence = blocks(data.get("evidence"))
    title = words(article.get("title"), 300)
    in_title = [words(one.get("text")) for one in evidence if title and one.get("zone") == "title"]
    quotes = quotes_below(article, data)
    changed = blocks(data.get("changes"))
    return Message(
        severity=severity_of(watchlist),
        label=name_of(watchlist),
        headline=marked(alert_headline(data), in_title),
        url=web_address(article.get("url")),
        news=news(kind, story, is_withdrawn=bool(data.get("reason"))),
        facts=(
            *_reason(kind, data),
            *_changes(_shown_changes(kind, changed)),
            *_facts(article, story),
        ),
        quotes=quotes[:MAX_QUOTES],
        more=max(0, len(quotes) - MAX_QUOTES),
        # A retraction has no score.
        score="" if kind == "alert.retracted" else _sum(block(data, "score")),
        footer=joined(words(watchlist.get("id"), 100), first),
        thread=words(story.get("id"), 100) or first,
        follows=kind != "alert.created",
        alerts_all=kind == "alert.retracted",
        topic=_first_title(changed) or title or "(no title)",
        alert="" if kind == "alert.retracted" else first,
    )


def alert_headline(data: Mapping[str, Any]) -> str:
    """What the message begins with: the article's title, else its summary."""
    article = block(data, "article")
    return words(article.get("title"), 300) or words(article.get("summary"), 300) or "(no title)"


def news(kind: str, story: Mapping[str, Any], *, is_withdrawn: bool = False) -> str:
    """What happened to an alert that was sent before; "" for a new one."""
    match kind:
        case "alert.updated":
            return "Corrected"
        case "alert.retracted":
            matched = "No longer matches after a correction"
            return "Withdrawn by its publisher" if is_withdrawn else matched
        case "story.updated":
            sources = len(_sources(story))
            return f"Spreading, {sources} sources" if sources > 1 else "Spreading"
        case _:
            return ""


def _reason(kind: str, data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What the publisher says who took an article back."""
    reason = words(data.get("reason"), 300) if kind == "alert.retracted" else ""
    return (("The publisher says", reason),) if reason else ()


def _facts(article: Mapping[str, Any], story: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    sources = _sources(story)
    shown = ", ".join(sources[:10]) + (f" and {len(sources) - 10} more" if sources[10:] else "")
    count = int(number(story.get("articles")))
    found = (
        ("Source", words(article.get("source"), 100)),
        ("Author", words(article.get("author"), 100)),
        ("Published", moment(article.get("published_at"))),
        ("Story", f"{count} articles since {moment(story.get('first_seen'))}" if count > 1 else ""),
        ("Reported by", shown if len(sources) > 1 else ""),
    )
    return ((name, value) for name, value in found if value)


def _sources(story: Mapping[str, Any]) -> Sequence[str]:
    listed = story.get("sources")
    found = [words(one, 60) for one in listed] if isinstance(listed, list) else []
    return [apart(one) for one in found if one]


def _shown_changes(kind: str, changed: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The changes that say something: a retraction always loses its score and its evidence."""
    if kind != "alert.retracted":
        return changed
    return [one for one in changed if one.get("field") not in ("score", "evidence")]


def _changes(changed: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    for one in changed[:5]:
        name = words(one.get("field"), 40) or "something"
        before, after = words(one.get("from"), 200), words(one.get("to"), 200)
        yield f"Changed {name}", f"{before} → {after}" if before or after else "differs from before"


def _first_title(changed: Sequence[Mapping[str, Any]]) -> str:
    was = (words(one.get("from"), 300) for one in changed if one.get("field") == "title")
    return next(was, "")


def quotes_below(article: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[Quote, ...]:
    """The sentences that prove a match, but for the title, which is shown above them."""
    title = words(article.get("title"), 300)
    evidence = blocks(data.get("evidence"))
    return _quotes(one for one in evidence if not (title and one.get("zone") == "title"))


def _quotes(evidence: Iterable[Mapping[str, Any]]) -> tuple[Quote, ...]:
    """Each sentence once, with the words of all its evidence marked."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in evidence:
        text = words(one.get("text"))
        sentence = words(one.get("sentence"), 600) or text
        if sentence:
            found.setdefault((words(one.get("zone"), 20), sentence), []).append(text)
    return tuple(Quote(zone, marked(sentence, texts)) for (zone, sentence), texts in found.items())


def _sum(score: Mapping[str, Any]) -> str:
    """`score 100 × √(Pakistan 0.90 × Turkey 0.90) × closeness 1 = 90`."""
    if not score:
        return ""
    clauses = blocks(score.get("clauses"))[:12]
    each = [f"{words(one.get('clause'), 24)} {number(one.get('value')):.2f}" for one in clauses]
    product = " × ".join(each)
    root = {0: "", 1: "", 2: "√", 3: "∛"}.get(len(each), f"{len(each)}√")
    factors = ["100", f"{root}({product})" if root else product]
    factors.append(f"closeness {number(score.get('closeness')):g}")
    boosts = "".join(
        f" {number(one.get('points')):+g} ({words(one.get('when'), 24)})"
        for one in blocks(score.get("boosts"))[:12]
    )
    return f"score {' × '.join(filter(None, factors))}{boosts} = {number(score.get('value')):g}"


def severity_of(watchlist: Mapping[str, Any]) -> str:
    """The severity of a watchlist; medium where it has none that is known."""
    found = watchlist.get("severity")
    return found if isinstance(found, str) and found in SEVERITIES else "medium"


def name_of(watchlist: Mapping[str, Any]) -> str:
    """The name of a watchlist, else its id."""
    return words(watchlist.get("name"), 100) or words(watchlist.get("id"), 100) or "Alert"


def joined(*parts: str) -> str:
    """Those parts that are not empty, in one line."""
    return " · ".join(part for part in parts if part)
