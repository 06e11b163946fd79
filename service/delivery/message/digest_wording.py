"""A digest → message for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.delivery.message.alert_wording import joined, name_of, news, quotes_below, severity_of
from service.delivery.message.fields import apart, block, blocks, moment, number, web_address, words
from service.delivery.message.message import SEVERITIES, Item, Message, Stretch

MAX_ITEMS = 10
"""Alerts and watchlists that the message of a digest shows."""


def digest_message(data: Mapping[str, Any]) -> Message:
    """The message of a digest with this `data`, or of a throttle's summary."""
    watchlist, held = block(data, "watchlist"), blocks(data.get("alerts"))[:MAX_ITEMS]
    count = max(int(number(data.get("count"))), len(held))
    alerts = "1 alert" if count == 1 else f"{count} alerts"
    throttled = data.get("reason") == "throttle"
    severities = [severity_of(block(one, "watchlist")) for one in held]
    severity = max(severities, key=SEVERITIES.index, default="info")
    span = [moment(data.get(name)) for name in ("since", "until")]
    facts = [("Period", " to ".join(filter(None, span)))] if any(span) else []
    parts = [
        f"{apart(name_of(one))} ({int(number(one.get('count')))})"
        for one in blocks(data.get("watchlists"))
    ]
    if parts:
        shown = ", ".join(parts[:MAX_ITEMS])
        more = f" and {len(parts) - MAX_ITEMS} more" if parts[MAX_ITEMS:] else ""
        facts.append(("Watchlists", shown + more))
    if count > len(held) > 0:
        facts.append(("In full", f"the best {len(held)} of {count}"))
    names = {words(one.get("id"), 100): name_of(one) for one in blocks(data.get("watchlists"))}
    return Message(
        severity=severity_of(watchlist) if watchlist else severity,
        label=name_of(watchlist) if watchlist else "Digest",
        headline=(Stretch(f"{alerts} held back" if throttled else alerts),),
        facts=tuple(facts),
        items=tuple(_item(one) for one in held),
        others=tuple(_entry(one, names) for one in blocks(data.get("others"))),
        footer=joined(words(watchlist.get("id"), 100), words(data.get("id"), 100)),
    )


def _item(data: Mapping[str, Any]) -> Item:
    watchlist, article = block(data, "watchlist"), block(data, "article")
    score = block(data, "score").get("value")
    about = [name_of(watchlist), severity_of(watchlist), words(score)]
    about += [words(article.get("source"), 60)]
    about += [news(words(data.get("type"), 60), block(data, "story"))]
    parts = [apart(part) for part in about if part]
    return Item(
        headline=words(article.get("title"), 300) or "(no title)",
        url=web_address(article.get("url")),
        about="\u00a0· ".join(parts),  # no line begins with the sign
        quote=next((one.sentence for one in quotes_below(article, data)), ()),
    )


def _entry(data: Mapping[str, Any], names: Mapping[str, str]) -> Item:
    """An alert of which a digest has only title and URL; `names` are those of its watchlists."""
    about = [names.get(words(data.get("watchlist"), 100), "")]
    about += [news(words(data.get("type"), 60), {})]
    return Item(
        headline=words(data.get("title"), 300) or "(no title)",
        url=web_address(data.get("url")),
        about="\u00a0· ".join(apart(part) for part in about if part),
    )
