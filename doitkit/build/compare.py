"""Two datasets side by side: their settings, the flow of their rows, and the rows themselves."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import polars as pl
import pyarrow as pa

from doitkit.build.dataset import Dataset
from doitkit.build.flow import FLOW_STEPS, read_flow
from doitkit.build.layout import EVALUATION_FOLDER, TRAIN_FOLDER
from doitkit.core.origins import Cell, Origin
from doitkit.core.saved import read_saved

_EXAMPLES = 3
_SHOWN = 200


@dataclass(frozen=True)
class Setting:
    """A part of the recipe that both datasets do not share; None where one lacks it."""

    key: str
    first: Any
    second: Any


@dataclass(frozen=True)
class StepDifference:
    """What one step left out of a source in both builds; None where one has no such source.

    Of the first step, `files`, it is how many rows there are at all.
    """

    step: str
    source: str
    first: int | None
    second: int | None


@dataclass(frozen=True)
class RowDifference:
    """The rows of a source in a cell, told apart by their ids.

    Attributes
    ----------
    only_first, only_second
        Rows of this source whose id is in this cell of one dataset only.
    both
        Rows that both datasets have of this source.
    moved
        Those of them whose position differs.
    other_source
        Rows of this source in the first dataset that the second has from another source.
    examples_first, examples_second
        How some rows begin that one dataset has alone.
    """

    ability: str
    origin: Origin
    source: str
    first: int
    second: int
    only_first: int
    only_second: int
    both: int
    moved: int
    other_source: int
    examples_first: tuple[str, ...]
    examples_second: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the same rows stand at the same places."""
        return self.first == self.second == self.both and not self.moved


@dataclass(frozen=True)
class ItemDifference:
    """The evaluation items of an ability, told apart by their ids."""

    ability: str
    only_first: int
    only_second: int
    both: int


@dataclass(frozen=True)
class DatasetComparison:
    """Two datasets side by side."""

    first: str
    second: str
    settings: Sequence[Setting]
    steps: Sequence[StepDifference]
    rows: Sequence[RowDifference]
    items: Sequence[ItemDifference]

    @property
    def same(self) -> bool:
        """Whether both hold the same rows and items, each at the same place."""
        items = all(not item.only_first and not item.only_second for item in self.items)
        return items and all(row.same for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON."""
        return {**asdict(self), "same": self.same}


def compare_datasets(first: Dataset, second: Dataset) -> DatasetComparison:
    """Return what differs between two built datasets.

    Rows are told apart by their ids, cell after cell: no more than the ids of a cell are in
    memory.
    """
    return DatasetComparison(
        str(first.folder),
        str(second.folder),
        _settings(first, second),
        _steps(first, second),
        _rows(first, second),
        _items(first, second),
    )


def _settings(first: Dataset, second: Dataset) -> list[Setting]:
    stated = [_flat(dataset.recipe.model_dump(mode="json")) for dataset in (first, second)]
    keys = dict.fromkeys([*stated[0], *stated[1]])
    pairs = ((key, stated[0].get(key), stated[1].get(key)) for key in keys)
    return [Setting(*pair) for pair in pairs if pair[1] != pair[2]]


def _flat(value: Any, key: str = "") -> dict[str, Any]:
    """Return what stands at each place of nested mappings, as `a.b.c`."""
    if not isinstance(value, dict):
        return {key: value}
    found: dict[str, Any] = {}
    for name, inner in value.items():
        found |= _flat(inner, f"{key}.{name}" if key else name)
    return found


def _steps(first: Dataset, second: Dataset) -> list[StepDifference]:
    one, two = _left_out(first), _left_out(second)
    keys = dict.fromkeys([*one, *two])
    pairs = ((*key, one.get(key), two.get(key)) for key in keys)
    return [StepDifference(*pair) for pair in pairs if pair[2] != pair[3]]


def _left_out(dataset: Dataset) -> dict[tuple[str, str], int]:
    flow = read_flow(dataset.manifest)
    there = {("files", p.source): p.rows_in for p in flow if p.step == FLOW_STEPS[0]}
    return there | {(p.step, p.source): p.left_out for p in flow}


def _items(first: Dataset, second: Dataset) -> list[ItemDifference]:
    one, two = _item_ids(first), _item_ids(second)
    found = []
    for ability in dict.fromkeys([*one, *two]):
        here, there = one.get(ability, set()), two.get(ability, set())
        counts = len(here - there), len(there - here), len(here & there)
        found.append(ItemDifference(ability, *counts))
    return found


def _item_ids(dataset: Dataset) -> dict[str, set[str]]:
    ids: dict[str, set[str]] = {}
    held = read_saved(dataset.folder / EVALUATION_FOLDER, ["task", "id"]).to_pydict()
    for task, identity in zip(held["task"], held["id"], strict=True):
        ids.setdefault(task, set()).add(identity)
    return ids


class _Pool:
    """The training rows of a dataset, as they lie on disk, by cell."""

    def __init__(self, dataset: Dataset) -> None:
        self._table = read_saved(dataset.folder / TRAIN_FOLDER)
        self._starts: dict[Cell, tuple[int, int]] = {}
        start = 0
        for cell, rows in _runs(self._table):
            self._starts[cell] = (start, rows)
            start += rows

    @property
    def cells(self) -> list[Cell]:
        return list(self._starts)

    def rows(self, cell: Cell) -> pl.DataFrame:
        start, rows = self._starts.get(cell, (0, 0))
        columns = self._table.select(["id", "source", "position"]).slice(start, rows)
        found = pl.from_arrow(columns)
        assert isinstance(found, pl.DataFrame)
        return found.with_row_index("row", offset=start)

    def beginnings(self, rows: pl.Series) -> tuple[str, ...]:
        messages = self._table["messages"]
        chats = [messages[row].as_py() for row in rows.to_list()]
        return tuple(chat[0]["content"][:_SHOWN] for chat in chats)


def _runs(table: pa.Table) -> list[tuple[Cell, int]]:
    """Return the cells of the pool in their order, each in one piece, and their rows."""
    found: dict[Cell, int] = {}
    for batch in table.select(["ability", "origin"]).to_batches():
        counted = pl.DataFrame(pa.table(batch)).group_by("ability", "origin", maintain_order=True)
        for ability, origin, rows in counted.len().iter_rows():
            cell = Cell(ability, cast(Origin, origin))
            found[cell] = found.get(cell, 0) + rows
    return list(found.items())


def _rows(first: Dataset, second: Dataset) -> list[RowDifference]:
    pools = _Pool(first), _Pool(second)
    cells = dict.fromkeys([*pools[0].cells, *pools[1].cells])
    return [difference for cell in cells for difference in _cell(cell, *pools)]


def _cell(cell: Cell, first: _Pool, second: _Pool) -> list[RowDifference]:
    one, two = first.rows(cell), second.rows(cell)
    # Equal rows of one source, which stand there where dedup is off, are told apart by number.
    nth = pl.int_range(pl.len()).over("id", "source").alias("nth")
    one, two = one.with_columns(nth), two.with_columns(nth)
    both = one.join(two, on=["id", "source", "nth"])
    only_first, other_source = _unmatched(one, two)
    only_second, _ = _unmatched(two, one)
    found = []
    for source in sorted({*one["source"], *two["source"]}):
        own = pl.col("source") == source
        here, there, shared = (rows.filter(own) for rows in (only_first, only_second, both))
        found.append(
            RowDifference(
                *cell,
                source,
                first=one.filter(own).height,
                second=two.filter(own).height,
                only_first=here.height,
                only_second=there.height,
                both=shared.height,
                moved=shared.filter(pl.col("position") != pl.col("position_right")).height,
                other_source=other_source.filter(own).height,
                examples_first=first.beginnings(here["row"].head(_EXAMPLES)),
                examples_second=second.beginnings(there["row"].head(_EXAMPLES)),
            )
        )
    return found


def _unmatched(rows: pl.DataFrame, others: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows that are not among `others`, and those that are there of another source."""
    rest = rows.join(others, on=["id", "source", "nth"], how="anti", maintain_order="left")
    other_source = rest.join(others, on=["id", "source"], how="anti").join(
        others, on="id", how="semi"
    )
    return rest.join(other_source, on="row", how="anti", maintain_order="left"), other_source
