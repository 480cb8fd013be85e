"""Every broken recipe in `broken/` is refused with exactly the text that stands beside it.

Set DOITKIT_UPDATE_SNAPSHOTS=1 to write the texts anew, then read the difference.
"""

import os
from pathlib import Path

import pytest

from doitkit.core.errors import USAGE, RecipeError
from doitkit.recipe import load_recipe

BROKEN = Path(__file__).parent / "broken"
RECIPES = sorted(BROKEN.glob("*.yaml"))


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_a_broken_recipe_says_what_where_and_what_next(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BROKEN)
    with pytest.raises(RecipeError) as caught:
        load_recipe(file.name)
    text = str(caught.value) + "\n"
    expected = file.with_suffix(".txt")
    if os.environ.get("DOITKIT_UPDATE_SNAPSHOTS"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert caught.value.exit_code == USAGE
    assert file.name in text
    assert "next: " in text
    assert str(BROKEN) not in text
    assert len(text.splitlines()) <= 40


def test_every_text_has_its_recipe() -> None:
    assert [file.stem for file in sorted(BROKEN.glob("*.txt"))] == [file.stem for file in RECIPES]


def test_a_folder_is_no_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes").mkdir()
    with pytest.raises(RecipeError) as caught:
        load_recipe("recipes")
    assert str(caught.value) == (
        "this is a folder, not a recipe\n  where: recipes\n  next:  name a file in it"
    )


def test_a_recipe_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecipeError) as caught:
        load_recipe("mine.yaml")
    first, second, third = str(caught.value).splitlines()
    assert (first, second) == ("the recipe does not exist", "  where: mine.yaml")
    assert third == (
        "  next:  check the path, or use a shipped one: demo, english-abilities, gaokao-paired"
    )


def test_a_huge_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "huge.yaml").write_text("# " + "x" * 5_000_000)
    with pytest.raises(RecipeError, match="too large"):
        load_recipe(tmp_path / "huge.yaml")


def test_of_many_problems_the_first_are_shown(tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    file.write_text("doitkit: 1\n" + "".join(f"key{i}: 1\n" for i in range(200)))
    with pytest.raises(RecipeError, match=r"\d+ problems") as caught:
        load_recipe(file)
    lines = str(caught.value).splitlines()
    assert len(lines) < 80
    assert lines[-1].startswith("... and 19")
