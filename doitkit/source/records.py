"""From sources and evaluation sets to records: the form in which all later rooms see rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from doitkit.core.errors import SourceError
from doitkit.core.origins import Origin
from doitkit.core.records import Record, Reject
from doitkit.recipe.data import EvaluationSet, Rows
from doitkit.source import hub, object_store
from doitkit.source.common_type import Types
from doitkit.source.files import resolve
from doitkit.source.formats import Chat, RowError, interpret, required_columns
from doitkit.source.frame import FILE, LINE, STRATUM
from doitkit.source.pieces import Piece
from doitkit.source.plain_rows import plain_rows
from doitkit.source.table import Table, TableReader


@dataclass(frozen=True)
class Meant:
    """Some rows of a source with their meaning: every row is in `rows` or a reject.

    Attributes
    ----------
    rows
        Columns `messages`, `choices`, `answer` (null but for choice questions), `file` (relative
        to the data root), `line`, and `stratum` (null but where rows are picked by strata).
    """

    rows: pl.DataFrame
    rejects: list[Reject] = field(default_factory=list)
    filtered: int = 0

    @classmethod
    def of(cls, chats: Sequence[Chat], files: Sequence[str], lines: Sequence[int]) -> "Meant":
        """Return chats that were read one by one."""
        places = pl.DataFrame({"file": files, "line": lines, "stratum": None}, schema=_PLACES)
        return cls(_chats(chats, places))


_CHATS: dict[str, pl.DataType | type[pl.DataType]] = {
    "messages": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
    "choices": pl.List(pl.String),
    "answer": pl.String,
}
_PLACES = {"file": pl.String, "line": pl.Int64, "stratum": pl.String}
_PLACED = [
    pl.col(own).alias(name) for own, name in zip((FILE, LINE, STRATUM), _PLACES, strict=True)
]


def _chats(chats: Sequence[Chat], places: pl.DataFrame) -> pl.DataFrame:
    columns = {name: [getattr(chat, name) for chat in chats] for name in _CHATS}
    return pl.concat([pl.DataFrame(columns, schema=_CHATS), places], how="horizontal")


@dataclass
class Reading:
    """What reading one source gave: every row is in `records` or in `rejects`."""

    records: list[Record] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    filtered: int = 0

    @property
    def rows_in(self) -> int:
        """How many rows were asked for."""
        return len(self.records) + len(self.rejects)


def read_records(
    name: str,
    rows: Rows,
    data_root: Path | str,
    *,
    ability: str,
    origin: Origin,
    generator: str | None = None,
) -> Reading:
    """Read a source, or an evaluation set, into records and rejects.

    Raises
    ------
    SourceError
        If a file is missing, or no row has the fields that the format needs.
    """
    reading = Reading()
    for some in read_chats(name, rows, data_root):
        reading.filtered += some.filtered
        reading.rejects += some.rejects
        reading.records += [
            Record(
                messages=tuple(row["messages"]),
                ability=ability,
                origin=origin,
                source=name,
                file=row["file"],
                line=row["line"],
                generator=generator,
                license=rows.license,
                choices=tuple(row["choices"]),
                answer=row["answer"] or row["messages"][-1]["content"],
            )
            for row in some.rows.iter_rows(named=True)
        ]
    return reading


def read_chats(name: str, rows: Rows, data_root: Path | str) -> Iterator[Meant]:
    """Read a source, each row with its meaning.

    Raises
    ------
    SourceError
        If a file is missing, or no row has the fields that the format needs.
    """
    reader = ChatReader(name, rows, data_root)
    pieces = [piece for group in reader.groups() for piece in reader.pieces(group)]
    yield from reader.chats(pieces, reader.types(pieces))


class ChatReader(TableReader):
    """Reads the rows of a source with their meaning; see `TableReader`."""

    def chats(self, pieces: Iterable[Piece], types: Types) -> Iterator[Meant]:
        """Yield the rows of some pieces, each as a chat or a reject.

        Raises
        ------
        SourceError
            If no row has the fields that the format needs.
        """
        required = required_columns(self.rows.format)
        for table in self.tables(pieces, types):
            frame = table.frame
            missing = [column for column in required if column not in frame.columns]
            if missing and frame.height:
                raise _no_such_fields(self.name, self.rows, missing, frame[FILE][0], table.columns)
            if not isinstance(self.rows, EvaluationSet) and "choices" not in required:
                # For scoring alone: what else an answer might have been is not trained on.
                frame = frame.drop("choices", "rejected", strict=False)
            yield self._meant(table, frame)

    def _meant(self, table: Table, frame: pl.DataFrame) -> Meant:
        rejects = [
            Reject(self.name, self._short(bad.file), bad.line, "read", bad.reason, bad.text)
            for bad in table.unreadable
        ]
        files = {file: self._short(file) for file in frame[FILE].unique()}
        frame = frame.with_columns(
            pl.col(FILE).replace_strict(files, return_dtype=pl.String).alias(FILE)
        )
        found = plain_rows(self.rows.format, frame)
        if found is None:
            rows, _ = self._one_by_one(frame, rejects)
            return Meant(rows, rejects, table.filtered)
        plain, chats = found
        placed = frame.filter(plain).select(_PLACED)
        rows = pl.concat([chats, placed], how="horizontal").select(
            "messages",
            pl.lit([], dtype=pl.List(pl.String)).alias("choices"),
            pl.lit(None, dtype=pl.String).alias("answer"),
            *_PLACES,
        )
        if not plain.all():
            others, which = self._one_by_one(frame.filter(~plain), rejects)
            places = [plain.arg_true().to_numpy(), (~plain).arg_true().to_numpy()[which]]
            rows = pl.concat([rows, others])[np.argsort(np.concatenate(places))]
        return Meant(rows, rejects, table.filtered)

    def _one_by_one(
        self, frame: pl.DataFrame, rejects: list[Reject]
    ) -> tuple[pl.DataFrame, list[int]]:
        """Return the rows that have a meaning, and which of `frame` they are."""
        chats: list[Chat] = []
        which: list[int] = []
        for index, row in enumerate(frame.iter_rows(named=True)):
            try:
                chats.append(interpret(self.rows.format, row))
            except RowError as error:
                shown = str({k: v for k, v in row.items() if k not in (FILE, LINE)})[:200]
                rejects.append(Reject(self.name, row[FILE], row[LINE], "read", str(error), shown))
                continue
            which.append(index)
        return _chats(chats, frame.select(_PLACED)[which]), which

    def _short(self, file: str) -> str:
        return _short(file, self.data_folder)


def _no_such_fields(
    name: str, rows: Rows, missing: list[str], file: str, columns: list[str]
) -> SourceError:
    example = columns[0] if columns and columns[0].isidentifier() else "name_in_the_file"
    return SourceError(
        f"`{name}`: the rows have no field {' and no field '.join(f'`{c}`' for c in missing)}",
        where=file,
        why=f"format {rows.format} needs: {', '.join(required_columns(rows.format))}; "
        f"the rows have: {', '.join(columns)}",
        next_step="choose another `format`, or map the fields with `columns`, for example "
        f"columns: {{{missing[0]}: {example}}}",
    )


def _short(file: str, data_root: Path | str) -> str:
    """Return the file relative to the data root: machine paths do not enter a dataset."""
    path = Path(file)
    if path.is_relative_to(data_root):
        return str(path.relative_to(data_root))
    known = hub.short_name(path, data_root) or object_store.short_name(path, data_root)
    return known or path.name


def short_names(name: str, rows: Rows, data_root: Path | str) -> list[str]:
    """Return the files that `rows` names as rejects and records name them, in reading order."""
    return [_short(str(path), data_root) for path in resolve(name, rows.path, data_root)]


def source_files(sources: Mapping[str, Rows], data_root: Path | str) -> dict[str, list[Path]]:
    """Return the files that each of `sources` reads, in reading order."""
    files: dict[str, list[Path]] = {}
    for name, rows in sources.items():
        files[name] = resolve(name, rows.path, data_root)
        if rows.lookup is not None:
            files[name] += resolve(name, rows.lookup.path, data_root)
    return files
