"""Records of runs as tables: chosen, compared, exported; of made runs and of trained ones."""

import json
from pathlib import Path

import polars as pl
import pytest

from doitkit.core.errors import UsageError
from doitkit.core.workers import WorkerPool
from doitkit.train import Run
from doitkit.train.records import (
    RunFilter,
    cell_table,
    compare_runs,
    curve_table,
    fields_of,
    matching,
    named_runs,
    run_table,
    write_table,
)
from tests.train.ladder import MIXED, SUMS, project, rungs
from tests.train.tracking.made import made_run

BASE = made_run(
    "base",
    0,
    method="none",
    mixture={},
    trained={},
    tokens_seen={},
    train_loss=None,
    cost=None,
    losses=(),
    measured=(),
    kept_step=0,
)
ONE, TWO = made_run("mixed", 1), made_run("mixed", 2, train_loss=1.7, losses=((10, 2.1), (30, 1.2)))
SMALL = made_run(
    "sums",
    1,
    method="lora",
    mixture={"sums": {"human": 6}},
    trained={"sums": {"human": 6}},
    tokens_seen={"sums": 500},
    cost=0.5,
)
RUNS = [BASE, ONE, TWO, SMALL]
SCORES = {ONE.run_id: {"sums": 0.8}, SMALL.run_id: {"sums": 0.4, "words": 0.5}}


def test_a_row_a_run_with_nested_things_as_columns() -> None:
    table = run_table(RUNS, SCORES)
    assert table.height == 4
    assert table["rows"].to_list() == [0, 12, 12, 6]
    assert table["rows/sums/synthetic"].to_list() == [0, 2, 2, 0]
    assert table["trained_rows/sums/human"].to_list() == [0, 5, 5, 6]
    assert table["tokens_seen/words"].to_list() == [0, 300, 300, 0]
    assert table["train_loss"].to_list() == [None, 1.5, 1.7, 1.5]
    assert table["bits_per_byte"].to_list() == [None, 2.5, 2.5, 2.5]
    assert table["version/torch"].to_list() == ["2.13.0"] * 4
    assert table["score/sums"].to_list() == [None, 0.8, None, 0.4]
    assert table["score/words"].to_list() == [None, None, None, 0.5]
    assert "losses" not in table.columns
    names = table.columns
    assert names.index("rows") + 1 == names.index("rows/sums/human")


def test_a_table_of_runs_that_never_trained_has_types() -> None:
    table = run_table([BASE])
    assert table.schema["train_loss"] == pl.Float64
    assert table.schema["cost"] == pl.Float64
    assert run_table([]).height == 0


def test_every_field_of_a_record_is_in_the_table() -> None:
    told = {name.partition("/")[0] for name in fields_of(ONE)}
    renamed = {"mixture": "rows", "trained": "trained_rows", "versions": "version"}
    stored = {renamed.get(name, name) for name in ONE.as_json()} - {"losses", "measured"}
    assert stored <= told


def test_cells_and_curves() -> None:
    cells = cell_table(RUNS)
    assert cells.filter(pl.col("run_id") == ONE.run_id).rows() == [
        (ONE.run_id, "mixed", 1, "sums", "human", 6, 5),
        (ONE.run_id, "mixed", 1, "sums", "synthetic", 2, 2),
        (ONE.run_id, "mixed", 1, "words", "human", 4, 4),
    ]
    curves = curve_table([TWO])
    assert curves.select("curve", "step", "value").rows() == [
        ("train_loss", 10, 2.1),
        ("train_loss", 30, 1.2),
        ("bits_per_byte", 10, 3.0),
        ("bits_per_byte", 30, 2.5),
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (RunFilter(), RUNS),
        (RunFilter(ability="words"), [ONE, TWO]),
        (RunFilter(method="lora"), [SMALL]),
        (RunFilter(seed=1), [ONE, SMALL]),
        (RunFilter(model="models/base", seed=2), [TWO]),
        (RunFilter(where="train_loss < 1.6 AND method = 'full'"), [ONE]),
        (RunFilter(where='"tokens_seen/words" > 0', seed=2), [TWO]),
        (RunFilter(where='"score/sums" > 0.5'), [ONE]),
        (RunFilter(where="cost IS NULL"), [BASE]),
        (RunFilter(where="name LIKE 'su%'"), [SMALL]),
        (RunFilter(where="seed > 100"), []),
    ],
)
def test_runs_are_chosen(wanted: RunFilter, expected: list[Run]) -> None:
    assert matching(RUNS, wanted, SCORES) == expected


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (RunFilter(where="colour = 1"), ("colour", "train_loss")),
        (RunFilter(where="seed ="), ("seed =",)),
        (RunFilter(where="seed > max(seed)"), ("all rows together",)),
        (RunFilter(where="seed + 1"), ("condition",)),
        (RunFilter(where="seed IN (SELECT 1)"), ("other files",)),
        (RunFilter(ability="word"), ("no run has the ability `word`", "sums, words")),
        (RunFilter(method="qlora"), ("full, lora, none",)),
    ],
)
def test_what_cannot_choose_is_refused(wanted: RunFilter, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as raised:
        matching(RUNS, wanted)
    for word in words:
        assert word in str(raised.value)


def test_runs_are_named_by_mixture_or_id() -> None:
    assert named_runs(RUNS, ["mixed"]) == [ONE, TWO]
    assert named_runs(RUNS, [SMALL.run_id[:8], "base"]) == [SMALL, BASE]
    assert named_runs(RUNS, ["mixed", ONE.run_id]) == [ONE, TWO]
    with pytest.raises(UsageError, match="ids of 2 runs begin with"):
        named_runs(RUNS, ["6d697865"])
    with pytest.raises(UsageError) as raised:
        named_runs(RUNS, ["mixd"])
    assert "base, mixed, sums" in str(raised.value)


def test_a_comparison_says_what_differs_and_what_does_not() -> None:
    found = compare_runs([ONE, SMALL], SCORES)
    assert found.labels == ("mixed, seed 1", "sums, seed 1")
    differing = {(one.group, one.name): one.values for one in found.differences}
    assert differing["settings", "method"] == ("full", "lora")
    assert differing["data", "rows"] == (12, 6)
    assert differing["data", "tokens_seen/words"] == (300, 0)
    assert differing["results", "score/words"] == (None, 0.5)
    groups = [one.group for one in found.differences]
    assert groups == sorted(groups, key=["settings", "data", "results"].index)
    assert "seed" in found.same
    assert "run_id" not in found.same
    everything = {one.name for one in found.differences} | set(found.same)
    assert everything == set(run_table([ONE, SMALL], SCORES).columns) - {"run_id", "name"}


def test_curves_of_different_steps_stand_side_by_side() -> None:
    loss, measured = compare_runs([ONE, TWO]).curves
    assert loss.points == ((10, (2.0, 2.1)), (20, (1.5, None)), (30, (1.0, 1.2)))
    assert measured.name == "bits_per_byte"
    assert compare_runs([BASE, BASE]).curves == ()


def test_equal_names_are_told_apart_and_one_run_is_not_compared() -> None:
    other = made_run("mixed", 1, run_id="f" * 32)
    assert compare_runs([ONE, other]).labels == (
        f"mixed, seed 1 ({ONE.run_id[:8]})",
        "mixed, seed 1 (ffffffff)",
    )
    with pytest.raises(UsageError, match="1 runs cannot be compared"):
        compare_runs([ONE])


@pytest.mark.parametrize("name", ["runs.parquet", "deep/runs.csv", "runs.json"])
def test_tables_are_written_and_read_back(name: str, tmp_path: Path) -> None:
    table, file = run_table(RUNS, SCORES), tmp_path / name
    write_table(table, file)
    readers = {".parquet": pl.read_parquet, ".csv": pl.read_csv}
    if file.suffix == ".json":
        assert json.loads(file.read_text()) == table.to_dicts()
    else:
        read = readers[file.suffix](file)
        assert read.columns == table.columns
        assert read["train_loss"].to_list() == table["train_loss"].to_list()
        assert read["rows/sums/human"].to_list() == [0, 6, 6, 6]
    write_table(curve_table(RUNS), file)


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        write_table(run_table(RUNS), tmp_path / "runs.xlsx")
    assert ".parquet, .csv, .json" in str(raised.value)


@pytest.mark.slow
def test_trained_runs_are_told_as_they_were(
    tmp_path: Path, tiny_model: Path, pool: WorkerPool
) -> None:
    validation = {"fraction": 0.2, "every_steps": 2}
    made = project(tmp_path, tiny_model, validation=validation)
    runs = made.train(pool, *rungs([SUMS, MIXED], 1, 2))
    table = run_table(runs)
    assert table["run_id"].n_unique() == 5
    trained = table.filter(pl.col("method") != "none")
    seen = trained["tokens_seen/sums"] + trained["tokens_seen/words"]
    passes = (trained["tokens"] * trained["epochs"]).round().cast(pl.Int64)
    assert (seen - passes).abs().max() <= 1
    rows = trained["trained_rows"] + trained["left_out"] + trained["held_out"]
    assert rows.to_list() == trained["rows"].to_list()
    assert set(trained["bits_per_byte"].is_null()) == {False}
    curves = curve_table(runs)
    assert set(curves["run_id"]) == set(trained["run_id"])
    first, second = (run for run in runs if run.name == "sums")
    found = compare_runs([first, second])
    assert {one.name for one in found.differences if one.group != "results"} == {"seed"}
    ours = matching(runs, RunFilter(where='"tokens_seen/words" > 0 AND wall_s > 0'))
    assert {run.name for run in ours} == {"mixed"}
