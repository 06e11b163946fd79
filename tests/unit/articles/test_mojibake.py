"""Letters that a wrong encoding broke are whole again; text that is not broken stays as it is."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from babel.localedata import load
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.articles.extraction import PAGES, samples
from benchmarks.corpus.corpus import NEWS
from builders.entries import MAX_BYTES, an_entry, an_envelope
from service.articles.article import compose
from service.articles.entry import read_entry
from service.articles.mojibake import repair
from service.articles.page.extract import from_html
from service.articles.paragraphs import clean, line

BBC = NEWS / "bbc.jsonl.gz"
PARAGRAPHS = {
    sample.name: [text for text in (sample.title, *sample.paragraphs) if not text.isascii()]
    for sample in samples()
}
READ_AS = ("latin-1", "cp1252", "cp1254")


def broken(text: str, encoding: str = "cp1252") -> str:
    """The text's UTF-8 as the encoding reads it, and as Latin-1 does where that has no letter."""
    octets = (bytes([octet]) for octet in text.encode())
    return "".join(each.decode(encoding, "ignore") or each.decode("latin-1") for each in octets)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("TÃ¼rkiye", "Türkiye"),
        ("donâ€™t", "don’t"),
        ("donâ\x80\x99t", "don’t"),
        ("ErdoÄŸan", "Erdoğan"),
        ("yaÅŸayan", "yaşayan"),
        ("ERDOÄžAN", "ERDOĞAN"),
        ("Åžimdi", "Şimdi"),
        ("wÄ…ski siÄ™ ", "wąski się "),
        ("È™i RomÃ¢niaÈ›i", "și Româniați"),
        ("Ñ\x85Ð»ÐµÐ±", "хлеб"),
        ("ÐŸÐ°ÐºÐ¸Ñ\x81Ñ‚Ð°Ð½", "Пакистан"),
        ("РџР°РєРёСЃС‚Р°РЅ", "Пакистан"),
        ("TÃƒÂ¼rkiye", "Türkiye"),
        ("caf√©", "café"),
        ("ðŸ‡¹ðŸ‡·", "🇹🇷"),
        ("â€œjetsâ€\x9d", "“jets”"),
        ("â€œjetsâ€�", "“jets�"),
        ("fighterÂ jet", "fighter\xa0jet"),
        ("100Â km", "100 km"),
        ("voilÃ  le travail", "voilà le travail"),
        ("Â£5bn", "£5bn"),
    ],
)
def test_what_was_read_wrongly_is_read_as_it_was_meant(given: str, meant: str) -> None:
    """In one word or all, once or twice, with what became of its spaces."""
    assert repair(given) == meant
    assert repair(f"The minister said it: {given} and left.") == (
        f"The minister said it: {meant} and left."
    )


@pytest.mark.parametrize("name", PARAGRAPHS)
def test_paragraphs_of_every_language_are_mended(name: str) -> None:
    """From Turkish to Chinese, whichever encoding they were read in; and twice."""
    for encoding in READ_AS:
        for text in PARAGRAPHS[name]:
            assert repair(broken(text, encoding)) == text
            assert repair(broken(broken(text, encoding), encoding)) == text


@pytest.mark.parametrize("name", PARAGRAPHS)
def test_one_broken_word_is_mended_beside_whole_ones(name: str) -> None:
    """What is whole stays, in the same line and in others. A letter alone may be anything."""
    beside = "Die Größe für „{}“ – à l’été.\nİstanbul’da şimdi.\r\nПакистан"
    for word in {word for text in PARAGRAPHS[name] for word in text.split() if word[1:]}:
        assert repair(beside.format(broken(word))) == beside.format(word)


@pytest.mark.parametrize(
    "text",
    [
        "São Paulo, MANHÃ DE SOL, ÃRIA, Â, the letter Â is used, ÂNGELO, COBORÂ DE",
        "NIÑO «NIÑO» L’ÎLE CAFÉ» CAFÉ… l’œ CŒUR Œuvre ŒUVRE ÉCOLE© È vero",
        "Straß“ und groß… muß– „Äh…“ Ärger Å Ålesund",
        "ЦБ РФ» «ГАЗ» С° т° № 5 В\xa0России",
        "x² × y³ ≈ ½ · √2 ± 3 ≤ π € 5 £5 ¥ 100 25\xa0°C",
        "😀🇹🇷👩\u200d🚀 👍🏽 ™ ® © § ¶ • ‰",
        "R\ufffdsum\ufffd",
    ],
)
def test_good_text_is_left_alone(text: str) -> None:
    """Capitals before quotes, single letters, formulas and emoji only look like it."""
    assert repair(text) == text


def test_the_pages_are_left_alone() -> None:
    """39 pages in 12 languages, with their markup and without."""
    for path in PAGES.glob("*.[ht]*"):
        text = path.read_text(encoding="utf-8")
        assert repair(text) == text, path.name


@pytest.mark.skipif(
    not BBC.exists(), reason="needs ../shared/data/bbc.jsonl.gz beside the checkout"
)
def test_articles_are_left_alone() -> None:
    """2,225 of them, as they were printed."""
    with gzip.open(BBC, "rt", encoding="utf-8") as file:
        texts = [json.loads(article)["text"] for article in file]
    assert len(texts) == 2225
    assert [text for text in texts if repair(text) != text] == []


@pytest.mark.parametrize(
    "locale",
    ["az", "cs", "de", "el", "es", "et", "fi", "fr", "hu", "lt", "lv", "nb", "nl", "pl", "pt", "ro",
     "ru", "se", "sk", "sv", "uk", "vi"],
)  # fmt: skip
def test_the_words_of_a_language_are_left_alone(locale: str) -> None:
    """Names of countries, languages, days and currencies: plain, in quotes, and cut short."""
    data = load(locale)
    words = [
        str(word)
        for part in ("territories", "languages", "scripts", "currency_names")
        for word in data[part].values()
    ]
    assert len(words) > 100
    for word in words:
        for text in (word, word.upper(), f"«{word}»", f"“{word}”", f"{word}… ‘{word}’", f"{word}™"):
            assert repair(text) == text


@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_whatever_is_mended_is_text(text: str) -> None:
    """It has a UTF-8 form, and cleaning it leaves nothing that XML may not hold."""
    for form in (text, broken(text)):
        clean(repair(form)).encode()
        assert not set(clean(repair(form))) & {"\0", "\ufffe", "\uffff"}


# --- in articles -----------------------------------------------------------------------------

TITLE = "Türkiye’nin savaş uçağı"
BODY = "Erdoğan “fighter jets” hakkında konuştu.\n\nПакистан подписал."


def test_every_text_of_an_entry_is_mended() -> None:
    """Title, summary, body, author, source and tags; not what tells articles apart."""
    fields = {name: broken(TITLE) for name in ("title", "summary", "author", "source")}
    draft = read_entry(
        an_envelope(
            **fields, id=broken("ğ"), url=f"https://a.example/{broken('ğ')}", tags=[broken("ğ")]
        ),
        max_bytes=MAX_BYTES,
    )
    assert {draft.title, draft.summary, draft.author, draft.source} == {TITLE}
    assert draft.tags == ("ğ",)
    assert draft.id == line(broken("ğ"))
    assert draft.url.endswith(broken("ğ"))


@pytest.mark.parametrize("encoding", READ_AS)
def test_plain_text_is_mended(encoding: str) -> None:
    """Before its lines are told apart: a half of a letter may be one of the breaks between them."""
    article = compose(read_entry(an_entry(body=broken(BODY, encoding)), max_bytes=MAX_BYTES))
    assert [article.lead, article.body] == BODY.split("\n\n")


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-9", "windows-1251"])
@pytest.mark.parametrize("encoding", READ_AS)
def test_a_page_is_mended(encoding: str, declared: str) -> None:
    """Its text and its head, before trafilatura drops the control characters that stand in them;
    and what encoding its head declares, nobody asks: it was decoded already.
    """
    prose = "Erdoğan “fighter jets” hakkında uzun uzun konuştu ve Пакистан подписал соглашение."
    html = (
        f'<html><head><meta charset="{declared}"><title>{TITLE}</title>'
        f'<meta name="author" content="Müjgan Şahin"></head><body><article><h1>{TITLE}</h1>'
        f"<p>{prose}</p><p>Tom &amp;amp; Jerry&amp;#8217;s T&amp;uuml;rkiye: {prose}</p>"
        "</article></body></html>"
    )
    page = from_html(broken(html, encoding))
    assert (page.title, page.lead, page.author) == (TITLE, prose, "Müjgan Şahin")
    assert page.body == f"Tom & Jerry’s Türkiye: {prose}"


def test_ftfy_is_loaded_for_broken_text_only() -> None:
    """It takes 0.15 s; whole text, in whatever Latin letters, does without."""
    program = (
        "import sys; from service.articles.mojibake import repair; "
        "repair('Größe «été» Türkiye’nin'); "
        "print('ftfy' in sys.modules); repair('TÃ¼rkiye'); print('ftfy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\nTrue\n"
