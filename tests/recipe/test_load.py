"""Loading a recipe: names, folders, profiles, and what a value may be."""

from pathlib import Path

import pytest

from doitkit.core.errors import RecipeError
from doitkit.core.origins import Cell
from doitkit.recipe import Recipe, load_recipe
from tests.project import RECIPE, load_project, write_project


def test_a_recipe_knows_its_folder_its_sources_and_its_cells(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    assert recipe.file == tmp_path / "recipe.yaml"
    assert recipe.data_folder == tmp_path
    assert list(recipe.file_sources()) == ["sums-by-people", "sums-by-model", "words-by-people"]
    assert recipe.synthesized_sources() == {}
    assert recipe.cells() == [
        Cell("sums", "human"),
        Cell("sums", "synthetic"),
        Cell("words", "human"),
    ]


def test_data_may_lie_below_the_recipe_in_a_variable_or_where_the_caller_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_project(tmp_path, "data_root: data\n")
    assert load_recipe(path).data_folder == tmp_path / "data"
    path.write_text(RECIPE + "data_root: ${ENV:DOITKIT_TEST_ROOT}/${ENV:DOITKIT_TEST_SET}\n")
    monkeypatch.setenv("DOITKIT_TEST_ROOT", "/somewhere")
    monkeypatch.setenv("DOITKIT_TEST_SET", "v2")
    assert load_recipe(path).data_folder == Path("/somewhere/v2")
    monkeypatch.delenv("DOITKIT_TEST_SET")
    assert load_recipe(path, data_root=tmp_path).data_folder == tmp_path
    with pytest.raises(RecipeError, match="DOITKIT_TEST_SET is not set"):
        load_recipe(path)


def test_a_profile_gives_defaults_and_the_recipe_overrides_them(tmp_path: Path) -> None:
    train = "train: {profile: embedded-cpu, base_model: m, batch_size: 4, epochs: 2}\n"
    training = load_project(tmp_path, train).train
    assert training is not None
    assert (training.batch_size, training.epochs) == (4, 2)
    assert (training.device, training.method) == ("cpu", "lora")


def test_windows_text_with_a_byte_order_mark_is_the_same_recipe(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    recipe = load_recipe(path)
    path.write_bytes(b"\xef\xbb\xbf" + RECIPE.replace("\n", "\r\n").encode())
    assert load_recipe(path).model_dump() == recipe.model_dump()


def test_a_recipe_survives_its_own_json(tmp_path: Path) -> None:
    recipe = load_project(tmp_path, "mixture: {total: 3, weights: {sums: {human: 0.5}}}\n")
    again = Recipe.model_validate_json(recipe.model_dump_json(), strict=True)
    assert again.model_dump() == recipe.model_dump()


@pytest.mark.parametrize(
    "more",
    [
        "mixture: {counts: {sums: {human: 1.0}}}",
        "mixture: {counts: {sums: {human: '1'}}}",
        "mixture: {counts: {sums: {human: true}}}",
        "paired: 1",
        "paired: 'yes'",
        "description: 3",
        "prices: {human: {per_row: '1'}}",
        "prices: {human: {per_row: .inf}}",
        "prices: {human: {per_row: 1e400}}",
    ],
)
def test_a_value_of_another_kind_is_never_bent(tmp_path: Path, more: str) -> None:
    with pytest.raises(RecipeError, match=r"recipe\.yaml:\d+:\d+"):
        load_project(tmp_path, more)


_NOBODYS = Path("/proc/self/mem")


@pytest.mark.skipif(not _NOBODYS.is_file(), reason="no file here that cannot be read")
def test_a_recipe_that_cannot_be_read() -> None:
    with pytest.raises(RecipeError, match="cannot be read") as caught:
        load_recipe(_NOBODYS)
    assert (caught.value.code, caught.value.why) == ("E101", "Input/output error")
    assert caught.value.next_step == "check who may read it"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless file here")
def test_a_device_is_no_recipe() -> None:
    with pytest.raises(RecipeError, match="does not exist"):
        load_recipe("/dev/zero")
