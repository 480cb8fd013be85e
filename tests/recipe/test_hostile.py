"""A hostile file of a megabyte is answered in two seconds and 200 MB, whatever it holds."""

from pathlib import Path

import pytest

from doitkit.recipe.file import MOST_BYTES
from tests.recipe.hostile import FILES, RECIPE, VALUES, Taken, measured

CPU_S = 2.0
MEBIBYTES = 200.0
SOUND = {
    "a giant text", "a giant text of many lines", "a giant block of text", "a giant licence",
    "escapes", "comments", "empty lines", "blanks", "good mixtures", "good sources", "good SQL",
    "paths", "sources that are all warned of", "SQL in quotes", "a few groups in a pattern",
    "repeats in a pattern", "a pattern that runs long", "looking back in a pattern",
}  # fmt: skip


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Taken]:
    """What each of the files takes."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, made in FILES.items():
        (folder / f"{name}.yaml").write_text(made(), encoding="utf-8")
    return measured(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_answered_soon_in_little_memory_and_in_few_words(
    name: str, taken: dict[str, Taken]
) -> None:
    found = taken[name]
    assert (found.answer == "loaded") == (name in SOUND), found.answer
    assert found.answer == "loaded" or "`doitkit explain" in found.answer
    assert len(found.answer) < 10_000
    assert found.cpu_s < CPU_S
    assert found.mebibytes < MEBIBYTES


def test_many_parts_take_no_more_than_one_file(tmp_path: Path) -> None:
    big = "tracking: [" + "1," * (VALUES - 50) + "]\n"
    long = "name: x # " + "x" * (MOST_BYTES // 4) + "\n"
    parts = {"big": big, "long": long, "tree": f"extends: [{'big.part, ' * 40}]\n"}
    for name, text in parts.items():
        (tmp_path / f"{name}.part").write_text(text)
    for name in parts:
        text = f"{RECIPE}extends: [{f'{name}.part, ' * 40}]\n"
        (tmp_path / f"many {name}.yaml").write_text(text)
    found = measured(tmp_path)
    assert "E108 the recipe holds more than" in found["many big"].answer
    assert "E110 the recipe is too large" in found["many long"].answer
    assert "E108 the recipe holds more than" in found["many tree"].answer
    for of_one in found.values():
        assert of_one.cpu_s < CPU_S
        assert of_one.mebibytes < MEBIBYTES
