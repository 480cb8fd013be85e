"""What a step says of the rows that it leaves out. No step but the first changes a row."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from doitkit.core.arrow import read_arrow, write_arrow
from doitkit.core.files import read_json, write_json
from doitkit.core.store import Store
from doitkit.survey.shards import RowNumbers

_FILE, _NOTES = "out.arrow", "notes.json"
_OUT = pa.schema([("row", pa.uint32()), ("reason", pa.string())])


@dataclass(frozen=True)
class Verdict:
    """The rows that a step leaves out, in their order, each with the reason.

    Attributes
    ----------
    notes
        What else the step has to say, JSON-like.
    address
        The name of the step, which decides all of this.
    """

    rows: RowNumbers
    reasons: pl.Series
    notes: dict[str, Any]
    address: str

    def between(self, first: int, end: int) -> tuple[RowNumbers, pl.Series]:
        """Return the rows from `first` to before `end` that are left out, and the reasons."""
        low, high = np.searchsorted(self.rows, [first, end])
        return self.rows[low:high], self.reasons[int(low) : int(high)]


Judged = tuple[pl.DataFrame, dict[str, Any]]
"""Columns `row` and `reason`, and the notes."""


def verdict(store: Store, kind: str, key: Any, judge: Callable[[Path], Judged]) -> Verdict:
    """Return the verdict of a step, carrying it out if it is not in the store.

    Parameters
    ----------
    judge
        Gives the verdict. It may use the folder that it is handed for scratch files in a
        subfolder, and removes that.
    """

    def make(folder: Path) -> None:
        out, notes = judge(folder)
        write_arrow(folder / _FILE, out.sort("row"), _OUT)
        write_json(folder / _NOTES, {"notes": notes})

    folder = store.step(kind, key, make)
    out = read_arrow(folder / _FILE)
    notes: dict[str, Any] = read_json(folder / _NOTES)["notes"]
    return Verdict(out["row"].to_numpy(), out["reason"], notes, folder.name)


def nothing_left_out() -> pl.DataFrame:
    """Return the verdict that leaves out no row."""
    return pl.DataFrame(schema={"row": pl.UInt32, "reason": pl.String})
