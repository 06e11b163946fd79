"""Lines around a headline that are not the article: authors, dates, reading times.

rule               cuts
date-line          a line that only says when
reading-time       "2 mins read"
byline             "By Jane Doe, Political Editor"
"""

from __future__ import annotations

import re

from service.articles.page.prose import Rule, matches_whole


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
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro fev abr ago set out
    januari februari maart mei augustus
    ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    يناير فبراير مارس أبريل ابريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر اكتوبر نوفمبر ديسمبر
    जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
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
    actualizado güncelleme опубликовано обновлено года г в min mins minute minutes read stand as às
    las los modifié le pubblicato aggiornato il alle ore yayınlanma saat نشر في الساعة تحديث म
    प्रकाशित बजे अपडेट को
    """
)
_DIGIT = re.compile(r"\d")
_NUMERIC_DATE = re.compile(r"\b\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?!\d)")
# A day without a year or a time may be news: "Tuesday, 1 March" above the report of a match.
_YEAR_OR_TIME = re.compile(r"\d{4}|\d{1,2}[:.h]\d\d")
_HAN_DATE = re.compile(
    r"\d{2,4}年\d{1,2}月\d{1,2}日"
    r"(?: *(?:\d{1,2}[時时:]\d{0,2}分?|[(（][月火水木金土日一二三四五六][)）]))*"
    r"|来源[:：] ?\S+"  # the source, which follows the date
)
# Not \w, which excludes the vowel signs of Hindi: they are marks.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0900-\u0963])*")
_NUMBER = re.compile(r"\d{1,4}(?:st|nd|rd|th)?|\d{1,2}h(?:\d\d)?|\d{1,2}[ap]m")
_ISO_TIME = re.compile(r"\d\dt\d\d|\d\dz")


def _is_date_line(paragraph: str) -> bool:
    if _DIGIT.search(paragraph) is None:
        return False
    rest, han = _HAN_DATE.subn(" ", paragraph)
    words = _WORD.findall(rest.casefold())
    numbers = [word for word in words if _NUMBER.fullmatch(word) or _ISO_TIME.fullmatch(word)]
    names = [word for word in words if word in _MONTHS]
    around = [word for word in words if word in _AROUND_A_DATE and word not in _MONTHS]
    named = numbers and names and _YEAR_OR_TIME.search(paragraph)
    says_a_day = han or named or _NUMERIC_DATE.search(paragraph)
    return bool(says_a_day) and len(words) == len(numbers) + len(names) + len(around)


_MINUTES = (
    r"\d{1,3}[ -]?(?:mins?|minutes?|minuten|minutos|minuti|dk|dakika|мин(?:ут[аы]?)?|دقائق|मिनट)\.?"
)
_READ = (
    rf"{_MINUTES} (?:read|reading(?: time)?|lesezeit|de lecture|de lectura|de leitura|di lettura"
    r"|okuma|чтения)|(?:reading time|read time|time to read|lesezeit|temps de lecture"
    r"|tiempo de lectura|tempo di lettura|tempo de leitura|okuma süresi|время чтения|مدة القراءة)"
    rf"\W*{_MINUTES}"
)

_BY = (
    r"(?:(?:words|photographs|photos|pictures|text|story|written|posted|reporting) )?"
    r"by|von|par|por|di|door|yazan|автор|текст|كتبت?|بقلم|लेखक|記者|记者|文"
)
_CAPITAL = r"[^\W\d_a-zß-öø-ÿа-яё]"
_LETTER = r"[\w\u0900-\u0963.’'-]"
_NAME = (
    rf"{_CAPITAL}{_LETTER}*(?: (?:(?:de|da|di|van|von|der|le|la|el|al|bin) )?{_CAPITAL}{_LETTER}*)"
)
_ROLE = (
    r"(?:[\w’'-]+ ){0,3}"
    r"(?:editor|reporter|correspondent|writer|staff|agencies|agency|redakteur(?:in)?"
    r"|korrespondent(?:in)?|correspondant[e]?|envoyée? spéciale?|corresponsal|muhabir)"
)
_BYLINE = re.compile(
    rf"(?P<when>.*?)\b(?i:{_BY})\b ?[:：]? ?(?P<names>{_NAME}{{1,3}}"
    rf"(?:(?:,| and| &| und| et| y| e| ve| и| /) (?:{_NAME}{{1,3}}|(?i:{_ROLE})))*)"
    rf"(?: ?\([^()]{{1,40}}\)| ?[|–—-] ?(?:{_CAPITAL}\w+|(?i:{_ROLE})))?(?P<then>.*)"
)
_BARE_NAME = re.compile(
    rf"{_NAME}{{1,3}}(?: ?[,|] ?(?:{_CAPITAL}{_LETTER}+|(?i:{_ROLE})))?|@\w{{2,30}}|(?i:{_ROLE})"
)
_ONLY_READ = matches_whole(_READ)
_READ_INSIDE = re.compile(_READ, re.IGNORECASE)


def author_in(paragraph: str) -> str:
    """The author that a byline names; "" if the paragraph is not a byline."""
    if " " not in paragraph or len(paragraph) > 120:
        return ""
    match = _BYLINE.fullmatch(paragraph)
    if match is None or not (_is_when(match["when"]) and _is_when(match["then"])):
        return ""
    return re.split(rf", (?i:{_ROLE})$", match["names"])[0]


def _is_when(text: str) -> bool:
    """Whether a text is only a date and words that are usual around one."""
    words = _WORD.findall(_READ_INSIDE.sub(" ", text).casefold())
    return all(
        _NUMBER.fullmatch(word) or word in _MONTHS or word in _AROUND_A_DATE for word in words
    )


def is_bare_name(paragraph: str) -> bool:
    """Whether a line may be a name, with a role or a place; above a date it is a byline."""
    return len(paragraph) <= 60 and _BARE_NAME.fullmatch(paragraph) is not None


DATE = Rule("date-line", "Templates print the day above or below the title.", _is_date_line)
READING_TIME = Rule("reading-time", "Templates estimate how long the reading takes.", _ONLY_READ)
BYLINE = Rule(
    "byline",
    "Templates print the authors' names next to the title; a name after the text may be news.",
    lambda paragraph: bool(author_in(paragraph)),
)
HEAD = (DATE, READING_TIME, BYLINE)
