"""YAML with positions: the plain value of a recipe file, and where each part of it stands.

Only the safe core of YAML is taken: mappings, lists, strings, integers, floats, booleans and
null, read by the YAML 1.2 rules (`no` and `on` are strings, `2e-3` is a number). Tags that
name Python objects, duplicate keys and expanding aliases are problems, never executed. The file
is read event by event, so that a hostile one is left as soon as it holds too much.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from doitkit.recipe.flaw import Flaw, Position, lines_of, shown
from doitkit.recipe.syntax import syntax_flaw

Path = tuple[str | int, ...]

MOST_VALUES = 30_000
"""More than any recipe holds; what is read beyond that is not worth its time."""
MOST_PROBLEMS = 100
"""Nobody reads more of them at once, and finding them takes time."""

_MAX_DEPTH = 60
_MAX_DIGITS = 400
_INT = re.compile(r"[-+]?[0-9]+\Z")
FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?\Z|[-+]?[0-9]+[eE][-+]?[0-9]+\Z"
)
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_CORE = "tag:yaml.org,2002:"
_PLAIN_TAGS = {None, "!", *(f"{_CORE}{n}" for n in ("str", "int", "float", "bool", "null"))}
_BLOCK_TAGS = {None, "!", f"{_CORE}map", f"{_CORE}seq"}
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\U00010000-\U0010ffff]"
)
# The parser in C reads a file ten times as fast; both are PyYAML's, and speak the same events.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Document:
    """A parsed recipe file, or several of them laid over one another."""

    file: str
    text: str
    value: Any = None
    positions: dict[Path, Position] = field(default_factory=dict)
    aliases: dict[Path, Path] = field(default_factory=dict)
    """Where an alias stands -> where what it repeats stands."""
    last_lines: dict[Path, int] = field(default_factory=dict)
    """The last line of every scalar, and of every list or mapping in brackets, of this file."""
    flaws: list[Flaw] = field(default_factory=list)
    values: int = 0
    """How many values the file holds, with aliases written out."""
    texts: dict[str, str] = field(default_factory=dict)
    """The text of every file that positions point into."""

    def __post_init__(self) -> None:
        self.texts.setdefault(self.file, self.text)

    def position_of(self, path: Path) -> Position:
        """Return where `path` stands, or the nearest part of it that exists."""
        for end in range(len(path), -1, -1):
            part = path[:end]
            if part in self.positions and (part not in self.aliases or end == len(path)):
                return self.positions[part]
            if part in self.aliases:
                return self.position_of((*self.aliases[part], *path[end:]))
        return Position(1, 1, self.file)


def value_at(value: Any, path: Path) -> Any:
    """Return what stands at `path` in `value`."""
    for part in path:
        value = value[part]
    return value


def parse(text: str, file: str, room: int = MOST_VALUES) -> Document:
    """Parse `text`. Whatever is wrong with it is in the document's `flaws`.

    Parameters
    ----------
    room
        How many values it may hold.
    """
    document = Document(file=file, text=text)
    strange = _UNPRINTABLE.search(text)
    if strange is not None:
        before = lines_of(text[: strange.start()])
        place = Position(len(before), len(before[-1]) + 1, file)
        what = f"the character U+{ord(strange[0]):04X} cannot stand in YAML"
        document.flaws.append(Flaw("E107", place, what, "remove it"))
        return document
    try:
        _Builder(document, yaml.parse(text, Loader=_LOADER), room).build_document()
    except yaml.YAMLError as error:
        document.flaws.append(syntax_flaw(text, file, error))
    except _TooMuchError:
        pass
    if document.value is None and not document.flaws:
        place = Position(1, 1, file)
        document.flaws.append(
            Flaw("E109", place, "the file is empty", "start one with `doitkit init`")
        )
    return document


class _TooMuchError(Exception):
    """The file holds more, or more problems, than any recipe does."""


@dataclass(frozen=True)
class _Anchored:
    """What an anchor names: its place and value, how many values that is, and how deep."""

    path: Path
    value: Any
    size: int
    height: int


class _Builder:
    """Turns YAML events into plain values and notes where each one stands."""

    def __init__(self, document: Document, events: Iterator[Any], room: int) -> None:
        self._document = document
        self._events = events
        self._room = room
        self._deepest = 0
        self._anchors: dict[str, _Anchored] = {}

    def build_document(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if () in self._document.positions:
                    what = "a second document begins here"
                    self._flaw("E103", event, what, "keep one recipe a file; remove this `---`")
                    raise _TooMuchError
                self._document.value = self._build(next(self._events), (), 0)

    def _build(self, event: Any, path: Path, depth: int) -> Any:
        place = self._place(event)
        self._document.positions.setdefault(path, place)
        self._count(event, 1, depth)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path, depth)
        before, deepest, self._deepest = self._document.values, self._deepest, depth
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
            self._note_last_line(event, path)
        else:
            if event.tag not in _BLOCK_TAGS:
                self._refuse_tag(event)
            inside = self._mapping if isinstance(event, yaml.MappingStartEvent) else self._list
            value, end = inside(path, depth)
            if event.flow_style:
                self._note_last_line(end, path)
        if event.anchor is not None:
            size, height = self._document.values - before + 1, self._deepest - depth
            self._anchors[event.anchor] = _Anchored(path, value, size, height)
        self._deepest = max(self._deepest, deepest)
        return value

    def _alias(self, event: Any, path: Path, depth: int) -> Any:
        self._note_last_line(event, path)
        if event.anchor not in self._anchors:
            what = f"no anchor `&{shown(event.anchor)}` stands before this alias"
            self._flaw("E103", event, what, "write the value out")
            return None
        original = self._anchors[event.anchor]
        # What an alias stands for counts as if it were written out: see the alias bomb.
        self._count(event, original.size - 1, depth + original.height)
        self._document.aliases[path] = original.path
        return original.value

    def _mapping(self, path: Path, depth: int) -> tuple[dict[str, Any], Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._flaw("E105", event, "a key must be plain text", "write `key: value`")
                self._skip(event)
                self._skip(next(self._events))
                continue
            key, place = self._text(event), self._place(event)
            wrong = None
            if key == "<<" and event.implicit[0]:
                wrong = "E105", "merge keys (<<) are not supported", "write the keys out"
            elif key in result:
                first = self._document.positions[(*path, key)].line
                what = f"the key `{shown(key)}` stands here twice, first on line {first}"
                wrong = "E102", what, "remove one of the two"
            if wrong is not None:
                self._flaw(wrong[0], event, *wrong[1:])
                self._skip(next(self._events))
                continue
            self._document.positions[(*path, key)] = place
            # Known before its value is: a key in a block that stands here twice is a repeat.
            result[key] = None
            result[key] = self._build(next(self._events), (*path, key), depth + 1)
        return result, event

    def _list(self, path: Path, depth: int) -> tuple[list[Any], Any]:
        result: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            result.append(self._build(event, (*path, len(result)), depth + 1))
        return result, event

    def _scalar(self, event: Any) -> Any:
        if event.tag not in _PLAIN_TAGS:
            self._refuse_tag(event)
            return None
        text = self._text(event)
        plain = event.implicit[0] or event.tag not in (None, "!", f"{_CORE}str")
        return _plain(text) if plain else text

    def _text(self, event: Any) -> str:
        text = str(event.value)
        if "\0" in text:  # no path may hold it, and no name needs it
            self._flaw("E107", event, "the character U+0000 cannot stand in a recipe", "remove it")
        return text

    def _skip(self, event: Any) -> None:
        """Pass over a value that cannot be kept."""
        open_blocks = 0
        while True:
            self._count(event, 1, open_blocks)
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                open_blocks += 1
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                open_blocks -= 1
            if open_blocks == 0:
                return
            event = next(self._events)

    def _count(self, event: Any, values: int, depth: int) -> None:
        self._document.values += values
        self._deepest = max(self._deepest, depth)
        if depth > _MAX_DEPTH:
            what = f"this is nested more than {_MAX_DEPTH} levels deep"
            self._flaw("E108", event, what, "no key of a recipe stands so deep; write it flatter")
        elif self._document.values > self._room:
            what = f"the recipe holds more than {MOST_VALUES:,} values"
            step = "put data into data files, which a recipe only names"
            if isinstance(event, yaml.AliasEvent):
                what += ", with its aliases written out"
                step = "repeat less by aliases: `*name` counts as all that it stands for"
            self._flaw("E108", event, what, step)
        else:
            return
        raise _TooMuchError

    def _refuse_tag(self, event: Any) -> None:
        tag = shown(event.tag.replace(_CORE, "!!"))
        step = "write a plain value; put a text that begins with `!` in quotes"
        self._flaw("E106", event, f"the tag `{tag}` is not allowed", step)

    def _note_last_line(self, event: Any, path: Path) -> None:
        # A mark at the beginning of a line stands behind the line before.
        last = event.end_mark.line + (1 if event.end_mark.column else 0)
        self._document.last_lines[path] = max(event.start_mark.line + 1, last)

    def _place(self, event: Any) -> Position:
        mark = event.start_mark
        return Position(mark.line + 1, mark.column + 1, self._document.file)

    def _flaw(self, code: str, event: Any, what: str, next_step: str) -> None:
        self._document.flaws.append(Flaw(code, self._place(event), what, next_step))
        if len(self._document.flaws) >= MOST_PROBLEMS:
            raise _TooMuchError


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text) and len(text) < _MAX_DIGITS:
        return int(text)
    if FLOAT.match(text) and len(text) < _MAX_DIGITS:
        return float(text)
    return text
