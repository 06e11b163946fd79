"""One watchlist is changed in the text of its file, and nothing else."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from service.rules.yaml.edits import EditError, with_exception, with_match

FORMS = {
    "block": (
        "# a\nwatchlists:\n  - id: jets   # the id\n    match: jet  # why\n    notify: [a]\n",
        "# a\nwatchlists:\n  - id: jets   # the id\n    match: jet  # why\n    except:\n"
        "      toy: toy jet\n    notify: [a]\n",
    ),
    "folded": (
        "watchlists:\n- id: jets\n  match: >\n    jet OR\n    plane\n\n  # below\n  tags: [x]\n",
        "watchlists:\n- id: jets\n  match: >\n    jet OR\n    plane\n  except:\n"
        "    toy: toy jet\n\n  # below\n  tags: [x]\n",
    ),
    "braces": (
        'watchlists: [{id: jets, match: "jet, x"}, {id: x, match: y}]',
        'watchlists: [{id: jets, match: "jet, x", except: {toy: toy jet}}, {id: x, match: y}]',
    ),
    "more": (
        "watchlists:\n- id: jets\n  match: jet\n  except:\n    sport: ball   # why\n    # below",
        "watchlists:\n- id: jets\n  match: jet\n  except:\n    sport: ball   # why\n"
        "    toy: toy jet\n    # below",
    ),
    "more in braces": (
        "watchlists:\n- {id: jets, except: {a: b}, match: jet}\n",
        "watchlists:\n- {id: jets, except: {a: b, toy: toy jet}, match: jet}\n",
    ),
    "nothing yet": (
        "watchlists:\n- id: jets\n  match: jet\n  except:\n  notify: []\n",
        "watchlists:\n- id: jets\n  match: jet\n  except: {toy: toy jet}\n  notify: []\n",
    ),
    "empty braces": (
        "watchlists:\n- id: jets\n  match: jet\n  except: {}\n",
        "watchlists:\n- id: jets\n  match: jet\n  except: {toy: toy jet}\n",
    ),
    "of Windows": (
        "watchlists:\r\n- id: jets\r\n  match: jet\r\n",
        "watchlists:\r\n- id: jets\r\n  match: jet\r\n  except:\r\n    toy: toy jet\r\n",
    ),
    "beside mistakes": (
        "watchlists:\n- 3\n- match: x\n- id: [x]\n- {id: jets, match: jet}\n",
        "watchlists:\n- 3\n- match: x\n- id: [x]\n- {id: jets, match: jet, except: "
        "{toy: toy jet}}\n",
    ),
    "numbers": (
        "watchlists:\n- {id: x, match: y}\n- id: jets\n  match: '16'\n  threshold: 1.50\n",
        "watchlists:\n- {id: x, match: y}\n- id: jets\n  match: '16'\n  except:\n    toy: toy jet\n"
        "  threshold: 1.50\n",
    ),
}
"""A file, and what it is with an exception more."""


@pytest.mark.parametrize("form", FORMS)
def test_an_exception_is_added_where_others_would_stand(form: str) -> None:
    """Every other character stays."""
    before, after = FORMS[form]
    assert with_exception(before, "jets", "toy", "toy jet") == after


@pytest.mark.parametrize("form", FORMS)
def test_another_match_takes_the_place_of_one(form: str) -> None:
    """Its comment and all else stay."""
    before, _ = FORMS[form]
    after = with_match(before, "jets", "jet NEAR/5 deal")
    assert len([*after]) - len("jet NEAR/5 deal") < len(before)
    said = yaml.load(after, Loader=yaml.BaseLoader)
    expected = yaml.load(before, Loader=yaml.BaseLoader)
    (mine,) = (one for one in expected["watchlists"] if "id" in one and one["id"] == "jets")
    mine["match"] = "jet NEAR/5 deal"
    assert said == expected
    comments = [line.partition("#")[2] for line in before.splitlines() if "#" in line]
    assert all(each in after for each in comments)


@given(some.text(min_size=1, max_size=40), some.sampled_from(sorted(FORMS)))
def test_any_expression_is_read_as_it_was_given(expression: str, form: str) -> None:
    """In quotes where it would be something else in YAML; else it is refused."""
    before, _ = FORMS[form]
    for is_match in (True, False):
        try:
            after = (
                with_match(before, "jets", expression)
                if is_match
                else with_exception(before, "jets", "new", expression)
            )
        except EditError:
            assert not expression.isprintable()
            continue
        said = yaml.load(after, Loader=yaml.BaseLoader)["watchlists"]
        (mine,) = (one for one in said if "id" in one and one["id"] == "jets")
        assert (mine["match"] if is_match else mine["except"]["new"]) == expression


@pytest.mark.parametrize(
    "text",
    [
        "watchlists: [{id: other, match: jet}]",
        "watchlists: {",
        "lists: {a: [b]}",
        "- x",
        "",
        "x: &e {a: b}\nwatchlists:\n- {id: jets, match: jet, except: *e}\ny: *e\n",
        "? [a]\n: b\nwatchlists:\n- {id: jets, match: jet}\n",
        "watchlists:\n- {id: jets, match: jet, except: toy}\n",
        "watchlists:\n- {id: jets, match: jet, except: [toy]}\n",
    ],
)
def test_what_cannot_be_changed_alone_is_refused(text: str) -> None:
    """Another watchlist, no YAML, or a block that stands for two."""
    with pytest.raises(EditError):
        with_exception(text, "jets", "toy", "toy jet")
