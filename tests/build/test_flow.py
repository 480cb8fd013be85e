"""The flow accounts for every row, and the manifest says what made the dataset."""

import itertools
from pathlib import Path

import pytest

from doitkit.build import Dataset, build
from doitkit.build.flow import FLOW_STEPS, read_flow
from doitkit.core.version import VERSION
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from tests.build.rich import write_rich
from tests.project import RECIPE, load_project


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("rich")
    return build(load_recipe(write_rich(folder)), Workspace(folder / "ws"))


def test_what_leaves_a_step_comes_into_the_next(rich: Dataset) -> None:
    flow = read_flow(rich.manifest)
    assert [p.step for p in flow if p.source == "sums-by-people"] == list(FLOW_STEPS)
    for name in rich.manifest["rows_in"]:
        own = [p for p in flow if p.source == name]
        assert all(after.rows_in == before.left for before, after in itertools.pairwise(own))
        assert own[1].rows_in == rich.manifest["rows_in"][name]
        assert own[-1].left == rich.pool()["source"].to_list().count(name)
        left_out = {p.step: p.left_out for p in own if p.left_out}
        assert left_out == rich.manifest["rejects"].get(name, {})


def test_every_step_of_the_project_finds_something(rich: Dataset) -> None:
    gone = {p.step: p.left_out for p in read_flow(rich.manifest) if p.source == "sums-by-people"}
    assert gone == {"where": 0, "read": 1, "filter": 1, "dedup": 2, "decontaminate": 1}


def test_where_is_a_step_of_the_flow(tmp_path: Path) -> None:
    recipe = RECIPE.replace("license: CC0-1.0", "where: __line > 30")
    dataset = build(load_project(tmp_path, recipe=recipe), Workspace(tmp_path / "ws"))
    first = read_flow(dataset.manifest)[0]
    assert (first.step, first.rows_in, first.left_out, first.left) == ("where", 40, 30, 10)


def test_the_manifest_tells_versions_steps_prices_and_personal_data(rich: Dataset) -> None:
    manifest = rich.manifest
    assert manifest["versions"]["doitkit"] == VERSION
    assert {"read", "filter", "dedup", "decontaminate", "build"} == set(
        manifest["versions"]["steps"]
    )
    steps = rich.folder.parent.parent / "steps"
    for kind, addresses in manifest["steps"].items():
        assert addresses
        assert all((steps / kind / address / "step.json").is_file() for address in addresses)
    cells = {(c["ability"], c["origin"]): c for c in manifest["costs"]["cells"]}
    rows = manifest["supply"]["sums"]["human"]
    assert cells["sums", "human"] == {
        "ability": "sums",
        "origin": "human",
        "rows": rows,
        "per_row": 2.0,
        "per_1k_tokens": None,
        "total": 2.0 * rows,
    }
    # How many tokens there are depends on what this machine has.
    assert cells["sums", "synthetic"]["total"] is None
    assert manifest["costs"]["unit"] == "credits"
    assert manifest["personal"] == {"sums-by-people": {"email": 1}}
