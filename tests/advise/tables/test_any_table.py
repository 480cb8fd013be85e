"""Whatever stands in the tables, there is a sound answer or an error that a user can act on."""

import json
from pathlib import Path

import numpy as np
import pytest

from doitkit.advise.own_tables import recommend_from_tables
from doitkit.core.errors import DoitkitError
from tests.advise.tables.made import COMPOSITIONS, LOSSES, PRICES, SCORES, WEIGHTS, write
from tests.advise.tables.test_stated import finite

CELLS = [
    *("", "nan", "-1", "1e308", "1e-300", "0", "1", "0.5", "50", "inf", "many", "1,000", "True"),
    *("run", "code", "human", "1e400", "\x00", "\ufeff", '"', "é", "0x10", "1_000", "-0.0"),
]


def mutated(table: str, generator: np.random.Generator) -> str:
    """A table with a few cells, rows or columns changed."""
    rows = [line.split(",") for line in table.splitlines()]
    for _ in range(generator.integers(1, 4)):
        kind = generator.integers(8)
        row = int(generator.integers(len(rows)))
        column = int(generator.integers(len(rows[row]))) if rows[row] else 0
        if kind < 5 and rows[row]:
            rows[row][column] = CELLS[generator.integers(len(CELLS))]
        elif kind == 5 and len(rows) > 1:
            del rows[row]
        elif kind == 6:
            rows.insert(row, list(rows[row]))
        else:
            for each in rows:
                del each[column : column + 1]
    return "\n".join(",".join(row) for row in rows) + "\n"


@pytest.mark.parametrize("seed", range(60))
def test_any_tables_are_answered_or_refused(seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    mixtures = seed % 3 > 0  # these are answered faster
    compositions, scores = (WEIGHTS, LOSSES) if mixtures else (COMPOSITIONS, SCORES)
    prices = "every: 1.0\n" if mixtures else PRICES
    if generator.random() < 0.5:
        compositions = mutated(compositions, generator)
    else:
        scores = mutated(scores, generator)
    refusal = None
    try:
        found = recommend_from_tables(write(tmp_path, compositions, scores, prices))
        finite(json.loads(json.dumps(found.as_json())))
    except DoitkitError as error:
        refusal = error
    if refusal is not None:
        assert refusal.next_step
        assert str(tmp_path) not in str(refusal)
