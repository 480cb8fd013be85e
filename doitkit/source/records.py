"""From sources and evaluation sets to records: the form in which all later rooms see rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from doitkit.core.errors import SourceError
from doitkit.core.origins import Origin
from doitkit.core.records import Record, Reject
from doitkit.recipe.data import EvaluationSet, Rows
from doitkit.source.files import resolve
from doitkit.source.formats import RowError, interpret, required_columns
from doitkit.source.frame import FILE, LINE
from doitkit.source.hub import short_name
from doitkit.source.table import read_table


@dataclass
class Reading:
    """What reading one source gave: every row is in `records` or in `rejects`."""

    records: list[Record] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    filtered: int = 0
    stands_for: float = 1.0
    """How many rows of the files each row stands for: more than one in a sample."""

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
    most: int | None = None,
) -> Reading:
    """Read a source, or an evaluation set, into records and rejects.

    Parameters
    ----------
    most
        Draw about this many rows of each file, for an estimate; all if not given.

    Raises
    ------
    SourceError
        If a file is missing, or no row has the fields that the format needs.
    """
    found = read_table(name, rows, data_root, most)
    frame = found.frame
    if not isinstance(rows, EvaluationSet) and "choices" not in required_columns(rows.format):
        # Choices are for scoring: what else an answer might have been is nothing to train on.
        frame = frame.drop("choices", strict=False)
    reading = Reading(filtered=found.filtered, stands_for=found.stands_for)
    for bad in found.unreadable:
        reading.rejects.append(
            Reject(name, _short(bad.file, data_root), bad.line, "read", bad.reason, bad.text)
        )
    missing = [c for c in required_columns(rows.format) if c not in frame.columns]
    if missing and frame.height:
        raise _no_such_fields(name, rows, missing, frame[FILE][0], found.columns)
    names = {file: _short(file, data_root) for file in frame[FILE].unique()}
    for row in frame.iter_rows(named=True):
        file = names[row[FILE]]
        try:
            chat = interpret(rows.format, row)
        except RowError as error:
            shown = str({k: v for k, v in row.items() if k not in (FILE, LINE)})[:200]
            reading.rejects.append(Reject(name, file, row[LINE], "read", str(error), shown))
            continue
        reading.records.append(
            Record(
                messages=chat.messages,
                ability=ability,
                origin=origin,
                source=name,
                file=file,
                line=row[LINE],
                generator=generator,
                license=rows.license,
                choices=chat.choices,
                answer=chat.answer if chat.answer is not None else chat.messages[-1]["content"],
            )
        )
    return reading


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
    return short_name(path, data_root) or path.name


def source_files(sources: Mapping[str, Rows], data_root: Path | str) -> dict[str, list[Path]]:
    """Return the files that each of `sources` reads, in reading order."""
    files: dict[str, list[Path]] = {}
    for name, rows in sources.items():
        files[name] = resolve(name, rows.path, data_root)
        if rows.lookup is not None:
            files[name] += resolve(name, rows.lookup.path, data_root)
    return files
