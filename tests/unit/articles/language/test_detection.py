"""Languages: tags in one spelling, and a guess that is made only when it is sure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

from service.articles.language import detect_language, language_tag
from service.articles.language.model import WEIGHT_PARTS


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
        # Typed with the Arabic letters yeh and kaf.
        ("دو نيروي دريايي مي‌گويند كه ناوهاي خود را در يك كارگاه مي‌سازند", "fa"),
        ("وقالت القوات البحرية في البلدين إنها ستبني سفنها في حوض واحد", "ar"),
        ("LES DEUX MARINES VEULENT CONSTRUIRE LEURS FRÉGATES DANS UN SEUL CHANTIER", "fr"),
        # Half of the letters are of either script.
        ("Президент подписал новый закон minister signed the contract at", "ru"),
        # A brand's name has kana.
        ("总统の签署了新的法律，议会昨天投票通过", "zh"),
        # The first letter of its script.
        ("가 가 가 가 가 가 가 가 가 가", "ko"),
    ],
)
def test_a_sentence_is_enough_to_tell_its_language(text: str, language: str) -> None:
    """One sentence of news decides, every time the same."""
    assert detect_language(text) == language
    assert detect_language(text) == language


ENGLISH = (
    "The two navies agreed on Monday to build their frigates in one yard, and the ministers signed "
    "the contract in the harbour"
)


@pytest.mark.parametrize(
    "text",
    [
        # Names are a part of it that is too large.
        f"{ENGLISH} of Ləçək, Gəncə, Şəki, Bərdə və Şəmkir",
        "ગુજરાતમાં ભારે વરસાદની આગાહી કરવામાં આવી છે",
        "မြန်မာနိုင်ငံတွင် ငလျင်လှုပ်ခတ်မှု ဖြစ်ပွားခဲ့သည်",
        "በኢትዮጵያ የሰላም ስምምነት ተፈረመ",
        "Prezident İlham Əliyev yeni qanun imzalayıb",
        "Қазақстан президенті жаңа заңға қол қойды",
        "Монгол Улсын Ерөнхийлөгч шинэ хууль баталлаа",
        "Прэзідэнт падпісаў новы закон аб мове",
        "महाराष्ट्रात मुसळधार पावसाचा इशारा देण्यात आला आहे",
        "नेपालमा नयाँ सरकार गठनको तयारी भइरहेको छ",
        "Regering kondig nuwe begroting aan vir die land",
        "Gwamnatin Najeriya ta sanar da sabon kasafin kudi",
        "Dowladda Soomaaliya ayaa ku dhawaaqday miisaaniyad cusub",
        "د افغانستان حکومت نوی قانون تصویب کړ",
        "حکوومەتی هەرێمی کوردستان یاسایەکی نوێی پەسەند کرد",
        "ජනාධිපතිවරයා නව නීතිය අත්සන් කළේය",
    ],
)
def test_a_language_outside_the_list_is_not_taken_for_one_on_it(text: str) -> None:
    """Gujarati is not Serbian, nor Azerbaijani Turkish, nor Marathi Hindi."""
    assert detect_language(text) == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("미국 대통령이 새로운 법안에 서명했다", "ko"),
        ("ประธานาธิบดีลงนามในกฎหมายฉบับใหม่", "th"),
        ("נשיא המדינה חתם על החוק החדש", "he"),
        ("总统签署了新的法律，议会昨天投票通过", "zh"),
        ("Ο πρόεδρος υπέγραψε τον νέο νόμο", "el"),
        (f"{ENGLISH}, said Əli Əhmədov and Ləman Əsgərova", "en"),
        ("“Məmməd” was the first word that the minister wrote on the board in the harbour", "en"),
    ],
)
def test_a_script_of_one_language_tells_it(text: str, language: str) -> None:
    """And a foreign name does not."""
    assert detect_language(text) == language


BOTH = (
    "De twee marines willen hun fregatten op een werf bouwen. "
    "De to marinene vil bygge fregattene sine i ett verft."
)
"""Half of it Dutch, half Norwegian."""


@pytest.mark.parametrize(
    "text", ["", "OK", "2026-03-02 10:15", "12 % / 3,400", "NATO AWACS F-16", BOTH]
)
def test_too_little_text_has_no_language(text: str) -> None:
    """A wrong language inflects wrongly, none only less: unsure stays empty."""
    assert detect_language(text) == ""


@settings(max_examples=50, deadline=None)  # the first one loads the model
@given(st.text(max_size=80))
def test_any_text_has_a_language_or_none(text: str) -> None:
    """What is detected is a tag that is known."""
    found = detect_language(text)
    assert found == language_tag(found)


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("Dua angkatan laut akan membina kapal mereka di limbungan yang sama", {"ms", ""}),
        ("Dvije mornarice gradit će svoje brodove u jednom škveru", {"hr", ""}),
        ("Os dous países acordan construír as súas fragatas nun só estaleiro", {"gl", ""}),
        ("Segundo a dona de casa, o grupo abasteceu o veículo com gasolina", {"pt", ""}),
        ("Калупи и оплате експлоатишу се неколико минута након наношења", {"sr", ""}),
    ],
)
def test_a_language_is_not_taken_for_a_close_one(text: str, languages: set[str]) -> None:
    """It is named, or none is."""
    assert detect_language(text) in languages


@pytest.mark.parametrize("head", ["", "DIE BEIDEN MARINEN BAUEN IN EINER WERFT\n"])
@pytest.mark.parametrize("times", [1, 2, 12])
def test_more_of_a_text_does_not_change_its_language(head: str, times: int) -> None:
    """It is read until its language is certain."""
    text = head + "Die beiden Marinen wollen ihre Fregatten künftig in einer Werft bauen. " * times
    assert detect_language(text) == "de"


def test_no_weight_of_the_model_is_rounded() -> None:
    """They are kept as whole numbers: another model may have finer ones."""
    weights = LanguageIdentifier.from_model_file(MODEL_FILE).nb_ptc.astype(np.float32)
    assert ((weights * WEIGHT_PARTS).astype(np.int16) == weights * WEIGHT_PARTS).all()
