"""`--set a.b.c=value`: single values laid over a recipe from the command line."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from doitkit.recipe.document import Document, Path, parse
from doitkit.recipe.flaw import Flaw, Position, printable, shown
from doitkit.recipe.layers import merged, without


def with_settings(document: Document, settings: Sequence[str]) -> Document:
    """Return `document` with `a.b.c=value` settings laid over it; later ones win.

    A name with a dot in it stands in double quotes: `sources."gpt4.1".weight=2`. The elements of
    a list are numbered from 0: `ladder.designs.0.runs=4`. Values are YAML; none at all takes the
    key away.
    """
    for setting in settings:
        document = _set(document, setting)
    return document


def _set(document: Document, setting: str) -> Document:
    called = f"--set {printable(setting)}"
    texts = {**document.texts, called: setting}
    name, equals, text = setting.partition("=")
    inner = parse(text, called)
    # Nothing at all is a value here: it takes away what stands there.
    flaws = [
        replace(flaw, position=_after(flaw.position, len(name) + 1))
        for flaw in inner.flaws
        if flaw.code != "E109"
    ]
    gone: set[Path] = set()
    try:
        path = _split(name, equals)
        value, where = _assigned(document.value, path, inner.value, (), gone)
    except _NoSettingError as error:
        flaw = Flaw("E112", Position(1, 1, called), error.what, error.next_step)
        return replace(document, flaws=[*document.flaws, flaw], texts=texts)
    places = without(document.positions, gone)
    known = _known(document.value, where)
    for size in range(1, len(where) + 1):
        if size > known or where[:size] in gone:
            places[where[:size]] = Position(1, 1, called)
    for part, place in inner.positions.items() if inner.value is not None else ():
        places[(*where, *part)] = _after(place, len(name) + 1)
    if where and isinstance(where[-1], str) and inner.value is not None:
        # Of a key, the place is where its name begins.
        places[where] = Position(1, _last_begins(name) + 1, called)
    return replace(
        document,
        value=value,
        positions=places,
        aliases=without(document.aliases, gone),
        flaws=[*document.flaws, *flaws],
        texts=texts,
    )


class _NoSettingError(Exception):
    """What stands after `--set` cannot be laid over a recipe."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what)
        self.what, self.next_step = what, next_step


def _known(value: Any, path: Path) -> int:
    """Return how many parts of a path lead to something that is there."""
    for size, part in enumerate(path):
        inside = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(inside, dict) or part not in inside:
            return size
        value = inside[part]
    return len(path)


def _last_begins(name: str) -> int:
    return name[:-1].rfind('"') if name.endswith('"') else name.rfind(".") + 1


def _after(place: Position, characters: int) -> Position:
    return replace(place, column=place.column + characters) if place.line == 1 else place


def _split(name: str, equals: str) -> list[str]:
    parts: list[str] = []
    rest = name if equals else ""
    while rest:
        if rest.startswith('"'):
            part, closed, rest = rest[1:].partition('"')
            ended = closed and (not rest or rest.startswith("."))
            part, rest = (part, rest[1:]) if ended else ("", "")
        else:
            part, _, rest = rest.partition(".")
        if not part:
            parts = []
            break
        parts.append(part)
    if not parts or not name.isprintable():
        what = "a setting is written `key.inner=value`"
        raise _NoSettingError(what, "write it so, such as --set train.epochs=2")
    if parts[0] == "extends":
        what = "`extends` cannot be set: what a recipe extends is read before settings are"
        raise _NoSettingError(what, "write it in the recipe, or name another recipe")
    return parts


def _assigned(
    below: Any, path: Sequence[str], value: Any, here: Path, gone: set[Path]
) -> tuple[Any, Path]:
    """Return `below` with `value` laid over it at `path`, and the place where that stands."""
    if not path:
        return merged(below, value, here, gone), here
    part, rest = path[0], path[1:]
    if isinstance(below, list):
        at = int(part) if part.isdecimal() else -1
        if not 0 <= at < len(below):
            raise _no_element(here, part, len(below))
        element, where = _assigned(below[at], rest, value, (*here, at), gone)
        return [*below[:at], element, *below[at + 1 :]], where
    if not isinstance(below, dict):
        gone.add(here)
        below = {}
    inside = (*here, part)
    if not rest and value is None:
        gone.add(inside)
        return {key: kept for key, kept in below.items() if key != part}, here
    element, where = _assigned(below.get(part), rest, value, inside, gone)
    return {**below, part: element}, where


def _no_element(here: Path, part: str, size: int) -> _NoSettingError:
    what = f"`{shown('.'.join(map(str, here)))}` is a list, which has no element `{shown(part)}`"
    step = f"give a number from 0 to {size - 1}, or set the whole list"
    return _NoSettingError(what, step if size else "set the whole list")
