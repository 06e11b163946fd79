"""Walls in place of articles: what is one, and what is an article about one."""

from __future__ import annotations

import pytest

from service.articles.article import compose
from service.articles.entry import Draft
from service.articles.walls.phrases import KINDS
from service.articles.walls.wall import MAX_CHARS, find_wall
from service.errors import BadEntry

HEADLINE = "Pakistan and Turkey sign fighter jet deal after months of talks"
TEASER = (
    "Officials in Ankara said on Monday that the two countries would build the aircraft together. "
    "The first of them is to fly in three years, a person who knows the plans said."
)

WALLS = [
    ("robot", "Attention Required! | Shield",
     "Sorry, you have been blocked. You are unable to access this site.\nWhy have I been "
     "blocked?\nThis website is using a security service to protect itself from online "
     "attacks.\nShield Ray ID: 8a1f00 • Your IP: 192.0.2.7"),
    ("robot", "Just a moment...",
     "Enable JavaScript and cookies to continue"),
    ("robot", "Gazette - Are you a robot?",
     "We've detected unusual activity from your network. To continue, please click the box"
     " below to let us know you're not a robot.\nReference ID: 55-ab"),
    ("refused", "Access Denied",
     "You don't have permission to access \"http://gazette.example/1\" on this "
     "server.\nReference #18.2d35"),
    ("robot", "Access Denied",
     "Please verify you are a human. Access to this page has been denied because we "
     "believe you are using automation tools."),
    ("missing", "Page not found | The Gazette",
     "Sorry, we can't find the page you're looking for.\nGo back to the homepage"),
    ("missing", "404",
     "The requested URL was not found on this server."),
    ("refused", "403 Forbidden",
     "403 Forbidden\nnginx"),
    ("javascript", "",
     "You need to enable JavaScript to run this app."),
    ("cookies", "We value your privacy",
     "We and our 842 partners store and access information on a device, such as cookies, "
     "and process personal data. You can change your preferences or withdraw your consent "
     "at any time.\nACCEPT ALL\nMORE OPTIONS"),
    ("unavailable", "",
     "503 Service Temporarily Unavailable"),
    ("robot", "Access Denied",
     "Your request has been flagged as a threat.\nIf you believe this is an error, please "
     "contact the site administrator."),
    ("missing", "Access restricted",
     "This page is not available in your jurisdiction."),
    ("missing", "",
     "Az oldal nem található. Lehet, hogy a keresett cikket törölték, vagy megváltozott a címe."),
    ("missing", "",
     "404 - Страницата не е намерена\nМоля, върнете се към начална страница."),
    ("missing", "",
     "Stránka nebola nájdená\nSkúste to ešte raz z hlavnej stránky."),
    ("unavailable", "Maintenance",
     "We are undergoing scheduled maintenance. We'll be back soon."),
    ("login", "",
     "Log in to continue\nEmail\nPassword\nForgot password?"),
    ("paywall", "",
     "Subscribe to continue reading\nAlready a subscriber? Log in"),
    ("missing", "Seite nicht gefunden",
     "Die gesuchte Seite existiert nicht mehr.\nZur Startseite"),
    ("cookies", "",
     "Besuchen Sie gazette.example wie gewohnt mit Werbung und Tracking. Ihre Zustimmung "
     "können Sie jederzeit widerrufen.\nAkzeptieren"),
    ("robot", "",
     "Vérification que vous n'êtes pas un robot\nPourquoi je vois ceci ?"),
    ("robot", "Request rejected",
     "The URL you requested was rejected by our firewall.\nSupport ID: 4711"),
    ("robot", "",
     "Your request to this object was blocked for security reasons.\nIncident ID: 4711"),
    ("robot", "",
     "请求被网站防火墙拦截\n如有疑问请联系网站管理员"),
    ("missing", "",
     "La página que buscas no existe.\nVolver al inicio"),
    ("paywall", "",
     "Contenuto riservato agli abbonati. Abbonati per continuare a leggere."),
    ("robot", "",
     "Confirme que você não é um robô para acessar esta página."),
    ("robot", "",
     "Проверяем, что вы не бот!\nПожалуйста, подождите"),
    ("javascript", "",
     "Bu siteyi kullanmak için JavaScript'i etkinleştirmeniz gerekiyor."),
    ("missing", "",
     "お探しのページは見つかりませんでした。\nトップページへ戻る"),
    ("missing", "",
     "页面不存在\n返回首页"),
    ("missing", "Objekti nuk u gjet",
     "Objekti nuk u gjet\nAdresa që kërkuat nuk ndodhet këtu.\nError 404"),
    ("robot", "",
     "Sprawdzamy, czy nie jesteś botem\nŁadowanie...\nNiestety musisz włączyć obsługę "
     "JavaScript, żeby zobaczyć tę stronę."),
    ("unavailable", "",
     "Service unavailable\nThe server is temporarily unable to service your request."),
    ("missing", "",
     "عذرا، الصفحة التي تبحث عنها غير موجودة."),
]  # fmt: skip

ARTICLES = [
    ("Shield outage takes down news sites",
     "A fault at Shield took down hundreds of websites on Tuesday. Readers were asked to "
     "verify that they were human before the pages failed.\nThe company said that a file "
     "had grown beyond its limit. It restored the service after three hours."),
    ("Gazette drops its paywall",
     "The Gazette will let readers see all articles for free from January. Until now, a "
     "banner told them to subscribe to continue reading after five stories a month.\nIts "
     "editor said that advertising had recovered."),
    ("Court rules on cookie banners",
     "Websites must offer a button to reject all cookies beside the one to accept all "
     "cookies, the court ruled on Monday.\nA consumer group had sued a publisher."),
    ("Access denied: how the border was closed",
     "Aid convoys were denied access to the north for a third day. Drivers were told to "
     "turn back."),
    ("Bank website down for second day",
     "Customers of the bank could not log in to their accounts on Tuesday. It said that "
     "its website was under maintenance, and apologised for the inconvenience."),
    ("Page not found: the novel that vanished",
     "A publisher withdrew a novel a week after it came out."),
    ("Störung bei der Bahn",
     "Wegen einer technischen Störung fielen am Montag viele Züge aus. Die Bahn bat ihre "
     "Kunden um Verständnis."),
    ("Panne des chemins de fer",
     "Le site des chemins de fer est en maintenance depuis ce matin. Les voyageurs ne "
     "peuvent plus acheter de billets en ligne."),
    ("Sosyal medyaya erişim engellendi",
     "Kullanıcılar sabah saatlerinden itibaren platforma giremedi. Bakanlık açıklama "
     "yapmadı."),
    ("Blocked",
     "The request was blocked by a veto in the Security Council."),
    ("Errors",
     "Readers saw Error 404.\nThe paper's archive had moved to another machine overnight."),
    ("",
     "404 people were rescued from the sea on Sunday, the coast guard said."),
    ("网站正在维护中：12306崩了",  # which two shorter phrases are a part of
     "网站正在维护中。春运首日，大量网友反映12306无法登录。铁路部门回应称，系统访问量过大，"
     "技术人员正在抢修。请稍后再试，客服对用户表示。"),
]  # fmt: skip

REPORTS = [
    ("Вы не робот?",
     "Почта России начала проверять, что вы не робот, при отслеживании посылок. Проверка "
     "браузера занимает несколько секунд, пользователи жалуются."),
    ("Are you a robot?",
     "The post office has begun to check that a sender is not a robot when parcels are tracked. "
     "Checking your browser takes some seconds, and users complain."),
    ("Error 503",
     "The tax office's website answered with error 503 service unavailable all morning. It was "
     "not an attack, said the office, but many people who filed late."),
    ("Strava",
     "The site is down due to a cyberattack, its owner said on Friday. Police are investigating."),
    ("Crawlers",
     "You might be a bot, the site told the reporter, who had opened three pages. Publishers fight "
     "crawlers with ever harder tests."),
]  # fmt: skip

QUOTED = [
    ("Ministry page blocked",
     "'Access denied. You don't have permission to access this server', the ministry's page said "
     "on Monday."),
    ("", "“Access denied”, the ministry's page said on Monday. Aid groups had sent lists."),
    ("", "\"Sorry, the page you are looking for does not exist.\" Readers met this for six hours."),
    ("", "You do not have permission to view this page, readers in Crimea are told."),
    ("Error 404",
     "Error 404: page not found. That is what voters saw when they looked for the register on "
     "Sunday."),
    ("", "„Diese Seite existiert nicht“, antwortete der Server, als Bürger ihre Akten suchten."),
    ("", "« Vous n'avez pas l'autorisation d'accéder à cette page », lisaient lundi les députés."),
    ("", "«No tiene permiso para acceder a esta página», leyeron los jueces al abrir su correo."),
    ("", "“Você não tem permissão para acessar esta página”, leram os vereadores na terça."),
    ("", "'U heeft geen toegang tot deze pagina', lazen ambtenaren maandag op hun scherm."),
    ("", "„Nie masz uprawnień do tej strony” – przeczytali w poniedziałek urzędnicy."),
    ("", "„Pagina nu a fost găsită”: raportul despre incendiu a dispărut de pe site-ul primăriei."),
    ("", "«У вас нет доступа к этой странице», — прочли во вторник депутаты."),
    ("", "«ليس لديك إذن لعرض هذه الصفحة»، قرأ النواب هذه الجملة أمس."),
    ("", "“您没有权限访问此页面”，议员周二在屏幕上看到。"),
    ("", "「ページが見つかりません」。火災の報告書が市のサイトから消えた。"),
    ("", "“페이지를 찾을 수 없습니다”. 화재 보고서가 시청 누리집에서 사라졌다."),
]  # fmt: skip

HEADLINES = [
    "Extradition request has been blocked by a judge",
    "Firewall is activated in the coalition",
    "Access to the site has been denied to inspectors",
    "Railway undergoing major maintenance",
    "We value your privacy, says phone maker",
    "Too many requests, says mayor",
    "Account has been suspended, says minister",
    "La solicitud ha sido bloqueada por el juez",
    "La requête a été bloquée par le tribunal",
    "Запрос о помиловании заблокирован",
    "국경이 차단되었습니다",
    "Subscribe to continue reading: how newspapers lost their readers",
    "429 too many requests sent to embassy in a day",
    "403 forbidden weapons seized",
    "Ad blocker detected: video site steps up campaign",
    "FLASH: Your request has been blocked, court tells lawyers",
    "Sayfa bulunamadı: Arşivden silinen belgeler",
    "Page introuvable : le rapport disparu du ministère",
    "We cannot find the page you are looking for, the archive told the woman who asked",
    "Access restricted: police close harbour",
    "Site maintenance shuts refinery for a month",
    "Service is temporary unavailable, railway says",
    "Acesso bloqueado: ponte de Guaíba fecha por dois dias",
    "Власти ограничили доступ к содержимому сайта газеты",
    "ページが見つかりませんでした：消えた古文書",
    "请求过于频繁，网站崩溃",
    "존재하지 않는 페이지, 사라진 기록",
    "A kért oldal nem található: eltűnt levelek",
    "Страницата от ръкописа е намерена",
]

STUBS = [
    f"{TEASER}\nSubscribe to continue reading",
    f"{TEASER}\nThis article is for subscribers only.\nAlready a subscriber? Log in",
    f"{TEASER}\nDieser Artikel ist nur für Abonnenten. Jetzt weiterlesen.",
    f"{TEASER}\nIl vous reste 84 % de cet article à lire. La suite est réservée aux abonnés.",
    f"{TEASER}\nMateriał tylko dla subskrybentów. Wykup dostęp, aby czytać dalej.",
    "Just a moment...\nEnable JavaScript and cookies to continue",
]


@pytest.mark.parametrize(("kind", "title", "text"), WALLS)
def test_a_page_that_speaks_to_its_reader_is_a_wall(kind: str, title: str, text: str) -> None:
    """In many languages, and it says which kind it is."""
    wall = find_wall(text.split("\n"), title, [])
    assert wall is not None
    assert wall.is_whole
    assert wall.kind in KINDS
    assert KINDS[wall.kind] in wall.reason
    assert (wall.kind == kind) or {wall.kind, kind} <= {"robot", "refused", "javascript", "cookies"}


@pytest.mark.parametrize(("title", "text"), ARTICLES)
def test_an_article_about_walls_is_none(title: str, text: str) -> None:
    """Whoever gave its title, and be it so short that one sentence of it is about them."""
    assert find_wall(text.split("\n"), title, []) is None
    assert find_wall(text.split("\n"), "", [title] if title else []) is None
    assert title == "" or find_wall([], "", [title]) is None


@pytest.mark.parametrize(("title", "text"), REPORTS)
def test_a_report_may_have_a_title_that_walls_have(title: str, text: str) -> None:
    """No sentence of it is a wall's: each says what somebody else saw or did."""
    assert find_wall(text.split(". "), title, []) is None
    assert find_wall([text], title, []) is None
    assert find_wall([text], "", [title]) is None


@pytest.mark.parametrize(("title", "text"), QUOTED)
def test_a_brief_may_quote_a_wall_in_its_first_sentence(title: str, text: str) -> None:
    """Who says so beside it, or the sentence that follows, makes it news."""
    assert find_wall([text], title, []) is None
    assert find_wall([text], "", []) is None
    wall = find_wall([text], "", [title] if title else [])
    assert wall is None or not wall.is_whole


def test_a_wall_may_stand_within_marks_of_quotation() -> None:
    """As a fetcher's log has it: nothing stands beside it."""
    assert find_wall(['"Please verify you are a human."'], "", []) is not None


@pytest.mark.parametrize("headline", HEADLINES)
def test_a_headline_with_words_of_a_wall_is_news(headline: str) -> None:
    """As title, as text, or as both: a missed alert is worse than a wall that is matched."""
    assert find_wall([], "", [headline]) is None
    assert find_wall([headline], "", []) is None
    assert find_wall([headline], "", [headline]) is None
    assert find_wall([headline], headline, []) is None


@pytest.mark.parametrize("text", STUBS)
def test_what_is_told_above_a_wall_counts(text: str) -> None:
    """A headline that the entry gave is news, whatever stands where the text should be."""
    wall = find_wall(text.split("\n"), "", [HEADLINE])
    assert wall is not None
    assert not wall.is_whole
    article = compose(Draft(title=HEADLINE, body=text.replace("\n", "\n\n")))
    assert (article.title, article.wall) == (HEADLINE, wall.kind)
    assert compose(Draft(title=HEADLINE, body=TEASER)).wall == ""


def test_a_title_alone_may_be_a_walls() -> None:
    """A fetcher gives the title of the page that it met."""
    assert find_wall([], "", ["Page not found"]) is not None
    assert find_wall([], "", [HEADLINE]) is None


def test_a_wall_is_no_article() -> None:
    """The reason says which wall it is, and what to do."""
    with pytest.raises(BadEntry, match=r"a wall, no article: .*refuses access; have the fetcher"):
        compose(Draft(title="Access denied", body="Please verify you are a human."))


def test_a_long_article_that_ends_with_an_offer_is_whole() -> None:
    """A paywall's lines below it are an advertisement."""
    long = [*([TEASER] * 8), "Subscribe to continue reading"]
    assert find_wall(long, "", [HEADLINE]) is None
    assert find_wall(["Please verify you are a human. " * MAX_CHARS], "", []) is None
