"""The rules for page chrome, each with paragraphs that it cuts and paragraphs that it must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.articles.page.chrome_phrases import ALL, first_rule
from service.articles.page.extract import from_text
from service.articles.page.prose import is_prose

RULES = {rule.name: rule for rule in ALL}

THAI = (
    "กองทัพเรือของทั้งสองประเทศตกลงกันเมื่อวันจันทร์ว่าจะต่อเรือฟริเกตลำใหม่"
    "ในอู่ต่อเรือแห่งเดียวกันริมแม่น้ำ หลังจากเจรจากันมานานกว่าสองปี",
    "อู่ต่อเรือแห่งนี้ว่างเปล่ามาตั้งแต่น้ำท่วมใหญ่ในฤดูใบไม้ผลิ "
    "และกองทัพเรือทั้งสองต้องการเรือฟริเกตลำใหม่ก่อนปี 2573 ตามแผนที่รัฐบาลประกาศไว้",
)

CHROME = {
    "byline": [
        "By Jane Doe",
        "By Jane Doe, Political Editor",
        "By A. J. Farrow",
        "By Rupert Vane and Chidi Amadi",
        "By Colm Deasy - June 25, 2026",
        "Posted on March 2, 2026 by Joan Petrie 2 mins read",
        "Words by Hester Quayle",
        "Von Friederike Lohmann",
        "Par Maëlle Corvisier (Valbrume, envoyée spéciale)",
        "Por Julián Arce 8 de noviembre de 2026 16:15 3 minutos de lectura",
        "di Caterina Solmi",
        "Автор: Ольга Ветрова",
        "كتبت: سلمى الخطيب",
        "Av Torun Ekblad och Lars Öhrn",
        "Door Marloes van der Vink",
        "记者 陈雨桐",
        "记者 陈雨桐 2026年3月4日",
        "田中太郎記者",
        "文・田中太郎",
        "अनीता रावत द्वारा",
        "홍길동 기자",
        "입력 2026.03.04 10:15 홍길동 기자",
        "Oleh Rangga Permadi",
    ],
    "menu": [
        "Home News Sport Culture",
        "Home > News > Transport",
        "Startseite › Lokales › Verkehr",
        "News | Comment | Obituaries | Crossword",
        "Cronaca Politica Sport Cultura Edicola digitale",
        "Главное Политика Наука Спорт",
        "首页 时政 社会 文化 图片",
        "الرئيسية أخبار اقتصاد فيديو",
        "정치 경제 사회 문화",
        "Nasional Ekonomi Olahraga Hiburan",
    ],
    "advertisement": [
        "Advertisement",
        "ADVERTISEMENT",
        "Anzeige",
        "Publicité",
        "Реклама",
        "广告",
        "광고",
        "Lanjutkan dengan konten",
    ],
    "email-field": [
        "Enter your email address to sign up",
        "E-Mail-Adresse",
        "Votre adresse e-mail *",
        "メールアドレス",
        "Ваш e-mail",
        "이메일 주소를 입력하세요",
        "Masukkan email Anda",
    ],
    "offer": [
        "Subscribe for $1 a week",
        "Jetzt einen Monat kostenlos testen",
        "Je m’abonne à partir de 1 €",
        "Поддержать редакцию",
        "후원하기",
        "Berlangganan sekarang mulai Rp9.900",
    ],
    "notice": [
        "We use cookies to make this website work.",
        "We and our 12 partners store and access information on your device.",
        "Wir und unsere Partner verwenden Cookies, um Ihnen ein optimales Angebot zu zeigen.",
        "Nos partenaires et nous utilisons des cookies.",
        "Usamos cookies para mejorar su experiencia.",
        "Sign up to our daily newsletter and never miss a story.",
        "By signing up you agree to our terms of service.",
        "You have 2 free articles left this month. Subscribe now for unlimited access.",
        "Subscribe now",
        "Skip to main content",
        "Was this page helpful? Yes No",
        "Jetzt anmelden",
        "Iscriviti alla newsletter",
        "Подписывайтесь на наш канал в Telegram.",
        "이 기사를 공유합니다",
        "본문 바로가기",
        "Situs ini menggunakan cookie untuk layanan terbaik.",
        "Silakan baca konten menarik lainnya di Google News",
    ],
    "credit": [
        "Photo: A. Name/Agency",
        "(Image: R. Okell/Courier)",
        "Credit: Buzz Pictures",
        "One of the carriages. Photograph: Anders Moe/Nordline",
        "Foto: Jens Brandis",
        "Фото: Игорь Лапин",
        "© Вестник / Алина Громова",
        "The yard at low tide. © Jon Ask / Estuary Post",
        "周一退潮时的船厂。图片：海岸通讯社",
        "사진: 하구신문",
        "Foto: Kabar Muara",
    ],
    "tags": [
        "Tags: Layoffs, Orbex Tarn, Space",
        "Topics",
        "Posted in Town Tagged clocks, museum",
        "Themen: Tiere Steinfurt",
        "Argomenti: treni Montelupo",
        "टैग: सड़क",
        "태그: 소금",
        "Topik: garam",
    ],
    "comments": [
        "3 comments",
        "Comments (14)",
        "Leave a Reply",
        "3 thoughts on “A Clock”",
        "댓글 3",
        "3개의 댓글",
        "3 Komentar",
        "Tulis komentar",
    ],
    "legal": [
        "© 2026 Techline Media.",
        "Copyright 2026 Hask Island Weekly. Best viewed at 800 x 600.",
        "Copyright Folha da Serra. Todos os direitos reservados.",
        "Terms of use | Privacy notice | © 2026 Bourse Today, Inc.",
        "Terms and conditions · Privacy policy · Contact",
        "Impressum · Datenschutz · Kontakt",
        "Mentions légales | CGU | Gérer les cookies",
        "© Riproduzione riservata",
        "Все права защищены.",
        "青岭日报社版权所有，未经书面授权禁止使用",
        "جميع الحقوق محفوظة",
        "ⓒ 하구신문, 무단전재 및 재배포 금지",
        "회사소개 개인정보처리방침 이용약관",
        "Hak Cipta © 2026 Kabar Muara",
        "Redaksi | Pedoman Media Siber | Kebijakan Privasi",
    ],
    "date-line": [
        "March 2, 2021",
        "2 March 2021",
        "Tuesday, 2nd March 2021, 10:15 am GMT",
        "Published: 2021-03-02T10:15:00Z",
        "Last updated on 02/03/2021 at 10.15",
        "02.03.2021",
        "2 mars 2021 à 10h15",
        "2. März 2021, 10:15 Uhr",
        "2 de marzo de 2021",
        "2 Mart 2021 Salı",
        "2 марта 2021 г.",
        "March 2, 2021 | 2 mins read",
        "입력 : 2026.03.02 10:42:42 수정 : 2026.03.02 12:20:27",
        "2026년 3월 2일 (월)",
        "Senin, 2 Maret 2026 – 18:52 WIB",
    ],
    "reading-time": [
        "2 mins read",
        "1 min read",
        "12-minute read",
        "• 4 minutes read •",
        "Reading time: 3 minutes",
        "Lesezeit: 4 Min.",
        "3 min de lecture",
        "5 dk okuma",
        "읽는 시간 3분",
        "3 menit baca",
    ],
    "also-read": [
        "Also read:Velden opens its museum of salt",
        "Also Read | Velden opens its museum of salt",
        "READ ALSO Velden opens its museum of salt",
        "Read more: What the U.S. wants from Velden",
        "Related: Salt prices fall.",
        "See also – Velden in pictures",
        "Don’t miss: the museum at night",
        "Lire aussi : Velden ouvre son musée",
        "Lea también: Velden abre su museo",
        "Lesen Sie auch: Velden eröffnet sein Museum",
        "Читайте также: В Вельдене открыли музей",
        "Also read:",
        "관련기사: 벨덴 소금 박물관 개관",
        "Baca juga: Velden membuka museum garam",
        "BACA JUGA Velden membuka museum garam",
    ],
    "share-bar": [
        "Share",
        "Share this article",
        "Share on Facebook",
        "Facebook Twitter WhatsApp Email",
        "Share on Facebook | Tweet | Print",
        "Facebook · X · Telegram · Copy link",
        "페이스북 트위터 카카오톡",
        "Bagikan ke Facebook",
    ],
    "to-top": [
        "Go to Top",
        "Go toTop",
        "↑ Back to top",
        "Return to the top of the page",
        "맨 위로",
        "Kembali ke atas",
    ],
    "story-navigation": [
        "Previous Story",
        "Next Story »",
        "« Previous article",
        "Older post",
        "Vorheriger Artikel",
        "Article précédent",
        "Artículo siguiente",
        "Önceki haber",
        "Следующая новость",
        "다음 기사",
        "Berita berikutnya",
    ],
    "teaser-list": [
        "Latest from -Top News",
        "Latest from Estuary Post",
        "More from this author:",
        "Most read",
        "Related stories",
        "You may also like",
        "Recommended for you",
        "Editor’s picks",
        "Meistgelesen",
        "Les plus lus",
        "Lo más leído",
        "En çok okunanlar",
        "Самое читаемое",
        "많이 본 뉴스",
        "경제 많이 본 기사",
        "이 시각 주요뉴스",
        "Berita Terkait",
        "PILIHAN REDAKSI",
    ],
}

ARTICLE = {
    "byline": [
        "By train and boat to Kells",
        "By the time Jane Doe came, the yard was empty.",
        "By Monday",
        "Von Armen und Reichen",
        "Par hasard",
        "Jane Doe",
        "Stand by Your Man was playing as they left",
        "By Jane Doe’s account, the yard was empty.",
        "記者会見",
        "记者从县里获悉，大桥即将开通。",
        "港の記者",
        "기자 회견",
        "Oleh karena itu, galangan kapal ditutup.",
    ],
    "menu": [
        "News of the World",
        "World news",
        "Sports minister resigns",
        "Business, politics and sport: the year in review",
        "Opinion is divided. World leaders are not.",
        "6-3 / 6-4 / 7-5",
        "Harwick > Oslona",
        "Markets Funds Currencies",
        "경제 위기",
        "Ekonomi dunia melambat",
    ],
    "advertisement": [
        "Advertisements were banned in 1971",
        "An advertisement for soap",
        "Anzeige gegen den Bürgermeister",
        "광고 시장이 줄었다",
        "Iklan rokok dilarang",
    ],
    "email-field": [
        "Email is how the tickets were sold",
        "Your email was read by nobody, the minister wrote.",
        "Correo",
        "이메일 해킹 사건",
        "Email bocor dari kementerian",
    ],
    "offer": [
        "Readers subscribe for the crossword",
        "Support for the strike grows",
        "Donate blood, hospitals ask",
        "후원하기로 한 기업",
        "Berlangganan koran menurun",
    ],
    "notice": [
        "The bakery sells cookies to our troops",
        "“We use cookies on every page,” the company said.",
        "The regulator fined the site because users could not unsubscribe.",
        "Delete the cookies on your phone every week, experts say.",
        "Readers who subscribe to the theory will be disappointed.",
        "Pour participer, inscrivez-vous en mairie avant vendredi.",
        "He asked her to sign up for the army.",
        "The newsletter that brought down a minister",
        "쿠키를 구운 제빵사",
        "Kue dan cookie dari toko roti di pelabuhan",
    ],
    "credit": [
        "The big picture: what the yard costs",
        "Her photo was found on the quay",
        "Photographs of the yard were shown to the court.",
        "Image problems",
        "Credit where it is due",
        "사진전이 열렸다",
        "Foto lama ditemukan di dermaga",
    ],
    "tags": [
        "Topics included the price of salt.",
        "Topics: the yard, the harvest and the price of salt were all discussed.",
        "Tagged birds returned in April",
        "Temas pendientes",
        "태그를 단 새들이 돌아왔다",
        "Topik rapat itu adalah harga garam.",
    ],
    "comments": [
        "Comments on the bill may be sent until May",
        "The minister made 3 comments.",
        "3 comments that ended a career",
        "댓글 조작 사건 재판",
        "Komentar menteri dikecam",
        "3 komentar yang mengakhiri karier",
    ],
    "legal": [
        "Copyright law was changed in 2019, and nobody noticed.",
        "Copyright claim fails",
        "The bill on privacy also covers jobs and cookies.",
        "Privacy is dead, says Quill",
        "Terms of the loan were not disclosed",
        "He reserved all rights of appeal.",
        "Contact with the ferry was lost at nine",
        "무단전재 소송에서 이겼다",
        "Hak cipta lagu itu dijual",
        "Redaksi majalah itu pindah",
    ],
    "date-line": [
        "March on the capital",
        "Tuesday, 1 March",
        "May 1 rallies banned",
        "In March 2021 the yard was closed",
        "1984",
        "Class of 2021",
        "On a Tuesday in March",
        "15",
        "3월의 바다",
        "Maret kelabu di pelabuhan",
    ],
    "reading-time": [
        "5 minutes",
        "The 3 minutes that ended a career",
        "Reading time is up",
        "2 mins read is what the template says, and nobody believes it.",
        "3분 만에 끝난 경기",
        "3 menit yang mengakhiri karier",
    ],
    "also-read": [
        "Also read out at the ceremony was a letter from the widow",
        "Related companies were told to register",
        "See also what the court wrote",
        "Related: the ministry also said that it would close two yards on the Sell by the autumn.",
        "Read more slowly, the contract says something else",
        "The bill was read; also read was the amendment",
        "관련 기사가 삭제됐다고 회사는 밝혔다",
        "Baca juga dilarang di ruang itu",
    ],
    "share-bar": [
        "Shares in the yard fell",
        "Share prices fall",
        "Twitter bans a minister",
        "Facebook and Twitter were told to answer",
        "Print is dead, says Quill",
        "X marks the spot",
        "공유 경제가 성장했다",
        "Bagikan beras, kata menteri",
    ],
    "to-top": [
        "Back to top form: Quill wins again",
        "Go to top schools and learn",
        "Top",
        "위로금 지급이 늦어졌다",
        "Ke atas kapal mereka naik",
    ],
    "story-navigation": [
        "Previous story lines suggest a darker end",
        "The previous article had named the wrong yard",
        "Next article in the series appears on Sunday",
        "Previous news of his death was wrong",
        "다음 기사 시험은 5월",
        "Berita sebelumnya ternyata salah",
    ],
    "teaser-list": [
        "Latest from the front: two villages are lost, and nobody knows who holds the third",
        "Most read the contract only after they had signed",
        "You may also like to know that the yard is closed",
        "More from a sense of duty than from hope, he signed.",
        "More news is expected",
        "Trending downwards",
        "많이 본 사람이 이겼다",
        "Terkait kasus itu, menteri diam",
    ],
}


@pytest.mark.parametrize(
    ("name", "paragraph"), [(name, each) for name, cases in CHROME.items() for each in cases]
)
def test_chrome_is_recognised(name: str, paragraph: str) -> None:
    """Each rule holds for the paragraphs that templates print."""
    assert RULES[name].holds(paragraph)


@pytest.mark.parametrize(
    ("name", "paragraph"), [(name, each) for name, cases in ARTICLE.items() for each in cases]
)
def test_an_article_s_own_words_are_not_chrome(name: str, paragraph: str) -> None:
    """No rule holds for a sentence, a headline or a subhead that only begins like chrome."""
    assert not RULES[name].holds(paragraph)


def test_every_rule_says_why_and_has_examples_for_and_against() -> None:
    """A rule without its reason or its counter-examples does not come in."""
    assert RULES.keys() == CHROME.keys() == ARTICLE.keys()
    assert all(rule.why.endswith(".") for rule in RULES.values())


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("The two navies agreed on Monday to build their frigates in a single yard.", True),
        ("“The two navies agreed on Monday to build their frigates in a single yard.”", True),
        ("両海軍は同じ造船所でフリゲート艦を建造することで合意したと発表した。", True),
        ("Harwick and Oslona to share a shipyard on the estuary of the river Sell", False),
        ("The two navies agreed on Monday to build their frigates in a single…", False),
        ("The two navies agreed on Monday to build their frigates in a single yard...", False),
        ("He signed.", False),
        ("Der Fahrer hielt an. „Ich dachte, da macht jemand Werbung für Schokolade.“", True),
        ("ရေတပ်နှစ်ခုသည် စစ်သင်္ဘောများကို သင်္ဘောကျင်းတစ်ခုတည်းတွင် ဆောက်ရန် သဘောတူသည်။", True),
        (THAI[0], True),
        ("กองทัพเรือสองประเทศตกลงต่อเรือฟริเกตในอู่เดียวกัน", False),
    ],
)
def test_prose_is_long_and_ends_like_a_sentence(paragraph: str, expected: bool) -> None:
    """Headlines have no full stop, and teasers break off."""
    assert is_prose(paragraph) is expected


@given(st.text(max_size=400))
def test_any_paragraph_can_be_judged(paragraph: str) -> None:
    """No text is an error, and nothing longer than 200 characters is chrome."""
    rule = first_rule(tuple(RULES.values()), paragraph)
    assert rule is None or len(paragraph) <= 200


def test_a_text_in_a_script_without_stops_is_taken_off_its_page() -> None:
    """Its paragraphs are as long as text is, its headlines are not."""
    title = "กองทัพเรือสองประเทศตกลงต่อเรือฟริเกตในอู่เดียวกัน"
    menu = ["หน้าแรก", "การเมือง", "กีฬา", "Facebook", "Share"]
    below = ["Share", "Most read", "พิพิธภัณฑ์เกลือเปิดอีกครั้ง", "© 2026 Estuary Post Ltd."]
    page = from_text("\n".join([*menu, title, "14 June 2026", *THAI, *below]))
    assert (page.title, page.paragraphs()) == (title, list(THAI))
