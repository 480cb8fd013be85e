"""What is legal in a recipe, but probably not what its author wants."""

import math
import re
from fnmatch import fnmatchcase
from itertools import islice
from posixpath import normpath

from doitkit.recipe.data import FileSource, Rows
from doitkit.recipe.diagnostics import Found, Problem, problem_at
from doitkit.recipe.document import MOST_PROBLEMS, Document
from doitkit.recipe.flaw import shown
from doitkit.recipe.ladder import BalancedDesign
from doitkit.recipe.model import Recipe

_NON_COMMERCIAL = re.compile(r"(?i)\bnc\b|non-?\s?commercial|research[- ]only|academic[- ]only")
_SMALLEST_GAIN = 1e-4
_MOST_GLOBS = 100
_BINARY = ("multiple_choice", "exact_match", "choice_likelihood")


def warnings_of(recipe: Recipe, document: Document) -> list[Problem]:
    """Return what is probably wrong, as far as the recipe alone can tell."""
    parts = (_overlap, _licences, _generators, _transfer, _power, _seeds)
    found = (problem for part in parts for problem in part(recipe))
    return [problem_at(document, *problem) for problem in islice(found, MOST_PROBLEMS)]


def power_warning(ability: str, items: int, metric: str, gain: float) -> str | None:
    """Return why `items` are too few to see a gain, or None if they may do.

    The standard error of a share of n items is at most sqrt(1/4 / n). Where even that of a single
    score exceeds the gain that is asked for, no comparison of two runs can see it.
    """
    error = math.sqrt(0.25 / items)
    if metric not in _BINARY or error <= gain:
        return None
    needed = math.ceil(0.25 / max(gain, _SMALLEST_GAIN) ** 2)
    return (
        f"{items:,} items leave a score of `{ability}` uncertain by {error:.3f}, more than the "
        f"gain of {gain:g} that counts (`advise.min_gain`); it takes {needed:,} items, or more"
    )


def _overlap(recipe: Recipe) -> Found:
    step = (
        "name a held-out file, or tell the two apart by `where`; rows that are also items are "
        "left out of training by `curate.decontaminate`"
    )
    sources = recipe.file_sources()
    reading: dict[str, list[str]] = {}
    for name, source in sources.items():
        for path in source.paths:
            reading.setdefault(normpath(path), []).append(name)
    # Comparing each with each takes time, and few recipes have many.
    globs = [path for path in reading if "*" in path or "?" in path][:_MOST_GLOBS]
    for ability, declared in recipe.evaluation_sets().items():
        shared: dict[str, str] = {}
        for path in map(normpath, declared.paths):
            for covering in (path, *(glob for glob in globs if fnmatchcase(path, glob))):
                shared |= dict.fromkeys(reading.get(covering, ()), path)
        for name, path in shared.items():
            if not _disjoint(sources[name], declared):
                what = f"the evaluation set is also the source `{name}`: {shown(path)}"
                yield ("abilities", ability, "evaluate", "path"), "W201", what, step


def _disjoint(source: Rows, declared: Rows) -> bool:
    """Whether the two read different rows of a file, as far as their words can tell."""
    return source.where != declared.where or source.explode != declared.explode


def _licences(recipe: Recipe) -> Found:
    if recipe.use != "commercial":
        return
    for name, source in recipe.sources.items():
        if source.license is None:
            yield (
                ("sources", name),
                "W207",
                f"the source `{name}` states no licence, and the models are for commercial use",
                "add `license`, or remove the source",
            )
        elif _NON_COMMERCIAL.search(source.license):
            yield (
                ("sources", name, "license"),
                "W206",
                f"`{shown(source.license)}` forbids the commercial use that the recipe states",
                "remove the source, or say `use: research`",
            )


def _generators(recipe: Recipe) -> Found:
    for name, source in recipe.sources.items():
        if isinstance(source, FileSource) and source.origin == "synthetic" and not source.generator:
            yield (
                ("sources", name),
                "W205",
                f"the synthetic source `{name}` names no generator",
                "add `generator`: rows of different models are worth different amounts",
            )


def _transfer(recipe: Recipe) -> Found:
    if recipe.advise is None or recipe.ladder is None or not recipe.advise.transfer:
        return
    if len(recipe.abilities) > 1 and all(
        isinstance(design, BalancedDesign) and design.abilities is None
        for design in recipe.ladder.designs
    ):
        yield (
            ("ladder", "designs"),
            "W203",
            "all abilities grow together in every run, so none can tell whose rows help which",
            (
                "add `{design: unbalanced, runs: ...}` or one-at-a-time runs, or say "
                "`advise: {transfer: false}`"
            ),
        )


def _power(recipe: Recipe) -> Found:
    if recipe.advise is None:
        return
    for ability, declared in recipe.evaluation_sets().items():
        if declared.items is None:
            continue
        gain = recipe.advise.min_gain
        what = power_warning(ability, declared.items, declared.metric, gain)
        if what is not None:
            step = "raise `items`, or `advise.min_gain`"
            yield ("abilities", ability, "evaluate", "items"), "W204", what, step


def _seeds(recipe: Recipe) -> Found:
    ladder = recipe.ladder
    if ladder is None or recipe.advise is None:
        return
    if all(len(design.seeds or ladder.seeds) == 1 for design in ladder.designs):
        yield (
            ("ladder", "seeds"),
            "W208",
            "every mixture is trained once, so a gain cannot be told from the luck of a seed",
            "give some design two seeds, such as `seeds: [1, 2]` for the largest size",
        )
