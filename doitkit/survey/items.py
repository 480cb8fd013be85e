"""The evaluation items of a recipe, read, curated and picked."""

from dataclasses import dataclass, field

from doitkit.core.progress import Task
from doitkit.core.records import Record, Reject
from doitkit.curate import curate_items, drop_unscorable, drop_without_distractors
from doitkit.mix import nested_order
from doitkit.recipe.data import EvaluationSet
from doitkit.recipe.model import Recipe
from doitkit.source import Reading, read_records


@dataclass
class Items:
    """The items of each ability in the order in which they are picked, and the others."""

    picked: dict[str, list[Record]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    filtered: dict[str, int] = field(default_factory=dict)
    """Rows that `where` left out, by the name of the items."""


def read_items(recipe: Recipe, task: Task) -> Items:
    """Return the evaluation items of every ability that is scored."""
    items = Items()
    for ability, declared in recipe.evaluation_sets().items():
        name = items_name(ability)
        reading = read_records(
            name,
            declared,
            recipe.data_folder,
            ability=ability,
            origin=declared.origin or "human",
        )
        items.filtered[name] = reading.filtered
        items.picked[ability] = _picked(recipe, reading, name, declared, items.rejects)
        task.advance(note=f"{ability}, evaluation")
    return items


def read_further_sets(recipe: Recipe) -> list[Record]:
    """Return the rows of every set in `curate.against`, as items to keep clear of.

    Raises
    ------
    SourceError
        If a file is missing or unusable.
    """
    found: list[Record] = []
    for name, rows in recipe.curate.against.items():
        read = read_records(name, rows, recipe.data_folder, ability=name, origin="human")
        found += curate_items(read.records, recipe.curate).records
    return found


def items_name(ability: str) -> str:
    """Return what the evaluation items of an ability are called among sources."""
    return f"{ability}.evaluate"


def _picked(
    recipe: Recipe, reading: Reading, name: str, declared: EvaluationSet, rejects: list[Reject]
) -> list[Record]:
    """Return the items of an ability, the wanted number of them, in hash order."""
    curated = curate_items(reading.records, recipe.curate)
    scorable, unscorable = drop_unscorable(curated.records, declared)
    ordered = nested_order(scorable, recipe.seed, {name: 1.0})
    picked, alone = drop_without_distractors(ordered[: declared.items], declared)
    rejects += reading.rejects + curated.rejects + unscorable + alone
    return picked
