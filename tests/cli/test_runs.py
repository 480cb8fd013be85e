"""runs and track: what they list, choose, compare, export and log, and what they refuse."""

import importlib.util
import json
from pathlib import Path

import polars as pl
import pytest

from doitkit.core.arrow import frame_of, write_arrow
from doitkit.core.files import write_json
from doitkit.core.tables import SCORE
from tests.cli.conftest import refused
from tests.project import write_project
from tests.train.tracking.made import made_run

ONE, TWO = made_run("mixed", 1), made_run("mixed", 2, train_loss=1.7)
SUMS = made_run("sums", 1, method="lora", mixture={"sums": {"human": 6}}, tokens_seen={"sums": 9})


def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep W&B off the network; it reads its surroundings once a process."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    pytest.importorskip("wandb").teardown()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace with three runs, one that failed, and scores of which some are outdated."""
    place = tmp_path / "ws"
    for run in (ONE, TWO, SUMS):
        write_json(place / "runs" / run.run_id / "run.json", run.as_json())
    failure = {"name": "words", "seed": 3, "what": "it broke", "why": "x", "log": ["a", "the end"]}
    write_json(place / "runs" / "abc.partial" / "failure.json", failure)
    for number, value in enumerate((0.2, 0.8)):
        (place / "scores" / str(number)).mkdir(parents=True)
        score = {"run_id": ONE.run_id, "ability": "sums", "value": value}
        file = place / "scores" / str(number) / "scores.arrow"
        write_arrow(file, frame_of([score], SCORE), SCORE)
    return place


def test_runs_are_listed_and_failures_are_mentioned(doitkit, place: Path) -> None:
    shown = doitkit("runs", "-w", place)
    assert shown.code == 0
    for text in ("3 runs", "mixed", "sums", "lora", "bits/byte", "1.25", "1 more failed"):
        assert text in shown.out
    told = json.loads(doitkit("runs", "-w", place, "--json").out)
    assert told == [json.loads(json.dumps(run.as_json())) for run in (SUMS, ONE, TWO)]


def test_runs_are_chosen_by_name_option_and_condition(doitkit, place: Path) -> None:
    def names(*words: str) -> list[tuple[str, int]]:
        told = json.loads(doitkit("runs", *words, "-w", place, "--json").out)
        return [(run["name"], run["seed"]) for run in told]

    assert names("mixed") == [("mixed", 1), ("mixed", 2)]
    assert names("sums", TWO.run_id[:14]) == [("sums", 1), ("mixed", 2)]
    assert names("--ability", "words", "--seed", "2") == [("mixed", 2)]
    assert names("--method", "lora") == [("sums", 1)]
    assert names("--where", "train_loss > 1.6") == [("mixed", 2)]
    assert names("--where", '"score/sums" > 0.5') == [("mixed", 1)]
    assert "2 of 3 runs" in doitkit("runs", "mixed", "-w", place).out
    shown = doitkit("runs", "-w", place, "--where", "seed = 9")
    assert "no run fits, of 3 in the workspace" in shown.out


def test_an_empty_workspace_has_no_runs_and_no_failures(doitkit, tmp_path: Path) -> None:
    assert "there are no runs yet" in doitkit("runs", "-w", tmp_path).out
    assert "no run failed" in doitkit("runs", "--failed", "-w", tmp_path).out
    assert json.loads(doitkit("runs", "-w", tmp_path, "--where", "seed = 1", "--json").out) == []


def test_runs_are_compared(doitkit, place: Path) -> None:
    shown = doitkit("runs", ONE.run_id[:14], "sums", "--compare", "-w", place)
    assert shown.code == 0
    for text in ("2 runs compared", "method", "full", "lora", "train_loss", "the same in all"):
        assert text in shown.out
    told = json.loads(doitkit("runs", "mixed", "--compare", "-w", place, "--json").out)
    assert told["labels"] == ["mixed, seed 1", "mixed, seed 2"]
    assert {one["name"] for one in told["differences"]} == {"seed", "train_loss", "score/sums"}


def test_tables_are_exported(doitkit, place: Path, tmp_path: Path) -> None:
    file = tmp_path / "runs.parquet"
    shown = doitkit("runs", "-w", place, "--export", file)
    assert f"table of runs: {file}" in shown.out
    assert sorted(pl.read_parquet(file)["name"]) == ["mixed", "mixed", "sums"]
    doitkit("runs", "sums", "-w", place, "--export", tmp_path / "c.csv", "--table", "curves")
    assert pl.read_csv(tmp_path / "c.csv").height == 5
    doitkit("runs", "-w", place, "--export", tmp_path / "c.json", "--table", "cells", "--json")
    assert len(json.loads((tmp_path / "c.json").read_text())) == 7


def test_failed_runs_are_shown_with_their_reason(doitkit, place: Path) -> None:
    shown = doitkit("runs", "--failed", "-w", place)
    for text in ("1 runs failed", "words", "it broke", "last of all: the end"):
        assert text in shown.out
    (told,) = json.loads(doitkit("runs", "--failed", "-w", place, "--json").out)
    assert told["log"] == ["a", "the end"]


def test_what_cannot_be_done_is_refused(doitkit, place: Path, tmp_path: Path) -> None:
    refused(doitkit("runs", "-w", tmp_path / "none"), 2, "there is no workspace here")
    refused(doitkit("runs", "mixd", "-w", place), 2, "no run is called `mixd`")
    refused(doitkit("runs", "-w", place, "--where", "colour = 1"), 2, "colour")
    refused(doitkit("runs", "sums", "--compare", "-w", place), 2, "1 runs cannot be compared")
    refused(doitkit("runs", "-w", place, "--export", tmp_path / "x.xls"), 2, ".parquet, .csv")
    refused(doitkit("track", "-w", place), 2, "no tracker is named")
    assert not (tmp_path / "x.xls").exists()


def test_runs_are_logged_once(
    doitkit, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb")
    _offline(monkeypatch)
    words = ["--to", "wandb", "--project", "p", "-w", place]
    first = doitkit("track", "mixed", *words, "-q")
    assert first.code == 0, first.err
    assert "2 runs logged to wandb, project p; 0 were there already" in first.out
    told = json.loads(
        doitkit("track", "--to", "wandb", "--project", "p", "-w", place, "--json").out
    )
    assert told["new"] == [SUMS.run_id]
    assert set(told["known"]) == {ONE.run_id, TWO.run_id}
    assert "wandb sync" in told["look"]


def test_the_tracker_may_be_that_of_a_recipe(
    doitkit, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = write_project(tmp_path)
    words = ["track", "--recipe", recipe, "-w", place]
    refused(doitkit(*words), 2, "does not say where the records of runs go")
    write_project(tmp_path, "tracking: {to: wandb, project: theirs}\n")
    if importlib.util.find_spec("wandb") is None:
        refused(doitkit(*words), 2, "doitkit[wandb]")
        return
    _offline(monkeypatch)
    assert "3 runs logged to wandb, project theirs" in doitkit(*words, "-q").out


@pytest.mark.skipif(importlib.util.find_spec("mlflow") is not None, reason="mlflow is installed")
def test_a_tracker_that_is_missing_is_named(doitkit, place: Path) -> None:
    refused(doitkit("track", "--to", "mlflow", "-w", place), 2, "doitkit[mlflow]")
