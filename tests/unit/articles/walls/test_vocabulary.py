"""Walls by their words, in whatever sentences, and news of the same words."""

from __future__ import annotations

import pytest

from service.articles.article import compose
from service.articles.entry import Draft
from service.articles.walls.diction import LEAST_WORDS, MAX_WORDS, kind_by_words
from service.articles.walls.vocabulary import parse
from service.articles.walls.wall import find_wall
from service.errors import BadEntry

WALLS = [
    ("missing", "Puede que hayas escrito mal la dirección, o que la página que buscas se movió."),
    ("missing", "Diese Seite wurde umbenannt oder gelöscht. Bitte suchen Sie auf der Startseite."),
    ("missing", "Oups ! Il semble que la page demandée a été supprimée. Retournez à l'accueil."),
    ("missing", "De pagina die u zoekt is helaas verhuisd. Probeer het opnieuw."),
    ("missing", "Strona, której szukasz, została przeniesiona. Sprawdź adres."),
    ("missing", "Sidan du söker är tyvärr borttagen. Försök igen."),
    ("missing", "Vi beklager, men siden du leder efter er blevet flyttet."),
    ("missing", "Omlouváme se, hledaná stránka byla smazána. Zkuste to znovu."),
    ("javascript", "Ative o JavaScript no seu navegador para usar o Diário de Obras."),
    ("javascript", "Lütfen tarayıcınızda JavaScript'i etkinleştirin."),
    ("javascript", "Для работы карты включите JavaScript в вашем браузере."),
    ("refused", "Sinulla ei ole tarvittavia oikeuksia. Ota yhteyttä ylläpitäjään."),
    ("refused", "Δεν έχετε δικαίωμα πρόσβασης. Επικοινωνήστε με τον διαχειριστή."),
    ("login", "Musisz być zalogowany, aby kontynuować. Podaj hasło."),
    ("login", "Bạn phải đăng nhập. Vui lòng nhập tên người dùng và mật khẩu."),
    ("unavailable", "Siden er midlertidig utilgjengelig på grunn av vedlikehold. Prøv igjen."),
    ("unavailable", "לא ניתן לגשת לשרת כעת. אנא נסה שוב בעוד מספר דקות."),
    ("robot", "短时间内请求次数过多，请完成验证后继续访问。"),
    ("robot", "คุณส่งคำขอมากเกินไป กรุณายืนยันว่าคุณไม่ใช่หุ่นยนต์"),
    ("cookies", "आपके ब्राउज़र में कुकीज़ अक्षम हैं। कृपया कुकीज़ सक्षम करें।"),
    (
        "robot",
        "Please wait while we check that your browser is not a bot. Security check by ray 8f2a1b3.",
    ),
]
NEWS = [
    "Access to the website is blocked in Russia",
    "Security service blocked access to the site",
    "Court: you may block access to this site",
    "We are not robots, say Amazon workers",
    "404 people found alive",
    "This site was found in 1922 by Howard Carter",
    "You can now read this story in full",
    "Leider kein Zugriff auf die Akten",
    "Der Mensch ist kein Roboter",
    "Nous sommes des humains, pas des robots",
    "Ya no existe la página de la empresa",
    "No eres tú, es el robot",
    "Questo robot è umano",
    "Esta página não existe mais, diz o ministro",
    "Робот нашел человека",
    "Deze robot is een mens",
]
BODY = "Trains between Leeds and York were cancelled on Monday, the operator said."


@pytest.mark.parametrize(("kind", "text"), WALLS)
def test_a_text_of_words_that_walls_say_is_a_wall(kind: str, text: str) -> None:
    """None of these sentences is a phrase that is known."""
    assert kind_by_words([text]) == kind
    with pytest.raises(BadEntry, match="a wall, no article"):
        compose(Draft(body=text))


@pytest.mark.parametrize("headline", NEWS)
def test_news_of_the_same_words_is_none(headline: str) -> None:
    """It speaks to nobody, or has words of its own; above a body it is none at all."""
    assert kind_by_words([headline]) == ""
    assert find_wall([], "", [headline]) is None
    assert find_wall([headline], headline, []) is None
    assert find_wall([BODY], "", [headline]) is None


def test_an_article_of_that_title_keeps_it() -> None:
    """What the fetcher met below it is a wall; the title is news, and corrects nothing."""
    headline = "Pakistan and Turkey sign fighter jet deal after months of talks"
    article = compose(Draft(title=headline, body=WALLS[1][1]))
    assert (article.title, article.wall) == (headline, "missing")


def test_long_and_tiny_texts_are_not_told_by_their_words() -> None:
    """Of a long one, most walls would be known by their phrases."""
    assert kind_by_words(["page not found sorry " * (MAX_WORDS // 4)]) == "missing"
    assert kind_by_words(["page not found sorry " * (MAX_WORDS // 4 + 1)]) == ""
    assert kind_by_words(["sorry page " * LEAST_WORDS]) == ""
    assert kind_by_words([]) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [("[rabbit]\nhole*", "line 1: .* is no section"), ("page", "line 1: 'page' is no word"),
     ("[missing]\npage-not", "line 2: 'page-not' is no word")],
)  # fmt: skip
def test_a_faulty_list_names_its_line(text: str, told: str) -> None:
    """It is read when the first short text comes."""
    with pytest.raises(ValueError, match=told):
        parse({"en": text})
