"""A stream as a day brings it: stories, their copies, corrections, walls, and what is neither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from builders.rules import load
from service.rules.rules import Rules

YAML = """
lists:
  makers: [Rheinmetall, KAAN, caps(Turkey), Ankara]
watchlists:
  - {id: jets, match: fighter jet AND $makers, notify: [desk, night]}
  - {id: every, match: fighter jet, notify: [desk, picky], repeat: article}
  - {id: strict, match: agreement OR contract, threshold: 45, notify: [picky, digest]}
  - {id: busy, match: minister, notify: [desk, silenced], throttle: {max: 3, per: 6h}}
  - {id: floods, match: flood* AND NOT drill, notify: [night], severity: high,
     except: {cricket: cricket OR football}}
  - {id: papers, match: 'officials AND source:"Paper 1*"', notify: [desk], repeat: article}
  - {id: recorded, match: engineers NEAR/8 bridge}
subscribers:
  - {id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}
  - {id: picky, min_score: 60, webhook: {url: "https://p.example/hook", secret: "${SECRET}"}}
  - id: night
    quiet: {from: "00:00", to: "23:59", except: [high]}
    webhook: {url: "https://night.example/hook", secret: "${SECRET}"}
  - {id: digest, digest: {every: 7d}, webhook: {url: "https://d.example/h", secret: "${SECRET}"}}
  - {id: silenced, webhook: {url: "https://s.example/hook", secret: "${SECRET}"}}
"""
PLACES = ("Ankara", "Gilgit", "Rotterdam", "Padang", "Valletta", "Oslo", "Turin", "Lagos")
NAMES = ("Guler", "Okafor", "Rossi", "Lind", "Haywood", "Demir", "Aviv", "Borg")
SENTENCES = (
    "{name} told reporters in {place} that {number} engineers will examine the bridge next week.",
    "The minister said the fighter jet agreement with {place} was worth {number} million dollars.",
    "Heavy rain flooded {number} shops in {place}, and the school was opened for families.",
    "Officials in {place} signed a contract for {number} aircraft from Rheinmetall on Monday.",
    "Analysts in {place} expect that prices will rise by {number} percent before the summer.",
    "A cricket match in {place} was called off after {number} minutes because of the flood.",
    "{name} of the transport ministry asked drivers to wait for {number} days.",
    "The KAAN fighter jet is to fly over {place} in the year 20{number}, {name} said.",
    "Shops in {place} were closed for a drill in which {number} police officers took part.",
    "Two companies from {place} want to build {number} radars together with partners in Turkey.",
    "Nobody was hurt, said {name}, who leads the fire brigade of {place} with {number} people.",
    "The hospital of {place} has {number} new beds, which were paid for by a foundation.",
)
WALL = "Please enable JavaScript and cookies to continue. Checking your browser before accessing."


def day_rules() -> Rules:
    """Rules with every way in which a match comes to nothing, or waits."""
    return load({"r.yaml": YAML}, lambda _: "whsec_" + "QUJD" * 8)


@dataclass
class _Story:
    title: str
    sentences: list[str]
    told: list[dict[str, str]] = field(default_factory=list)


def day(seed: int, count: int) -> Iterator[dict[str, str]]:
    """So many entries, the same for each seed."""
    chance = Random(seed)
    stories: list[_Story] = []
    for number in range(count):
        kind = chance.random()
        if not stories or kind < 0.35:
            stories.append(_new_story(chance))
            yield _told(stories[-1], _entry(stories[-1], number, chance))
        elif kind < 0.65:
            story = chance.choice(stories)
            yield _told(story, _near_copy(story, number, chance))
        elif kind < 0.9:
            story = chance.choice(stories)
            yield _told(story, _later(chance.choice(story.told), story, chance))
        else:
            yield from _odd(chance.choice(stories), number, chance)


def _told(story: _Story, entry: dict[str, str]) -> dict[str, str]:
    story.told.append(entry)
    return entry


def _sentence(chance: Random, template: str) -> str:
    return template.format(
        name=chance.choice(NAMES), place=chance.choice(PLACES), number=chance.randrange(11, 99)
    )


def _new_story(chance: Random) -> _Story:
    sentences = [_sentence(chance, each) for each in chance.sample(SENTENCES, 7)]
    return _Story(sentences[0].split(",")[0].rstrip("."), sentences)


def _entry(story: _Story, number: int, chance: Random, **fields: str) -> dict[str, str]:
    given = {
        "id": f"a{number}",
        "source": f"Paper {chance.randrange(1, 30)}",
        "title": story.title,
        "body": " ".join(story.sentences),
        "published_at": f"2026-11-2{chance.randrange(3)}T0{chance.randrange(10)}:00:00Z",
    }
    return given | fields


def _near_copy(story: _Story, number: int, chance: Random) -> dict[str, str]:
    """The same report in another paper: shortened, longer, or with another number."""
    sentences = list(story.sentences)
    match chance.randrange(4):
        case 0:
            sentences.pop(chance.randrange(len(sentences)))
        case 1:
            sentences.append(_sentence(chance, chance.choice(SENTENCES)))
        case 2:
            at = chance.randrange(len(sentences))
            sentences[at] = _sentence(chance, chance.choice(SENTENCES))
    return _entry(story, number, chance, body=" ".join(sentences))


def _later(entry: dict[str, str], story: _Story, chance: Random) -> dict[str, str]:
    """The same article again: unchanged, corrected, cut, without what matched, or a wall."""
    text = entry.get("body", "")
    match chance.randrange(6):
        case 0:
            return dict(entry)
        case 1:
            return entry | {"title": f"Corrected: {story.title}"}
        case 2:
            return entry | {"body": f"{text} {_sentence(chance, chance.choice(SENTENCES))}"}
        case 3:
            gone = text.replace("fighter jet", "tractor").replace("minister", "farmer")
            return entry | {"body": gone.replace("flood", "dust"), "title": "Another headline"}
        case 4:
            return entry | {"body": text[: len(text) // 3]}
        case _:
            return entry | {"body": WALL}


def _odd(story: _Story, number: int, chance: Random) -> Iterator[dict[str, str]]:
    match chance.randrange(4):
        case 0:
            yield {"id": f"a{number}", "note": "no text"}
        case 1:  # another article under an id that is taken
            other = _new_story(chance)
            yield story.told[0] | {"title": other.title, "body": " ".join(other.sentences)}
        case 2:
            yield {"title": story.title.upper(), "body": "Der Minister sprach über Kampfjets."}
        case _:
            text = "".join(f"<p>{each}</p>" for each in story.sentences)
            yield {"id": f"a{number}", "html": f"<h1>{story.title}</h1><article>{text}</article>"}
