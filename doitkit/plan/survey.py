"""What there is: every source and evaluation set of a recipe, read and curated."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from doitkit.core.errors import PlanError
from doitkit.core.origins import Cell
from doitkit.core.progress import SILENT, Progress
from doitkit.core.records import Record, Reject
from doitkit.curate import curate, curate_items, drop_unscorable, drop_without_distractors
from doitkit.mix import nested_order, paired_order
from doitkit.recipe.data import EvaluationSet, FileSource
from doitkit.recipe.model import Recipe
from doitkit.source import Reading, read_records


@dataclass(frozen=True)
class Survey:
    """The rows that a recipe can use, and the account of those that it cannot.

    For every source, `rows_in[source] == steps["decontaminate"][source] + rejects of source`.
    """

    cells: dict[Cell, list[Record]]
    """The curated records of each cell, in nested order."""
    items: dict[str, list[Record]]
    """The evaluation items of each ability, in the order in which they are picked."""
    rejects: list[Reject]
    item_rejects: list[Reject]
    rows_in: dict[str, int]
    filtered: dict[str, int]
    steps: dict[str, dict[str, int]]
    prompts: dict[str, list[Record]] = field(default_factory=dict)
    """The curated records of each source whose prompts a generator answers, in nested order,
    one record per prompt."""
    pending: dict[str, int] = field(default_factory=dict)
    """Sources that are still to be generated, with the rows they should give."""
    stands_for: dict[str, float] = field(default_factory=dict)
    """Of each source that was sampled: how many rows of its files each row here stands for."""

    @property
    def supply(self) -> dict[Cell, int]:
        """Rows available per cell."""
        return {cell: len(records) for cell, records in self.cells.items()}

    @property
    def pairs(self) -> dict[str, int]:
        """Prompts per ability that every one of its origins answers."""
        common: dict[str, set[str]] = {}
        for cell, records in self.cells.items():
            prompts = {record.prompt_id for record in records}
            common[cell.ability] = common.get(cell.ability, prompts) & prompts
        return {ability: len(prompts) for ability, prompts in common.items()}


def survey(
    recipe: Recipe,
    generated: Mapping[str, Path] | None = None,
    progress: Progress = SILENT,
    *,
    most: int | None = None,
) -> Survey:
    """Read and curate everything that a recipe names.

    Parameters
    ----------
    generated
        Files of the synthesized sources that exist already, by source name. The others stand
        in `pending`.
    most
        Draw about this many rows of each file of a source, for an estimate; all if not given.

    Raises
    ------
    SourceError
        If a file is missing or unusable.
    PlanError
        If an ability has no training row, or no evaluation item.
    """
    readings: dict[str, Reading] = {}
    pending: dict[str, int] = {}
    owner = {source: name for name, a in recipe.abilities.items() for source in a.sources}
    with progress.task("reading sources", len(recipe.sources) + len(recipe.abilities)) as task:
        for name, source in recipe.sources.items():
            if isinstance(source, FileSource):
                readings[name] = read_records(
                    name,
                    source,
                    recipe.data_folder,
                    ability=owner.get(name, ""),
                    origin=source.origin,
                    generator=source.generator,
                    most=most,
                )
            elif generated is not None and name in generated:
                readings[name] = _read_generated(recipe, name, generated[name], owner[name])
            else:
                pending[name] = source.answer.rows
            task.advance(note=name)
        items: dict[str, list[Record]] = {}
        item_rejects: list[Reject] = []
        filtered = {name: reading.filtered for name, reading in readings.items()}
        for name, declared in recipe.evaluation_sets().items():
            reading = _read_items(recipe, name, declared)
            items[name], rejected = _picked_items(recipe, reading, name, declared)
            filtered[_items_name(name)] = reading.filtered
            item_rejects += rejected
            task.advance(note=f"{name}, evaluation")
    held_out = [item for ability_items in items.values() for item in ability_items]
    curated = curate(_records(readings, owner), held_out, recipe.curate)
    # Sources that only lend their prompts are no training rows, and must not displace any.
    prompt_only = curate(
        _records(readings, readings.keys() - owner.keys()), held_out, recipe.curate
    )
    result = Survey(
        cells=_cells(recipe, curated.records),
        items=items,
        rejects=[
            *(reject for reading in readings.values() for reject in reading.rejects),
            *curated.rejects,
            *prompt_only.rejects,
        ],
        item_rejects=item_rejects,
        rows_in={name: reading.rows_in for name, reading in readings.items()},
        filtered=filtered,
        steps={step: n | prompt_only.steps[step] for step, n in curated.steps.items()},
        prompts=_prompts(recipe, [*curated.records, *prompt_only.records]),
        pending=pending,
        stands_for={n: r.stands_for for n, r in readings.items() if r.stands_for != 1},
    )
    _require_data(recipe, result)
    return result


def _read_generated(recipe: Recipe, name: str, file: Path, ability: str) -> Reading:
    source = recipe.synthesized_sources()[name]
    rows = FileSource(path=file.name, format="messages", origin="synthetic", license=source.license)
    return read_records(
        name,
        rows,
        file.parent,
        ability=ability,
        origin="synthetic",
        generator=source.answer.generator,
    )


def _records(readings: Mapping[str, Reading], names: Collection[str]) -> list[Record]:
    return [
        record for name, reading in readings.items() if name in names for record in reading.records
    ]


def _items_name(ability: str) -> str:
    return f"{ability}.evaluate"


def _read_items(recipe: Recipe, ability: str, declared: EvaluationSet) -> Reading:
    return read_records(
        _items_name(ability),
        declared,
        recipe.data_folder,
        ability=ability,
        origin=declared.origin or "human",
    )


def _picked_items(
    recipe: Recipe, reading: Reading, ability: str, declared: EvaluationSet
) -> tuple[list[Record], list[Reject]]:
    """Return the items of an ability, the wanted number of them, in hash order."""
    curated = curate_items(reading.records, recipe.curate)
    scorable, unscorable = drop_unscorable(curated.records, declared)
    ordered = nested_order(scorable, recipe.seed, {_items_name(ability): 1.0})
    picked, alone = drop_without_distractors(ordered[: declared.items], declared)
    return picked, reading.rejects + curated.rejects + unscorable + alone


def _cells(recipe: Recipe, records: list[Record]) -> dict[Cell, list[Record]]:
    by_cell: dict[Cell, list[Record]] = {cell: [] for cell in recipe.cells()}
    for record in records:
        by_cell[Cell(record.ability, record.origin)].append(record)
    if not recipe.paired:
        weights = {name: source.weight for name, source in recipe.sources.items()}
        return {cell: nested_order(found, recipe.seed, weights) for cell, found in by_cell.items()}
    ordered: dict[Cell, list[Record]] = {}
    for ability in recipe.abilities:
        own = {cell: found for cell, found in by_cell.items() if cell.ability == ability}
        ordered |= paired_order(own, recipe.seed)
    return ordered


def _prompts(recipe: Recipe, records: list[Record]) -> dict[str, list[Record]]:
    asked = {source.answer.prompts_from for source in recipe.synthesized_sources().values()}
    result: dict[str, list[Record]] = {}
    for name in sorted(asked):
        held = [record for record in records if record.source == name]
        ordered = (
            paired_order({name: held}, recipe.seed)[name]
            if recipe.paired
            else nested_order(held, recipe.seed, {name: 1.0})
        )
        by_prompt: dict[str, Record] = {}
        for record in ordered:
            by_prompt.setdefault(record.prompt_id, record)
        result[name] = list(by_prompt.values())
    return result


def _require_data(recipe: Recipe, found: Survey) -> None:
    for ability, items in found.items.items():
        if not items:
            raise PlanError(
                f"the ability `{ability}` has no evaluation item",
                code="E308",
                where=recipe.place("abilities", ability, "evaluate"),
                why=_reasons(found, found.item_rejects, _items_name(ability)),
                next_step="mend the file, or correct its format, columns, where or metric",
            )
    for ability, declared in recipe.abilities.items():
        held = any(found.cells[cell] for cell in found.cells if cell.ability == ability)
        if not held and not any(source in found.pending for source in declared.sources):
            raise PlanError(
                f"the ability `{ability}` has no training row",
                code="E308",
                where=recipe.place("abilities", ability, "sources"),
                why=_reasons(found, found.rejects, *declared.sources),
                next_step="mend the files, or correct the sources' format, columns or where",
            )


def _reasons(found: Survey, rejects: list[Reject], *sources: str) -> str:
    """Return the commonest reasons, each with the place of the first row that it concerns."""
    own = [reject for reject in rejects if reject.source in sources]
    counts: Counter[str] = Counter(reject.reason for reject in own)
    places = {reject.reason: f" ({reject.file}:{reject.line})" for reject in reversed(own)}
    left_out = sum(found.filtered.get(source, 0) for source in sources)
    if left_out:
        counts["left out by `where`"] = left_out
    if not counts:
        return "the files hold no row"
    return "; ".join(
        f"{n:,} x {reason}{places.get(reason, '')}" for reason, n in counts.most_common(3)
    )
