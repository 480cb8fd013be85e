"""The lines around a place in a file, with a caret under it."""

import unicodedata

from doitkit.recipe.flaw import Position, lines_of, printable

_WIDTH = 100
_BEFORE = 60


def frame(text: str, place: Position) -> list[str]:
    """Return the line of a place between its neighbours, and a caret under the place."""
    lines = lines_of(text)
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    line = min(place.line, len(lines))
    first, last = max(1, line - 1), min(len(lines), line + 1)
    width = len(str(last))
    begins = place.column - 1 - _BEFORE if place.column > _WIDTH else 0
    frame = []
    for number in range(first, last + 1):
        marker = ">" if number == line else " "
        content = _window(lines[number - 1], begins if number == line else 0)
        frame.append(f"  {marker} {number:>{width}} | {content}".rstrip())
        if number == line:
            before = _window(lines[number - 1][: place.column - 1], begins, cut=False)
            frame.append(f"    {' ' * width} | {' ' * _columns(before)}^")
    return frame


def _window(line: str, begins: int, *, cut: bool = True) -> str:
    seen = line[begins:]
    if cut and len(seen) > _WIDTH:
        seen = f"{seen[:_WIDTH]}..."
    return printable(f"...{seen}" if begins else seen)


def _columns(text: str) -> int:
    """Return how wide a terminal draws `text`: characters of the Far East take two columns."""
    wide = sum(unicodedata.east_asian_width(c) in ("W", "F") for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)
