"""Which words a word of a query means: its forms, its case, its wildcards, in every language."""

from __future__ import annotations

import pytest

from builders.articles import an_article, matches
from service.errors import QueryError


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("jet", "Three jets.", True),
        ("jets", "One jet.", True),
        ("jet", "The jet's wing.", True),
        ("jet", "The jet’s wing.", True),
        ("attack", "They attacked.", True),
        ("strike", "It struck twice.", True),
        ("import", "An important day.", False),
        ("organ", "The organization met.", False),
        ("defense", "The defence ministry.", True),
        ("US", "Let us go.", True),  # in any case: cs(US) is for the country
        ("we", "The US and us.", True),
        ("we", "The US left.", False),
        ("aid", "The AIDS ward.", False),
        ("missile", "MISSILES were fired.", True),
        ("UAV", "Ten UAVs flew.", True),
        ("UAVs", "One UAV flew.", True),
        ("ICBM", "Two ICBMs, and an ICBM's range.", True),
        ("F16", "Six F16s.", True),
        ("T-72B", "Old T-72Bs.", True),
        ("A320", "An Airbus A 320.", True),
        ("25", "It rose by 2.5 percent.", False),
        ("A320", "She wrote a 320-page report.", False),
        ("COVID19", "Many had covid 19.", True),
        ('"ـ" OR jet', "A jet.", True),  # nothing is left of the word when it is folded
        ("is", "An I left.", False),
        ("a", "As it was.", False),
        ('"jet"', "Three jets.", False),
        ('"jet"', "One JET.", True),
        ('"fighter jet"', "One Fighter Jet.", True),
        ('"fighter jet"', "Two fighter jets.", False),
        ("“fighter jet”", "One fighter jet.", True),
    ],
)
def test_inflection(expression: str, text: str, expected: bool) -> None:
    """Bare words match their inflected forms, no derivations; quoted words only themselves."""
    assert matches(expression, text) is expected


def test_capitals_of_a_headline_are_not_an_acronym() -> None:
    """In a title all in capitals JETS is the plural of jet."""
    assert matches("jet", an_article(title="TURKEY AND PAKISTAN SIGN JETS DEAL"))
    assert not matches("aid", "Doctors fear AIDS.")


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("cs(US)", "The US left.", True),
        ("cs(US)", "The U.S. left.", True),
        ("cs(Türkiye)", "Tu\u0308rkiye signed.", True),
        ("cs(O'Neil)", "O’Neil left.", True),
        ("cs(O’Neil)", "O'Neil left.", True),
        ("cs(US)", "Let us go.", False),
        ("cs(US)", "Us and them.", False),
        ("cs(turkey)", "Turkey signed.", False),
        ("cs(turkey)", "Roast turkey.", True),
        ("caps(Turkey)", "TURKEY signed.", True),
        ("caps(Turkey)", "Turkey's army.", True),
        ("caps(turkey)", "Turkey signed.", True),
        ("caps(Turkey)", "roast turkey", False),
        ("caps(Air Force)", "The Air Force flew.", True),
        ("caps(Air Force)", "the air force flew", False),
    ],
)
def test_case(expression: str, text: str, expected: bool) -> None:
    """`cs()` wants exactly that spelling, `caps()` any form with a capital."""
    assert matches(expression, text) is expected


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("Turkiye", "Türkiye imzaladı.", True),
        ("türkiye", "TÜRKİYE", True),
        ("Istanbul", "İstanbul'da toplandı", True),
        ("ISTANBUL", "ıstanbul", True),
        ("Türkiye", "Türkiye’nin uçakları", True),
        ("Lodz", "W Łodzi? Nie, Łódź.", True),
        ("strasse", "Die Straße", True),
        ("Oersted", "Ørsted", False),
        ("Orsted", "Ørsted builds.", True),
        ("Iran", "l'Iran et l’Irak", True),
        ("O'Brien", "Mr O’Brien said", True),
        ("US", "the U.S. said", True),
        ("U.S.", "the US said", True),
        ("US", "in the U.S, he said", True),
        ("US", "the U.S–Pakistan ties of the U.S", True),
        ("J.K Rowling", "J.K. Rowling wrote", True),
        ('"am"', "At 5 a.m sharp", False),
        ("об'єкт", "Тут обʼєкт", True),
        ("обʼєкт", "Тут об’єкт", True),
        ("O'zbekiston", "Oʻzbekiston bilan", True),
        ("Khan", "Khanʼs party", True),
        ("ﾊﾟｷｽﾀﾝ", "パキスタンの", True),
        ("ﾃﾞｰﾀ", "データ", True),
        ("น้ํา", "น้ำท่วม", True),
        ("USA", "the U.S.A. said", True),
        ("ﬁghter", "a fighter", True),
        ("日本", "私は日本人です。", True),
        ("日本", "本日は晴天", False),
        ("ไทย", "ประเทศไทย", True),
        ("пакистан", "В Пакистане", True),
        ("самолёт", "Десять самолетов", True),
        ("हिन्दी", "वह हिन्दी बोलता है", True),
        ("باكستان", "زار باكستان اليوم", True),
    ],
)
def test_folding(expression: str, text: str, expected: bool) -> None:
    """Case, marks, ligatures, quotes and the dots of acronyms do not hide a word."""
    language = "ru" if any("а" <= char <= "я" for char in expression) else "en"
    assert matches(expression, text, language=language) is expected


def test_inflection_follows_the_article_too() -> None:
    """A Russian word in an English watchlist is inflected by the article's language."""
    article = an_article("Десять самолётов.", language="ru")
    assert matches("самолет", article, language="en")


@pytest.mark.parametrize("language", ["de", "ur", "", "xx"])
def test_an_article_in_two_languages_matches_in_both(language: str) -> None:
    """A quote in the watchlist's language is inflected by it, whatever the article's is."""
    text = "Der Minister sagte den Lieferungen zu. “The fighter jets were delivered,” it said."
    article = an_article(text, language=language)
    assert matches("fighter jet AND deliver", article)
    assert matches("Lieferung", article, language="de")


def test_a_language_without_a_dictionary_matches_folded_words() -> None:
    """Urdu has no lemmas; equal words are found all the same."""
    article = an_article("پاکستان اور ترکی", language="ur")
    assert matches("پاکستان", article, language="ur")


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("missil*", "MISSILES", True),
        ("missil*", "missil", True),
        ("missil*", "amissile", False),
        ("wom?n", "women", True),
        ("wom?n", "womn", False),
        ("wom?n", "woman's", False),
        ("jet?", "jets", True),
        ("jet?", "jet", False),
        ("d*f*ce", "defence", True),
        ("d*f*ce", "defences", False),
        ("Türk*", "TURKISH", True),
        ("straße*", "Strassenbahn", True),
        ("самол?т*", "самолётов", True),
        ("صارو*", "صاروخ", True),
        ("ballistic missil*", "ballistic missiles", True),
        ("caps(turk*)", "Turkish", True),
        ("caps(turk*)", "turkish", False),
        ("a*b", None, True),
    ],
)
def test_wildcards(expression: str, text: str | None, expected: bool) -> None:
    """`*` is any run of characters, `?` exactly one, of the folded word as it stands."""
    if text is None:
        with pytest.raises(QueryError, match="fewer than 3 characters"):
            matches(expression, "ab")
    else:
        assert matches(expression, text) is expected


@pytest.mark.parametrize(
    ("language", "expression", "text", "expected"),
    [
        ("de", "Rakete", "Die Raketen flogen.", True),
        ("de", "liefern", "Sie lieferten Waffen.", True),
        ("de", "Haus", "Häuser", True),
        ("de", "Rakete", "Raketenabwehr", False),
        ("fr", "national", "les traités nationaux", True),
        ("fr", "œuvre", "Les oeuvres", True),
        ("fr", "aujourd'hui", "Aujourd’hui", True),
        ("es", "misil", "Los misiles", True),
        ("es", "avion", "los aviones", True),
        ("ru", "самолет", "о самолётах", True),
        ("ru", "подписать", "Они подписали договор", True),
        ("tr", "uçak", "Uçaklar geldi", True),
        ("tr", "füze", "füzeler", True),
        ("tr", "ISPARTA", "ısparta", True),
        ("tr", "İstanbul", "ISTANBUL'da", True),
        ("ar", "طائرة", "الطائرات", True),
        ("ar", "باكستان", "زار باكستان", True),
        ("he", "מטוס", "מטוסים", True),
        ("ur", "پاکستان", "پاکستان اور ترکی", True),
        ("ur", "طیارہ", "طیارے", False),
        ("ja", "戦闘機 NEAR/2 配備", "新しい戦闘機を配備した。", True),
        ("zh", "导弹", "导-弹", True),
        ("th", "บิน NEAR/s ตก", "เครื่องบินตก", True),
    ],
)
def test_languages(language: str, expression: str, text: str, expected: bool) -> None:
    """Forms where simplemma knows the language, folded words in the others."""
    article = an_article(text, language=language)
    assert matches(expression, article, language=language) is expected


def test_a_language_may_name_a_region() -> None:
    """`pt-br` has the forms of Portuguese."""
    article = an_article("Os mísseis voaram.", language="pt-br")
    assert matches("míssil", article, language="pt-br")
