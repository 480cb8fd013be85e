"""The recipe that goes with a dataset builds it again, and knows nothing of the machine."""

from pathlib import Path

import pytest
import yaml

from doitkit.build import build
from doitkit.build.declared import RECIPE_FILE, declared_text
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from tests.build.rich import write_rich
from tests.project import GENERATED, RECIPE, with_answers, write_project


def test_it_builds_the_same_rows_elsewhere(tmp_path: Path) -> None:
    first = build(load_recipe(write_rich(tmp_path)), Workspace(tmp_path / "ws"))
    again = load_recipe(first.folder / RECIPE_FILE, data_root=tmp_path)
    second = build(again, Workspace(tmp_path / "other"))
    assert second.pool_id == first.pool_id
    hashes = (first.manifest["files"], second.manifest["files"])
    # The card tells prices, which decide about no row and do not go with it.
    assert {name for name in hashes[0] if hashes[0][name] != hashes[1][name]} == {"README.md"}
    assert first.recipe.model_dump(exclude={"advise", "prices"}) == again.model_dump(
        exclude={"advise", "prices"}
    )


def test_no_folder_and_no_address_of_the_machine_is_in_it(tmp_path: Path) -> None:
    recipe = with_answers(2).replace("path: sums-model.jsonl", f"path: {tmp_path}/sums-model.jsonl")
    generator = "{provider: openai, model: m, base_url: 'http://10.0.0.7/v1'}"
    more = GENERATED.replace("{provider: local, model: teacher}", generator)
    text = declared_text(load_recipe(write_project(tmp_path, more, recipe=recipe)))
    assert str(tmp_path) not in text
    assert "10.0.0.7" not in text
    assert "path: sums-model.jsonl" in text
    assert yaml.safe_load(text)["generators"]["teacher"]["model"] == "m"


@pytest.mark.parametrize(
    ("root", "stays"),
    [
        ("data", False),
        ("/srv/data", False),
        ("hf://datasets/owner/name@main", True),
        ("s3://bucket/rows", True),
        ("${ENV:DOITKIT_TEST_ROOT}/rows", True),
    ],
)
def test_a_data_root_stays_where_it_means_the_same_anywhere(
    tmp_path: Path, root: str, stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOITKIT_TEST_ROOT", str(tmp_path))
    recipe = RECIPE.replace("seed: 7", f"seed: 7\ndata_root: {root}")
    text = declared_text(load_recipe(write_project(tmp_path, recipe=recipe)))
    assert (yaml.safe_load(text).get("data_root") == root) is stays
    assert ("--data FOLDER" in text) is not stays
