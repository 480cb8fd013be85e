"""Problems of a recipe, and how they are shown: all at once, each with its place and a frame."""

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from doitkit.core.errors import RecipeError
from doitkit.recipe.document import MOST_PROBLEMS, Document, Path
from doitkit.recipe.flaw import Position, shown
from doitkit.recipe.frame import frame

Found = Iterator[tuple[Path, str, str, str]]
"""Problems as they are found: place, code, what is wrong, and the next step."""

_MAX_SHOWN = 10
_MAX_LISTED = 150
_NEIGHBOURS = 150


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a recipe (code `E...`), or legal but probably wrong (`W...`).

    `doitkit explain CODE` prints a page about it.
    """

    code: str
    position: Position
    what: str
    next_step: str

    def as_json(self) -> dict[str, Any]:
        """Return the problem as plain JSON, for editors and CI."""
        return {
            "code": self.code,
            "file": self.position.file,
            "line": self.position.line,
            "column": self.position.column,
            "what": self.what,
            "next": self.next_step,
        }


class ProblemsError(RecipeError):
    """A recipe that cannot be used, with every problem found in it."""

    def __init__(self, text: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(text)
        self.problems = problems

    def as_json(self) -> dict[str, Any]:
        """Return every problem as plain JSON."""
        head = self.what.splitlines()[0]
        return {"what": head, "problems": [problem.as_json() for problem in self.problems]}

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return ProblemsError, (self.what, self.problems)


def problem_at(document: Document, path: Path, code: str, what: str, next_step: str) -> Problem:
    """Return a problem that stands where `path` stands in the document."""
    return Problem(code, document.position_of(path), what, next_step)


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "remove it") -> str:
    """Return `did you mean X?` for the nearest known word, or the list of known words.

    Where nothing is known, it is `otherwise` that is to be done.
    """
    choices = sorted(known)
    # Of very many names, those beside it in the alphabet: comparing takes time.
    here = bisect_left(choices, word)
    beside = choices[max(0, here - _NEIGHBOURS) : here + _NEIGHBOURS]
    near = difflib.get_close_matches(shown(word), beside, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known here: {listed(choices)}" if choices else otherwise


def listed(words: Iterable[str]) -> str:
    """Return the first of some words, as many as fit in a line or two, and how many follow."""
    rest = list(words)
    line: list[str] = []
    while rest and len(", ".join(line)) < _MAX_LISTED:
        line.append(rest.pop(0))
    return ", ".join(line) + (f" and {len(rest):,} more" if rest else "")


def render(texts: Mapping[str, str], problems: Iterable[Problem]) -> str:
    """Return the first problems as text: place, frame of lines with a caret, next step.

    Parameters
    ----------
    texts
        The text of every file that a problem stands in.
    """
    ordered = in_order(problems)
    parts = [_render_one(texts, problem) for problem in ordered[:_MAX_SHOWN]]
    if len(ordered) > _MAX_SHOWN:
        parts.append(f"... and {len(ordered) - _MAX_SHOWN:,} more, further down")
    return "\n\n".join(parts)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return each problem once, in the order of the places."""
    return sorted(set(problems), key=lambda p: (p.position.file, p.position, p.code, p.what))


def recipe_error(document: Document, problems: Iterable[Problem]) -> ProblemsError:
    """Return the error that carries all problems of a recipe."""
    found = in_order(problems)
    head = "the recipe has a problem"
    if len(found) > 1:
        most = " or more" if len(found) >= MOST_PROBLEMS else ""
        head = f"the recipe has {len(found)}{most} problems"
    codes = list(dict.fromkeys(problem.code for problem in found))
    more = f"`doitkit explain {codes[0]}` says more"
    if len(codes) > 1:
        more = f"`doitkit explain CODE` says more about {', '.join(codes[:_MAX_SHOWN])}"
    return ProblemsError(f"{head}\n\n{render(document.texts, found)}\n\n{more}", tuple(found))


def _render_one(texts: Mapping[str, str], problem: Problem) -> str:
    place = problem.position
    return "\n".join(
        [
            f"{place.file}:{place.line}:{place.column}: {problem.code} {problem.what}",
            *frame(texts.get(place.file, ""), place),
            f"  next: {problem.next_step}",
        ]
    )
