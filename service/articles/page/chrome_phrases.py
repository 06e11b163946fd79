"""What page templates print around an article: the rules by which a paragraph is page chrome.

    where   rule               cuts
    top     see `bylines`      dates, reading times, bylines
    inside  to-top             "Go to Top"
            share-bar          "Share on Facebook | Tweet | WhatsApp"
            menu               "Home > News > Transport", "Home News Sport"
            advertisement      "Advertisement"
            email-field        "Enter your email"
            offer              "Subscribe for $1"
            notice             cookies, subscriptions, newsletters: a site that speaks for itself
            credit             "Photo: A. Name/Agency"
            tags               "Tags: Layoffs, Space"
    end     story-navigation   "Previous Story" and everything after it
            comments           "3 comments" and everything after it
            teaser-list        "Latest from …", "Most read" and the teasers under it
            legal              "© 2026 …", "Privacy | Terms of use" and the text next to it
    inside  also-read          "Also read: <another story's headline>"

The words are those of page templates; see `phrases`. A rule judges whole paragraphs, never a part
of one; tests hold examples for and against each. How the rules are applied: `chrome`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from service.articles.page.also_read import ALSO_READ
from service.articles.page.bylines import HEAD
from service.articles.page.phrases import MAX_CHARS, Words, phrases, words_of
from service.articles.page.prose import Rule, ends_sentence

# --- inside an article, or next to it --------------------------------------------------------


def _is_share_bar(paragraph: str) -> bool:
    words = words_of(paragraph)
    share, around = _single("share"), _single("share-with")
    return bool(words) and words[0] in share and all(w in share or w in around for w in words)


@functools.cache
def _single(kind: str) -> frozenset[str]:
    """The phrases of a kind that are one word."""
    return frozenset(words[0] for words in phrases().words(kind) if len(words) == 1)


_CRUMB = re.compile(r"\s*(?:[|›»/·•]|>{1,2})\s*")
_WAY = re.compile("[>›]")
_NO_MENU = re.compile(r"[,:;“”\d]")
_MAX_MENU_CHARS = 100
_MAX_HEADING_CHARS = 60


def _is_menu(paragraph: str) -> bool:
    if " " not in paragraph or len(paragraph) > _MAX_MENU_CHARS:
        return False
    if ends_sentence(paragraph) or _NO_MENU.search(paragraph):
        return False
    parts = _CRUMB.split(paragraph)
    a_way = len(parts) > 1 and _WAY.search(paragraph) and any(map(_is_section, parts))
    if len(parts) > 2 or a_way:
        return all(part and len(part.split()) <= 3 for part in parts)
    words = paragraph.split()
    return 3 <= len(words) <= 10 and sum(map(_is_section, words)) >= 3


def _is_section(text: str) -> bool:
    return words_of(text) in phrases().words("section")


def _is_notice(paragraph: str) -> bool:
    if paragraph[:1] in "\"“„«‘'":  # a quotation is not the site's own voice
        return False
    return _is(paragraph, "notice")


def _is_credit(paragraph: str) -> bool:
    marked = any(mark in paragraph for mark in ":：©・")
    return marked and _credit().fullmatch(paragraph) is not None


@functools.cache
def _credit() -> re.Pattern[str]:
    return re.compile(
        rf"(?:.{{0,120}}[.(。（、] ?)?\(?(?i:(?:{phrases().pattern('credit')})) ?[:：©・]"
        r" ?(?:[^.:]|(?<=\b[^\W\d_])\.){2,60}\)?"
        r"|(?:.{0,120}\. )?\(?© ?(?!\d{4}|(?i:copyright))[^.:]{2,30} ?/ ?[^.:]{2,30}\)?"
    )


def _is_tags(paragraph: str) -> bool:
    label, colon, _ = paragraph.replace("：", ":").partition(":")
    return not ends_sentence(paragraph) and (
        _is(paragraph, "tags") or (bool(colon) and _is(label, "tags"))
    )


def is_summary_heading(paragraph: str) -> bool:
    """Whether the points of the article itself are listed below, "Key points"."""
    return len(paragraph) <= _MAX_HEADING_CHARS and _is(paragraph, "summary")


def _is(paragraph: str, kind: str) -> bool:
    return kind in _kinds(paragraph)


@functools.lru_cache(256)  # each rule asks for its own
def _kinds(paragraph: str) -> frozenset[str]:
    return phrases().kinds(words_of(paragraph))


SHARE = Rule(
    "share-bar",
    "Buttons that pass the page on lose their icons and leave their names.",
    _is_share_bar,
)
ADVERTISEMENT = Rule(
    "advertisement",
    "A label is left where an advertisement was.",
    lambda paragraph: _is(paragraph, "advertisement"),
)
NOTICE = Rule("notice", "Sites ask readers for consent, an address or money.", _is_notice)
EMAIL = Rule(
    "email-field",
    "A field for the reader's address is in a box that offers a newsletter.",
    lambda paragraph: _is(paragraph, "email-field"),
)
OFFER = Rule(
    "offer",
    "A link to buy a subscription, or to give money, is below a request for it.",
    lambda paragraph: _is(paragraph, "offer"),
)
CREDIT = Rule("credit", "Templates print whose picture it is below it.", _is_credit)
TAGS = Rule("tags", "Templates list the topics that a story is filed under.", _is_tags)
INSIDE = (
    Rule(
        "to-top",
        "A link back to the top of the page is at its end.",
        lambda paragraph: _is(paragraph, "to-top"),
    ),
    SHARE,
    Rule("menu", "The site's sections and the way to this one are links on every page.", _is_menu),
    ADVERTISEMENT,
    EMAIL,
    OFFER,
    NOTICE,
    CREDIT,
    TAGS,
)

# --- after an article ------------------------------------------------------------------------

NAVIGATION = Rule(
    "story-navigation",
    "Links to the neighbouring stories close the article; nothing after them belongs to it.",
    lambda paragraph: _is(paragraph, "story-navigation"),
)
COMMENTS = Rule(
    "comments",
    "Comments of readers are below the article, to the end of the page.",
    lambda paragraph: _is(paragraph, "comments"),
)


def _is_teaser_heading(paragraph: str) -> bool:
    is_heading = len(paragraph) <= _MAX_HEADING_CHARS and not ends_sentence(paragraph)
    return is_heading and _is(paragraph, "teaser-list")


TEASERS = Rule(
    "teaser-list",
    "A heading is above the teasers for other stories.",
    _is_teaser_heading,
)


def _is_legal(paragraph: str) -> bool:
    return _is(paragraph, "legal") or _is_legal_links(paragraph)


def _is_legal_links(paragraph: str) -> bool:
    """Whether links to the site's terms are most of a line; in a sentence they are words."""
    if " " not in paragraph or ends_sentence(paragraph):
        return False
    words = words_of(paragraph)
    if sum(word in _legal_link_words() for word in words) < 2:  # most lines: two links have two
        return False
    links = others = at = 0
    while at < len(words):
        size = next((n for n in (4, 3, 2, 1) if words[at : at + n] in _legal_links()), 0)
        links, others = links + (size > 0), others + (size == 0)
        at += size or 1
    return links >= 2 and others <= 2 * links and not paragraph.islower()


@functools.cache
def _legal_links() -> frozenset[Words]:
    return phrases().words("legal-link")


@functools.cache
def _legal_link_words() -> frozenset[str]:
    return frozenset(word for words in _legal_links() for word in words)


LEGAL = Rule("legal", "The owner of the page and links to its terms are at its end.", _is_legal)
END = (NAVIGATION, COMMENTS, TEASERS, LEGAL)
LAST = (NAVIGATION, COMMENTS)
"""After one of these, the article does not continue."""
ANYWHERE = (*INSIDE, *END, ALSO_READ)
ALL = (*HEAD, *ANYWHERE)

_MAX_REMEMBERED = 4_096
"""Paragraphs whose rules are remembered: each is asked for several times while a page is read."""


def rules_of(paragraph: str) -> tuple[Rule, ...]:
    """All rules that hold for a paragraph, in the order of ALL."""
    return _rules_of_line(paragraph) if len(paragraph) <= MAX_CHARS else ()


@functools.lru_cache(_MAX_REMEMBERED)
def _rules_of_line(line: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in ALL if rule.holds(line)) if may_be_chrome(line) else ()


def first_rule(rules: Sequence[Rule], paragraph: str) -> Rule | None:
    """The first of the rules that holds for the paragraph."""
    return next((rule for rule in rules_of(paragraph) if rule in rules), None)


def may_be_chrome(paragraph: str) -> bool:
    """Whether any rule may hold for a paragraph: a cheap first look, so that prose meets none."""
    if ":" in paragraph or "©" in paragraph or "：" in paragraph:
        return True
    if phrases().may_say(words := words_of(paragraph)):
        return True
    if ends_sentence(paragraph) or " " not in paragraph:
        return False
    return bool(_CRUMB.search(paragraph)) or not _link_words().isdisjoint(words)


@functools.cache
def _link_words() -> frozenset[str]:
    """The words of sections and of links to a site's terms."""
    sections = phrases().words("section")
    return _legal_link_words() | {word for words in sections for word in words}
