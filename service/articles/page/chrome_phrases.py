"""What page templates print around an article: the rules by which a paragraph is page chrome.

    where   rule               cuts
    top     see `bylines`      dates, reading times, bylines
    inside  see `inserts`      pointers to other stories, buttons, menus, notices, credits, topics
    end     story-navigation   "Previous Story" and everything after it
            comments           "3 comments" and everything after it
            teaser-list        "Latest from …", "Most read" and the teasers under it
            legal              "© 2026 …", "Privacy | Terms of use" and the text next to it

The words are those of page templates, in the languages that templates are translated to most. A
rule judges whole paragraphs, never a part of one; tests hold examples for and against each. How
the rules are applied: `chrome`.
"""

from __future__ import annotations

import re

from service.articles.page.bylines import HEAD
from service.articles.page.inserts import ALSO_READ, INSIDE
from service.articles.page.prose import Rule, matches_whole

NAVIGATION = Rule(
    "story-navigation",
    "Links to the neighbouring stories close the article; nothing after them belongs to it.",
    matches_whole(
        r"(?:prev(?:ious)?|next|newer|older) (?:story|article|post|news)"
        r"|(?:vorheriger|nächster) (?:artikel|beitrag)|article (?:précédent|suivant)"
        r"|(?:artículo|noticia) (?:anterior|siguiente)|(?:önceki|sonraki) (?:haber|yazı)"
        r"|(?:предыдущая|следующая) (?:новость|статья)"
    ),
)
COMMENTS = Rule(
    "comments",
    "Comments of readers are below the article, to the end of the page.",
    matches_whole(
        r"\d+ comments?|comments? \(?\d+\)?|\d+ thoughts? on .*|leave a (?:comment|reply)"
        r"|\d+ kommentare|kommentare \(?\d+\)?|\d+ commentaires?|\d+ comentarios?"
        r"|henüz yorum yapılmamış.*"
    ),
)
TEASERS = Rule(
    "teaser-list",
    "A heading is above the teasers for other stories.",
    matches_whole(
        r"(?:latest|more) (?:from|in|on)\b.{0,40}|read more on\b.{0,40}"
        r"|(?:latest|more|top|other|related|recent|promoted) (?:news|stories|headlines|articles"
        r"|posts|dispatches|obituaries|press releases)"
        r"|(?:most (?:read|popular|viewed|shared)|trending)(?: (?:now|stories|news|in .{0,30}))?"
        r"|popular now|up next|also (?:in )?this (?:week|issue)|also in this issue|further reading"
        r"|you (?:may|might) (?:also )?(?:like|be interested in)|archives|about us|contact(?: us)?"
        r"|recommended(?: (?:for you|stories|reading))?|editor['’]?s['’]? picks?|comments"
        r"|meistgelesen|kurz gemeldet|mehr aus .{0,30}|das könnte sie auch interessieren"
        r"|(?:les )?plus lus|sur le même sujet|dans la même rubrique|en continu"
        r"|lo más (?:leído|visto)|(?:más|otras) noticias|noticias relacionadas|comentarios"
        r"|i più letti|(?:as )?mais lidas|comentários|en çok okunanlar|(?:ilgili|diğer) haberler"
        r"|yorumlar|самое читаемое|другие новости|рекомендуем"
        r"|الأكثر (?:قراءة|مشاهدة)|相关新闻|相关阅读|热门(?:排行|文章)"
        r"|関連記事|アクセスランキング|人気記事"
        r"|संबंधित खबरें|सबसे ज्यादा पढ़ी गई"
    ),
)
_LEGAL_LINK = (
    r"(?:privacy(?: (?:policy|notice))?|terms(?: (?:of (?:use|service)|and conditions))?|cookies?"
    r"(?: (?:settings|policy))?|imprint|contact(?: us)?|about(?: us)?|accessibility|sitemap|jobs"
    r"|impressum|datenschutz|agb|kontakt|mentions légales|cgu|confidentialité|aviso legal"
    r"|política de (?:privacidad|cookies)|pubblicità|künye|iletişim|gizlilik(?: politikası)?"
    r"|关于我们|联系我们|网站声明|プライバシーポリシー"
    r"|会社概要|お問い合わせ|من نحن|سياسة الخصوصية|اتصل بنا"
    r"|हमारे बारे में|संपर्क|गोपनीयता नीति)"
)
_IS_LEGAL = re.compile(
    r"\W{0,3}(?:copyright ?)?(?:©|\(c\)).*(?:reserved|prohibited|ltd|limited|gmbh|inc)\b"
    r"|\W{0,3}copyright (?:\d{4}|.{0,40}(?:reserved|ltd|limited|gmbh|inc|\d{4})\W{0,3}$)"
    r"|.{0,80}\b(?:all rights reserved|alle rechte vorbehalten|tous droits réservés"
    r"|todos los derechos reservados|todos os direitos reservados|tutti i diritti riservati"
    r"|riproduzione riservata|(?:tüm|her) hak(?:lar)?[ıi] saklıdır|все права защищены)\b"
    r"|.*(?:© ?\d{4}|حقوق (?:النشر )?محفوظة|版权所有|無断転載)",
    re.IGNORECASE,
)
_LEGAL_LINKS = re.compile(rf"(?<!\w){_LEGAL_LINK}(?!\w)", re.IGNORECASE)


def _is_legal(paragraph: str) -> bool:
    if _IS_LEGAL.match(paragraph):
        return True
    if " " not in paragraph:
        return False
    links = [match[0] for match in _LEGAL_LINKS.finditer(paragraph)]
    others = len(_LEGAL_LINKS.sub(" ", paragraph).split())
    as_links = sum(not link[0].islower() for link in links)  # in a sentence they are words
    return as_links >= 2 and others <= 2 * len(links)


LEGAL = Rule("legal", "The owner of the page and links to its terms are at its end.", _is_legal)
END = (NAVIGATION, COMMENTS, TEASERS, LEGAL)
LAST = (NAVIGATION, COMMENTS)
"""After one of these, the article does not continue."""
ANYWHERE = (*INSIDE, *END, ALSO_READ)
ALL = (*HEAD, *ANYWHERE)
