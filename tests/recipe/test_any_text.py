"""Any text, and any recipe with slips in it, gives a recipe, or says what is wrong with it."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.errors import RecipeError
from doitkit.core.resources import shipped_folder, shipped_names
from doitkit.recipe import ProblemsError, load_recipe
from doitkit.recipe.diagnostics import did_you_mean
from doitkit.recipe.flaw import lines_of
from doitkit.recipe.load import recipe_from_text
from tests.recipe.mutations import mutated

HERE = shipped_folder("recipes") / "any.yaml"
NAMES = shipped_names("recipes", ".yaml")
TEXTS = {
    name: (shipped_folder("recipes") / f"{name}.yaml").read_text(encoding="utf-8") for name in NAMES
}
BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


def _answer(text: str, file: Path = HERE, settings: tuple[str, ...] = ()) -> list[str]:
    """Return the codes of what is wrong with a recipe; anything but problems is a failure."""
    found: RecipeError
    try:
        recipe_from_text(text, file, data_root="data", settings=settings)
    except RecipeError as error:
        found = error
    else:
        return []
    if not isinstance(found, ProblemsError):
        return [str(found.code)]
    lines = len(lines_of(text))
    for problem in found.problems:
        place = problem.position
        assert problem.what
        assert problem.next_step
        assert place.column >= 1
        assert 1 <= place.line <= lines or place.file != str(file)
    assert len(str(found).splitlines()) <= 100
    return [problem.code for problem in found.problems]


@given(st.text())
def test_any_text(text: str) -> None:
    assert _answer(text)


@given(st.text(), st.sampled_from(NAMES))
def test_any_text_at_the_end_of_a_recipe(text: str, name: str) -> None:
    _answer(TEXTS[name] + text)


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 2**32), slips=st.integers(1, 5))
def test_a_shipped_recipe_with_slips(name: str, seed: int, slips: int) -> None:
    chance = random.Random(seed)
    text = TEXTS[name]
    for _ in range(slips):
        text = mutated(text, chance)
    _answer(text, shipped_folder("recipes") / f"{name}.yaml")


@given(seed=st.integers(0, 2**32), file=st.sampled_from(BROKEN))
def test_a_broken_recipe_with_one_slip_more(seed: int, file: Path) -> None:
    text = file.read_bytes().decode("utf-8", "replace")
    _answer(mutated(text, random.Random(seed)), file)


@given(st.text(), st.text(), st.sampled_from(["demo", "starter/recipe"]))
def test_any_setting(name: str, value: str, recipe: str) -> None:
    _answer(TEXTS[recipe], settings=(f"{name}={value}",))
    _answer(TEXTS[recipe], settings=(f"ladder.{value}=1", f"train.epochs={value}"))


@given(st.text())
def test_any_word_is_looked_for(word: str) -> None:
    assert did_you_mean(word, ["alpha", "beta"])


@given(content=st.binary(max_size=200))
def test_any_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("bytes") / "recipe.yaml"
    file.write_bytes(content)
    with pytest.raises(RecipeError):
        load_recipe(file)
