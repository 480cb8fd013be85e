"""From sources and evaluation sets to records: the form in which all later rooms see rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from doitkit.core.errors import SourceError
from doitkit.core.origins import Origin
from doitkit.core.records import Record, Reject
from doitkit.recipe.data import Rows
from doitkit.source.files import resolve
from doitkit.source.formats import RowError, interpret, required_columns
from doitkit.source.frame import FILE, LINE
from doitkit.source.table import read_table


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
    data_folder: Path,
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
    found = read_table(name, rows, data_folder)
    frame = found.frame
    reading = Reading(filtered=found.filtered)
    for bad in found.unreadable:
        reading.rejects.append(
            Reject(name, _short(bad.file, data_folder), bad.line, "read", bad.reason, bad.text)
        )
    missing = [c for c in required_columns(rows.format) if c not in frame.columns]
    if missing and frame.height:
        raise _no_such_fields(name, rows, missing, frame[FILE][0], found.columns)
    names = {file: _short(file, data_folder) for file in frame[FILE].unique()}
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


def _short(file: str, data_folder: Path) -> str:
    """Return the file relative to the data folder: machine paths do not enter a dataset."""
    try:
        return str(Path(file).relative_to(data_folder))
    except ValueError:
        return Path(file).name


def source_files(sources: Mapping[str, Rows], data_folder: Path) -> dict[str, list[Path]]:
    """Return the files that each of `sources` reads, in reading order."""
    files: dict[str, list[Path]] = {}
    for name, rows in sources.items():
        files[name] = resolve(name, rows.path, data_folder)
        if rows.lookup is not None:
            files[name] += resolve(name, rows.lookup.path, data_folder)
    return files
