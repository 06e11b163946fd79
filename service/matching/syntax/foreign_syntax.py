"""The syntax of other search systems, and what to write here instead."""

from __future__ import annotations

import re

from service.errors import QueryError
from service.matching.syntax.symbols import shown

_SIGNS = {
    "&": "AND",
    "&&": "AND",
    "+": "AND",
    "|": "OR",
    "||": "OR",
    ";": "OR",
    "!": "AND NOT",
    "-": "AND NOT",
}
_CERTAIN = frozenset({"&&", "|", "||", "+"})
"""Those that have one meaning wherever they stand alone: “&” joins names, and “-” may be a dash."""
_NEAR = re.compile(r"O?NEAR/\w+")
# Signs that are never part of a word to look for.
_WITHIN = re.compile(
    r"\|\|?|&&|[;；、<>{}\[\]\\]|=+"
    r"|(?P<range>(?<=\d)\.\.+(?=\d))|/(?P<far>[NF])(?P<number>\d{1,3})/"
)
_NAME_OR_BOTH = (
    "Put a name into quotes, and in YAML into single quotes around these: "
    "'\"Johnson & Johnson\"'. For both words anywhere, write AND."
)
_PHRASE = "put a phrase that contains it in quotes."
_INSTEAD = {
    "|": "Write OR between alternatives, with a space on both sides.",
    "||": "Write OR between alternatives, with a space on both sides.",
    "&&": "Write AND between them, with a space on both sides.",
    ";": f"Write OR between alternatives, or {_PHRASE}",
    "；": f"Write OR between alternatives, or {_PHRASE}",
    "、": f"Write OR between alternatives, or {_PHRASE}",
    "{": "Write cs(BT) for words in just this spelling and case.",
    "[": "Write ( and ) around a group, and a field before its word: title:missile.",
    "]": "Write ( and ) around a group, and a field before its word: title:missile.",
    "\\": "There are no regular expressions: write * and ? for letters that may differ, and OR.",
}
FIELDS = {
    "hd": "title:",
    "headline": "headline:",
    "title": "title:",
    "ti": "title:",
    "lp": "lead:",
    "lead": "lead:",
    "hlp": "headline:",
    "hlead": "headline:",
    "body": "body:",
    "td": "body:",
    "rst": "source:",
    "sn": "source:",
    "source": "source:",
    "publication": "source:",
    "site": "source:",
    "intitle": "title:",
    "allintitle": "title:",
    "inurl": "url:",
    "lang": "language:",
    "by": "author:",
    "byline": "author:",
    "author": "author:",
    "la": "language:",
    "language": "language:",
    "allcaps": "cs",
    "au": "author:",
    "from": "author:",
    "ingress": "lead:",
    "place_country": "country:",
    "publisher": "source:",
    "sourcecountry": "country:",
    "tiab": "headline:",
}
"""Names of fields and functions in Factiva, Lexis and others, with ours."""
VALUES = {
    "source:": "reuters",
    "author:": "khan",
    "language:": "en",
    "country:": "GB",
    "url:": "bbc.com/news",
}
"""For each field of metadata an example of a value."""
_DATES = "There are no dates in rules: a watchlist alerts on what comes from now on."
_NO_TEST = "There is no such test here: leave it out."
_WHOLE_TEXT = "Leave it out: words are looked for in the whole text, a phrase in quotes as it is."
_BETWEEN = "Write it between the words: a NEAR/5 b."
_ONE_FORM = 'Put the word in quotes to find just this form: "car".'
ABSENT = {
    **dict.fromkeys(
        ("after", "aft", "before", "bef", "da", "date", "dp", "pd", "published", "since", "until"),
        _DATES,
    ),
    **dict.fromkeys(("allintext", "content", "exact", "intext", "phrase", "text"), _WHOLE_TEXT),
    **dict.fromkeys(
        (
            "authorfollowers", "engagement", "engagementtype", "filetype", "filter", "gender",
            "has", "is", "length", "min_faves", "min_retweets", "reach", "related", "sentiment",
            "wc",
        ),
        _NO_TEST,
    ),
    **dict.fromkeys(("near", "onear", "pre", "w", "within"), _BETWEEN),
    **dict.fromkeys(("plural", "singular"), _ONE_FORM),
    "nocaps": "Write apple AND NOT caps(Apple).",
    "raw": "Write cs(US) for just this spelling and case.",
}  # fmt: skip
"""Names of fields and functions elsewhere that have none like them here: what to do instead."""
# Lexis w/5 pre/5 w/sent, Westlaw /5 /s +5, Factiva near5 adj5, ProQuest N/5; ours in lower case.
_DISTANCE = re.compile(
    r"""(?: (?P<name> w | within | n | o?near | adj | pre | next | before | after | )/
            (?P<slash> [0-9]+ | s | p | sent | para )
          | (?P<bare> near | adj ) (?P<number> [0-9]+ )
          | (?P<plus> \+ ) (?P<after> [0-9]+ | s | p ) )""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_ORDERED = ("pre", "next", "adj", "before", "+")
"""Those whose left side comes first."""
_FUZZY = re.compile(r"(?P<word>.*)~(?P<number>\d*)(?:\.\d+)?")
_BOOSTED = re.compile(r"(?P<word>.*)\^\d+(?:\.\d+)?")
_PATTERN = re.compile(r"/.+/[imsx]*")
_ROOT = re.compile(r"(?P<before>%)?(?P<root>[^\W\d_]{2,})(?P<sign>(?(before)%?|(?:[!%]|\$\d?)))")
_CURRENCY = re.compile(r"[A-Z]{1,3}\$")
_TAG = re.compile(r"(?P<word>[^\[\]]*)\[(?P<tag>[A-Za-z]+)[^\[\]]*\]?")
_WORD = re.compile(r"[^\W_]")
_BEFORE = "!-–—−"
"""Signs that other systems have before what is left out, and the dashes that are typed for one."""
_LEAST_ROOT = 3


def refuse(said: str, start: int, before: str) -> None:
    """Raises QueryError if a run of characters is another system's operator.

    `before` is the quoted phrase right before it, without a space between; else empty.
    """
    found = _refusal(said, before)
    if found is not None:
        message, width, hint = found
        raise QueryError(message, start, start + width, hint, code="T309", fix=_replacement(said))
    if sign := _WITHIN.search(said):
        raise _sign_within(said, start, sign)


def _replacement(said: str) -> str | None:
    """What corrects an operator without a doubt; None: only a person can say."""
    if said in _CERTAIN:
        return _SIGNS[said]
    distance = _DISTANCE.fullmatch(said)
    if distance and (distance["name"] or "").lower() == "after":  # both sides change places
        return None
    found = _NEAR.search(_as_near(distance)) if distance else None
    return found[0] if found else None


def _sign_within(said: str, start: int, sign: re.Match[str]) -> QueryError:
    name = said[: sign.start()].lower()
    hint = _INSTEAD.get(sign[0], f"Leave it out, or {_PHRASE}")
    if sign[0] == "=" and name in FIELDS and FIELDS[name][-1] == ":":
        value = shown(said[sign.end() :]) or VALUES.get(FIELDS[name], "missile")
        hint = f"Write {FIELDS[name]}{value}."
    elif (tag := _TAG.fullmatch(said)) and (field := FIELDS.get(tag["tag"].lower(), "")):
        hint = f"Write {field}{VALUES.get(field) or shown(tag['word']) or 'missile'}."
    elif sign["number"]:
        most = max(int(sign["number"]) - 1, 0)
        hint = f"Write NEAR/{most}; the number counts the words between."
        if sign["far"] == "F":
            hint = "Write headline: before the word, for the title and the lead."
    elif sign["range"]:
        hint = "There are no ranges: write OR between the numbers."
    message = f"“{sign[0]}” means nothing here"
    return QueryError(message, start + sign.start(), start + sign.end(), hint, code="T309")


def _refusal(said: str, before: str) -> tuple[str, int, str] | None:
    """The message, how many characters of `said` it is about, and the hint."""
    operator = f"“{shown(said)}” is not an operator here"
    if said in _SIGNS:
        if said == "&":
            return operator, 1, _NAME_OR_BOTH
        instead = _SIGNS[said]
        example = ": a AND NOT b" if instead == "AND NOT" else ""
        return operator, len(said), f"Write {instead} instead{example}."
    if distance := _DISTANCE.fullmatch(said):
        return operator, len(said), _as_near(distance)
    if said[0] in _BEFORE and len(said) > 1:
        hint = f"To leave articles out, write AND NOT {shown(said[1:])}."
        if not _WORD.search(said):
            hint = "Write ONEAR/5 between words that follow one another, or AND."
        return f"“{said[0]}” before a word means nothing here", len(said), hint
    if said[0] == "+" and len(said) > 1:
        hint = f"AND requires all its parts: write AND {shown(said.lstrip('+'))}."
        return "“+” before a word means nothing here", len(said), hint
    if said[0] == "~" and _WORD.match(said, 1) and not said[1].isdigit():
        return operator, 1, "Similar words are not matched: write them with OR between them."
    if fuzzy := _FUZZY.fullmatch(said):
        return operator, len(said), _as_written(fuzzy, before)
    if boosted := _BOOSTED.fullmatch(said):
        word = shown(boosted["word"]) or "the word"
        hint = f"Write {word} alone; `boost:` of the watchlist adds points to the score."
        return operator, len(said), hint
    if _PATTERN.fullmatch(said):
        hint = (
            "Write * and ? for letters that may differ, and OR between spellings. Put a name with "
            "slashes in quotes."
        )
        return "there are no regular expressions here", len(said), hint
    root = _ROOT.fullmatch(said)
    if root and not _CURRENCY.fullmatch(said):
        return _of_root(root, len(said))
    return None


def _of_root(found: re.Match[str], width: int) -> tuple[str, int, str]:
    begin, sign = shown(found["root"]), found["before"] or found["sign"]
    message = f"“{sign}” {'before' if found['before'] else 'after'} a word means nothing here"
    hint = "List the words with OR."
    if len(begin) >= _LEAST_ROOT:
        hint = f"For all words that begin like this, write {begin}*; otherwise remove the “{sign}”."
    return message, width, hint


def _as_near(found: re.Match[str]) -> str:
    name = (found["name"] or found["bare"] or found["plus"] or "").lower()
    distance = (found["slash"] or found["number"] or found["after"]).lower()
    if not distance.isdigit():
        return f"Write NEAR/{distance[0]} instead."
    if found["slash"] and name in ("near", "onear"):
        return f"Write {name.upper()}/{shown(distance)} instead."
    # Other systems count from word to word: a neighbour is their 1 and our 0.
    between = max(int(distance) - 1, 0) if len(distance) < 5 else 5
    said = f"ONEAR/{between}" if name in _ORDERED else f"NEAR/{between}"
    if name == "after":
        return f"Write b ONEAR/{between} a instead of a AFTER/{distance} b."
    if said.startswith("NEAR"):
        said += f", or ONEAR/{between} for this order"
    return f"Write {said}; the number counts the words between."


def _as_written(found: re.Match[str], before: str) -> str:
    if word := found["word"] or (before if " " not in before else ""):
        return f"Similar words are not matched: write each spelling with OR, or {shown(word)}*."
    joint = f" NEAR/{shown(found['number'] or '5')} "
    return f"Write {shown(joint.join(before.split() or ['a', 'b']))} instead."
