"""The score (DESIGN.md §5)."""

from __future__ import annotations

import pytest

from builders.articles import an_article, judged
from service.matching.evaluation.judge import Verdict
from service.matching.evaluation.score import Score


def scored(match: str, article: object, **fields: object) -> Score:
    """The score of an expression that holds."""
    found = judged(match, article, **fields).score  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_single_term() -> None:
    """Mass is the sum of zone weights, value is mass/(mass+1), closeness is 1."""
    article = an_article(title="Jets", lead="A jet.", body="Jet after jet.")
    found = scored("jet", article)
    assert found.terms[0].mass == 4 + 2 + 1 + 1
    assert found.value == round(100 * 8 / 9, 1)
    assert found.closeness == 1.0


def test_and_is_the_geometric_mean() -> None:
    """Two terms of values 0.8 and 0.5 in one sentence score 100·√0.4."""
    found = scored("jet AND tank", an_article("A tank met a jet. Jet! Jet! Jet!"))
    assert found.value == round(100 * (0.8 * 0.5) ** 0.5, 1)


def test_or_adds_masses() -> None:
    """Jets and tanks count together."""
    found = scored("jet OR tank", "A jet, a jet and a tank.")
    assert found.value == 75.0
    assert [(weight.label, weight.mass) for weight in found.terms] == [("jet", 2), ("tank", 1)]


def test_not_and_metadata_are_neutral() -> None:
    """What must not occur, and metadata, change nothing."""
    plain = scored("jet", "A jet.")
    article = an_article("A jet.", source="Reuters")
    assert scored("jet AND NOT tank AND source:reuters", article).value == plain.value


@pytest.mark.parametrize(
    ("body", "closeness"),
    [
        ("A tank met a jet.", 1.0),
        ("A tank came. A jet flew.", 0.9),
        ("A tank came.\n\nA jet flew.", 0.75),
    ],
)
def test_closeness(body: str, closeness: float) -> None:
    """One sentence, one paragraph, farther."""
    found = scored("jet AND tank", body)
    assert found.closeness == closeness
    assert found.value == round(50 * closeness, 1)


@pytest.mark.parametrize(
    ("title", "lead", "body", "closeness"),
    [
        ("Turkey signs", "It covers ten jets.", "", 0.9),
        ("Turkey signs", "", "It covers ten jets.", 0.9),
        ("Turkey signs", "It is large.", "It covers ten jets.", 0.75),
        ("Turkey signs", "", "It is large.\n\nIt covers ten jets.", 0.75),
        ("A deal", "Turkey signs.", "It covers ten jets.", 0.75),
    ],
)
def test_the_title_and_the_beginning_of_the_lead_are_one_paragraph(
    title: str, lead: str, body: str, closeness: float
) -> None:
    """What the title says of a deal, the first paragraph goes on to say."""
    article = an_article(title=title, lead=lead, body=body)
    assert scored("Turkey AND jet", article).closeness == closeness


def test_the_title_is_one_sentence() -> None:
    """Terms on both sides of a stop in the title are close."""
    assert scored("jet AND tank", an_article(title="Jets fly. Tanks roll.")).closeness == 1.0


def test_an_alternative_that_does_not_hold_adds_nothing() -> None:
    """The tank is there, but its half of the OR is refused by the NOT."""
    found = scored("jet OR (tank AND NOT war)", "A jet, a tank, a war.")
    assert [weight.label for weight in found.terms] == ["jet"]
    assert found.value == 50.0


def test_an_and_within_an_or_has_the_mass_of_its_value() -> None:
    """Values 0.5 and 0.5 make mass 1; with the jet's mass 1 the OR's value is 2/3."""
    found = scored("jet OR (tank AND war)", "A jet, a tank, a war.")
    assert found.value == 66.7


def test_fields_weigh_their_zones() -> None:
    """A title term's mass comes from the title alone."""
    found = scored("title:jet", an_article("Jet, jet.", title="Jet"))
    assert [(weight.label, weight.mass) for weight in found.terms] == [("title:jet", 4)]


def test_near_counts_its_occurrences_zone_by_zone() -> None:
    """As many as the rarer operand has that take part there: title 1 × 4, body 2 × 1."""
    article = an_article(
        "Tanks met jets, jets, jets and tanks.\n\nA jet flew far away from here, no tank near it.",
        title="Jet and tank",
    )
    found = scored("jet NEAR/2 tank", article)
    assert [(clause.label, clause.mass) for clause in found.clauses] == [("jet NEAR/2 tank", 6)]
    assert found.value == round(100 * 6 / 7, 1)


def test_only_what_takes_part_in_a_near_is_counted() -> None:
    """A jet far from any tank proves nothing about jets near tanks."""
    article = an_article("A jet met a tank. A very lonely jet left.")
    found = scored("jet NEAR/2 tank", article)
    assert [(weight.label, weight.mass) for weight in found.terms] == [("jet", 1), ("tank", 1)]


def test_a_term_that_also_stands_alone_has_all_its_mentions() -> None:
    """In whatever order the parts are written."""
    for match in ("jet AND (jet NEAR/2 tank)", "(jet NEAR/2 tank) AND jet"):
        found = scored(match, "A jet met a tank. A very lonely jet left.")
        assert {weight.label: weight.mass for weight in found.terms} == {"jet": 2, "tank": 1}


def test_near_is_as_close_as_its_parts() -> None:
    """NEAR/p may join two sentences; then no sentence holds all."""
    assert scored("jet NEAR/p tank", "A jet came. A tank left.").closeness == 0.9
    assert scored("jet NEAR/p tank", "A jet came. A tank met a jet.").closeness == 1.0


def test_atleast_has_the_mass_of_what_it_counts() -> None:
    """The number decides only whether it holds."""
    for least in (1, 2, 3):
        found = scored(f"atleast{least}(jet OR tank)", "A jet, a jet and a tank.")
        assert [(clause.label, clause.mass) for clause in found.clauses] == [
            (f"atleast{least}(jet OR tank)", 3)
        ]
    near = scored("atleast2(jet NEAR/1 tank)", "A jet, a tank; tanks and jets. Jets!")
    assert near.clauses[0].mass == 2


def test_any_takes_the_mean_of_its_best_parts() -> None:
    """Values 2/3, 1/2 and 1/2: the two best make √(1/3), whatever else holds."""
    found = scored("any2(jet, tank, ship)", "A jet, a jet, a tank, a ship.")
    assert found.value == round(100 * (1 / 3) ** 0.5, 1)
    assert found.closeness == 1.0
    three = scored("any3(jet, tank, ship)", "A jet, a jet, a tank, a ship.")
    assert three.value == round(100 * (1 / 6) ** (1 / 3), 1)


def test_any_is_close_where_enough_of_its_parts_are() -> None:
    """Two of three in one sentence will do."""
    assert scored("any2(jet, tank, ship)", "A jet.\n\nA tank and a ship.").closeness == 1.0
    assert scored("any3(jet, tank, ship)", "A jet.\n\nA tank and a ship.").closeness == 0.75
    assert scored("any2(jet, tank, ship)", "A jet. A tank.\n\nA ship.").closeness == 0.9


@pytest.mark.parametrize(
    "neutral",
    ["tank OR source:reuters", "any1(NOT ship, tank)", "any2(NOT ship, source:reuters, tank)"],
)
def test_what_holds_without_words_is_neutral(neutral: str) -> None:
    """One more mention of a tank must not lower what jets alone score."""
    plain = scored("jet", an_article("Jet, jet, jet.", source="Reuters")).value
    for body in ("Jet, jet, jet.", "Jet, jet, jet, tank."):
        found = scored(f"jet AND ({neutral})", an_article(body, source="Reuters"))
        assert found.value == plain
        assert [clause.label for clause in found.clauses] == ["jet"]


def test_any_asks_fewer_words_where_something_holds_without() -> None:
    """The NOT is one of the two; so the best of the others is enough."""
    found = scored("any2(NOT ship, jet, tank)", "A jet, a jet. A tank.")
    assert found.value == round(100 * 2 / 3, 1)


def test_a_very_long_and_does_not_vanish() -> None:
    """The mean of 5,000 halves is a half."""
    words = [f"w{number}" for number in range(5_000)]
    found = scored(" AND ".join(words), " ".join(words))
    assert found.value == 50.0


def test_boosts_are_added_and_held_to_the_scale() -> None:
    """Points come on top, negative ones come off; the score stays within 0–100."""
    article = an_article("A jet and a tank.")
    assert scored("jet", article, boosts={"tank": 12.5, "ship": 40}).value == 62.5
    assert scored("jet", article, boosts={"tank": 90}).value == 100.0
    assert scored("jet", article, boosts={"tank": -90}).value == 0.0


def test_threshold_and_exceptions() -> None:
    """Below the threshold, or under an exception that holds, there is no match; both are told."""
    assert judged("jet", "A jet.", threshold=50).verdict is Verdict.MATCHED
    assert judged("jet", "A jet.", threshold=50.1).verdict is Verdict.BELOW
    found = judged("jet", "A jet ski.", excepts={"sport": "ski", "sea": "ship"})
    assert (found.verdict, found.exceptions) == (Verdict.EXCEPTED, ("sport",))
    assert judged("tank", "A jet.").verdict is Verdict.MISSED
