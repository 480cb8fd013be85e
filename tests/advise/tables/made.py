"""Tables as a user would write them."""

from pathlib import Path
from typing import Any

from doitkit.advise.own_tables import OwnTables

COMPOSITIONS = """\
run,code/human,code/synthetic,math/human,math/synthetic
base,0,0,0,0
a,100,0,100,0
b,400,0,100,200
c,100,400,400,0
d,800,0,200,800
e,200,1600,800,0
f,1600,400,0,1600
"""
SCORES = """\
run,code,math
base,0.10,0.05
a,0.25,0.20
b,0.40,0.24
c,0.30,0.38
d,0.50,0.33
e,0.38,0.48
f,0.58,0.25
"""
PRICES = "human: {per_row: 1.0}\nsynthetic: {per_row: 0.1}\n"
WEIGHTS = """\
run,web,books,code
1,0.6,0.3,0.1
2,0.2,0.5,0.3
3,0.1,0.1,0.8
4,0.4,0.4,0.2
5,0.3,0.0,0.7
6,0.8,0.1,0.1
7,0.5,0.2,0.3
8,0.1,0.7,0.2
"""
LOSSES = """\
run,val_loss
1,2.10
2,2.31
3,2.80
4,2.20
5,2.72
6,2.14
7,2.22
8,2.41
"""


def write(
    folder: Path,
    compositions: str = COMPOSITIONS,
    scores: str = SCORES,
    prices: str | None = PRICES,
    budget: str | None = "2000usd",
    today: str | None = None,
    **asked: Any,
) -> OwnTables:
    """Write tables into a folder and return the question about them."""
    files = {"compositions.csv": compositions, "scores.csv": scores}
    files |= {"prices.yaml": prices} if prices is not None else {}
    files |= {"today.csv": today} if today is not None else {}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return OwnTables(
        folder / "compositions.csv",
        folder / "scores.csv",
        None if prices is None else folder / "prices.yaml",
        budget,
        None if today is None else folder / "today.csv",
        **asked,
    )


def without(table: str, *runs: str) -> str:
    """Return a table without some runs."""
    lines = table.splitlines()
    return "\n".join(line for line in lines if line.split(",")[0] not in runs) + "\n"


def only(table: str, *runs: str) -> str:
    """Return a table of some runs."""
    head, *lines = table.splitlines()
    return "\n".join([head, *(line for line in lines if line.split(",")[0] in runs)]) + "\n"
