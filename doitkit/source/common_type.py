"""One type for a column that the pieces of a source hold in several."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
from polars.datatypes import DataTypeClass

from doitkit.source.frame import EXACT, as_text

_WITHIN_64_BITS = frozenset(
    {pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64(), pl.UInt8(), pl.UInt16(), pl.UInt32()}
)


@dataclass(frozen=True)
class ColumnType:
    """The type of a column, and whether it holds whole numbers that no float is equal to."""

    kind: pl.DataType
    beyond_floats: bool = False


Types = Mapping[str, ColumnType]


def types_of(frame: pl.DataFrame) -> dict[str, ColumnType]:
    """Return the types of a frame's columns."""
    return {name: ColumnType(frame[name].dtype, _beyond(frame[name])) for name in frame.columns}


def common_types(pieces: Iterable[Types]) -> dict[str, ColumnType]:
    """Return the columns of all pieces, each with the one type that holds it in every piece.

    A column that no one type holds becomes text, as it would if all rows were looked at together.
    """
    found: dict[str, ColumnType] = {}
    for types in pieces:
        for name, added in types.items():
            found[name] = _both(found[name], added) if name in found else added
    return found


def conformed(frame: pl.DataFrame, types: Types) -> pl.DataFrame:
    """Return `frame` with exactly the columns of `types`, in their order."""
    return frame.select(
        _column(frame[name], found.kind)
        if name in frame.columns
        else pl.lit(None, dtype=found.kind).alias(name)
        for name, found in types.items()
    )


def _beyond(column: pl.Series) -> bool:
    if isinstance(column.dtype, pl.List):
        return _holds_integers(column.dtype) and _beyond(column.explode())
    if isinstance(column.dtype, pl.Struct):
        return any(_beyond(inner) for inner in column.struct.unnest().get_columns())
    if not column.dtype.is_integer():
        return False
    low, high = column.min(), column.max()
    return isinstance(low, int) and isinstance(high, int) and max(-low, high) > EXACT


def _holds_integers(kind: pl.DataType) -> bool:
    if isinstance(kind, pl.List):
        return _holds_integers(_instance(kind.inner))
    if isinstance(kind, pl.Struct):
        return any(_holds_integers(_instance(field.dtype)) for field in kind.fields)
    return kind.is_integer()


def _both(a: ColumnType, b: ColumnType) -> ColumnType:
    beyond = a.beyond_floats or b.beyond_floats
    return ColumnType(_common(a.kind, b.kind, beyond=beyond) or pl.String(), beyond)


def _common(a: pl.DataType, b: pl.DataType, *, beyond: bool) -> pl.DataType | None:
    """Return the type that holds what `a` and what `b` hold; None if there is none."""
    if isinstance(a, pl.Null) or isinstance(b, pl.Null):
        return b if isinstance(a, pl.Null) else a
    if isinstance(a, pl.List) and isinstance(b, pl.List):
        inner = _common(_instance(a.inner), _instance(b.inner), beyond=beyond)
        return None if inner is None else pl.List(inner)
    if isinstance(a, pl.Struct) and isinstance(b, pl.Struct):
        return _common_fields(a, b, beyond=beyond)
    if a == b:
        return a
    if a.is_integer() and b.is_integer():
        return None if beyond and not {a, b} <= _WITHIN_64_BITS else pl.Int64()
    numbers = all(kind.is_integer() or kind.is_float() for kind in (a, b))
    return pl.Float64() if numbers and not beyond else None


def _common_fields(a: pl.Struct, b: pl.Struct, *, beyond: bool) -> pl.DataType | None:
    fields = {field.name: _instance(field.dtype) for field in a.fields}
    for field in b.fields:
        kind = _instance(field.dtype)
        held = fields.get(field.name)
        common = kind if held is None else _common(held, kind, beyond=beyond)
        if common is None:
            return None
        fields[field.name] = common
    return pl.Struct(fields)


def _instance(kind: pl.DataType | DataTypeClass) -> pl.DataType:
    return kind if isinstance(kind, pl.DataType) else kind()


def _column(column: pl.Series, kind: pl.DataType) -> pl.Series:
    if column.dtype == kind:
        return column
    if isinstance(column.dtype, pl.Null) or not (kind.is_nested() or kind == pl.String()):
        return column.cast(kind)
    if kind == pl.String():
        texts = [as_text(cell) for cell in column.to_list()]
        return pl.Series(column.name, texts, dtype=pl.String)
    # Polars casts a struct by the places of its fields, Arrow builds it by their names.
    arrow = pl.Series(dtype=kind).to_arrow().type
    return pl.Series(column.name, pa.array(column.to_list(), type=arrow), dtype=kind)
