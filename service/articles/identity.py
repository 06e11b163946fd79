"""What makes an article the same article: its id, the scope of that, and the revision of its text.

Ids are chosen by publishers, so each is one only within its scope. Where it is in doubt whether two
entries are one article they are two: an alert that is sent twice is better than one that is missed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

# Query parameters that say where a reader came from, never what they read: those of DESIGN.md §2,
# of Firefox's query stripping, and of what analytics and mail services document. Names that a site
# may give to a page's own identity (id, ref, source, cid) stay: two articles taken for one would
# lose an alert. (courlan, which trafilatura brings, drops those, drops bare `?12345`, and sorts.)
_TRACKING = re.compile(
    r"utm_.*|mtm_.*|pk_.*|piwik_.*|hsa_.*|at_(?:medium|campaign|custom\d)|fbclid"
    r"|fb_(?:action_.*|source|ref)|gclid|gclsrc|dclid|gbraid|wbraid|_g[al]|msclkid|yclid|ysclid"
    r"|_openstat|twclid|ttclid|li_fat_id|rdt_cid|epik|igshid?|mc_[ce]id|mkt_tok|_hs(?:enc|mi)"
    r"|__hs(?:tc|sc|fp)|hsctatracking|oly_(?:anon|enc)_id|vero_(?:id|conv)|ss_email_id|bsft_.*"
    r"|wickedid|s_cid|smid|ocid|cmpid|xtor",
    re.IGNORECASE,
)
MAX_NAME_BYTES = 1_024
"""Of an id or a scope; a longer one becomes its digest."""
_SCHEME = re.compile(r"^https?://")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class FeedItem(NamedTuple):
    """What an entry of a feed says of itself that may be its id; "" for what it does not say."""

    guid: str
    link: str
    title: str
    text: str


MAX_KNOWN = 1_024
"""Identities whose digest is remembered: each alert of an article asks for it."""
EARLIER = "earlier"
"""The text of an article that is known by its id alone, as earlier versions knew all."""


class Identity(NamedTuple):
    """What makes an article the same article as another."""

    scope: str
    """Within what the id is unique; see `scope_of`."""
    id: str
    text: str = ""
    """Which of several texts under the id that have nothing in common; "" for the first."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What ids of alerts are made of."""
        if self.text == EARLIER:
            return (self.id,)
        return tuple(self) if self.text else self[:2]

    @property
    def digest(self) -> str:
        """32 hex digits that stand for it in the names of keys."""
        return _identity_digest(self.parts)


@lru_cache(MAX_KNOWN)
def _identity_digest(parts: tuple[str, ...]) -> str:
    return _digest("\0".join(parts), 16)


def web_address(text: str) -> SplitResult | None:
    """The parts of an absolute http or https URL; None for anything else."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in _DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError:  # unpaired brackets, or a port that is not a number
        return None
    return parts if usable else None


def is_url(text: str) -> bool:
    """Whether a text is meant as the address of a page."""
    return text.startswith(("http://", "https://"))


def bare_url(url: str) -> str:
    """A normal URL, the same for http and https, with a slash at its end and without."""
    return _SCHEME.sub("", url).rstrip("/")


def normal_url(text: str) -> str:
    """The URL as every link to the same article spells it; "" when it is no http or https URL.

    Scheme and host in lower case, no default port, no fragment, no tracking parameters; what
    remains of the query keeps its order and spelling.
    """
    parts = web_address(text)
    if parts is None:
        return ""
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    query = "&".join(p for p in parts.query.split("&") if p and not _is_tracking(p))
    return f"{parts.scheme}://{host}{port}{parts.path or '/'}{'?' if query else ''}{query}"


def scope_of(source: str, url: str) -> str:
    """Within what an article's id is unique: its source, else the host of its URL, else nothing.

    Case makes no difference, nor does `www.`.
    """
    return _short("src", source.casefold()) if source else host_of(url).removeprefix("www.")


def host_of(url: str) -> str:
    """The host of an http or https URL, in lower case; "" for anything else."""
    parts = web_address(url)
    return (parts.hostname or "").rstrip(".") if parts else ""


def article_id(given: str, url: str, text: str) -> str:
    """The id given, or its digest if it is very long; else one made from the URL, or the text."""
    if given:
        return _short("id", given)
    if normal := normal_url(url):
        return f"url_{_digest(normal, 16)}"
    return f"txt_{_digest(text, 16)}"


def page_address(given: str, canonical: str) -> str:
    """The address that identifies a page: the given one, or its canonical link on the same host.

    A page may say anything of itself. So its link does not count on another host, where it leads to
    the front page, as that of many sites always does, nor where it only drops a query: `?id=7` may
    be all that tells two articles apart.
    """
    ours, theirs = web_address(normal_url(given)), web_address(normal_url(canonical))
    if ours is None or theirs is None or ours.netloc != theirs.netloc or theirs.path == "/":
        return given
    drops_query = ours.path == theirs.path and ours.query and not theirs.query
    return given if drops_query else canonical


def feed_ids(items: Sequence[FeedItem], feed: str) -> list[str]:
    """The id of each of a feed's entries, in order; "" where its link alone tells it apart.

    `feed` is what names the feed.

    A guid that is an address on its article's own host stands for itself. Any other is one only
    within its feed: small numbers are common. What a file has twice is told apart by link, then by
    title, then by text.
    """
    ways = [[*_feed_item_names(item, feed)] for item in items]
    found = Counter(name for each in ways for name in dict.fromkeys(each))
    chosen = (next((name for name in each if found[name] == 1), each[-1]) for each in ways)
    return [
        "" if not item.guid and name == _link_of(item) else name
        for name, item in zip(chosen, items, strict=True)
    ]


def _feed_item_names(item: FeedItem, feed: str) -> Iterator[str]:
    """What may be the entry's id, the shortest first."""
    name, link = item.guid, _link_of(item)
    if name:
        host = host_of(name)
        is_permalink = host and host == host_of(item.link or name)
        name = _untracked(name) if is_permalink else f"{feed} {name}".strip()
        yield name
    if link != item.guid:
        name = f"{name} {link}".strip()
    yield name
    if not name:
        return
    yield f"{name} {item.title}"
    yield f"{name} {item.title} {revision(item.text)}"


def _untracked(address: str) -> str:
    """An address without tracking parameters, and else as it is: `#3` may tell items of a page."""
    parts = web_address(address)
    kept = [each for each in parts.query.split("&") if not _is_tracking(each)] if parts else []
    if parts is None or len(kept) == parts.query.count("&") + 1:
        return address
    return parts._replace(query="&".join(kept)).geturl()


def _link_of(item: FeedItem) -> str:
    return normal_url(item.link) or item.link


def revision(text: str) -> str:
    """16 hex digits that change whenever the text does."""
    return _digest(text, 8)


def _short(kind: str, name: str) -> str:
    """A name of at most MAX_NAME_BYTES: an alert, and each record of it, repeats it."""
    return name if len(name.encode()) <= MAX_NAME_BYTES else f"{kind}_{_digest(name, 16)}"


def _is_tracking(parameter: str) -> bool:
    return _TRACKING.fullmatch(parameter.split("=", 1)[0]) is not None


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()
