"""Page chrome inside an article or next to it: one rule for each kind.

    rule            cuts
    also-read       "Also read: <another story's headline>"
    share-bar       "Share on Facebook | Tweet | WhatsApp"
    menu            "Home > News > Transport", "Home News Sport"
    advertisement   "Advertisement"
    notice          cookies, subscriptions, newsletters: a site that speaks for itself
    credit          "Photo: A. Name/Agency"
    tags            "Tags: Layoffs, Space"
    to-top          "Go to Top"

Each judges a whole paragraph.
"""

from __future__ import annotations

import re

from service.articles.page.prose import (
    MAX_CHROME_CHARS,
    Rule,
    ends_sentence,
    is_prose,
    matches_whole,
)

_ALSO_READ = re.compile(
    r"(?:also read|read also|read (?:more|next)|see also|related"
    r"|related (?:news|reads?|story|stories|articles?|posts?)|more on this|don['’]t miss"
    r"|lesen sie auch|mehr zum thema|(?:à )?lire aussi|le[aeé] también|leia (?:também|mais)"
    r"|leggi anche|lees ook|(?:ayrıca|bunu da) okuyun|читайте также"
    r"|اقرأ (?:أيضا|أيضًا|ايضا)|यह भी पढ़ें|延伸阅读|あわせて読みたい)"
    r"\s*(?:[:：|–—»›>-]\s*(?P<headline>.*))?",
    re.IGNORECASE,
)
_ALSO_READ_CAPITALS = re.compile(r"(?:ALSO READ|READ ALSO|READ MORE)\b(?P<headline>.*)")


def headline_after_label(paragraph: str) -> str | None:
    """The headline after "Also read:"; "" for the label alone, None if there is no such label."""
    if len(paragraph) > MAX_CHROME_CHARS:
        return None
    match = _ALSO_READ_CAPITALS.fullmatch(paragraph) or _ALSO_READ.fullmatch(paragraph)
    return (match["headline"] or "").strip() if match else None


def _is_also_read(paragraph: str) -> bool:
    headline = headline_after_label(paragraph)
    return headline is not None and not is_prose(headline)


_SHARE = (
    r"(?:share|tweet|facebook|twitter|x|whatsapp|telegram|linkedin|pinterest|reddit|e-?mail|print"
    r"|copy(?: link)?|save|gift|comment|instagram|vk|вконтакте|одноклассники|teilen|drucken|merken"
    r"|partager|compartir|guardar|comentar|condividi|compartilhar|paylaş|yazdır|поделиться"
    r"|فيسبوك|تويتر|واتساب|شارك|微信|微博|シェア|ツイート|印刷|शेयर)"
)
_SHARED = r"(?:on|via|this|article|page|cet article|sur|करें)(?!\w)"
_SECTION = (
    r"(?:home(?: ?page)?|news|world|u\.?[ks]\.?|business|politics|sports?|opinion|culture|arts?"
    r"|lifestyle|showbiz|money|weather|video|tech|science|markets|jobs|subscribe|sign in|log in"
    r"|lokales|wirtschaft|politik|kultur|startseite|accueil|actualités|économie|inicio|portada"
    r"|política|economía|cultura|deportes|cronaca|politica|sport|últimas|esporte|ana ?sayfa|gündem"
    r"|ekonomi|spor|yaşam|главн(?:ое|ая)|политика|наука|спорт|новости|общество"
    r"|الرئيسية|أخبار|اقتصاد"
    r"|ثقافة|رياضة|فيديو|首页|时政|社会|文化|トップ|経済|スポーツ|होम|देश|खेल|वीडियो)"
)
_IS_SECTION = re.compile(_SECTION, re.IGNORECASE)
_CRUMB = re.compile(r"\s*(?:[|›»/·•]|>{1,2})\s*")


def _is_menu(paragraph: str) -> bool:
    if " " not in paragraph or len(paragraph) > 100:
        return False
    if ends_sentence(paragraph) or re.search(r"[,:;“”\d]", paragraph):
        return False
    parts = _CRUMB.split(paragraph)
    a_way = re.search("[>›]", paragraph) and any(map(_IS_SECTION.fullmatch, parts))
    if len(parts) > 2 or a_way:
        return all(part and len(part.split()) <= 3 for part in parts)
    words = paragraph.split()
    return len(words) <= 10 and sum(map(bool, map(_IS_SECTION.fullmatch, words))) >= 3


_ASKS_CONSENT = re.compile(
    r"(?=.*\bcookies?\b)"
    r"(?:.*\b(?:we|us|our|this (?:web)?site)\b.*\b(?:use|set|stor(?:e|ing)|consent|partners)\b"
    r"|.*\bwir\b.*\b(?:verwenden|nutzen|setzen)\b|.*\bnous\b.*\butilis(?:ons|er|ent)\b"
    r"|.*\b(?:usamos|utilizamos|utilizziamo|usiamo)\b).*"
    r"|.*\b(?:access|store) information on (?:your|a) device\b.*"
    r"|.*мы используем.*(?:cookie|куки).*|.*\bçerez(?:ler|leri)? (?:kullan\w+)\b.*",
    re.IGNORECASE,
)
_SITE_SAYS = re.compile(
    r"sign ?up (?:for|to|now|today)\b.*\b(?:newsletters?|briefing|e-?mail|alerts)\b.*"
    r"|.*\bour (?:\w+ )?newsletters?\b.*\b(?:brings?|your?)\b.*|by signing up\b.*\bagree\b.*"
    r"|.*\bunsubscribe (?:at any time|any ?time|whenever)\b.*"
    r"|get the .{1,40}\b(?:briefing|newsletter)"
    r"|subscribe(?: (?:now|today|to (?:our|read|continue))\b.*| from [£$€]\d.*)?"
    r"|already a subscriber.*|(?:you have |this is your )(?:\d+|last|no) (?:free )?articles?\b.*"
    r"|was this (?:page|article) (?:helpful|useful)\b.*|listen to this article\b.*"
    r"|do you have a story\b.*|this article is brought to you by\b.*"
    r"|skip (?:to (?:main )?content|advertisement)|(?:log|sign) in to (?:comment|join)\b.*"
    r"|your e-?mail address will not be published.*|quotes (?:are )?delayed\b.*"
    r"|accept(?: all| cookies)?|reject(?: all)?|sign up|alle akzeptieren|einstellungen"
    r"|jetzt anmelden|(?:newsletter )?abonnieren|.*\bkostenlos in (?:ihr|dein) postfach\b.*"
    r"|(?:tout )?accepter|en savoir plus|écouter cet article|s['’]inscrire(?: à la newsletter)?"
    r"|s['’]abonner|inscrivez-vous à (?:notre|la) newsletter\b.*|votre e-mail, avec votre\b.*"
    r"|reg[ií]strate (?:para (?:comentar|leer)|gratis)\b.*|suscr[ií]bete (?:a|para|ya)\b.*"
    r"|iscriviti alla newsletter\b.*|.*\bnella tua casella (?:di posta|e-?mail)\b.*"
    r"|assine (?:a|o|já|agora)\b.*|.*\bbültenimize (?:abone|kayıt)\b.*"
    r"|подписывайтесь на (?:наш|канал)\b.*|اشترك في النشرة.*"
    r"|ニュースレター(?:に|を)(?:登録|購読).*",
    re.IGNORECASE,
)


def _is_notice(paragraph: str) -> bool:
    if paragraph[:1] in "\"“„«‘'":  # a quotation is not the site's own voice
        return False
    said = paragraph.rstrip(" .!→>»")
    return bool(_ASKS_CONSENT.fullmatch(said) or _SITE_SAYS.fullmatch(said))


_CREDIT = (
    r"(?:photo(?:graph)?s?|images?|pictures?|credit|foto|crédit(?:s)?(?: photo)?|crédito"
    r"|fotoğraf|фото|图片|写真|责编)(?: ?by| ?credit)?"
)
_IS_CREDIT = re.compile(
    rf"(?:.{{0,120}}[.(] ?)?\(?(?i:{_CREDIT}) ?[:：©] ?(?:[^.:]|(?<=\b[^\W\d_])\.){{2,60}}\)?"
    r"|\(?© ?(?!\d{4}|(?i:copyright))[^.:]{2,30} ?/ ?[^.:]{2,30}\)?"
)
_TAGS = matches_whole(
    r"(?:tags?|tagged|topics?|filed under|posted in|themen|schlagwörter|temas|tópicos"
    r"|argomenti|mots[- ]clés|etiketler|теги|الكلمات الدلالية|टैग|标签)(?: ?[:：].*)?"
    r"|posted in .* tagged .*"
)

ALSO_READ = Rule("also-read", "Pointers to other stories interrupt the text.", _is_also_read)
SHARE = Rule(
    "share-bar",
    "Buttons that pass the page on lose their icons and leave their names.",
    matches_whole(
        r"share(?: full| this)? (?:article|story|post|page)|share (?:this|on|via)"
        rf"|(?:{_SHARE}|分享到)(?:[\W_]*(?:{_SHARE}|{_SHARED}))*"
        r"|click to share on \w+(?: \(opens in new window\)?)?"
    ),
)
INSIDE = (
    Rule(
        "to-top",
        "A link back to the top of the page is at its end.",
        matches_whole(r"(?:go|back|return|scroll)\s*to\s*(?:the\s*)?top(?: of (?:the )?page)?"),
    ),
    SHARE,
    Rule("menu", "The site's sections and the way to this one are links on every page.", _is_menu),
    Rule(
        "advertisement",
        "A label is left where an advertisement was.",
        matches_whole(
            r"advertisements?|anzeige|werbung|publicité|publicidad|pubblicità|publicidade|reklam"
            r"|реклама|إعلان|广告|sponsored(?: content)?|advertisement skip advertisement"
        ),
    ),
    Rule("notice", "Sites ask readers for consent, an address or money.", _is_notice),
    Rule(
        "credit",
        "Templates print whose picture it is below it.",
        lambda paragraph: _IS_CREDIT.fullmatch(paragraph) is not None,
    ),
    Rule(
        "tags",
        "Templates list the topics that a story is filed under.",
        lambda paragraph: _TAGS(paragraph) and not ends_sentence(paragraph),
    ),
)
