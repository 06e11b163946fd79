"""Notices by which publishers take a story back: what is one, and what only speaks of such."""

from __future__ import annotations

import pytest

from service.articles.article import compose
from service.articles.entry import Draft
from service.articles.walls.withdrawal import LONGEST_REASON, MAX_WORDS, find_withdrawal

TITLE = "Pakistan and Turkey sign fighter jet deal"
TEXT = "Officials in Ankara said on Monday that both countries would build the aircraft together."

NOTICES = [
    "This story has been withdrawn.",
    "Please kill the story Jets-Deal, V4711. No contract was signed. A kill is mandatory.",
    'KILL KILL KILL\nPlease kill item 57 "Jet deal signed". The signing was called off.',
    'The Gazette withdraws its Nov. 3 story headlined "Jet deal signed". There will be no '
    "substitute story.",
    "The story published at this address had to be retracted. We are sorry.",
    "Editor's note: this article has been removed because it did not meet our standards.",
    "Diese Meldung wird zurückgezogen. Ein Vertrag wurde nicht unterschrieben.",
    "Cet article a été retiré à la demande de la rédaction.",
    "Esta noticia ha sido anulada por un error.",
    "Rogamos anulen la noticia sobre el contrato.",
    "Questo articolo è stato rimosso.",
    "Esta matéria foi retirada do ar.",
    "Dit artikel is ingetrokken.",
    "Depesza została anulowana.",
    "Просим аннулировать сообщение о контракте.",
    "Цей матеріал видалено.",
    "Bu haber yayından kaldırılmıştır.",
    "تم سحب هذا الخبر لعدم دقته.",
    "此新闻已撤回。",
    "この記事は取り消しました。",
    "이 기사는 삭제되었습니다.",
]
HEADS = ["KILL: ", "WITHDRAWN-", "RETRACTED ARTICLE: ", "STORY WITHDRAWN | ", "Zurückgezogen – "]

OTHERS = [
    ("Magazine retracts story", "The magazine retracted its story about the prison on Monday."),
    ("Ankara withdraws", "Turkey has withdrawn this offer, the minister said, and this is final."),
    ("Kill Bill: the film at 20", TEXT),
    ("Drone kill: army admits error", TEXT),
    ("Withdrawn troops return", TEXT),
    (
        "Bill withdrawn",
        "The story of this bill is one of failure; it was withdrawn on Monday.",
    ),
    ("Corrected", "This article was updated to correct the number of aircraft. " + TEXT),
    ("Dieser Artikel", "Der Artikel des Grundgesetzes wurde zurückgezogen, sagte der Minister."),
    ("Noticia", "El ministro retiró la nota que había enviado a la embajada."),
]


@pytest.mark.parametrize("text", NOTICES)
def test_a_notice_takes_back_the_story_in_whose_place_it_stands(text: str) -> None:
    """With whatever title; it says why."""
    assert find_withdrawal(TITLE, text.split("\n")) == " ".join(text.split())
    article = compose(Draft(title=TITLE, body=text.replace("\n", "\n\n")))
    assert (article.withdrawal != "", article.wall) == (True, "")


@pytest.mark.parametrize("head", HEADS)
def test_a_title_may_take_back_the_text_below_it(head: str) -> None:
    """As journals have it, which leave the text as it was."""
    assert find_withdrawal(head + TITLE, [TEXT * 20]) == head + TITLE


@pytest.mark.parametrize(("title", "text"), OTHERS)
def test_who_speaks_of_a_withdrawal_takes_nothing_back(title: str, text: str) -> None:
    """Nor does a note below a whole article."""
    assert find_withdrawal(title, [text]) == ""
    words = " ".join(["word"] * MAX_WORDS)
    assert find_withdrawal(title, [words, "This story has been withdrawn."]) == ""


def test_a_reason_is_short() -> None:
    """It stands in messages."""
    said = "This story has been withdrawn. "
    assert len(find_withdrawal("", [said + "x" * 900])) == LONGEST_REASON
    assert len(find_withdrawal("RETRACTED: " + "x " * 900, [TEXT * 20])) == LONGEST_REASON


def test_what_is_reported_before_or_behind_takes_nothing_back() -> None:
    """By whom is named at either end of a sentence."""
    for text in (
        "This article has been retracted, the journal says.",
        "He says: it was retracted.",
    ):
        assert find_withdrawal("", [text]) == ""
    assert find_withdrawal("", ["This article has been retracted."])
