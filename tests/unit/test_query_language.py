"""The query language, as an analyst would try it out (DESIGN.md §4)."""

from __future__ import annotations

import pytest

from articles import an_article, matches
from service.errors import QueryError


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


@pytest.mark.dictionaries
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


@pytest.mark.dictionaries
def test_inflection_follows_the_article_too() -> None:
    """A Russian word in an English watchlist is inflected by the article's language."""
    article = an_article("Десять самолётов.", language="ru")
    assert matches("самолет", article, language="en")


@pytest.mark.dictionaries
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


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("missile NEAR/3 test", "Tests of the missile.", True),
        ("missile NEAR/2 test", "Tests of the missile.", True),
        ("missile NEAR/1 test", "Tests of the missile.", False),
        ("missile NEAR/0 test", "A missile test.", True),
        ("missile NEAR/0 test", "Test. Missile.", True),
        ("missile ONEAR/0 test", "A test missile.", False),
        ("missile ONEAR/3 test", "The missile, in a test, flew.", True),
        ("missile NEAR/5 test", "The missile.\n\nA test.", True),
        ("missile NEAR/s test", "The missile flew. A test.", False),
        (
            "missile NEAR/s test",
            "U.S. officials said a missile flew. Mr. Khan left the test.",
            False,
        ),
        ("missile NEAR/s Khan", "U.S. officials say that Mr. Khan saw the missile.", True),
        ("missile NEAR/p test", "The missile flew. A test.", True),
        ("missile NEAR/p test", "The missile flew.\n\nA test.", False),
        ("missile NEAR/5 missile", "A missile.", False),
        ("missile NEAR/5 missile", "A missile and missiles.", True),
        ("fighter jet NEAR/1 jet engine", "A fighter jet engine.", False),
        ("fighter jet NEAR/1 jet engine", "A fighter jet, a jet engine.", True),
        ("fighter jet NEAR/s pilot", "He is a fighter. Jet pilots left.", False),
        ("fighter jet NEAR/p pilot", "He is a fighter. Jet pilots left.", True),
        ("(missile OR rocket) NEAR/2 (test OR launch)", "The launch of rockets.", True),
        ("missil* NEAR/2 caps(Turkey)", "Missiles for Turkey.", True),
        ("missil* NEAR/2 caps(Turkey)", "Missiles for turkey.", False),
        ("a NEAR/1 b NEAR/1 c", "b a b c", True),
        ("a NEAR/1 b NEAR/1 c", "a b x x b c", False),
        ("a ONEAR/1 b NEAR/1 c", "c x b a", False),
        ("a NEAR/s b NEAR/p c", "A b. C.", True),
        ("a NEAR/5 b AND NOT a NEAR/1 b", "a x x b", True),
        ("a NEAR/5 b AND NOT a NEAR/1 b", "a x x b a", False),
    ],
)
def test_nearness(expression: str, text: str, expected: bool) -> None:
    """NEAR counts the words between; sentences and paragraphs hold their words wholly."""
    assert matches(expression, text) is expected


def test_nearness_stays_within_a_zone() -> None:
    """The last word of the title is not near the first of the lead."""
    article = an_article(title="A missile", lead="A test.", body="A missile test.")
    assert matches("title:missile AND lead:test", article)
    assert not matches("title:missile NEAR/9 test", article)
    assert not matches("title:missile NEAR/p lead:test", article)
    assert matches("missile NEAR/0 body:test", article)
    assert matches("title:missile NEAR/s test", an_article(title="Missile flies. A test follows"))


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("atleast2(missile)", "A missile.", False),
        ("atleast2(missile)", "A missile, missiles.", True),
        ("atleast3(missile OR rocket)", "A missile, a rocket, missiles.", True),
        ("atleast2(jet OR fighter jet OR jet fighter)", "fighter jet fighter", False),
        ("atleast2(a b OR b a)", "a b a b", True),
        ("atleast2(a b OR b a)", "a b a", False),
        ("atleast3(a b OR b a)", "a b a b a", False),
        ("atleast3(a)", "a\n\na. A", True),
        ("atleast2(a NEAR/1 b)", "a b x x x b a", True),
        ("atleast2(a NEAR/1 b)", "a b a", False),
        ("atleast2(a NEAR/1 b)", "a x x x b", False),
        ("NOT atleast2(a) AND a", "a", True),
        ("any2(a, b, c)", "a c", True),
        ("any2(a, b, c)", "a a", False),
        ("any3(a, b, c)", "a b c", True),
        ("any1(a AND b, c OR d)", "d", True),
        ("any2(a, NOT b)", "a", True),
        ("any2(a, NOT b)", "a b", False),
        ("any2(a, any1(b, c), atleast2(d))", "c d d", True),
        ("NOT any2(a, b) AND c", "a c", True),
    ],
)
def test_counts(expression: str, text: str, expected: bool) -> None:
    """`atleast` counts mentions that share no word, `any` the parts that hold."""
    assert matches(expression, text) is expected


def test_atleast_counts_through_the_article() -> None:
    """All zones together, or those of its field."""
    article = an_article(title="A missile", lead="Missiles.", body="One missile test.")
    assert matches("atleast3(missile)", article)
    assert not matches("atleast3(headline:missile)", article)
    assert matches("headline:atleast2(missile)", article)
    assert not matches("atleast2(title:(missile NEAR/1 test))", article)


def test_any_of_a_list_counts_its_items() -> None:
    """A list alone stands for its items; beside others it is one part."""
    lists = {"deal": "order OR sign OR contract"}
    assert matches("any2($deal)", "They signed the order.", lists=lists)
    assert not matches("any2($deal)", "They signed, signed and signed.", lists=lists)
    assert not matches("any2($deal, jet)", "They signed the order.", lists=lists)
    assert matches("any2($deal, jet)", "They signed for a jet.", lists=lists)


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


@pytest.mark.dictionaries
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


@pytest.mark.dictionaries
def test_a_language_may_name_a_region() -> None:
    """`pt-br` has the forms of Portuguese."""
    article = an_article("Os mísseis voaram.", language="pt-br")
    assert matches("míssil", article, language="pt-br")


def test_metadata_is_compared_in_steps_that_grow_with_its_length() -> None:
    """Many stars against a long address do not take for ever."""
    article = an_article("jet", url="a" * 50_000)
    assert not matches(f"jet AND url:{'*a' * 50}b", article)
    assert not matches(f"jet AND aaa{'*a' * 50}b", an_article("jet " + "a" * 50_000))
