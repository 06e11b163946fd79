"""What makes an article the same article: its id and the revision of its text."""

from __future__ import annotations

import hashlib
import re
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
_DEFAULT_PORTS = {"http": 80, "https": 443}


def web_address(text: str) -> SplitResult | None:
    """The parts of an absolute http or https URL; None for anything else."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in _DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError:  # unpaired brackets, or a port that is not a number
        return None
    return parts if usable else None


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


def article_id(given: str, url: str, text: str) -> str:
    """The id given, else one made from the URL, else one made from the text."""
    if given:
        return given
    if normal := normal_url(url):
        return f"url_{_digest(normal, 16)}"
    return f"txt_{_digest(text, 16)}"


def revision(text: str) -> str:
    """16 hex digits that change whenever the text does."""
    return _digest(text, 8)


def digest(id_: str) -> str:
    """32 hex digits for an article's id, which may be of any length, in the names of keys."""
    return _digest(id_, 16)


def _is_tracking(parameter: str) -> bool:
    return _TRACKING.fullmatch(parameter.split("=", 1)[0]) is not None


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()
