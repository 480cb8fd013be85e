"""Why rows were left out: the reasons of the rejects, those of one kind together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

_MOST_CHARS = 160

_KINDS: tuple[tuple[str, str], ...] = (
    # What another row, or an item, is called: its source tells enough.
    (r"(?s)^(same \w+ as )the evaluation item ([^,]+), .*$", "${1}an item of $2"),
    (r"(?s)^(same \w+ as [^,]+), [^,]*:\d+$", "$1"),
    (r"(?s)^[\d.]+ alike with ([^,]+), .*$", "alike with $1"),
    (
        r"(?s)^holds \d+ % (of the \w+ of )the evaluation item ([^,]+), .*$",
        "holds a part ${1}an item of $2",
    ),
    # How much it was: the bound, which comes behind, tells enough.
    (r"^[\d.]+ of \d+ ", "N of N "),
    (r"\b\d[\d,.]*\b (character|word|token|turn)s?\b", "N ${1}s"),
    (r"(?s)^the choice .* stands there twice$", "a choice stands there twice"),
    # Which phrase it was: there are hundreds, and the row tells.
    (r'(?s)^([^":]+): ".*"$', "$1"),
    (r"(line|column|char|position|byte) \d+", "$1 N"),
)


@dataclass(frozen=True)
class Reason:
    """A kind of reason for which rows of a source were left out, with one of them."""

    source: str
    step: str
    kind: str
    rows: int
    file: str
    line: int
    reason: str
    """What was said of that row."""
    text: str
    """How that row begins."""

    def as_json(self) -> dict[str, Any]:
        """Return the reason as plain JSON."""
        return vars(self)


def read_reasons(rejects: Path) -> list[Reason]:
    """Return the reasons in a file of rejects, the commonest first.

    However many rejects there are, no more are held than there are kinds.
    """
    # Taken as it stands: a path with brackets is no pattern.
    rows = pl.scan_parquet(rejects, glob=False).with_row_index("row")
    groups = ["source", "step", "kind"]
    counted = (
        rows.select("row", "source", "step", _kind(pl.col("reason")).alias("kind"))
        .group_by(groups)
        .agg(pl.len().alias("rows"), pl.col("row").min())
        .collect(engine="streaming")
    )
    shown = rows.select("row", "file", "line", "reason", "text").filter(
        pl.col("row").is_in(counted["row"].implode())
    )
    found = counted.lazy().join(shown, on="row").collect(engine="streaming")
    ordered = found.sort("rows", *groups, descending=[True, False, False, False]).drop("row")
    return [Reason(**row) for row in ordered.iter_rows(named=True)]


def _kind(reason: pl.Expr) -> pl.Expr:
    for pattern, instead in _KINDS:
        reason = reason.str.replace(pattern, instead)
    return reason.str.replace_all(r"\s+", " ").str.slice(0, _MOST_CHARS)
