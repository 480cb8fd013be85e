"""YAML with positions: the plain value of a recipe file, and where each part of it stands.

Only the safe core of YAML is taken: mappings, lists, strings, integers, floats, booleans and
null, read by the YAML 1.2 rules (`no` and `on` are strings, `2e-3` is a number). Tags that
name Python objects, duplicate keys and expanding aliases are problems, never executed.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]

_MAX_NODES = 200_000
_MAX_DEPTH = 60
_MAX_DIGITS = 400
_TOO_MUCH = ("the file holds too much, or nests too deeply", "write values out, without aliases")
_INT = re.compile(r"[-+]?[0-9]+\Z")
FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?\Z|[-+]?[0-9]+[eE][-+]?[0-9]+\Z"
)
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge", "value")
}


@dataclass(frozen=True)
class Position:
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Flaw:
    """Something wrong with the YAML itself."""

    position: Position
    what: str
    next_step: str


@dataclass
class Document:
    """A parsed recipe file."""

    file: str
    text: str
    value: Any = None
    positions: dict[Path, Position] = field(default_factory=dict)
    last_lines: dict[Path, int] = field(default_factory=dict)
    """The last line of every scalar, and of every list or mapping in brackets."""
    flaws: list[Flaw] = field(default_factory=list)

    def position_of(self, path: Path) -> Position:
        """Return where `path` stands, or the nearest part of it that exists."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.positions:
                return self.positions[path[:end]]
        return Position(1, 1)


def parse(text: str, file: str) -> Document:
    """Parse `text`. Whatever is wrong with it is in the document's `flaws`."""
    document = Document(file=file, text=text)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
        document.flaws.append(_syntax_flaw(place, error, text))
        return document
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Position(before.count("\n") + 1, error.position - before.rfind("\n"))
        what = f"the character U+{error.character:04X} cannot stand in YAML"
        document.flaws.append(Flaw(place, what, "remove it"))
        return document
    except RecursionError:
        document.flaws.append(Flaw(Position(1, 1), *_TOO_MUCH))
        return document
    if root is not None:
        document.value = _Builder(document).build(root, (), 0)
    if document.value is None and not document.flaws:
        document.flaws.append(
            Flaw(Position(1, 1), "the file is empty", "start one with `doitkit init`")
        )
    return document


def _syntax_flaw(place: Position, error: yaml.MarkedYAMLError, text: str) -> Flaw:
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Flaw(place, "a tab is used for indentation", "use spaces")
    parts = [part for part in (error.context, error.problem) if part]
    what = f"not valid YAML: {', '.join(parts)}"
    opened = error.context_mark.line + 1 if error.context_mark else place.line
    if opened != place.line:
        what += f" (it began on line {opened})"
    return Flaw(place, what, "check indentation, quotes, brackets and colons")


class _Builder:
    """Turns YAML nodes into plain values and notes where each one stands."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._nodes = 0

    def build(self, node: yaml.Node, path: Path, depth: int) -> Any:
        self._nodes += 1
        place = Position(node.start_mark.line + 1, node.start_mark.column + 1)
        self._document.positions.setdefault(path, place)
        if isinstance(node, yaml.ScalarNode) or getattr(node, "flow_style", False):
            # A mark at the beginning of a line stands behind the line before.
            last = node.end_mark.line + (1 if node.end_mark.column else 0)
            self._document.last_lines[path] = max(place.line, last)
        if self._nodes > _MAX_NODES or depth > _MAX_DEPTH:
            if self._nodes == _MAX_NODES + 1 or depth == _MAX_DEPTH + 1:
                self._flaw(place, *_TOO_MUCH)
                self._nodes = _MAX_NODES + 2
            return None
        if node.tag not in _PLAIN_TAGS:
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            self._flaw(place, f"the tag `{tag}` is not allowed", "write a plain value")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, i), depth + 1) for i, child in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = Position(key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self._flaw(place, "a key must be plain text", "write `key: value`")
                continue
            key = str(key_node.value)
            if key_node.tag == "tag:yaml.org,2002:merge":
                self._flaw(place, "merge keys (<<) are not supported", "write the keys out")
                continue
            if key in result:
                self._flaw(place, f"the key `{key}` stands here twice", "remove one of the two")
                continue
            self._document.positions[(*path, key)] = place
            result[key] = self.build(value_node, (*path, key), depth + 1)
        return result

    def _flaw(self, place: Position, what: str, next_step: str) -> None:
        self._document.flaws.append(Flaw(place, what, next_step))


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text) and len(text) < _MAX_DIGITS:
        return int(text)
    if FLOAT.match(text) and len(text) < _MAX_DIGITS:
        return float(text)
    return text
