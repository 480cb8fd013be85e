"""The record of a run, read back."""

from pathlib import Path

from doitkit.core.files import write_json
from doitkit.train import read_run
from doitkit.train.run import RUN_FILE
from tests.advise.test_recommend import run


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = run("a", {"math": {"human": 3}})
    write_json(tmp_path / RUN_FILE, made.as_json())
    assert read_run(tmp_path) == made


def test_a_run_recorded_before_left_out_rows_were_told_apart_is_still_read(tmp_path: Path) -> None:
    stored = run("a", {"math": {"human": 3}}).as_json()
    del stored["trained"]
    write_json(tmp_path / RUN_FILE, stored)
    assert read_run(tmp_path).trained == {"math": {"human": 3}}
