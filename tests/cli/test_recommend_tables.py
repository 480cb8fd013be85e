"""recommend with a user's own tables: nothing but the core, and no recipe beside them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.advise.tables.made import LOSSES, PRICES, WEIGHTS, write
from tests.cli.conftest import refused

BLOCKED = ("torch", "transformers", "lm_eval", "peft", "accelerate", "datasets", "jinja2", "ray")
ALONE = f"""
import sys


class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, *others):
        if name.partition(".")[0] not in {BLOCKED!r}:
            return self.finder.find_spec(name, *others)


sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
from doitkit.cli import main

main()
"""


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The options that name the tables of a growth law, in the folder where they lie."""
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return [
        *("--compositions", "compositions.csv", "--scores", "scores.csv"),
        *("--prices", "prices.yaml", "--budget", "2000usd"),
    ]


@pytest.fixture
def mixtures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The same of mixtures without a size axis."""
    write(tmp_path, WEIGHTS, LOSSES, "web: 3\nevery: 1\n")
    monkeypatch.chdir(tmp_path)
    return [
        *("--compositions", "compositions.csv", "--scores", "scores.csv"),
        *("--prices", "prices.yaml", "--budget", "2000eur"),
    ]


def test_a_growth_law_is_shown(doitkit, tables: list[str]) -> None:
    shown = doitkit("recommend", *tables)
    assert shown.code == 0, shown.err
    for text in (
        "compositions: what to buy for 2,000 usd",
        "code/human",
        "equal split",
        "what to run next",
        "assumed: standard errors of `code`, `math` missing: taken from 200 items",
    ):
        assert text in shown.out
    told = json.loads(doitkit("recommend", *tables, "--json").out)
    assert told["unit"] == "usd"
    assert told["spent"] <= told["budget"] == 2000
    assert told["assumptions"]


def test_mixtures_are_shown(doitkit, mixtures: list[str]) -> None:
    shown = doitkit("recommend", *mixtures)
    assert shown.code == 0, shown.err
    for text in (
        "val_loss (less is better), with 80 % intervals",
        "best run (1)",
        "mean of the runs",
        "for 2,000 eur:",
        "left out, each of 8 runs is predicted from the others: rank correlation",
        "assumed: weights: no size axis",
        "assumed: lower is better for `val_loss`: recognised by the name",
    ):
        assert text in shown.out
    told = json.loads(doitkit("recommend", *mixtures, "--json").out)
    assert told["kind"] == "mixture"
    assert told["objective"] == "val_loss"
    assert sum(told["advised"].values()) == pytest.approx(1)
    assert told["purchase"]["spent"] <= 2000


def test_todays_mixture_is_set_beside(doitkit, mixtures: list[str]) -> None:
    Path("today.csv").write_text("web,books,code\n100,100,200\n")
    told = json.loads(doitkit("recommend", *mixtures, "--today", "today.csv", "--json").out)
    today = told["candidates"][-1]
    assert today["name"] == "today"
    assert today["weights"] == {"web": 0.25, "books": 0.25, "code": 0.5}
    assert today["worse_than_advised"] > 0.9


def test_outcomes_are_named_with_weights(doitkit, tables: list[str]) -> None:
    told = json.loads(doitkit("recommend", *tables, "--objective", "code=3,math=1", "--json").out)
    assert told["objective"] == "the weighted mean score"
    other = doitkit("recommend", *tables, "--objective", "code=3", "--objective", "math", "--json")
    assert json.loads(other.out)["purchases"] == told["purchases"]
    refused(doitkit("recommend", *tables, "--objective", "code=much"), 2, "E408", "OUTCOME=WEIGHT")
    refused(doitkit("recommend", *tables, "--objective", "maths=1"), 2, "did you mean `math`?")


def test_the_reference_is_chosen(doitkit, tables: list[str]) -> None:
    told = json.loads(doitkit("recommend", *tables, "--reference", "synthetic", "--json").out)
    assert told["reference"] == "synthetic"
    refused(doitkit("recommend", *tables, "--reference", "robots"), 2, "E411", "human, synthetic")


@pytest.mark.parametrize("kind", ["tables", "mixtures"])
def test_nothing_but_the_core_is_needed(kind: str, request: pytest.FixtureRequest) -> None:
    """In a process that cannot import torch, nor anything else of the extras."""
    options = request.getfixturevalue(kind)
    alone = subprocess.run(
        [sys.executable, "-c", ALONE, "recommend", *options, "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert alone.returncode == 0, alone.stderr
    assert json.loads(alone.stdout)["assumptions"]
    blocked = subprocess.run(
        [sys.executable, "-c", ALONE.replace("from doitkit.cli import main", "import torch")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "No module named 'torch'" in blocked.stderr


def test_what_does_not_go_together_is_refused(doitkit, tables: list[str]) -> None:
    refused(doitkit("recommend", "recipe.yaml", *tables), 2, "E411", "a recipe and tables")
    refused(doitkit("recommend", "recipe.yaml", "--budget", "5"), 2, "E411", "--budget")
    refused(doitkit("recommend"), 2, "E411", "--compositions FILE")
    refused(doitkit("recommend", *tables[:2]), 2, "E411", "--scores FILE")
    refused(doitkit("recommend", *tables, "-w", "ws"), 2, "E411", "--workspace")
    refused(doitkit("recommend", *tables, "--set", "train.epochs=2"), 2, "E411", "--set")


def test_a_mistake_in_a_table_is_told_with_its_place(doitkit, tables: list[str]) -> None:
    file = Path("compositions.csv")
    file.write_text(file.read_text().replace("b,400", "b,-400"))
    outcome = doitkit("recommend", *tables)
    refused(outcome, 2, "E403", "compositions.csv:4:code/human", "correct the amount")
    told = json.loads(doitkit("recommend", *tables, "--json").out)
    assert told["error"]["where"] == "compositions.csv:4:code/human"
    Path("prices.yaml").write_text(PRICES.replace("human", "humna"))
    file.write_text(file.read_text().replace("-400", "400"))
    refused(doitkit("recommend", *tables), 2, "E409", "did you mean `human`?")
