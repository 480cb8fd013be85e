"""A sample of a file's rows, for estimates: every distinct row is as likely to be in it.

Rows are drawn by the hash of their text (bottom-k sampling), and all copies of a drawn row come
with it, so that the share of repeats in the sample is that of the file.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, TypeVar

from doitkit.source.files import read_raw
from doitkit.source.raw import RawRow, Unreadable

Row = TypeVar("Row")

_FULL = 4
"""How many times the wanted number of rows are held before the highest ranks are let go."""


def drawn_rows(
    path: Path,
    most: int,
    *,
    keys: Collection[str] = (),
    header: bool | list[str] = True,
    records_at: str | None = None,
) -> tuple[list[RawRow | Unreadable], int]:
    """Return about `most` distinct rows of a file, in their order, and how many rows it holds.

    All rows come where there are no more than that.

    Parameters
    ----------
    keys
        The columns that tell rows apart: two rows that differ in an id alone are copies. Where a
        row has none of them, all of it counts.
    """
    wanted = frozenset(keys)
    rows = read_raw(path, header=header, records_at=records_at)
    return _bottom(rows, lambda row: _text(row, wanted), most)


def _bottom(rows: Iterator[Row], text: Callable[[Row], str], most: int) -> tuple[list[Row], int]:
    held: list[tuple[int, int, Row]] = []
    highest = 1 << 64
    total = 0
    for row in rows:
        rank = _rank(text(row))
        if rank <= highest:
            held.append((rank, total, row))
            if len(held) > _FULL * most:
                highest = _highest(held, most)
                held = [entry for entry in held if entry[0] <= highest]
        total += 1
    highest = _highest(held, most)
    drawn = sorted((entry for entry in held if entry[0] <= highest), key=lambda entry: entry[1])
    return [row for _, _, row in drawn], total


def _highest(held: list[tuple[int, int, Any]], most: int) -> int:
    ranks = sorted({rank for rank, _, _ in held})
    return ranks[min(most, len(ranks)) - 1] if ranks else 0


def _rank(text: str) -> int:
    raw = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "big")


def _text(row: RawRow | Unreadable, keys: frozenset[str]) -> str:
    if isinstance(row, Unreadable):
        return row.text
    telling = {key: value for key, value in row.value.items() if key in keys}
    return json.dumps(telling or row.value, default=str, ensure_ascii=False)
