"""export: a mixture for another trainer, from the command line."""

import json
from pathlib import Path

import pytest

from doitkit.core.workspace import Workspace
from tests.cli.conftest import refused
from tests.project import write_project

MORE = """\
mixture: {counts: {sums: {human: 9, synthetic: 3}}}
ladder:
  sizes: [8]
  seeds: [1]
  designs:
    - design: explicit
      mixtures: {only-sums: {counts: {sums: {human: 8}}}}
train: {base_model: owner/model}
"""


@pytest.fixture
def built(tmp_path: Path) -> tuple[Path, Path]:
    from doitkit.build import build
    from doitkit.recipe import load_recipe

    recipe = write_project(tmp_path, MORE)
    build(load_recipe(recipe), Workspace(tmp_path / "ws"))
    return recipe, tmp_path / "ws"


def test_todays_mixture_is_written(doitkit, built: tuple[Path, Path], tmp_path: Path) -> None:
    recipe, place = built
    shown = doitkit("export", recipe, "--to", "axolotl", "--folder", tmp_path / "out", "-w", place)
    assert shown.code == 0, shown.err
    assert f"12 rows of the mixture `today`: {tmp_path / 'out'}" in shown.out
    told = json.loads(
        doitkit("export", recipe, "--to", "openai", "-f", tmp_path / "o", "-w", place, "--json").out
    )
    assert told["rows"] == 12
    assert told["files"] == ["README.txt", "manifest.json", "provenance.parquet", "train.jsonl"]


def test_a_mixture_of_the_ladder_is_written(
    doitkit, built: tuple[Path, Path], tmp_path: Path
) -> None:
    from doitkit.cli.export import _mixture
    from doitkit.recipe import load_recipe

    recipe, place = built
    words = ["--to", "trl", "-f", tmp_path / "out", "-w", place, "--mixture"]
    refusal = doitkit("export", recipe, *words, "nothing")
    refused(refusal, 2, "the recipe has no mixture `nothing`", "one of: today, ")
    name = refusal.err.partition("one of: today, ")[2].split(", ")[0].strip()
    shown = doitkit("export", recipe, *words, name)
    assert shown.code == 0, shown.err
    assert f"of the mixture `{name}`" in shown.out
    from doitkit import api

    loaded = load_recipe(recipe)
    wanted = _mixture(loaded, api.open_dataset(loaded, place), name)
    written = (tmp_path / "out" / "train.jsonl").read_text().splitlines()
    assert len(written) == wanted.total > 0


def test_what_cannot_be_exported_is_refused(
    doitkit, built: tuple[Path, Path], tmp_path: Path
) -> None:
    recipe, place = built
    words = ["--to", "trl", "-f", tmp_path / "out"]
    refused(doitkit("export", recipe, *words, "-w", tmp_path / "new"), 2, "is not built")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x")
    refused(doitkit("export", recipe, *words, "-w", place), 2, "there is something already")
    bare = tmp_path / "bare.yaml"
    bare.write_text("doitkit: 1\nextends: recipe.yaml\nmixture:\nname: bare\n")
    refused(
        doitkit("export", bare, "--to", "trl", "-f", tmp_path / "b", "-w", place),
        2,
        "the mixture of today is empty",
    )
