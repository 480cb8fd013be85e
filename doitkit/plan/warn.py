"""What is legal in a plan, but probably not what its author wants."""

from collections.abc import Iterator, Sequence

from doitkit.core.origins import Origin
from doitkit.mix import Rung
from doitkit.plan.inventory import Inventory
from doitkit.recipe.diagnostics import Problem
from doitkit.recipe.ladder import UnbalancedDesign
from doitkit.recipe.model import Recipe
from doitkit.recipe.warn import power_warning

_MANY_TOO_LONG = 0.02
"""Share of a source's rows that may be too long to train without a word."""


def plan_warnings(recipe: Recipe, inventory: Inventory, rungs: Sequence[Rung]) -> list[Problem]:
    """Return what is probably wrong, as far as the data and the ladder can tell."""
    return [
        *recipe.warnings,
        *_confounded(recipe, inventory),
        *_too_few_items(recipe, inventory),
        *_too_long(recipe, inventory),
        *_missing_runs(recipe, rungs),
    ]


def _confounded(recipe: Recipe, inventory: Inventory) -> Iterator[Problem]:
    for ability, origins in unpaired(recipe, inventory):
        if {"human", "synthetic"} <= set(origins) and inventory.basis != "sample":
            yield recipe.problem(
                "W202",
                "abilities",
                ability,
                "sources",
                what=f"the human and synthetic rows of `{ability}` answer no prompt in "
                "common: what who wrote them does, and what was asked, cannot be told apart",
                next_step="let a generator answer the human prompts (`answer`), and say "
                "`paired: true`",
            )


def _too_few_items(recipe: Recipe, inventory: Inventory) -> Iterator[Problem]:
    for ability, declared in recipe.evaluation_sets().items():
        if recipe.advise is None or declared.items is not None:
            continue
        gain = recipe.advise.min_gain
        what = power_warning(ability, inventory.items[ability], declared.metric, gain)
        if what is not None:
            place = ("abilities", ability, "evaluate")
            step = "add evaluation items, or raise `advise.min_gain`"
            yield recipe.problem("W204", *place, what=what, next_step=step)


def _too_long(recipe: Recipe, inventory: Inventory) -> Iterator[Problem]:
    if recipe.train is None:
        return
    limit = recipe.train.max_length
    for name, source in inventory.sources.items():
        share = 1 - source.fits
        if share >= _MANY_TOO_LONG and source.kept:
            what = f"about {share:.0%} of the rows of `{name}` are longer than {limit:,} tokens"
            step = "raise `train.max_length`, or leave them out by `where` or `curate.max_chars`"
            yield recipe.problem(
                "W209", "sources", name, what=f"{what}, and will not be trained", next_step=step
            )


def _missing_runs(recipe: Recipe, rungs: Sequence[Rung]) -> Iterator[Problem]:
    designs = recipe.ladder.designs if recipe.ladder is not None else []
    wanted = sum(d.runs for d in designs if isinstance(d, UnbalancedDesign))
    made = len({r.mixture.id for r in rungs if r.mixture.name.startswith("unbalanced-")})
    if made < wanted:
        yield recipe.problem(
            "W210",
            "ladder",
            "designs",
            what=f"{wanted} unbalanced runs are asked for, and only {made} fit: there are no more "
            "different mixtures within the sizes, the rows and `max_rows`",
            next_step="add sizes or sources, raise `max_rows`, or ask for fewer runs",
        )


def unpaired(recipe: Recipe, inventory: Inventory) -> list[tuple[str, list[Origin]]]:
    """Return the abilities whose origins answer no prompt in common, with these origins."""
    found = []
    for ability, declared in recipe.abilities.items():
        origins = sorted({recipe.sources[source].origin for source in declared.sources})
        pending = any(source in inventory.pending for source in declared.sources)
        if len(origins) > 1 and not pending and inventory.pairs.get(ability) == 0:
            found.append((ability, origins))
    return found
