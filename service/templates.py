"""What page templates print around an article: the rules by which a paragraph is page chrome.

    where   rule               cuts
    top     date-line          a line that only says when
            reading-time       "2 mins read"
    inside  also-read          "Also read: <another story's headline>"
            share-bar          "Share on Facebook | Tweet | WhatsApp"
            to-top             "Go to Top"
    end     story-navigation   "Previous Story" and everything after it
            teaser-list        "Latest from …", "Most read" and the teasers under it

The words are those of page templates, in the languages that templates are translated to most. A
rule judges whole paragraphs, never a part of one; tests hold examples for and against each. How
the rules are applied: `service.chrome`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of page chrome."""

    name: str
    why: str
    """What puts such paragraphs on pages, and why an article holds none."""
    holds: Callable[[str], bool]
    """Whether a paragraph is, as a whole, this kind of chrome."""


# Longer paragraphs are never chrome; it also bounds the work that a pattern can make.
LONGEST = 200

_SENTENCE_END = re.compile(r"[.!?。\uff01\uff1f।۔؟][\"'”’»)\]]*$")
_ELLIPSIS = re.compile(r"(?:…|\.\.\.)[\"'”’»)\]]*$")


def ends_sentence(paragraph: str) -> bool:
    """Whether a paragraph ends with a mark that closes a sentence, in any of several scripts."""
    return _SENTENCE_END.search(paragraph) is not None


def is_prose(paragraph: str) -> bool:
    """Whether a paragraph reads like running text: long enough, and ended as no teaser is."""
    # Han and Kana say more with fewer characters, each three bytes.
    enough = len(paragraph) >= 60 or len(paragraph.encode()) >= 75
    return enough and ends_sentence(paragraph) and not _ELLIPSIS.search(paragraph)


def first_of(rules: Sequence[Rule], paragraph: str) -> Rule | None:
    """The first of the rules that holds for the paragraph."""
    if len(paragraph) > LONGEST:
        return None
    return next((rule for rule in rules if rule.holds(paragraph)), None)


def _whole(pattern: str) -> Callable[[str], bool]:
    """A test for paragraphs that match end to end, but for arrows and punctuation around."""
    compiled = re.compile(rf"[\W_]*(?:{pattern})[\W_]*", re.IGNORECASE)
    return lambda paragraph: compiled.fullmatch(paragraph) is not None


# --- the top ---------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MONTHS = _words(
    """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    januar jänner februar märz mai juni juli oktober dezember
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
    januari februari maart mei augustus
    ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    """
)
_AROUND_A_DATE = _words(
    """
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri
    sat sun montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi
    vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo pazartesi salı
    çarşamba perşembe cuma cumartesi pazar понедельник вторник среда четверг пятница суббота
    воскресенье published posted updated last modified on at am pm a m p uhr h gmt utc bst cet cest
    est edt et ist pkt msk de of le del um veröffentlicht aktualisiert publié mis à jour publicado
    actualizado güncelleme опубликовано обновлено года г в min mins minute minutes read
    """
)
_NUMERIC_DATE = re.compile(r"\b\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?!\d)")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d{1,4}(?:st|nd|rd|th)?|\d{1,2}h\d\d|\d{1,2}[ap]m")
_ISO_TIME = re.compile(r"\d\dt\d\d|\d\dz")


def _is_date_line(paragraph: str) -> bool:
    words = _WORD.findall(paragraph.casefold())
    numbers = [word for word in words if _NUMBER.fullmatch(word) or _ISO_TIME.fullmatch(word)]
    names = [word for word in words if word in _MONTHS]
    around = [word for word in words if word in _AROUND_A_DATE]
    says_a_day = bool(numbers and names) or _NUMERIC_DATE.search(paragraph) is not None
    return says_a_day and len(words) == len(numbers) + len(names) + len(around)


_MINUTES = r"\d{1,3}[ -]?(?:mins?|minutes?|minuten|minutos|minuti|dk|dakika|мин(?:ут[аы]?)?)\.?"

HEAD = (
    Rule("date-line", "Templates print the day above or below the title.", _is_date_line),
    Rule(
        "reading-time",
        "Templates estimate how long the reading takes.",
        _whole(
            rf"{_MINUTES} (?:read|reading(?: time)?|lesezeit|de lecture|de lectura|de leitura"
            r"|di lettura|okuma|чтения)|(?:reading time|read time|time to read|lesezeit"
            r"|temps de lecture|tiempo de lectura|okuma süresi|время чтения)\W*"
            rf"{_MINUTES}"
        ),
    ),
)

# --- inside ----------------------------------------------------------------------------------

_ALSO_READ = re.compile(
    r"(?:also read|read also|read more|see also|related"
    r"|related (?:news|reads?|story|stories|articles?|posts?)|more on this|don['’]t miss"
    r"|lesen sie auch|mehr zum thema|(?:à )?lire aussi|le[ae] también|leia também|leggi anche"
    r"|lees ook|ayrıca okuyun|читайте также)\s*(?:[:|–—»›>-]\s*(?P<headline>.*))?",
    re.IGNORECASE,
)
_ALSO_READ_CAPITALS = re.compile(r"(?:ALSO READ|READ ALSO|READ MORE)\b(?P<headline>.*)")


def headline_after_label(paragraph: str) -> str | None:
    """What an "Also read:" paragraph points to; "" for the label alone, None for no such label."""
    if len(paragraph) > LONGEST:
        return None
    match = _ALSO_READ_CAPITALS.fullmatch(paragraph) or _ALSO_READ.fullmatch(paragraph)
    return (match["headline"] or "").strip() if match else None


def _is_also_read(paragraph: str) -> bool:
    headline = headline_after_label(paragraph)
    return headline is not None and not is_prose(headline)


_SHARE = (
    r"(?:share|tweet|facebook|twitter|x|whatsapp|telegram|linkedin|pinterest|reddit|e-?mail|print"
    r"|copy(?: link)?)"
)

ALSO_READ = Rule("also-read", "Pointers to other stories interrupt the text.", _is_also_read)
INSIDE = (
    Rule(
        "to-top",
        "A link back to the top of the page stands at its end.",
        _whole(r"(?:go|back|return|scroll)\s*to\s*(?:the\s*)?top(?: of (?:the )?page)?"),
    ),
    Rule(
        "share-bar",
        "Buttons that pass the page on lose their icons and leave their names.",
        _whole(
            rf"share(?: (?:this|on|via)(?: (?:article|story|post|page|{_SHARE}))?)?"
            rf"|(?:{_SHARE}(?: (?:on|via|this))?[\W_]+){{1,12}}{_SHARE}"
        ),
    ),
)

# --- the end ---------------------------------------------------------------------------------

NAVIGATION = Rule(
    "story-navigation",
    "Links to the neighbouring stories close the article; nothing after them belongs to it.",
    _whole(
        r"(?:prev(?:ious)?|next|newer|older) (?:story|article|post|news)"
        r"|(?:vorheriger|nächster) (?:artikel|beitrag)|article (?:précédent|suivant)"
        r"|(?:artículo|noticia) (?:anterior|siguiente)|(?:önceki|sonraki) (?:haber|yazı)"
        r"|(?:предыдущая|следующая) (?:новость|статья)"
    ),
)
TEASERS = Rule(
    "teaser-list",
    "A heading stands over the teasers for other stories.",
    _whole(
        r"(?:latest|more) (?:from|in|on)\b.{0,40}"
        r"|(?:latest|more|top|other|related|recent) (?:news|stories|headlines|articles|posts)"
        r"|most (?:read|popular|viewed|shared)|trending(?: (?:now|stories|news))?"
        r"|you (?:may|might) (?:also )?(?:like|be interested in)"
        r"|recommended(?: (?:for you|stories|reading))?|editor['’]?s['’]? picks?"
        r"|leave a (?:comment|reply)|meistgelesen|das könnte sie auch interessieren"
        r"|les plus lus|sur le même sujet|lo más leído|(?:más|otras) noticias"
        r"|noticias relacionadas|en çok okunanlar|(?:ilgili|diğer) haberler"
        r"|самое читаемое|другие новости"
    ),
)
END = (NAVIGATION, TEASERS)
