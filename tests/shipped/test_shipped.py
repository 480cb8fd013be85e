"""What ships beside the code: recipes that load, profiles that fit, schemas that are current."""

from pathlib import Path

import pytest

from doitkit.core.files import read_json
from doitkit.core.resources import shipped_folder, shipped_names
from doitkit.recipe import load_recipe
from doitkit.recipe.schema import schema_file, schema_names, schema_of

RECIPES = shipped_names("recipes", ".yaml")
PROFILES = shipped_names("backends", ".yaml")


@pytest.mark.parametrize("name", RECIPES)
def test_every_shipped_recipe_loads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOITKIT_DATA", "data")
    recipe = load_recipe(shipped_folder("recipes") / f"{name}.yaml")
    assert recipe.abilities
    for source in recipe.file_sources().values():
        if source.origin == "human":
            assert source.generator is None


@pytest.mark.parametrize("name", RECIPES)
def test_every_licence_is_stated(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOITKIT_DATA", "data")
    recipe = load_recipe(shipped_folder("recipes") / f"{name}.yaml")
    assert not [n for n, source in recipe.sources.items() if source.license is None]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_fits_a_recipe(profile: str, tmp_path: Path) -> None:
    starter = (shipped_folder("recipes") / "starter" / "recipe.yaml").read_text()
    file = tmp_path / "recipe.yaml"
    file.write_text(starter.replace("profile: embedded-cpu", f"profile: {profile}"))
    training = load_recipe(file).train
    assert training is not None
    assert training.profile == profile
    assert training.epochs == 3  # the recipe's own key wins


@pytest.mark.parametrize("name", schema_names())
def test_the_schemas_are_those_of_the_code(name: str) -> None:
    stored = read_json(shipped_folder("schemas") / schema_file(name))
    assert stored == schema_of(name), "run `make schemas`"


def test_no_schema_is_left_over() -> None:
    files = {file.name for file in shipped_folder("schemas").iterdir()}
    assert files == {schema_file(name) for name in schema_names()}
