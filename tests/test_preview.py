"""The plan in a workspace: what is built, trained and timed already is known to it."""

import sys
from pathlib import Path

import pytest

from doitkit import api
from doitkit.core.errors import PlanError
from doitkit.core.hashing import digest_folder
from doitkit.core.workspace import Workspace
from doitkit.preview import preview
from doitkit.recipe import load_recipe
from tests.project import load_project, write_rows

LADDER = """
mixture: {counts: {sums: {human: 12}}}
ladder:
  sizes: [4, 8]
  designs: [{design: balanced, origins: {human: 1}, seeds: [1, 2]}]
train: {base_model: ./tiny, epochs: 1, batch_size: 4, dtype: float32, threads: 1}
"""


def _everything(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): p.stat().st_mtime_ns for p in folder.rglob("*")}


def test_a_plan_writes_nothing_anywhere(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    before = _everything(tmp_path)
    plan = preview(recipe, Workspace(tmp_path / "ws"))
    assert plan.basis == "read"
    assert _everything(tmp_path) == before


def test_after_a_build_the_counts_are_those_of_the_dataset(tmp_path: Path) -> None:
    recipe = load_project(tmp_path, "mixture: {counts: {sums: {human: 12, synthetic: 5}}}\n")
    place = Workspace(tmp_path / "ws")
    read = preview(recipe, place)
    api.build(recipe, place.root)
    before = _everything(tmp_path)
    built = preview(recipe, place)
    assert (read.basis, built.basis) == ("read", "built")
    assert built.sources == read.sources
    assert built.stored.dataset
    assert _everything(tmp_path) == before
    # Another row in a file, and what is built is not what the recipe describes any more.
    write_rows(tmp_path / "words-human.jsonl", [{"prompt": "p", "completion": "c"}])
    assert preview(recipe, place).basis == "read"


def test_runs_that_are_trained_are_told_and_time_the_others(
    tmp_path: Path, tiny_model: Path
) -> None:
    (tmp_path / "tiny").symlink_to(tiny_model)
    recipe = load_project(tmp_path, LADDER)
    place = Workspace(tmp_path / "ws")
    assert preview(recipe, place).runs[0].seconds is None
    api.train(recipe, place.root, first=3)
    plan = preview(recipe, place)
    assert [(line.mixture, line.done) for line in plan.runs] == [("human-4", 2), ("human-8", 1)]
    assert plan.n_done == 3
    small, large = (line.seconds for line in plan.runs)
    assert small is not None
    assert large is not None
    assert 0 < small <= large < 120
    hours = {line.category: line.amount for line in plan.money}["training hours"]
    assert hours == pytest.approx(large / 3600)


def test_training_stops_before_a_cap_and_not_after_it(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "tiny").symlink_to(tiny_model)
    recipe = load_project(tmp_path, LADDER)
    ws = tmp_path / "ws"
    done = api.train(recipe, ws, first=2)
    capped = load_recipe(recipe.file, settings=["caps.hours=0.000001"])
    with pytest.raises(PlanError, match="training would exceed the cap on hours"):
        api.train(capped, ws)
    assert len(list((ws / "runs").iterdir())) == len(done)
    assert len(api.train(load_recipe(recipe.file, settings=["caps.hours=1"]), ws)) == 5


def test_large_sources_are_sampled_unless_every_row_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["doitkit.preview"], "_MOST_BYTES", 1000)
    recipe = load_project(tmp_path)
    assert preview(recipe, Workspace(tmp_path / "ws")).basis == "read"  # it drew every row
    write_rows(
        tmp_path / "sums-human.jsonl",
        ({"prompt": f"{i} + {i}?", "completion": f"It is {2 * i}."} for i in range(9000)),
    )
    about = preview(recipe, Workspace(tmp_path / "ws"))
    exact = preview(recipe, Workspace(tmp_path / "ws"), exact=True)
    assert (about.basis, exact.basis) == ("sample", "read")
    assert {s.source: s.available for s in about.sources} == {
        s.source: s.available for s in exact.sources
    }


def test_several_base_models_are_trained_and_told_apart(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "tiny").symlink_to(tiny_model)
    from tests.models import write_model

    other = write_model(tmp_path / "other", seed=5)
    assert digest_folder(other, (".safetensors",)) != digest_folder(tiny_model, (".safetensors",))
    more = LADDER.replace("  sizes", "  models: {a: ./tiny, b: ./other}\n  sizes")
    more = more.replace("base_model: ./tiny", "base_model: a").replace("[1, 2]", "[1]")
    recipe = load_project(tmp_path, more)
    runs = api.train(recipe, tmp_path / "ws")
    assert [run.name for run in runs] == [
        "base, a", "human-4, a", "human-8, a", "base, b", "human-4, b", "human-8, b",
    ]  # fmt: skip
    assert len({run.run_id for run in runs}) == 6
    plan = preview(recipe, Workspace(tmp_path / "ws"))
    assert [(line.model, line.done) for line in plan.runs] == [
        ("a", 1), ("b", 1), ("a", 1), ("b", 1),
    ]  # fmt: skip
    assert all(line.seconds is not None for line in plan.runs)
