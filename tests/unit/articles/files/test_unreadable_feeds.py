"""Feeds that are broken, empty or in an odd encoding: what can be read is, and the rest is told."""

from __future__ import annotations

import pytest

from builders.feeds import RSS, told
from service.articles.files.entries import Source, UnreadableError, entries


def test_an_entry_without_text_is_told_and_the_others_are_read() -> None:
    """With its number, and its address when it has one."""
    items = (
        "<item><link>https://gazette.example/1</link></item><item><title>T</title></item><item/>"
    )
    first, second, third = told(RSS.format("", items))
    assert first == (
        "feed.xml: entry 1 (https://gazette.example/1) holds no text: no title, no summary and no "
        "content"
    )
    assert isinstance(second, dict)
    assert str(third).startswith("feed.xml: entry 3 (no address) holds no text")


def test_a_feed_that_holds_nothing_is_told() -> None:
    """An empty one, and one that breaks off before its first entry."""
    assert told(RSS.format("", "")) == ["feed.xml: this feed holds no entries"]
    (broken,) = told("<rss version='2.0'><channel><title>Gaz")
    assert str(broken).startswith("feed.xml: this feed cannot be read: ")


def test_a_feed_that_is_broken_is_read_as_far_as_it_goes() -> None:
    """A sign that should have been escaped, and an end that is missing."""
    items = "<item><title>Rain & jets</title></item><item><title>Tanks</title></item>"
    titles = [each["title"] for each in told(RSS.format("", items).removesuffix("</rss>"))
              if not isinstance(each, str)]  # fmt: skip
    assert titles == ["Rain & jets", "Tanks"]


@pytest.mark.parametrize("below", ["<div>A jet.</div>", "<html>"])
def test_comments_above_are_passed_over(below: str) -> None:
    """However many: each that was added doubled the time, and with 30 it never ended."""
    text = f"{'<!-- a comment -->' * 10_000}{below}"
    assert told(text, "page") == [{"html": below}]
    root = RSS.format("", "<item><title>T</title></item>").split("?>", 1)[1]
    comments = text.removesuffix(below)
    (entry,) = told(f"<?xml version='1.0'?>{comments}<?style x?><!DOCTYPE rss>{root}")
    assert isinstance(entry, dict)
    assert entry["title"] == "T"


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "windows-1251"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("windows-1251", "windows-1251"),
        ("koi8-r", "KOI8-R"),
    ],
)
def test_a_feed_s_encoding_is_the_one_it_declares(written: str, declared: str) -> None:
    """Unless it is UTF-8, whatever it declares; and a mark at its beginning says most of all."""
    text = RSS.format("", "<item><title>Истребитель сел в Анкаре</title></item>")
    text = text.replace('version="1.0"', f'version="1.0" encoding="{declared}"', 1)
    (entry,) = entries(Source("feed.xml", text.encode(written)))
    assert not isinstance(entry, UnreadableError)
    assert entry["title"] == "Истребитель сел в Анкаре"


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("windows-1254", '<meta charset="iso-8859-9">'),
        (
            "windows-1254",
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1254">',
        ),
        ("utf-8", '<meta charset="iso-8859-9">'),
        ("utf-16", '<meta charset="utf-8">'),
    ],
)
def test_a_page_s_encoding_is_the_one_it_declares(written: str, declared: str) -> None:
    """As browsers take it: who says ISO 8859-9 means Windows' own."""
    text = (
        f"<html><head>{declared}</head><body><p>Türkiye’nin “savaş uçağı” Ağrı’ya indi</p></body>"
    )
    (entry,) = entries(Source("page.html", text.encode(written)))
    assert entry == {"html": text}


def test_what_is_no_text_is_told() -> None:
    """An encoding that nobody knows does not help."""
    (error,) = entries(Source("x.xml", b'<?xml version="1.0" encoding="klingon"?>\xff\x00\xfe'))
    assert str(error) == "x.xml: not text; save it as UTF-8 text, HTML or JSON"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("windows-1252", "Le redémarrage du réacteur de Valmorey est repoussé au printemps."),
        ("windows-1252", "A reunião de São Paulo não terá decisões até amanhã, disse o ministro."),
        ("windows-1252", "Zebra à la française, un zèbre à côté de l'été."),
        ("windows-1252", "España firmará el acuerdo mañana."),
        ("windows-1252", "Åklagaren i Malmö åtalar två män för sabotage mot järnvägen."),
        ("windows-1252", "På Færøerne er der fundet olie, siger ministeren på mødet."),
        ("windows-1254", "İstanbul'da uçaklar için sözleşme imzalandı. Şimdi Güneydoğu bekliyor."),
        ("windows-1250", "Łódź i Gdańsk podpisały umowę o współpracy w dziedzinie obronności."),
        ("windows-1250", "Česká vláda schválila nákup stíhaček, řekl ministr obrany."),
        ("windows-1251", "Десять самолётов для Пакистана. Турция подписала договор."),
        ("windows-1251", "Турция продаёт SIMки и iPhoneы."),
        ("koi8-r", "Десять самолётов для Пакистана. Турция подписала договор."),
        ("windows-1253", "Η Ακρόπολη της Αθήνας άνοιξε πάλι."),
        ("windows-1255", "המטוס נחת בישראל אתמול, אמר השר."),
        ("windows-1256", "وصلت الطائرات إلى باكستان أمس، قال الوزير."),
        ("gb18030", "导弹昨天试射成功，巴基斯坦政府宣布。"),
        ("big5", "飛彈昨天試射成功，政府宣布。"),
        ("euc-jp", "ミサイルが発射されたと発表した。日本政府は抗議した。"),
        ("cp949", "미사일 발사가 성공했다고 정부가 발표했다."),
        ("cp874", "เครื่องบินรบสิบลำสำหรับกองทัพอากาศ"),
    ],
)
def test_a_text_that_declares_nothing_is_read_as_it_most_likely_is(written: str, text: str) -> None:
    """A word in other letters would be found by no watchlist."""
    (entry,) = entries(Source("article.txt", text.encode(written)))
    assert entry == {"body": text}


@pytest.mark.parametrize("content", ["Şimdi Güneydoğu ğ".encode()[:-1], "Şimdi \xff ğü".encode()])
def test_a_broken_byte_does_not_break_the_letters_around_it(content: bytes) -> None:
    """A text that was cut within a letter is still UTF-8."""
    (entry,) = entries(Source("article.txt", content.replace("ÿ".encode(), b"\xff")))
    assert isinstance(entry, dict)
    assert entry["body"].startswith("Şimdi ")
    assert entry["body"].count("\N{REPLACEMENT CHARACTER}") == 1
