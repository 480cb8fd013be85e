"""Mixtures that hold a row more than once: nested still, counted, and trained as often."""

from pathlib import Path

import pytest

from doitkit import api
from doitkit.build import compositions
from doitkit.core.errors import PlanError
from doitkit.core.origins import Cell
from doitkit.mix import Mixture
from tests.project import load_project

SUMS = Cell("sums", "human")


def test_rows_stand_in_their_order_over_again(tmp_path: Path) -> None:
    dataset = api.build(load_project(tmp_path), tmp_path / "ws")
    once = dataset.rows_of(Mixture.of("once", {SUMS: 40}))["id"].to_list()
    more = Mixture.of("more", {SUMS: 100}, repeat_at_most=3)
    rows = dataset.rows_of(more)
    assert rows["id"].to_list() == once + once + once[:20]
    assert dataset.id_of(more) != dataset.id_of(Mixture.of("all", {SUMS: 40}))
    assert [row["n_instances"] for row in compositions(rows, None, 1.0)] == [100]
    with pytest.raises(PlanError, match="more rows than were built"):
        dataset.rows_of(Mixture.of("too-much", {SUMS: 100}, repeat_at_most=2))


REPEATED = """
ladder:
  sizes: [40]
  designs:
    - design: explicit
      mixtures:
        twice: {fractions: {sums: {human: 2.0}}, repeat_at_most: 2}
        once: {fractions: {sums: {human: 1.0}}}
train: {base_model: ./tiny, epochs: 1, batch_size: 8, dtype: float32, threads: 1}
"""


def test_a_repeated_row_is_trained_twice(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "tiny").symlink_to(tiny_model)
    recipe = load_project(tmp_path, REPEATED)
    twice, once = api.train(recipe, tmp_path / "ws")[1:]
    assert (twice.rows, once.rows) == (80, 40)
    assert (twice.steps, once.steps) == (10, 5)
    assert twice.tokens == 2 * once.tokens
    assert twice.trained_counts == {SUMS: 80}
