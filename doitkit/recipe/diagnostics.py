"""Problems of a recipe, and how they are shown: all at once, each with its place and a frame."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from doitkit.core.errors import RecipeError
from doitkit.recipe.document import Document, Path, Position

_MAX_SHOWN = 10


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a recipe."""

    position: Position
    what: str
    next_step: str


def problem_at(document: Document, path: Path, what: str, next_step: str) -> Problem:
    """Return a problem that stands where `path` stands in the document."""
    return Problem(document.position_of(path), what, next_step)


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "remove it") -> str:
    """Return `did you mean X?` for the nearest known word, or the list of known words.

    Where nothing is known, it is `otherwise` that is to be done.
    """
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known here: {', '.join(choices)}" if choices else otherwise


def render(document: Document, problems: list[Problem]) -> str:
    """Return the first problems as text: place, frame of lines with a caret, next step."""
    ordered = sorted(set(problems), key=lambda p: (p.position.line, p.position.column, p.what))
    shown = [_render_one(document, problem) for problem in ordered[:_MAX_SHOWN]]
    if len(ordered) > _MAX_SHOWN:
        shown.append(f"... and {len(ordered) - _MAX_SHOWN:,} more, further down")
    return "\n\n".join(shown)


def recipe_error(document: Document, problems: list[Problem]) -> RecipeError:
    """Return the error that carries all problems of a recipe."""
    count = len(set(problems))
    head = "the recipe has a problem" if count == 1 else f"the recipe has {count} problems"
    return RecipeError(f"{head}\n\n{render(document, problems)}")


def _render_one(document: Document, problem: Problem) -> str:
    line, column = problem.position.line, problem.position.column
    lines = document.text.splitlines() or [""]
    first, last = max(1, line - 1), min(len(lines), line + 1)
    width = len(str(last))
    frame = [f"{document.file}:{line}:{column}: {problem.what}"]
    for number in range(first, last + 1):
        marker = ">" if number == line else " "
        frame.append(f"  {marker} {number:>{width}} | {lines[number - 1][:160]}")
        if number == line:
            frame.append(f"    {' ' * width} | {' ' * (min(column, 160) - 1)}^")
    frame.append(f"  next: {problem.next_step}")
    return "\n".join(frame)
