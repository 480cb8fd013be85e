"""All rows of several sources, by one number each: source after source, as they were read."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from doitkit.core.records import Record
from doitkit.survey.read import SourceRows

RowNumbers = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

_TEXTS = ("id", "prompt_id", "file", "ability", "origin", "source", "generator", "license", "meta")
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(_TEXTS, pl.String),
    "line": pl.Int64,
    "messages": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
}


@dataclass(frozen=True)
class Batch:
    """Some rows of one source, the first of which has the number `first`."""

    first: int
    source: SourceRows
    rows: pl.DataFrame

    @property
    def numbers(self) -> slice:
        """The places of these rows in an array of all rows."""
        return slice(self.first, self.first + self.rows.height)


@dataclass(frozen=True)
class Shards:
    """The rows of several sources. A row's number is its place among all of them."""

    sources: tuple[SourceRows, ...]

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """The number of the first row of each source, and the number of rows; shape (s + 1,)."""
        return np.cumsum([0, *(source.height for source in self.sources)])

    def __len__(self) -> int:
        return int(self.starts[-1])

    @property
    def size(self) -> int:
        """The bytes of all rows."""
        return sum(source.size for source in self.sources)

    def batches(self, *columns: str, of: Collection[str] | None = None) -> Iterator[Batch]:
        """Yield all rows in the order of their numbers, some of one source at a time.

        Parameters
        ----------
        columns
            Read these columns only; all of `ROWS` if none is given.
        of
            The names of the sources whose rows are wanted; all if not given.
        """
        for source, start in zip(self.sources, self.starts[:-1], strict=True):
            first = int(start)
            if of is not None and source.name not in of:
                continue
            for rows in source.batches(columns or None):
                yield Batch(first, source, rows)
                first += rows.height

    def source_of(self, numbers: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
        """Return the index of the source of each row."""
        return np.searchsorted(self.starts, numbers, side="right") - 1

    def take(self, numbers: npt.NDArray[np.integer]) -> pl.DataFrame:
        """Return the rows of these numbers in their order, with what holds for their sources.

        All of them are in memory then: for many rows, go through `batches`.
        """
        order = np.argsort(numbers, kind="stable")
        wanted = numbers[order]
        parts = []
        for batch in self.batches(of=self._holders(numbers)):
            low, high = np.searchsorted(wanted, [batch.numbers.start, batch.numbers.stop])
            if low < high:
                # Picked texts are views of all texts of the batch, which so would stay in memory.
                picked = pl.DataFrame(batch.rows[wanted[low:high] - batch.first].to_arrow())
                parts.append(with_source(picked, batch.source))
        if not parts:
            return pl.DataFrame(schema=_SCHEMA)
        places = np.empty_like(order)
        places[order] = np.arange(len(order))
        return pl.concat(parts)[places]

    def _holders(self, numbers: npt.NDArray[np.integer]) -> list[str]:
        """Return the sources that hold any of these rows."""
        return [self.sources[index].name for index in np.unique(self.source_of(numbers))]

    def records(self, numbers: npt.NDArray[np.integer]) -> list[Record]:
        """Return rows as records."""
        return [_record(row) for row in self.take(numbers).iter_rows(named=True)]

    def places(self, numbers: npt.NDArray[np.integer]) -> pl.Series:
        """Return where rows stand, as messages name it: source, file and line."""
        order, wanted = np.unique(numbers), []
        for batch in self.batches("file", "line", of=self._holders(numbers)):
            low, high = np.searchsorted(order, [batch.numbers.start, batch.numbers.stop])
            if low < high:
                here = batch.rows[order[low:high] - batch.first]
                wanted.append(
                    here.select(pl.format("{}, {}:{}", pl.lit(batch.source.name), "file", "line"))
                )
        if not wanted:
            return pl.Series([], dtype=pl.String)
        return pl.concat(wanted).to_series()[np.searchsorted(order, numbers)]


def with_source(rows: pl.DataFrame, source: SourceRows) -> pl.DataFrame:
    """Return rows of a source with what holds for all of them: ability, origin and so on."""
    said = ["line"] if source.shares is None else ["line", "stratum"]
    return rows.drop("stratum").with_columns(
        pl.lit(source.ability, dtype=pl.String).alias("ability"),
        pl.lit(source.origin, dtype=pl.String).alias("origin"),
        pl.lit(source.name, dtype=pl.String).alias("source"),
        pl.lit(source.generator, dtype=pl.String).alias("generator"),
        pl.lit(source.license, dtype=pl.String).alias("license"),
        rows.select(pl.struct(said).struct.json_encode().alias("meta")).to_series(),
    )


def _record(row: dict[str, Any]) -> Record:
    return Record(
        messages=tuple(row["messages"]),
        ability=row["ability"],
        origin=row["origin"],
        source=row["source"],
        file=row["file"],
        line=row["line"],
        generator=row["generator"],
        license=row["license"],
        answer=row["messages"][-1]["content"],
    )
