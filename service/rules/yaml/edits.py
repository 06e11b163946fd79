"""Changes of one watchlist in the text of its file: every other character stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from service.errors import TocsinError

# All scalars are texts, as in rules files.
_Loader: type[yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
Spec = dict[str, Any]
"""What a file says of a watchlist."""
_BLOCK_SCALARS = ("|", ">")


class EditError(TocsinError):
    """A file whose form leaves no place that can be changed without the rest."""


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    new: str


def with_exception(text: str, watchlist: str, name: str, expression: str) -> str:
    """The text with one more entry under the `except:` of a watchlist. Raises EditError."""
    node = _watchlist(text, watchlist)
    found = _value(node, "except")
    if found is not None and found.value and not isinstance(found, yaml.MappingNode):
        raise EditError(f"{watchlist} has an except: that is no block of names")
    edit = (
        _beside(text, found, _scalar(name), _scalar(expression))
        if isinstance(found, yaml.MappingNode) and found.value
        else _new_block(text, node, found, f"{_scalar(name)}: {_scalar(expression)}")
    )

    def change(spec: Spec) -> Spec:
        return {**spec, "except": {**(spec.get("except") or {}), name: expression}}

    return _edited(text, edit, _changed(text, watchlist, change))


def with_match(text: str, watchlist: str, expression: str) -> str:
    """The text with another `match:` of a watchlist. Raises EditError."""
    node = _watchlist(text, watchlist)
    found = _value(node, "match")
    if not isinstance(found, yaml.ScalarNode):
        raise EditError(f"{watchlist} has no match: that can be replaced")
    edit = _Edit(found.start_mark.index, _end(text, found), _scalar(expression))
    return _edited(
        text, edit, _changed(text, watchlist, lambda spec: {**spec, "match": expression})
    )


def _edited(text: str, edit: _Edit, wanted: Any) -> str:
    """The text with an edit, if it says then what it is to say and nothing else."""
    found = text[: edit.start] + edit.new + text[edit.end :]
    try:
        if yaml.load(found, Loader=_Loader) == wanted:  # noqa: S506 - a BaseLoader
            return found
    except yaml.YAMLError:
        pass
    raise EditError("the file is written in a way in which this cannot be changed alone")


def _changed(text: str, watchlist: str, change: Callable[[Spec], Spec]) -> Any:
    """What the file says, with one watchlist changed."""
    try:
        said = yaml.load(text, Loader=_Loader)  # noqa: S506 - a BaseLoader
    except yaml.YAMLError as error:  # a key that is a list, which is no mistake in the tree
        raise EditError("the file is not YAML that can be read") from error
    items = [  # others may have mistakes, as no id
        change(one) if isinstance(one, dict) and one.get("id") == watchlist else one
        for one in said["watchlists"]
    ]
    return {**said, "watchlists": items}


def _watchlist(text: str, watchlist: str) -> yaml.MappingNode:
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise EditError("the file is not YAML that can be read") from error
    section = _value(root, "watchlists") if isinstance(root, yaml.MappingNode) else None
    for item in section.value if isinstance(section, yaml.SequenceNode) else ():
        id_ = _value(item, "id") if isinstance(item, yaml.MappingNode) else None
        if isinstance(id_, yaml.ScalarNode) and id_.value == watchlist:
            found: yaml.MappingNode = item
            return found
    raise EditError(f"there is no watchlist {watchlist} in the file any more")


def _value(node: yaml.MappingNode, key: str) -> yaml.Node | None:
    return next((value for name, value in node.value if name.value == key), None)


def _beside(text: str, block: yaml.MappingNode, name: str, value: str) -> _Edit:
    """One more entry behind the last one of a block that has some."""
    key, last = block.value[-1]
    if block.flow_style:
        end = last.end_mark.index
        return _Edit(end, end, f", {name}: {value}")
    return _line_after(text, last, f"{' ' * key.start_mark.column}{name}: {value}")


def _new_block(
    text: str, watchlist: yaml.MappingNode, empty: yaml.Node | None, entry: str
) -> _Edit:
    """`except:` behind `match:`, or in the place of one that says nothing."""
    if empty is not None:
        start, end = empty.start_mark.index, empty.end_mark.index
        return _Edit(start, end, f"{'' if text[start - 1].isspace() else ' '}{{{entry}}}")
    key = next((name for name, _ in watchlist.value if name.value == "match"), None)
    match = _value(watchlist, "match")
    if key is None or match is None:
        raise EditError("the watchlist has no match:")
    if watchlist.flow_style:
        end = match.end_mark.index
        return _Edit(end, end, f", except: {{{entry}}}")
    space = " " * key.start_mark.column
    return _line_after(text, match, f"{space}except:\n{space}  {entry}")


def _line_after(text: str, node: yaml.Node, lines: str) -> _Edit:
    """Lines of their own below a value and the comment beside it."""
    end = _end(text, node)
    at = text.find("\n", end)
    at = len(text) if at < 0 else at
    at -= text[:at].endswith("\r")
    breaks = "\r\n" if "\r\n" in text else "\n"
    return _Edit(at, at, breaks + lines.replace("\n", breaks))


def _end(text: str, node: yaml.Node) -> int:
    """Where a value ends; behind a block of lines, blank lines belong to nobody."""
    end = node.end_mark.index
    is_block = isinstance(node, yaml.ScalarNode) and node.style in _BLOCK_SCALARS
    return len(text[:end].rstrip()) if is_block else end


def _scalar(text: str) -> str:
    """A text as YAML, plain where that says the same in a block and in braces."""
    try:
        if yaml.safe_load(f"{{a: {text}}}") == {"a": text}:
            return text
    except yaml.YAMLError:
        pass
    return "'" + text.replace("'", "''") + "'"
