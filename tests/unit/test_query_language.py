"""The query language, as an analyst would try it out (DESIGN.md §4)."""

from __future__ import annotations

import pytest

from articles import an_article, matches


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("Pakistan AND Turkey", "Turkey and Pakistan met.", True),
        ("Pakistan AND Turkey", "Turkey met nobody.", False),
        ("Pakistan OR Turkey", "Turkey met nobody.", True),
        ("Pakistan AND NOT Turkey", "Pakistan met nobody.", True),
        ("Pakistan AND NOT Turkey", "Pakistan met Turkey.", False),
        ("Pakistan AND (Turkey OR Iran)", "Iran wrote to Pakistan.", True),
        ("Pakistan AND NOT (Turkey OR Iran)", "Iran wrote to Pakistan.", False),
        ("NOT (NOT Pakistan) AND Turkey", "Pakistan, Turkey", True),
        ("fighter jet", "Two fighter jets landed.", True),
        ("fighter jet", "A jet fighter landed.", False),
        ("fighter jet", "A fighter of the jet age.", False),
        ("fighter-jet", "Two fighter jets landed.", True),
        ("fighter jet", "Two fighter-jets landed.", True),
        ("JF-17", "The JF 17 Thunder.", True),
        ("JF-17", "The JF-170 Thunder.", False),
        ("F-16", "Turkey flies F-16s.", True),
    ],
)
def test_operators_and_phrases(expression: str, text: str, expected: bool) -> None:
    """AND, OR, NOT and parentheses mean what they say; adjacent words are a phrase."""
    assert matches(expression, text) is expected


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


def test_a_language_without_a_dictionary_matches_folded_words() -> None:
    """Urdu has no lemmas; equal words are found all the same."""
    article = an_article("پاکستان اور ترکی", language="ur")
    assert matches("پاکستان", article, language="ur")


def test_a_phrase_stays_within_paragraph_and_zone() -> None:
    """Neither a blank line nor a zone's end may lie inside a phrase."""
    assert not matches("fighter jet", "He is a fighter.\n\nJet fuel is dear.")
    assert not matches("fighter jet", an_article(title="The fighter", body="Jet fuel is dear."))
    assert matches("fighter jet", "He saw a fighter\njet.")


def test_fields_restrict_the_text() -> None:
    """`title:` `lead:` `body:` `headline:` look in their zones only."""
    article = an_article(title="Missile test", lead="A jet flew.", body="The army spoke.")
    assert matches("title:missile AND lead:jet AND body:army", article)
    assert matches("headline:(missile AND jet)", article)
    assert matches("title:missile test", article)
    assert not matches("title:jet", article)
    assert not matches("headline:army", article)
    assert not matches('title:"missiles"', article)
    assert matches("missile AND NOT title:army", article)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("source:reuters", True),
        ("source:reut*", True),
        ("source:*ers", True),
        ("source:reut", False),
        ('source:"the times"', False),
        ("language:en", True),
        ("language:en-gb", True),
        ("language:fr", False),
        ("country:pk", True),
        ("tag:defence", True),
        ('tag:"foreign policy"', True),
        ("tag:foreign", False),
        ("author:*khan", True),
        ("url:https://example.com/*", True),
        ("url:*sport*", False),
        ("NOT source:bbc", True),
    ],
)
def test_metadata(expression: str, expected: bool) -> None:
    """Metadata is compared as a whole, in any case, with `*` for anything."""
    article = an_article(
        "jets",
        source="Reuters",
        language="en-gb",
        country="PK",
        author="A. Khan",
        tags=("Defence", "foreign policy"),
        url="https://example.com/world/1",
    )
    assert matches(f"jet AND {expression}", article) is expected


def test_lists_are_the_or_of_their_items() -> None:
    """`$name` stands for any item of the list."""
    lists = {"turkey": "caps(Turkey) OR Türkiye OR Ankara"}
    assert matches("$turkey AND jet", "Ankara buys jets.", lists=lists)
    assert not matches("$turkey AND jet", "Roast turkey on a jet.", lists=lists)
