"""Every broken recipe in `broken/` is refused with exactly the text that stands beside it.

Set DOITKIT_UPDATE_SNAPSHOTS=1 to write the texts anew, then read the difference.
"""

import os
from pathlib import Path

import pytest

from doitkit.core.errors import USAGE, RecipeError
from doitkit.recipe import load_recipe
from doitkit.recipe.diagnostics import ProblemsError
from doitkit.recipe.document import MOST_PROBLEMS

BROKEN = Path(__file__).parent / "broken"
RECIPES = sorted(BROKEN.glob("*.yaml"))
SETTINGS = {
    "without_an_equals_sign": ["train.epochs"],
    "without_a_key": ["=2"],
    "with_quotes_left_open": ['sources."gpt4.1.weight=2'],
    "of_what_is_extended": ["extends=parts/base.yaml"],
    "of_an_element_that_is_not_there": ["ladder.designs.3.runs=4"],
    "of_an_element_by_name": ["ladder.designs.first.runs=4"],
    "with_a_typo": ["train.epoch=2"],
    "of_another_kind": ["train.epochs=two", "ladder.sizes=8"],
    "that_is_no_yaml": ["description=our plan: more", "ladder.sizes=[8, 32"],
    "that_takes_away_too_much": ["train.base_model="],
    "that_breaks_a_reference": ["abilities.math.sources.0=gsm9k"],
    "into_a_plain_value": ["name.first=small"],
    "out_of_bounds": ["ladder.designs.0.runs=0"],
}


def snapshot(error: RecipeError, expected: Path) -> str:
    """Compare an error with the text that stands in a file, and return it."""
    text = str(error) + "\n"
    if os.environ.get("DOITKIT_UPDATE_SNAPSHOTS"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert error.exit_code == USAGE
    assert "next: " in text
    assert str(BROKEN) not in text
    return text


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_a_broken_recipe_says_what_where_and_what_next(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BROKEN)
    with pytest.raises(RecipeError) as caught:
        load_recipe(file.name)
    text = snapshot(caught.value, file.with_suffix(".txt"))
    in_a_part = file.stem.startswith("extends_a_part")
    assert file.name in text or (in_a_part and "parts/" in text)
    assert len(text.splitlines()) <= 45
    assert max(map(len, text.splitlines())) <= 220


@pytest.mark.parametrize("name", SETTINGS)
def test_a_broken_setting_says_what_where_and_what_next(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BROKEN)
    with pytest.raises(ProblemsError) as caught:
        load_recipe("settings/recipe.yaml", settings=SETTINGS[name])
    text = snapshot(caught.value, BROKEN / "settings" / f"{name}.txt")
    assert "--set" in text or name == "that_takes_away_too_much"


def test_the_recipe_of_the_settings_is_sound() -> None:
    assert load_recipe(BROKEN / "settings" / "recipe.yaml").name == "small"


def test_every_text_has_its_recipe() -> None:
    texts = [file.stem for file in sorted(BROKEN.glob("*.txt"))]
    assert texts == [file.stem for file in RECIPES]
    assert len(texts) >= 60
    settings = [file.stem for file in sorted((BROKEN / "settings").glob("*.txt"))]
    assert settings == sorted(SETTINGS)


def test_a_folder_is_no_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes").mkdir()
    with pytest.raises(RecipeError) as caught:
        load_recipe("recipes")
    assert str(caught.value) == (
        "E101 this is a folder, not a recipe\n  where: recipes\n  next:  name a file in it"
    )


@pytest.mark.parametrize("name", ["mine.yaml", "x" * 300, "no\0file", "a/b/c.yaml"])
def test_a_recipe_that_is_not_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecipeError) as caught:
        load_recipe(name)
    first, second, third = str(caught.value).splitlines()
    assert first == "E101 the recipe does not exist"
    assert second.startswith(f"  where: {name[:2]}")
    assert len(second) < 120
    assert third.startswith(
        "  next:  check the path, or use a shipped one: all-instructions, demo, "
    )


def test_a_file_of_ten_megabytes_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        stream.truncate(10_000_000)
    accessed = file.stat().st_atime_ns
    with pytest.raises(RecipeError, match="too large") as caught:
        load_recipe(file)
    assert caught.value.code == "E110"
    assert caught.value.why == (
        "10,000,000 bytes; the limit is 4,000,000, with all that a recipe extends"
    )
    assert file.stat().st_atime_ns == accessed


def test_of_many_problems_the_first_are_shown(tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    file.write_text("doitkit: 1\n" + "".join(f"key{i}: 1\n" for i in range(50)))
    with pytest.raises(ProblemsError, match="the recipe has 53 problems") as caught:
        load_recipe(file)
    assert len(caught.value.problems) == 53
    lines = str(caught.value).splitlines()
    assert len(lines) < 80
    assert "... and 43 more, further down" in lines


def test_of_very_many_problems_a_hundred_are_told(tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    file.write_text("doitkit: 1\n" + "".join(f"key{i}: 1\n" for i in range(5_000)))
    with pytest.raises(ProblemsError, match="the recipe has 100 or more problems") as caught:
        load_recipe(file)
    assert len(caught.value.problems) == MOST_PROBLEMS


def test_problems_can_be_read_by_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)
    with pytest.raises(ProblemsError) as caught:
        load_recipe("extends_a_part_with_a_typo.yaml")
    assert [problem.as_json() for problem in caught.value.problems] == [
        {
            "code": "E120",
            "file": "parts/typo.yaml",
            "line": 17,
            "column": 3,
            "what": "unknown key `base_modell`",
            "next": "did you mean `base_model`?",
        }
    ]
