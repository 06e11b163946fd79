"""A word of a rule finds its forms, and only those."""

from __future__ import annotations

import pytest

from builders.articles import an_article, matches
from service.matching.words.dictionary.word_table import word_table
from service.matching.words.foreign_forms import foreign_forms
from service.matching.words.inflection import forms, forms_of_all, lemma, missed_forms

COMMON = [
    "be", "have", "say", "go", "leave", "left", "shot", "shoot", "sale",
    "sales", "person", "people", "building", "build", "develop", "fix", "life", "lives",
    "saw", "see", "news", "war", "state", "found", "find", "lay", "lie",
    "woman", "women", "data", "media", "better", "good",
]  # fmt: skip


def found(word: str, language: str = "en") -> set[str]:
    """The forms of a word."""
    return {*forms(word, language).written}


@pytest.mark.parametrize("word", COMMON)
def test_the_rule_is_directed(word: str) -> None:
    """A text's word is found by its lemmas, if the rule's word or its likeliest lemma is one."""
    table = word_table("en")
    assert table is not None
    own = table.lemmas(word)
    wanted = {word, own.first} | (own.all if word not in own.all else set())
    texts = {*COMMON, *(form for each in COMMON for form in table.forms(each))}
    assert len(texts) > 100
    for text in texts:
        expected = text in wanted or not wanted.isdisjoint(table.lemmas(text).all)
        assert (text in found(word)) == expected, text


@pytest.mark.parametrize("language", ["en", "de", "fr", "ru", "tr", "ko", "ar", ""])
def test_many_words_have_the_forms_that_each_has(language: str) -> None:
    """Also acronyms, possessives, words with marks, compounds, and those that no table knows."""
    others = (
        "US Banks jet's UAVs F-16 10,000 Müller naïve cafe café Raketenabwehrsystem Krieg fallen "
        "tués élève большой Зеленского выборы IŞIK Djokovic Mueller Xyzzy zzgl 대통령 كتاب été coté"
    )
    words = [(word, narrow) for word in (*COMMON, *others.split()) for narrow in (False, True)]
    found = [*forms_of_all(words, language)]
    assert found == [forms(word, language, narrow=narrow) for word, narrow in words]
    assert len(found) > 80


@pytest.mark.parametrize(
    ("language", "word", "with_", "without"),
    [
        ("en", "develop", "developed developing develops", "developer development"),
        ("en", "port", "ports ported", "prt prts"),
        ("en", "mission", "missions", "msn"),
        ("en", "court", "courts", "cts"),
        ("en", "kilometre", "km kilometres", ""),
        ("en", "sale", "sales", "sell salt"),
        ("en", "person", "people persons", "personal"),
        ("en", "leave", "left leaves leaving", "leaf"),
        ("en", "left", "", "leave leaving"),
        ("en", "shoot", "shot shooting", "shoal"),
        ("en", "Rafale", "rafales", ""),
        ("en", "Kurd", "kurds", ""),
        ("en", "Houthi", "houthis", ""),
        ("en", "Abba", "", "abbas"),
        ("en", "Torre", "", "torres"),
        ("en", "Barclay", "", "barclays"),
        ("en", "import", "imports imported", "important"),
        ("de", "angriff", "angriffe angriffs", "angreifen"),
        ("de", "Uberfall", "überfalls überfälle", "fall"),
        ("de", "SCHULE", "schulen", "schult"),
        ("de", "Krieg", "kriege krieges", "kriegt"),
        ("de", "Raketenabwehrsystem", "raketenabwehrsysteme", "system"),
        ("de", "fallen", "fällt fiel gefallen", "gefällt"),
        ("de", "denken", "dachte gedacht", "gedenken"),
        ("fr", "tuer", "tués tué tuent tua", "tu"),
        ("en", "organ", "organs", "organization"),
        ("en", "win", "won winning", "wine"),
        ("en", "rise", "rose", "rosy"),
        ("en", "labor", "labour laboured", "laboratory"),
        ("en", "analyse", "analyze analyzed", "analysis"),
        ("en", "tyre", "tire tires", "tired"),
        ("it", "contratto", "contratti", "contrarre"),
        ("it", "potere", "può potrà potrò poteri", "potenza"),
        ("it", "vita", "vite", "vitello"),
        ("it", "mare", "mari", "ma mano massimo mi"),
        ("it", "cadere", "cade caduto caddero", "casa casi"),
        ("it", "giudicare", "giudica giudichi giudicò", "giudici"),
        ("it", "pubblicare", "pubblica pubblichi pubblicò", "pubblici"),
        ("it", "collegare", "collega colleghi collegò", "collegi"),
        ("it", "pendere", "pende pendono", "pensa penso"),
        ("pl", "wybory", "wyborów wyborach", "wybrzeże"),
        ("ru", "человек", "люди человека", "человечество"),
        ("ru", "Сырский", "сырского сырским", "сыр"),
        ("nl", "westen", "", "west"),
        ("nl", "toerist", "toeristen", "toerisme"),
    ],
)
def test_forms(language: str, word: str, with_: str, without: str) -> None:
    """What is found and what is not, in the word's own language."""
    assert found(word, language) >= {*with_.split()}
    assert found(word, language).isdisjoint(without.split())


@pytest.mark.parametrize("word", ["US", "UAV", "UAVs", "F-16", "IT", "AIDS"])
def test_an_acronym_is_its_only_form(word: str) -> None:
    """Capitals in a rule are meant."""
    assert len(found(word)) == 1


def test_a_language_without_a_table() -> None:
    """A word matches as it is written."""
    assert forms("طیارہ", "ur").written == {"طیارہ"}
    assert forms("jets", "").written == {"jets"}


@pytest.mark.parametrize(
    ("expression", "language", "text", "expected"),
    [
        ("war", "de", "Pakistan und Indien sind Nachbarn", False),
        ("state", "it", "è", False),
        ("Sudan", "tr", "Su", False),
        ("modi", "de", "Der Modus", False),
        ("franco", "it", "Le rotte franche", False),
        ("Pakistan", "de", "Pakistans Armee", True),
        ("самолёт", "ru", "Два самолёта", True),
        ("jet", "ru", "Two jets", True),
    ],
)
def test_a_word_that_is_known_is_inflected_in_its_own_language(
    expression: str, language: str, text: str, expected: bool
) -> None:
    """An English rule in articles of other languages; what it knows has no foreign forms."""
    article = an_article(title="", lead="", body=text, language=language)
    assert matches(expression, article) is expected


@pytest.mark.parametrize("language", ["en", "ko", ""])
def test_a_query_without_a_language(language: str) -> None:
    """Engine and evaluator agree there, too: Korean particles are seen by the script."""
    article = an_article(title="", lead="", body="북한은 발사했다", language=language)
    assert matches("북한", article, language="")
    assert not matches("발사체", article, language="")


def test_a_name_finds_only_capitals_in_other_languages() -> None:
    """A word that is all small in the article is none of its forms."""
    found = foreign_forms("Pakistan", "en", "de")
    assert found is not None
    assert found.capitals
    unknown = foreign_forms("самолёт", "en", "ru")
    assert unknown is not None
    assert not unknown.capitals
    assert foreign_forms("US", "en", "de") is None
    assert foreign_forms("rio", "en", "es") is None
    assert foreign_forms("суд", "en", "ru") is not None
    assert foreign_forms("Pakistan", "en", "ur") is None


def test_a_name_in_caps_is_no_plural() -> None:
    """`caps(Banks)` does not find Bank."""
    assert "bank" in forms("Banks", "en").written
    assert "bank" not in forms("Banks", "en", narrow=True).written
    assert "banks" in forms("Banks", "en", narrow=True).written


def test_what_is_missed_is_said() -> None:
    """The forms of a word that this one may be a form of."""
    assert "shooting" in missed_forms("shot", "en")["shoot"]
    assert not missed_forms("shoot", "en")
    assert not missed_forms("US", "en")
    assert not missed_forms("shot", "ur")


def test_the_lemma_of_a_word() -> None:
    """The likeliest, folded, by which frequencies are kept."""
    assert lemma("struck", "en") == "strike"
    assert lemma("Jets'", "en") != "jet"
    assert lemma("jet's", "en") == "jet"
    assert lemma("qzxv", "en") == "qzxv"
    assert lemma("AIDS", "en") == "aids"


def test_a_word_typed_without_its_marks_is_one_that_its_language_knows() -> None:
    """French `conférences` is no form of an English verb: `Conferences` finds no other form."""
    conferences = foreign_forms("Conferences", "fr", "en")
    fires = foreign_forms("Fires", "fr", "en")
    assert conferences is not None
    assert "conferences" in conferences.forms.written
    assert "conference" not in conferences.forms.written
    assert fires is not None
    assert "fired" in fires.forms.written
