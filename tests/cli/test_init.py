"""`doitkit init`, with and without a folder of data to look at."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from doitkit.demo import BASE_MODEL
from doitkit.recipe import load_recipe
from tests.cli.conftest import refused
from tests.draft.data import questions, write


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(
        tmp_path / "data",
        {
            "sums/train.jsonl": questions(80),
            "sums/gpt4.jsonl": questions(80, 100),
            "sums/test.jsonl": questions(20, 5000),
            "words/a.jsonl": questions(80, 1000, "Say"),
        },
    )


def test_without_data_the_starter_is_copied(doitkit, tmp_path: Path) -> None:
    assert doitkit("init", tmp_path / "mine").code == 0
    assert (tmp_path / "mine" / "data" / "conversions.jsonl").is_file()
    assert load_recipe(tmp_path / "mine" / "recipe.yaml").name == "starter"


def test_a_recipe_is_drafted_shown_and_planned(doitkit, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    refused(doitkit("init", folder, "--from", data, "-q"), 2, "words (words/a.jsonl)", "--hold-out")
    assert not folder.exists()
    outcome = doitkit("init", folder, "--from", data, "-q", "--hold-out", 20)
    assert outcome.code == 0, outcome.err
    recipe = folder / "recipe.yaml"
    assert f"doitkit plan {recipe}" in outcome.out
    for word in ("sums", "trains, synthetic", "words/a.jsonl, in part", "prompt_completion"):
        assert word in outcome.out
    assert {f.name for f in (folder / "models" / "base").iterdir()} == {
        f.name for f in BASE_MODEL.iterdir()
    }
    plan = json.loads(doitkit("plan", recipe, "--json").out)
    assert plan["evaluation_items"] == {"sums": 20, "words": 20}
    refused(doitkit("init", folder, "--from", data), 2, "there is a recipe already")


def test_flags_decide(doitkit, data: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    folder = tmp_path / "mine"
    outcome = doitkit(
        *("init", folder, "--from", data, "--json", "--skip", "sums/gpt4.jsonl"),
        *("--eval", "words/a.jsonl", "--ability", "words/*=sums", "--skip", "test.jsonl"),
        *("--origin", "sums/train.jsonl=programmatic", "--budget", 50, "--name", "decided"),
        *("--base-model", tmp_path / "model"),
    )
    assert outcome.code == 0, outcome.err
    shown = json.loads(outcome.out)
    assert shown["recipe"] == str(folder / "recipe.yaml")
    assert shown["left_out"] == {"sums/gpt4.jsonl": "--skip", "sums/test.jsonl": "--skip"}
    files = {file["file"]: file for file in shown["files"]}
    assert files["sums/train.jsonl"]["rows"] == 80
    assert files["sums/train.jsonl"]["origin_from"] == "--origin"
    assert shown["abilities"]["sums"]["evaluate"] == ["words/a.jsonl"]
    recipe = load_recipe(folder / "recipe.yaml")
    assert recipe.name == "decided"
    assert [source.origin for source in recipe.sources.values()] == ["programmatic"]
    assert recipe.advise is not None
    assert recipe.advise.budget == 50
    assert recipe.train is not None
    assert recipe.train.base_model == "../model"
    assert not (folder / "models").exists()


def test_requests_that_cannot_be_carried_out(doitkit, data: Path, tmp_path: Path) -> None:
    init = ("init", tmp_path / "mine")
    refused(doitkit(*init, "--hold-out", 3), 2, "name the folder of your data with --from")
    refused(doitkit(*init, "--interactive"), 2, "name the folder of your data with --from")
    refused(doitkit(*init, "--from", data, "-i"), 2, "nobody to ask", "needs a terminal")
    refused(doitkit(*init, "--from", tmp_path / "none"), 2, "no such folder")
    refused(doitkit(*init, "--from", data / "sums" / "test.jsonl"), 2, "it is a file")
    refused(doitkit(*init, "--from", data, "-q", "--ability", "x"), 2, "--ability x")
    refused(doitkit(*init, "--from", data, "-q", "--eval", "*.csv"), 2, "matches no file")
    refused(doitkit(*init, "--from", data, "-q", "--name", "?"), 2, "`--name ?`")
    (tmp_path / "empty").mkdir()
    refused(doitkit(*init, "--from", tmp_path / "empty"), 2, "no file in this folder")
    assert not (tmp_path / "mine").exists()


def test_questions_on_a_terminal(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    command = [
        sys.executable,
        "-m",
        "doitkit",
        "init",
        str(folder),
        "--from",
        str(data),
        "-q",
        "-i",
    ]
    # gpt4: as guessed. test, train: as guessed. words/a: first a name that is none, then scoring.
    answers = ["", "", "programmatic", *["", ""], *["", "", ""], "evaluation", "2 words", "sums"]
    parent, child = pty.openpty()
    process = subprocess.Popen(command, stdin=child, stdout=child, stderr=child)
    os.close(child)
    os.write(parent, ("\n".join(answers) + "\n").encode())
    shown = b""
    try:
        while chunk := os.read(parent, 4096):
            shown += chunk
    except OSError:
        pass  # What Linux says at the end of a terminal.
    os.close(parent)
    assert process.wait() == 0, shown.decode()
    text = shown.decode()
    assert "sums/gpt4.jsonl: 80 rows, prompt_completion, " in text
    assert "starts with a letter" in text
    recipe = load_recipe(folder / "recipe.yaml")
    assert list(recipe.abilities) == ["sums"]
    assert {s.origin for s in recipe.sources.values()} == {"programmatic", "human"}
    assert "as said by --interactive" in (folder / "recipe.yaml").read_text()
