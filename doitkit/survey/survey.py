"""What there is: every source and evaluation set of a recipe, read and curated."""

import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from doitkit.core.engine import Engine, ThisProcess
from doitkit.core.errors import PlanError
from doitkit.core.memory import usual_memory
from doitkit.core.origins import Cell
from doitkit.core.progress import SILENT, Progress
from doitkit.core.records import Record, Reject
from doitkit.core.store import Store
from doitkit.recipe.data import FileSource, Rows
from doitkit.recipe.model import Recipe
from doitkit.source import ChatReader
from doitkit.survey.curated import Curated, curated, reject_frame
from doitkit.survey.inputs import contents_of
from doitkit.survey.items import Items, items_name, read_further_sets, read_items
from doitkit.survey.order import answered_by_all, ordered_cells, prompts_of
from doitkit.survey.read import SourceRows, read_source
from doitkit.survey.semantic import embedder_of
from doitkit.survey.shards import RowNumbers, Shards
from doitkit.survey.token_counts import Tokens, token_counts
from doitkit.survey.tokens import TokenCounter, require_tokenizer, token_counter


@dataclass(frozen=True)
class Survey:
    """The rows that a recipe can use, and the account of those that it cannot.

    For every source, `rows_in[source] == steps["decontaminate"][source] + rejects of source`.
    """

    recipe: Recipe
    training: Curated
    """The sources that train an ability."""
    lending: Curated
    """Those that only lend their prompts to a generator: they displace no training row."""
    evaluation: Items
    pending: dict[str, int]
    """Sources that are still to be generated, with the rows they should give."""
    store: Store
    """Where the rows are."""

    @cached_property
    def cells(self) -> dict[Cell, RowNumbers]:
        """The numbers of each cell's rows, in the nested order."""
        return ordered_cells(self.recipe, self.training.shards, self.training.alive)

    @cached_property
    def pairs(self) -> dict[str, int]:
        """Prompts of each ability of several origins that every one of them answers."""
        return answered_by_all(self.recipe, self.training.shards, self.training.alive)

    @property
    def supply(self) -> dict[Cell, int]:
        """Rows available per cell."""
        return {cell: len(rows) for cell, rows in self.cells.items()}

    @property
    def items(self) -> dict[str, list[Record]]:
        """The evaluation items of each ability, in the order in which they are picked."""
        return self.evaluation.picked

    @cached_property
    def prompts(self) -> dict[str, list[Record]]:
        """The rows of each source whose prompts a generator answers, in order, one per prompt."""
        asked = {s.answer.prompts_from for s in self.recipe.synthesized_sources().values()}
        found: dict[str, list[Record]] = {}
        for name in sorted(asked):
            for part in (self.training, self.lending):
                if any(source.name == name for source in part.shards.sources):
                    numbers = prompts_of(self.recipe, part.shards, part.alive, name)
                    found[name] = part.shards.records(numbers)
        return found

    @property
    def rows_in(self) -> dict[str, int]:
        """Rows of each source that were asked for."""
        return {source.name: source.rows_in for source in self._sources}

    @property
    def filtered(self) -> dict[str, int]:
        """Rows of each source, and of each set of items, that `where` left out."""
        own = {source.name: int(source.counts["filtered"]) for source in self._sources}
        return own | self.evaluation.filtered

    @property
    def steps(self) -> dict[str, dict[str, int]]:
        """How many rows of each source each step has left."""
        lent = self.lending.left()
        return {step: left | lent[step] for step, left in self.training.left().items()}

    @property
    def stands_for(self) -> dict[str, float]:
        """Of each source that was sampled: how many rows of its files each row here stands for."""
        shares = {source.name: float(source.counts["stands_for"]) for source in self._sources}
        return {name: share for name, share in shares.items() if share != 1}

    def tokens(self, counter: TokenCounter) -> Tokens:
        """Return the tokens of every training row, by its number."""
        return token_counts(self.store, self.training.shards, counter)

    def records(self, cell: Cell) -> list[Record]:
        """Return the rows of a cell as records, in the nested order; all are in memory then."""
        return self.training.shards.records(self.cells[cell])

    def reject_frames(self, names: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Yield the training rows that were read and not kept, in the `REJECT` schema."""
        yield from self.training.reject_frames(names)
        yield from self.lending.reject_frames(names)

    @property
    def reject_counts(self) -> dict[str, dict[str, int]]:
        """How many rows of each source, and of each set of items, each step has left out."""
        counts = self.training.reject_counts() | self.lending.reject_counts()
        for reject in self.evaluation.rejects:
            by_step = counts.setdefault(reject.source, {})
            by_step[reject.step] = by_step.get(reject.step, 0) + 1
        return counts

    @property
    def rejects(self) -> list[Reject]:
        """The training rows that were read and not kept; all are in memory then."""
        return [Reject(**row) for f in self.reject_frames() for row in f.iter_rows(named=True)]

    @property
    def item_rejects(self) -> list[Reject]:
        """The evaluation items that were read and are not used."""
        return self.evaluation.rejects

    @property
    def _sources(self) -> tuple[SourceRows, ...]:
        return self.training.shards.sources + self.lending.shards.sources


def survey(
    recipe: Recipe,
    generated: Mapping[str, Path] | None = None,
    progress: Progress = SILENT,
    *,
    store: Store | None = None,
    contents: Mapping[str, str] | None = None,
    engine: Engine | None = None,
    memory: int | None = None,
    most: int | None = None,
) -> Survey:
    """Read and curate everything that a recipe names.

    Parameters
    ----------
    generated
        Files of the synthesized sources that exist already, by source name. The others stand
        in `pending`.
    store
        Where finished steps are kept; a temporary folder if not given.
    contents
        The hash of the files of each source, where they are known.
    engine
        Who reads large sources; this process if not given.
    memory
        Bytes to work in; half of what is free if not given. No row depends on it.
    most
        Draw about this many rows of each file of a source, for an estimate; all if not given.

    Raises
    ------
    SourceError
        If a file is missing or unusable.
    PlanError
        If an ability has no training row, or no evaluation item.
    """
    temporary = None
    if store is None:
        temporary = tempfile.mkdtemp(prefix="doitkit-")
        store = Store(Path(temporary))
    try:
        found = _survey(
            recipe,
            generated or {},
            progress,
            store,
            contents,
            engine or ThisProcess(),
            memory,
            most,
        )
    except BaseException:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        raise
    if temporary is not None:
        weakref.finalize(found, shutil.rmtree, temporary, ignore_errors=True)
    return found


def _survey(
    recipe: Recipe,
    generated: Mapping[str, Path],
    progress: Progress,
    store: Store,
    contents: Mapping[str, str] | None,
    engine: Engine,
    memory: int | None,
    most: int | None,
) -> Survey:
    contents = contents or contents_of(recipe, generated)
    owner = {source: name for name, a in recipe.abilities.items() for source in a.sources}
    rows: dict[str, SourceRows] = {}
    pending: dict[str, int] = {}
    with progress.task("reading sources", len(recipe.sources) + len(recipe.abilities)) as task:
        for name, source in recipe.sources.items():
            if isinstance(source, FileSource):
                files: Rows = source
                folder, generator = recipe.data_folder, source.generator
            elif name in generated:
                files = FileSource(
                    path=generated[name].name,
                    format="messages",
                    origin="synthetic",
                    license=source.license,
                )
                folder, generator = generated[name].parent, source.answer.generator
            else:
                pending[name] = source.answer.rows
                task.advance(note=name)
                continue
            rows[name] = read_source(
                store,
                ChatReader(name, files, folder),
                contents[name],
                recipe.curate,
                ability=owner.get(name, ""),
                origin=source.origin,
                generator=generator,
                engine=engine,
                most=most,
            )
            task.advance(note=name)
        evaluation = read_items(recipe, task)
    held_out = [item for picked in evaluation.picked.values() for item in picked]
    held_out += read_further_sets(recipe)
    counter = token_counter(recipe)
    length = recipe.curate.filters.length
    if length is not None and length.tokens is not None:
        require_tokenizer(recipe, counter)
    embedder = embedder_of(recipe.curate, recipe.folder)
    parts = [
        curated(
            store,
            Shards(tuple(found for name, found in rows.items() if (name in owner) == trains)),
            held_out,
            recipe.curate,
            counter=counter,
            embedder=embedder,
            memory=memory or usual_memory(),
            progress=progress,
            engine=engine,
        )
        for trains in (True, False)
    ]
    result = Survey(recipe, parts[0], parts[1], evaluation, pending, store)
    _require_data(recipe, result)
    return result


def _require_data(recipe: Recipe, found: Survey) -> None:
    for ability, items in found.items.items():
        if not items:
            raise PlanError(
                f"the ability `{ability}` has no evaluation item",
                code="E308",
                where=recipe.place("abilities", ability, "evaluate"),
                why=_reasons(found, [reject_frame(found.item_rejects)], items_name(ability)),
                next_step="mend the file, or correct its format, columns, where or metric",
            )
    for ability, declared in recipe.abilities.items():
        held = any(found.supply[cell] for cell in found.cells if cell.ability == ability)
        if not held and not any(source in found.pending for source in declared.sources):
            names = declared.sources
            raise PlanError(
                f"the ability `{ability}` has no training row",
                code="E308",
                where=recipe.place("abilities", ability, "sources"),
                why=_reasons(found, found.reject_frames(names), *names),
                next_step="mend the files, or correct the sources' format, columns or where",
            )


def _reasons(found: Survey, rejects: Iterable[pl.DataFrame], *sources: str) -> str:
    """Return the commonest reasons, each with the place of the first row that it concerns."""
    counts: Counter[str] = Counter()
    places: dict[str, str] = {}
    for frame in rejects:
        for row in frame.filter(pl.col("source").is_in(sources)).iter_rows(named=True):
            counts[row["reason"]] += 1
            places.setdefault(row["reason"], f" ({row['file']}:{row['line']})")
    left_out = sum(found.filtered.get(source, 0) for source in sources)
    if left_out:
        counts["left out by `where`"] = left_out
    if not counts:
        return "the files hold no row"
    return "; ".join(
        f"{n:,} x {reason}{places.get(reason, '')}" for reason, n in counts.most_common(3)
    )
