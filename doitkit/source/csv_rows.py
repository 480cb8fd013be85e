"""Rows of CSV files."""

import csv
from collections.abc import Iterator
from pathlib import Path

from doitkit.core.errors import SourceError
from doitkit.source.raw import RawRow, RawRows, Unreadable, is_unicode, unreadable
from doitkit.source.stream import LONGEST_LINE, lines


def csv_rows(path: Path, header: bool | list[str]) -> RawRows:
    """Yield the records of a CSV file; a record may span lines, and counts where it begins.

    A quote that is not closed, or not where it should, costs every line that it swallowed.

    Raises
    ------
    SourceError
        If two columns have one name, or the line of names cannot be read.
    """
    csv.field_size_limit(LONGEST_LINE)
    damage: list[Unreadable] = []
    taken: list[str] = []
    reader = csv.reader(_text_lines(path, damage, taken), strict=True)
    names = header if isinstance(header, list) else None
    if names is not None:
        _require_distinct(path, names)
    while True:
        first = reader.line_num + 1
        taken.clear()
        try:
            values = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            if names is None and header is True:
                raise _no_names(path, first, str(error)) from error
            span = f", in a quote over the lines {first} to {reader.line_num}"
            reason = f"not CSV: {error}{span if len(taken) > 1 else ''}"
            for number, line in enumerate(taken, first):
                if line.strip():
                    yield unreadable(path, number, reason, line)
            continue
        if not values:
            continue
        if names is None:
            names = values if header is True else [f"column_{i}" for i in range(len(values))]
            _require_distinct(path, names)
            if header is True:
                if not is_unicode("".join(names)):
                    raise _no_names(path, first, "it is not UTF-8 text")
                continue
        yield _row(path, first, reader.line_num, names, values)
    yield from damage


def _text_lines(path: Path, damage: list[Unreadable], taken: list[str]) -> Iterator[str]:
    """Yield the lines, noting in `damage` what is wrong, and in `taken` what was handed out."""
    for number, line, damaged in lines(path):
        if damaged is None:
            taken.append(line)
            yield line + "\n"
        else:
            damage.append(unreadable(path, number, damaged))
            # An empty line keeps the count.
            taken.append("")
            yield "\n"


def _row(
    path: Path, first: int, last: int, names: list[str], values: list[str]
) -> RawRow | Unreadable:
    text = ",".join(values)
    if len(values) != len(names):
        span = f", over the lines {first} to {last}" if last > first else ""
        reason = f"{len(values)} fields where {len(names)} are named{span}"
        return unreadable(path, first, reason, text)
    if not is_unicode(text):
        return unreadable(path, first, "not UTF-8 text", text)
    return RawRow(str(path), first, dict(zip(names, values, strict=True)))


def _no_names(path: Path, line: int, why: str) -> SourceError:
    return SourceError(
        "the line of column names cannot be read",
        where=f"{path}:{line}",
        why=why,
        next_step="mend that line, or name the columns with `header: [...]`",
    )


def _require_distinct(path: Path, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(
            f"two columns are named `{twice[0]}`",
            where=path,
            next_step="name the columns with `header: [...]`; where the file has no line of names, "
            "say `header: false`",
        )
