"""The recipes of the demo: edited ones stay, and one demo is never taken for the other."""

from pathlib import Path

import pytest

from doitkit.core.errors import UsageError
from doitkit.demo.demo import write_recipes
from doitkit.recipe import load_recipe


def test_a_folder_holds_one_of_the_two_demos(tmp_path: Path) -> None:
    for fast, sizes in ((True, 2), (False, 4)):
        folder = tmp_path / str(fast)
        write_recipes(folder, fast=fast)
        ladder = load_recipe(folder / "demo.yaml").ladder
        assert ladder is not None
        assert len(ladder.sizes) >= sizes
        write_recipes(folder, fast=fast)
        with pytest.raises(UsageError, match="this folder holds the") as caught:
            write_recipes(folder, fast=not fast)
        assert "--folder" in str(caught.value)


def test_a_recipe_that_was_edited_stays(tmp_path: Path) -> None:
    write_recipes(tmp_path, fast=True)
    edited = (tmp_path / "demo.yaml").read_text() + "# mine\n"
    (tmp_path / "demo.yaml").write_text(edited)
    write_recipes(tmp_path, fast=False)
    assert (tmp_path / "demo.yaml").read_text() == edited
