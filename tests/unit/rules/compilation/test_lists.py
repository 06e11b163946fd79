"""Lists that name lists: their trees, and the mistakes in them."""

from __future__ import annotations

from service.matching.syntax.tree import Or
from service.rules.compilation.lists import MAX_LIST_DEPTH, ListSpecs, ParsedLists, parse_lists
from service.rules.schema import ListSpec


def parsed(**lists: list[str]) -> ParsedLists:
    """Lists of items, parsed."""
    return parse_lists({name: ListSpec(items=items) for name, items in lists.items()})


def messages(found: ParsedLists) -> list[tuple[str, int, str]]:
    """Of each mistake the list, the item and the message."""
    return [(one.list_name, one.item, one.mistake.message) for one in found.mistakes]


def chain(length: int) -> ListSpecs:
    """So many lists, each of which names the next."""
    items = [["$l-1 OR x".replace("1", str(number + 1))] for number in range(length - 1)]
    lists = [*items, ["x"]]
    return {f"l-{number}": ListSpec(items=each) for number, each in enumerate(lists)}


def test_a_list_may_name_one_that_comes_later() -> None:
    """Both have trees, whatever their order."""
    found = parsed(planes=["$jets", "drone"], jets=["Gripen"])
    assert found.mistakes == ()
    planes = found.trees.nodes["planes"]
    assert isinstance(planes, Or)
    assert planes.children[0] is found.trees.nodes["jets"]


def test_a_circle_is_one_mistake_and_those_that_lead_into_it_are_others() -> None:
    """None of the lists has a tree, and each is known to be faulty."""
    found = parsed(army=["soldier", "$navy"], navy=["sailor", "$army"], forces=["$army"])
    assert messages(found) == [
        ("navy", 1, "circular list reference: $army → $navy → $army"),
        ("army", 1, "the list $navy has a mistake itself"),
        ("forces", 0, "the list $army has a mistake itself"),
    ]
    assert found.trees.nodes == {}
    assert set(found.trees.faulty) == {"army", "navy", "forces"}


def test_chains_of_lists_have_a_longest_length() -> None:
    """The longest that is accepted, and the first that is not."""
    assert parse_lists(chain(MAX_LIST_DEPTH + 1)).mistakes == ()
    deeper = parse_lists(chain(MAX_LIST_DEPTH + 2))
    assert deeper.mistakes[0].mistake.message == (
        f"lists name one another more than {MAX_LIST_DEPTH} deep"
    )


def test_a_disabled_list_is_empty_and_its_items_are_not_parsed() -> None:
    """So that a list under construction can be switched off."""
    found = parse_lists({"later": ListSpec(items=["(("], enabled=False)})
    assert found.mistakes == ()
    assert found.trees.nodes["later"] == Or((), "later")


def test_good_lists_are_those_with_a_tree() -> None:
    """A faulty one is named by none of the watchlists that stay."""
    found = parsed(good=["x"], bad=["("])
    assert list(found.trees.good_specs) == ["good"]
