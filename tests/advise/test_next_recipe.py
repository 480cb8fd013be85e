"""The next recipe: never the file that it follows, and found with all that it extends."""

from pathlib import Path

import pytest

from doitkit.advise.next_recipe import movable_text, next_name
from doitkit.recipe import load_recipe, recipe_from_text
from tests.project import load_project


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("demo.yaml", "demo.next.yaml"),
        ("demo.next.yaml", "demo.next2.yaml"),
        ("demo.next2.yaml", "demo.next3.yaml"),
        ("demo.next9.yml", "demo.next10.yml"),
        ("next.yaml", "next.next.yaml"),
        (".next.yaml", ".next.next.yaml"),
        ("my.next0.yaml", "my.next0.next.yaml"),
        ("recipe", "recipe.next.yaml"),
        ("recipe.txt", "recipe.txt.next.yaml"),
    ],
)
def test_names_count_on(name: str, following: str) -> None:
    assert next_name(name) == following


def test_what_a_shipped_recipe_extends_is_found_from_another_folder(tmp_path: Path) -> None:
    shipped = load_recipe("doit/curated", data_root=tmp_path)
    assert shipped.text is not None
    text = movable_text(shipped, shipped.text)
    moved = recipe_from_text(text, tmp_path / "curated.next.yaml", data_root=tmp_path)
    assert moved.extends == "doit/base"
    assert moved.model_dump(exclude={"extends"}) == shipped.model_dump(exclude={"extends"})
    assert set(shipped.text.splitlines()) - set(text.splitlines()) == {"extends: base.yaml"}


def test_a_recipe_of_ones_own_stays_as_it_is(tmp_path: Path) -> None:
    load_project(tmp_path)
    file = tmp_path / "mine.yaml"
    file.write_text("doitkit: 1\nextends: recipe.yaml  # beside it\nname: mine\n")
    mine = load_recipe(file)
    assert mine.text is not None
    assert movable_text(mine, mine.text) == mine.text
