"""Reports of different events that are told in one template, by a fixed seed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.corpus.edits import SEED, Paragraphs

_FILES = ("templates.txt", "templates_seen.txt", "templates_held_out.txt")
EVENTS = 60
"""Events of each kind."""
_SLOT = re.compile(r"\{(\w+)(?:=([^}]*))?\}")
_RANGE = re.compile(r"([\d.,]+)-([\d.,]+)")


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of news."""

    name: str
    language: str
    paragraphs: Paragraphs
    held_out: bool
    """Whether the rule was made without it."""

    def events(self, number: int = EVENTS) -> list[Paragraphs]:
        """Reports of so many different events."""
        chance = Random(f"{SEED} {self.name}")
        found: dict[Paragraphs, None] = {}
        while len(found) < number:
            found[self._filled(_Slots(chance, self.language))] = None
        return list(found)

    def _filled(self, slots: _Slots) -> Paragraphs:
        return tuple(_SLOT.sub(slots.fill, each) for each in self.paragraphs)


class _Slots:
    """Fills the slots of one report: a name that comes again has the same text."""

    def __init__(self, chance: Random, language: str) -> None:
        self._chance = chance
        own = WORDS_BY_LANGUAGE.get(language, {})
        self._lists = WORDS | {name: words.split("|") for name, words in own.items()}
        self._dates = DATES.get(language, DATES["en"])
        self._filled: dict[str, str] = {}

    def fill(self, found: re.Match[str]) -> str:
        """The text of a slot."""
        name, spec = found[1], found[2]
        if name.isupper():
            return self._text(name.lower(), spec).upper()
        return self._text(name, spec)

    def _text(self, name: str, spec: str | None) -> str:
        if name not in self._filled:
            text = self._drawn(name.rstrip("0123456789"), spec)
            while not spec and text in self._filled.values():
                text = self._drawn(name.rstrip("0123456789"), spec)
            self._filled[name] = text
        return self._filled[name]

    def _drawn(self, kind: str, spec: str | None) -> str:
        chance = self._chance
        if spec and (limits := _RANGE.fullmatch(spec)):
            return _number(chance, limits[1], limits[2])
        if spec:
            return chance.choice(spec.split("|"))
        if kind == "date":
            return self._dates(chance)
        if kind == "time":
            return f"{chance.randrange(24):02}:{chance.randrange(60):02}"
        if kind == "person":
            return f"{chance.choice(self._lists['first'])} {chance.choice(self._lists['last'])}"
        return chance.choice(self._lists[kind])


def _number(chance: Random, least: str, most: str) -> str:
    """A number between two others, written as they are."""
    decimal = re.search(r"[.,](\d{1,2}|\d{4})$|\.\d{3}$", least)
    if decimal:
        sign, digits = decimal[0][0], len(decimal[0]) - 1
        low, high = (float(each.replace(sign, ".")) for each in (least, most))
        return f"{chance.uniform(low, high):.{digits}f}".replace(".", sign)
    low, high = (int(re.sub(r"[.,]", "", each)) for each in (least, most))
    made = chance.randint(low, high)
    grouped = next((sign for sign in ",." if sign in most), "")
    return f"{made:,}".replace(",", grouped) if grouped else str(made)


def templates() -> Iterator[Template]:
    """All kinds; those of the last file were looked at first when the rule was fixed."""
    for name in _FILES:
        text = Path(__file__).with_name(name).read_text(encoding="utf-8")
        for section in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
            head, *paragraphs = section.strip().split("\n")
            kind, language = head.split(" / ")
            held_out = name == _FILES[-1]
            yield Template(kind, language, tuple(filter(None, paragraphs)), held_out)


_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}


def _dated(months: str, pattern: str) -> Callable[[Random], str]:
    names = months.split()

    def date(chance: Random) -> str:
        number = chance.randrange(12)
        return pattern.format(day=chance.randint(1, 28), month=names[number], number=number + 1)

    return date


_PATTERNS = {"en": "{month} {day}", "de": "{day}. {month}", "es": "{day} de {month}"}
_PATTERNS["pt"] = _PATTERNS["es"]
DATES = {
    language: _dated(months, _PATTERNS.get(language, "{day} {month}"))
    for language, months in _MONTHS.items()
}
DATES["ja"] = DATES["zh"] = _dated("x " * 12, "{number}月{day}日")

WORDS = {
    name: words.split("|")
    for name, words in {
        "city": "Padang|Cebu|Bergen|Oruro|Lismore|Aarhus|Turku|Kisumu|Tampico|Salta|Izmir|Varna|"
        "Limoges|Ghent|Malmo|Durban|Hobart|Halifax|Tulsa|Fresno|Omaha|Perugia|Zadar|Lublin|"
        "Arequipa|Mendoza|Sendai|Jaffna|Penang|Medan|Adana|Batumi|Osijek|Split|Cork|Dundee|"
        "Swansea|Preston|Boise|Tacoma|El Paso|San Juan|New Delhi|Port Moresby|Santa Cruz",
        "country": "Indonesia|Philippines|Norway|Bolivia|Australia|Denmark|Finland|Kenya|Mexico|"
        "Argentina|Turkey|Bulgaria|France|Belgium|Sweden|South Africa|Canada|Italy|Croatia|Poland|"
        "Peru|Japan|Sri Lanka|Malaysia|Georgia|Ireland|New Zealand|Chile|Ecuador|Greece",
        "company": "Acme|Northwind|Contoso|Globex|Initech|Umbrel|Vandelay|Hooli|Brightwater|"
        "Kestrel|Larkspur|Meridian|Novalis|Orchard|Pinnacle|Quarry|Redfern|Solstice|Tamarind|"
        "Underhill|Verity|Westbrook|Yarrow|Zephyr|Alder Bank|Blue Harbor|Copper Ridge|Delta Mills|"
        "Evergreen Foods|Falcon Motors|Granite Energy|Harbour Lines|Iron Gate|Juniper Health",
        "broker": "Stiffel|Barrow|Lindgren|Maddox|Oakley|Peel Brothers|Rothwell|Sarnoff|Tully",
        "product": "Gateway|Relay Server|Mail Guard|Form Builder|Photo Grid|Edge Router|Backup Pro|"
        "Remote Desk|Slide Maker|Shop Cart|Calendar Plus|File Transfer|Web Console|Print Spool|"
        "Chat Bridge|Data Studio|Login Press|Video Bridge|Wiki Base|Forum Kit",
        "service": "Payments API|Web Console|Object Storage|Login|Search|Mail Relay|Message Queue|"
        "Image CDN|Billing|Database Cluster|Build Runner|Public Website|Push Gateway|Reports",
        "ticker": "ACM|NWD|CTS|GBX|INT|UMB|VDL|HOO|BWT|KST|LSP|MRD|NVL|ORC|PNC|QRY|RFN|SLT|TMD",
        "county": "Kent|Surrey|Devon|Cumbria|Norfolk|Suffolk|Fife|Powys|Antrim|Dorset|Essex|"
        "Rutland|"
        "Somerset|Durham|Cheshire|Lancashire|Gwynedd|Argyll|Down|Moray|Shropshire|Highland",
        "river": "Cedar|Wabash|Platte|Neuse|Tar|Yazoo|Trinity|Sabine|Pearl|Rock|Fox|Iowa|Brazos",
        "first": "Anna|Boris|Clara|David|Elena|Farid|Grace|Hugo|Irene|Jonas|Karin|Liam|Maria|Nadia|"
        "Oscar|Paula|Quentin|Rosa|Samuel|Tanya|Ulrich|Vera|Walter|Xenia|Yusuf|Zoe",
        "last": "Holm|Petrov|Duarte|Becker|Rossi|Haddad|Chen|Martin|Okafor|Silva|Novak|Kowalska|"
        "Larsen|Tanaka|Murphy|Fischer|Moreau|Garcia|Andersson|Yilmaz|Costa|Weber|Nagy|Popescu|Ito",
        "club": "Rovers|Wanderers|Albion|Athletic|Harriers|Corinthians|Rangers|Dynamo|Olympic|"
        "Victoria|Sporting|Racing|Arsenal|Everton|Celtic|Benfica|Ajax|Lazio|Porto|Boca",
        "road": "M5|M25|A1|A38|A66|M62|A303|M4|A14|A90|M11|A19|M74|A55|A470|M40",
        "street": "Mill Lane|Church Road|High Street|Park Avenue|Station Road|Oak Drive|Elm Close|"
        "Victoria Terrace|Queens Road|Bridge Street|Orchard Way|North Parade",
        "ship": "Amber Star|Baltic Pride|Cape Horn|Dona Rita|Eastern Dawn|Fjord Queen|Golden Gate|"
        "Hanna|Ionian Sea|Jade Wind|Kristina|Lady Ann|Marlin|Northern Light|Ocean Joy|Polaris",
        "currency": "rand|peso|lira|zloty|forint|rupee|ringgit|baht|krona|shekel|real|leu|koruna",
    }.items()
}
WORDS_BY_LANGUAGE = {
    "de": {
        "city": "Bamberg|Celle|Dessau|Erfurt|Fulda|Görlitz|Hameln|Iserlohn|Jena|Koblenz|Lindau|"
        "Minden|Neuss|Oldenburg|Passau|Rheine|Siegen|Trier|Ulm|Velbert|Worms|Zwickau",
        "street": "Bahnhofstraße|Lindenallee|Hauptstraße|Gartenweg|Schulstraße|Kirchgasse|"
        "Ringstraße|Mühlweg|Bergstraße|Poststraße|Marktplatz|Talstraße",
    },
    "fr": {
        "city": "Albi|Brest|Cahors|Dax|Épinal|Foix|Gap|Laval|Mende|Niort|Pau|Quimper|Rodez|Saumur",
        "dep": "l'Ain|l'Aude|la Creuse|la Drôme|l'Eure|le Gard|l'Indre|le Jura|le Lot|la Meuse|"
        "la Nièvre|l'Oise|le Rhône|la Sarthe|le Tarn|le Var|la Vienne|l'Yonne",
    },
    "es": {
        "city": "Albacete|Badajoz|Cuenca|Denia|Elche|Ferrol|Getafe|Huesca|Jaén|Lorca|Mérida|"
        "Ourense|"
        "Palencia|Reus|Soria|Teruel|Úbeda|Vigo|Zamora",
        "road": "A-3|A-4|A-6|AP-7|N-340|N-232|A-66|A-92|M-30|M-40|N-II|A-31|N-120|A-8",
    },
    "ru": {
        "city": "Абакан|Бийск|Воркута|Грозный|Дербент|Елец|Иркутск|Казань|Липецк|Магадан|Нальчик|"
        "Омск|Пермь|Рязань|Сочи|Тында|Улан-Удэ|Чита|Южно-Сахалинск|Якутск",
    },
    "ar": {
        "city": "حلب|البصرة|تعز|سطيف|وهران|أغادير|الخرطوم|عدن|طرابلس|صفاقس|أسوان|الموصل|حماة|مراكش",
    },
    "it": {
        "city": "Alba|Biella|Cuneo|Empoli|Faenza|Gorizia|Imola|Lecco|Matera|Novara|Prato|Rieti",
        "road": "A1|A4|A14|A22|SS16|SS7|SP3|SP46|A24|A30|E45|SS106",
    },
    "tr": {
        "city": "Bursa|Çorum|Düzce|Elazığ|Giresun|Hatay|Isparta|Kütahya|Malatya|Niğde|Ordu|"
        "Rize|Sivas",
    },
    "pl": {
        "city": "Bytom|Chełm|Elbląg|Gniezno|Jasło|Kielce|Leszno|Mielec|Nysa|Opole|Piła|Radom|Sanok",
    },
    "pt": {
        "city": "Araxá|Bauru|Cuiabá|Dourados|Erechim|Franca|Goiana|Ilhéus|Jaú|Lages|Macaé|Natal",
    },
    "zh": {
        "company": "华星科技|东方水务|北海药业|金桥股份|长河电力|天山矿业|海润食品|"
        "新城地产|龙泉汽车|云岭茶业|青松纸业|宏达钢铁|蓝湖软件|远航物流|银杏生物|红叶服饰",
    },
    "ja": {
        "city": "釧路|盛岡|仙台|水戸|千葉|"
        "新潟|長野|甲府|静岡|名古屋|和歌山|鳥取|松江|高知|熊本|宮崎|那覇|青森|福島",
    },
}
