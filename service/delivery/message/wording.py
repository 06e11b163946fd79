"""Event → message for people.

Every event becomes a message, also one of an unknown type or with missing parts: it is better to
show an alert badly than not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.delivery.message.fields import apart, block, blocks, moment, number, web_address, words
from service.delivery.message.message import SEVERITIES, Item, Message, Quote, Stretch, marked

MAX_QUOTES = 8
"""Sentences that are shown; the message says how many more there are."""
MAX_ITEMS = 10
"""Alerts and watchlists that the message of a digest shows."""


def message(body: bytes) -> Message:
    """The message for people that the body of an event makes."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        event = None
    data = block(event, "data")
    kind = words(block(event).get("type"), 60)
    if kind in ("alert.created", "alert.updated", "alert.retracted", "story.updated"):
        return _alert(kind, data)
    if kind == "digest.created":
        return _digest(data)
    return _notice(kind, data)


def _alert(kind: str, data: Mapping[str, Any]) -> Message:
    watchlist, article, story = (block(data, name) for name in ("watchlist", "article", "story"))
    first = words(data.get("alert_id"), 100) or words(data.get("id"), 100)
    evidence = blocks(data.get("evidence"))
    title = words(article.get("title"), 300)
    in_title = [words(one.get("text")) for one in evidence if title and one.get("zone") == "title"]
    quotes = _quotes(one for one in evidence if not (title and one.get("zone") == "title"))
    changed = blocks(data.get("changes"))
    return Message(
        severity=_severity(watchlist),
        label=_name(watchlist),
        headline=marked(title or words(article.get("summary"), 300) or "(no title)", in_title),
        url=web_address(article.get("url")),
        news=_news(kind, story),
        facts=(*_changes(_shown_changes(kind, changed)), *_facts(article, story)),
        quotes=quotes[:MAX_QUOTES],
        more=max(0, len(quotes) - MAX_QUOTES),
        # A retraction has no score.
        score="" if kind == "alert.retracted" else _sum(block(data, "score")),
        footer=_joined(words(watchlist.get("id"), 100), first),
        thread=words(story.get("id"), 100) or first,
        follows=kind != "alert.created",
        alerts_all=kind == "alert.retracted",
        topic=_first_title(changed) or title or "(no title)",
    )


def _news(kind: str, story: Mapping[str, Any]) -> str:
    match kind:
        case "alert.updated":
            return "Corrected"
        case "alert.retracted":
            return "No longer matches after a correction"
        case "story.updated":
            sources = len(_sources(story))
            return f"Spreading, {sources} sources" if sources > 1 else "Spreading"
        case _:
            return ""


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


def _digest(data: Mapping[str, Any]) -> Message:
    watchlist, held = block(data, "watchlist"), blocks(data.get("alerts"))[:MAX_ITEMS]
    count = max(int(number(data.get("count"))), len(held))
    alerts = "1 alert" if count == 1 else f"{count} alerts"
    throttled = data.get("reason") == "throttle"
    severities = [_severity(block(one, "watchlist")) for one in held]
    severity = max(severities, key=SEVERITIES.index, default="info")
    span = [moment(data.get(name)) for name in ("since", "until")]
    facts = [("Period", " to ".join(filter(None, span)))] if any(span) else []
    parts = [
        f"{apart(_name(one))} ({int(number(one.get('count')))})"
        for one in blocks(data.get("watchlists"))
    ]
    if parts:
        shown = ", ".join(parts[:MAX_ITEMS])
        more = f" and {len(parts) - MAX_ITEMS} more" if parts[MAX_ITEMS:] else ""
        facts.append(("Watchlists", shown + more))
    if count > len(held) > 0:
        facts.append(("In full", f"the best {len(held)} of {count}"))
    names = {words(one.get("id"), 100): _name(one) for one in blocks(data.get("watchlists"))}
    return Message(
        severity=_severity(watchlist) if watchlist else severity,
        label=_name(watchlist) if watchlist else "Digest",
        headline=(Stretch(f"{alerts} held back" if throttled else alerts),),
        facts=tuple(facts),
        items=tuple(_item(one) for one in held),
        others=tuple(_entry(one, names) for one in blocks(data.get("others"))),
        footer=_joined(words(watchlist.get("id"), 100), words(data.get("id"), 100)),
    )


def _item(data: Mapping[str, Any]) -> Item:
    watchlist, article = block(data, "watchlist"), block(data, "article")
    score = block(data, "score").get("value")
    about = [_name(watchlist), _severity(watchlist), words(score)]
    about += [words(article.get("source"), 60)]
    about += [_news(words(data.get("type"), 60), block(data, "story"))]
    parts = [apart(part) for part in about if part]
    return Item(
        headline=words(article.get("title"), 300) or "(no title)",
        url=web_address(article.get("url")),
        about="\u00a0· ".join(parts),  # no line begins with the sign
    )


def _entry(data: Mapping[str, Any], names: Mapping[str, str]) -> Item:
    """An alert of which a digest has only title and URL; `names` are those of its watchlists."""
    about = [names.get(words(data.get("watchlist"), 100), "")]
    about += [_news(words(data.get("type"), 60), {})]
    return Item(
        headline=words(data.get("title"), 300) or "(no title)",
        url=web_address(data.get("url")),
        about="\u00a0· ".join(apart(part) for part in about if part),
    )


_NOTICES = {
    "subscriber.test": ("info", "Test", "This is a test: alerts reach you here"),
    "subscriber.disabled": ("high", "Disabled", "A subscriber receives no more alerts"),
    "delivery.exhausted": ("high", "Not delivered", "A delivery has failed for good"),
    "rules.fault": ("high", "Rules", "The rules files have mistakes"),
}


def _notice(kind: str, data: Mapping[str, Any]) -> Message:
    other = ("info", "Tocsin", kind or "an event that cannot be read")
    severity, label, headline = _NOTICES.get(kind, other)
    message, command = words(data.get("message"), 600), words(data.get("command"), 200)
    said = {words(name, 40): words(value, 200) for name, value in list(data.items())[:12]}
    return Message(
        severity=severity,
        label=label,
        headline=(Stretch(headline),),
        facts=tuple(
            (name.removesuffix("_id").replace("_", " ").capitalize(), value)
            for name, value in said.items()
            if value and name not in ("id", "message") and not _holds(f"{message} {command}", value)
        ),
        notice=message.removesuffix(command).rstrip(),
        command=command,
        footer=words(data.get("id"), 100),
    )


def _holds(text: str, value: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _severity(watchlist: Mapping[str, Any]) -> str:
    found = watchlist.get("severity")
    return found if isinstance(found, str) and found in SEVERITIES else "medium"


def _name(watchlist: Mapping[str, Any]) -> str:
    return words(watchlist.get("name"), 100) or words(watchlist.get("id"), 100) or "Alert"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
