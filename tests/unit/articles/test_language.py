"""Languages: tags in one spelling, and a guess that is made only when it is sure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.articles.language import detect_language, language_tag


@pytest.mark.parametrize(
    ("given_tag", "tag"),
    [
        ("en", "en"),
        ("EN-us", "en-us"),
        ("pt_BR", "pt-br"),
        ("zh-Hant-TW", "zh-hant-tw"),
        ("de_DE.UTF-8", "de-de"),
        ("deu", "de"),
        ("ger", "de"),
        ("urd", "ur"),
        ("iw", "he"),
        ("nb", "nb"),
        (" fr ", "fr"),
        ("", ""),
        ("english", ""),
        ("zz", ""),
        ("und", ""),
        ("mul", ""),
        ("e", ""),
        ("en-", ""),
        ("en us", ""),
        ("12", ""),
    ],
)
def test_tags_have_one_spelling_and_junk_has_none(given_tag: str, tag: str) -> None:
    """BCP 47 in lower case with the shortest primary subtag; what is no language is empty."""
    assert language_tag(given_tag) == tag


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The two navies agreed on Monday to build their frigates in one yard.", "en"),
        ("Die beiden Marinen wollen ihre Fregatten künftig in einer Werft bauen.", "de"),
        ("Les deux marines veulent construire leurs frégates dans un seul chantier.", "fr"),
        ("Las dos armadas quieren construir sus fragatas en un solo astillero.", "es"),
        ("İki donanma fırkateynlerini tek bir tersanede inşa etmek istiyor.", "tr"),
        ("Два флота хотят строить свои фрегаты на одной верфи, сообщили власти.", "ru"),
        ("دونوں بحریہ اپنے جہاز ایک ہی گودی میں بنانا چاہتی ہیں۔", "ur"),
        ("De to marinene vil bygge fregattene sine på ett og samme verft, sier regjeringen.", "nb"),
        ("両海軍は同じ造船所でフリゲート艦を建造することで合意した。", "ja"),
    ],
)
def test_a_sentence_is_enough_to_tell_its_language(text: str, language: str) -> None:
    """One sentence of news decides, every time the same."""
    assert detect_language(text) == language
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", "OK", "2026-03-02 10:15", "12 % / 3,400", "NATO AWACS F-16"])
def test_too_little_text_has_no_language(text: str) -> None:
    """A wrong language inflects wrongly, none only less: unsure stays empty."""
    assert detect_language(text) == ""


@settings(max_examples=50, deadline=None)  # the first one loads the model
@given(st.text(max_size=80))
def test_any_text_has_a_language_or_none(text: str) -> None:
    """What is detected is a tag that is known."""
    found = detect_language(text)
    assert found == language_tag(found)
